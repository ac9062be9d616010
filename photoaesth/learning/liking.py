"""What choices say of attributes without any model of photos: a logistic regression.

Bradley–Terry with u = βᵀz: P(chosen ≻ rejected) = σ(βᵀ(z_c - z_r)), β ~ N(0, 1); Laplace's
approximation gives the doubt. Of attributes that go together, β knows only the sum. So it is told
with correlations counting for half, as `drivers` does: (1 + λ) (G + λ diag G)⁻¹ G β, G the Gram
matrix of the differences. A liking that goes with no other is left as it is.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photoaesth.learning.drivers import RIDGE

Floats = NDArray[np.floating[Any]]
Vector = NDArray[np.float64]

_PRECISION = 1.0  # of the prior
_LEAST = 1e-9  # of an attribute that never differs
_STEPS = 30


@dataclass(frozen=True, slots=True)
class Likings:
    """What M choices say of A attributes.

    Attributes:
        logits: `(A,)` logit of a choice for one standard deviation more, shared.
        sds: `(A,)` standard deviations of these.
        left: `(M,)` 1 - p, with p the probability of the choice that was made.
        variances: `(M,)` p (1 - p).
    """

    logits: Vector
    sds: Vector
    left: Vector
    variances: Vector


def likings(differences: Floats) -> Likings:
    """Return what choices say of attributes.

    Args:
        differences: `(M, A)` attributes of the chosen photo less those of the rejected one, in
            standard deviations.
    """
    pairs = np.asarray(differences, np.float64)
    size = pairs.shape[1]
    found = np.zeros(size)
    for _ in range(_STEPS):
        left, variances = _residuals(pairs @ found)
        curvature = _information(pairs, variances) + _PRECISION * np.eye(size)
        step = np.linalg.solve(curvature, pairs.T @ left - _PRECISION * found)
        found = found + step
        if np.abs(step).max(initial=0) < 1e-9:
            break
    left, variances = _residuals(pairs @ found)
    information = _information(pairs, variances)
    gram = pairs.T @ pairs + _LEAST * np.eye(size)
    share = (1 + RIDGE) * np.linalg.solve(gram + RIDGE * np.diag(np.diag(gram)), gram)
    spread = np.linalg.inv(information + _PRECISION * np.eye(size))
    sds = np.sqrt(np.einsum("ab,bc,ac->a", share, spread, share))
    return Likings(share @ found, sds, left, variances)


def _information(pairs: Vector, variances: Vector) -> Vector:
    return np.asarray((pairs.T * variances) @ pairs)


def _residuals(logits: Vector) -> tuple[Vector, Vector]:
    p = 0.5 * (1 + np.tanh(logits / 2))
    return 1 - p, p * (1 - p)
