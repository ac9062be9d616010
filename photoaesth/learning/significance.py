"""What can be told from chance, also where many things are looked at."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Vector = NDArray[np.float64]

FALSE_DISCOVERIES = 0.05
"""Share of what is told from chance that may be chance."""

NORMAL_95 = 1.959964
"""Standard deviations that 95 % of normal numbers are within."""


def two_sided_p(values: Floats, sds: Floats) -> Vector:
    """Return `(N,)` probabilities that normal noise is as far from 0; 1 where there is no noise."""
    ratios = np.abs(np.divide(values, sds, out=np.zeros(len(values)), where=np.asarray(sds) > 0))
    return np.array([math.erfc(ratio / math.sqrt(2)) for ratio in ratios.tolist()])


def chi_square_p(statistic: float, freedom: int) -> float:
    """Return the probability that a χ² of so many degrees of freedom is greater.

    By its finite series (Abramowitz & Stegun 1964, 26.4.4 and 26.4.5).

    Args:
        statistic: 0 or more.
        freedom: 1 or more.
    """
    odd = freedom % 2
    tail = math.erfc(math.sqrt(statistic / 2)) if odd else 0.0
    term = (math.sqrt(2 * statistic / math.pi) if odd else 1.0) * math.exp(-statistic / 2)
    for degrees in range(2 + odd, freedom + 1, 2):
        tail += term
        term *= statistic / degrees
    return min(1.0, tail)


def clear_of_chance(p_values: Floats) -> NDArray[np.bool_]:
    """Return which of `(N,)` findings to believe, so that few of those are chance.

    Benjamini & Hochberg 1995, "Controlling the false discovery rate": of the ascending p values,
    all up to the last that is at most `FALSE_DISCOVERIES` times its rank over N.
    """
    values = np.asarray(p_values, np.float64)
    if not len(values):
        return np.zeros(0, dtype=bool)
    ascending = np.sort(values)
    passed = ascending <= FALSE_DISCOVERIES * np.arange(1, len(values) + 1) / len(values)
    return values <= (ascending[passed][-1] if passed.any() else -1.0)
