"""Fitting a personal head to choices: Newton's method on the log posterior."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from photoaesth.learning.personal import PersonalHead

Floats = NDArray[np.floating[Any]]

_STEPS = 50
_TOLERANCE = 1e-6


def fit_personal(
    prior: PersonalHead,
    differences: Floats,
    outcomes: Floats,
    weights: Floats,
    *,
    slope: float,
    device: str,
) -> PersonalHead:
    """Return the MAP estimate and the Laplace approximation of the posterior around it.

    Maximises Σ wᵢ [yᵢ log pᵢ + (1 - yᵢ) log(1 - pᵢ)] + log prior, with pᵢ = σ(k dᵢ·θ). The
    objective is strictly concave; Newton steps are halved until they climb.

    Args:
        prior: Gaussian the estimate starts from.
        differences: `(M, 1 + D)` design rows of the left photos less those of the right.
        outcomes: `(M,)` 1 for left, 0 for right, ½ for a tie.
        weights: `(M,)` how much each choice counts.
        slope: logit per point of utility.
        device: torch device; the CPU stands in for mps, which has no float64.
    """
    where = "cpu" if device == "mps" else device

    def tensor(values: Floats) -> torch.Tensor:
        return torch.as_tensor(np.asarray(values), dtype=torch.float64, device=where)

    rows = tensor(differences) * slope
    target, weight, center = tensor(outcomes), tensor(weights), tensor(prior.mean)
    precision = torch.linalg.inv(tensor(prior.covariance))

    def loss(theta: torch.Tensor) -> torch.Tensor:
        logits = rows @ theta
        data = weight * torch.nn.functional.binary_cross_entropy_with_logits(
            logits, target, reduction="none"
        )
        away = theta - center
        penalty: torch.Tensor = 0.5 * away @ precision @ away
        return data.sum() + penalty

    def curvature(theta: torch.Tensor) -> torch.Tensor:
        p = torch.sigmoid(rows @ theta)
        hessian: torch.Tensor = (rows.T * (weight * p * (1 - p))) @ rows + precision
        return hessian

    theta = center.clone()
    for _ in range(_STEPS):
        gradient = rows.T @ (weight * (torch.sigmoid(rows @ theta) - target))
        gradient = gradient + precision @ (theta - center)
        step = torch.linalg.solve(curvature(theta), gradient)
        size = 1.0
        while size > 1e-4 and loss(theta - size * step) > loss(theta):
            size /= 2
        theta = theta - size * step
        if step.abs().max() < _TOLERANCE:
            break
    covariance = torch.linalg.inv(curvature(theta))
    return PersonalHead(mean=theta.cpu().numpy(), covariance=covariance.cpu().numpy())
