"""Training losses: of score distributions, and of pairs of scores.

The pairwise losses take the scores of the preferred photo and of the other one, `(P,)` each, in
points of the 1 to 10 scale, and return the mean over the pairs as a scalar.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

HINGE_MARGIN = 0.1  # points of score; Zhou et al. 2021, §3.3


def squared_emd(predicted: Tensor, target: Tensor) -> Tensor:
    """Return the mean squared earth mover's distance of score distributions.

    Σ over the bins of (CDF_p - CDF_q)² / 10, averaged over photos: the square of the loss of
    Talebi & Milanfar 2018 (NIMA), eq. 2 with r = 2, which Zhou et al. 2021 use as eq. 1.

    Args:
        predicted: `(N, 10)` probabilities.
        target: `(N, 10)` probabilities.

    Returns:
        A scalar.
    """
    return (predicted.cumsum(1) - target.cumsum(1)).square().mean()


def emd(predicted: Tensor, target: Tensor) -> Tensor:
    """Return the mean earth mover's distance of score distributions.

    √(Σ over the bins of (CDF_p - CDF_q)² / 10), averaged over photos: Zhou et al. 2021, eq. 1
    with ℓ = 2; Talebi & Milanfar 2018 (NIMA), eq. 2 with r = 2. The gradient of a photo that is
    predicted exactly is 0.

    Args:
        predicted: `(N, 10)` probabilities.
        target: `(N, 10)` probabilities.

    Returns:
        A scalar.
    """
    gaps = predicted.cumsum(1) - target.cumsum(1)
    # Not sqrt, whose slope at 0 is infinite.
    distances: Tensor = torch.linalg.vector_norm(gaps, dim=1) / math.sqrt(gaps.shape[1])
    return distances.mean()


def pairwise_hinge(preferred: Tensor, other: Tensor, margin: float = HINGE_MARGIN) -> Tensor:
    """Return the mean of max(0, f(x₂) - f(x₁) + ε) (Zhou et al. 2021, eq. 2), x₁ preferred."""
    return functional.relu(other - preferred + margin).mean()


def pairwise_exponential(preferred: Tensor, other: Tensor) -> Tensor:
    """Return the mean of exp(f(x₂) - f(x₁)): RankBoost's loss (Freund et al. 2003, eq. 1).

    The "exp. loss" of Zhou et al. 2021, table 1.
    """
    return (other - preferred).exp().mean()


def pairwise_logistic(preferred: Tensor, other: Tensor) -> Tensor:
    """Return the mean of log(1 + exp(f(x₂) - f(x₁))): RankNet's (Burges et al. 2005, eq. 3).

    The "log. loss" of Zhou et al. 2021, table 1.
    """
    return functional.softplus(other - preferred).mean()


PAIRWISE_LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "hinge": pairwise_hinge,
    "exp": pairwise_exponential,
    "logistic": pairwise_logistic,
}
