"""Stars out of scores."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

# How many photos in a hundred get 5, 4, 3, 2 and 1 star: few fives, as photographers give them.
STAR_SHARES = (5, 15, 30, 30, 20)
REJECTED = -1


def by_percentile(scores: NDArray[np.floating]) -> NDArray[np.int64]:
    """Return 1 to 5 stars by each score's place among all.

    Args:
        scores: `(N,)` of the whole library.

    Returns:
        `(N,)`; equal scores get equal stars.
    """
    higher = len(scores) - np.searchsorted(np.sort(scores), scores, side="right")
    ends = np.cumsum(STAR_SHARES[:-1]) * len(scores) / 100
    return 5 - np.searchsorted(ends, higher, side="right")


def by_thresholds(scores: NDArray[np.floating], least: Sequence[float]) -> NDArray[np.int64]:
    """Return 1 to 5 stars by scores.

    Args:
        scores: `(N,)`.
        least: the least scores of 5, 4, 3 and 2 stars.

    Returns:
        `(N,)`.
    """
    # Counted among the rising thresholds: how many a score reaches.
    return np.searchsorted(np.sort(least), scores, side="right") + 1


def rejected(scores: NDArray[np.floating], percent: float) -> NDArray[np.bool_]:
    """Return which `(N,)` scores are the lowest: never more than so many in a hundred."""
    no_higher = np.searchsorted(np.sort(scores), scores, side="right")
    return no_higher <= len(scores) * percent / 100
