"""Score distributions: ten probabilities for the scores 1 to 10."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

SCORES: NDArray[np.float64] = np.arange(1.0, 11.0)
_LINEAR_LOW, _LINEAR_HIGH = 2.5, 8.5
_STEPS = 100
_TILT_LIMIT = 64.0  # enough to lift a bin of 1e-12 to all of the mass


def mean_score(distributions: Floats) -> NDArray[np.float64]:
    """Return `(N,)` mean scores of `(N, 10)` distributions: Σ i pᵢ (Zhou et al. 2021, §3.2.2)."""
    return np.asarray(distributions @ SCORES, dtype=np.float64)


def spread_mass(ratings: Floats, *, low: float, high: float) -> NDArray[np.float64]:
    """Return the ten-bin distribution of ratings on any scale.

    A rating s becomes s' = 1 + 9 (s - low) / (high - low); its mass is split between the two
    neighbouring bins so that the mean score of the result is the mean of all s'.

    Args:
        ratings: `(M,)` ratings of one photo, in [low, high].
        low: lowest rating of the scale.
        high: highest rating of the scale.

    Returns:
        `(10,)` probabilities.
    """
    positions = 9 * (np.asarray(ratings, dtype=np.float64) - low) / (high - low)
    lower = np.clip(np.floor(positions).astype(int), 0, 8)
    upper_share = positions - lower
    bins = np.bincount(lower, 1 - upper_share, 10) + np.bincount(lower + 1, upper_share, 10)
    return np.asarray(bins / len(positions))


def bounded_score(utility: Floats) -> NDArray[np.float64]:
    """Map utilities in points of score into (1, 10), keeping their order.

    The identity between 2.5 and 8.5; beyond, it bends smoothly towards 1 and 10, so that a
    strong personal preference still orders photos that would leave the scale.
    """
    utility = np.asarray(utility, dtype=np.float64)
    room_below, room_above = _LINEAR_LOW - 1, 10 - _LINEAR_HIGH
    below = 1 + room_below * np.exp(np.minimum(utility - _LINEAR_LOW, 0) / room_below)
    above = 10 - room_above * np.exp(np.minimum(_LINEAR_HIGH - utility, 0) / room_above)
    return np.where(utility < _LINEAR_LOW, below, np.where(utility > _LINEAR_HIGH, above, utility))


def shift_mean(distributions: Floats, means: Floats) -> NDArray[np.float64]:
    """Return the distributions nearest to the given ones that have the given mean scores.

    Nearest in Kullback–Leibler divergence, which is exponential tilting: p'ᵢ ∝ pᵢ exp(λ i)
    (Csiszár 1975, "I-divergence geometry"). The mean grows with λ, which is found by Newton's
    method; a step that leaves what is known of λ is replaced by bisection.

    Args:
        distributions: `(N, 10)` positive probabilities.
        means: `(N,)` in (1, 10).

    Returns:
        `(N, 10)`.
    """
    log_mass = np.log(np.maximum(np.asarray(distributions, dtype=np.float64), 1e-12))
    tilt = np.zeros(len(log_mass))
    low, high = tilt - _TILT_LIMIT, tilt + _TILT_LIMIT
    tilted = np.exp(log_mass)
    for _ in range(_STEPS):
        logits = log_mass + tilt[:, None] * SCORES
        tilted = np.exp(logits - logits.max(axis=1, keepdims=True))
        tilted /= tilted.sum(axis=1, keepdims=True)
        error = means - tilted @ SCORES
        if np.abs(error).max(initial=0) < 1e-9:
            break
        variance = tilted @ SCORES**2 - (tilted @ SCORES) ** 2
        low, high = np.where(error > 0, tilt, low), np.where(error < 0, tilt, high)
        newton = tilt + error / np.maximum(variance, 1e-9)
        tilt = np.where((low <= newton) & (newton <= high), newton, (low + high) / 2)
    return tilted
