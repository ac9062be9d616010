"""Weighted means of few numbers, with what another draw of them would change."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photoaesth.learning.significance import NORMAL_95

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class WeightedMean:
    """A weighted mean and its doubt.

    Attributes:
        mean: of the numbers; NaN when there is none.
        sd: standard error of the mean; NaN for fewer than two.
        freedom: degrees of freedom of the standard error.
    """

    mean: float
    sd: float
    freedom: float

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval by Student's t."""
        reach = t_quantile_95(self.freedom) * self.sd
        return self.mean - reach, self.mean + reach

    @property
    def p_value(self) -> float:
        """Two-sided p value of a mean of 0."""
        if self.sd == 0:
            return 1.0 if self.mean == 0 else 0.0
        return t_p_value(self.mean / self.sd, self.freedom)


def effective_count(weights: Floats) -> float:
    """Return how many numbers of equal weight tell as much: (Σw)² / Σw² (Kish 1965)."""
    total = float(np.sum(weights))
    return total**2 / float(np.square(weights).sum()) if total > 0 else 0.0


def weighted_mean(values: Floats, weights: Floats, *, variance: float = 0.0) -> WeightedMean:
    """Return the weighted mean of the numbers that are known.

    Args:
        values: `(N,)`; NaN where unknown.
        weights: `(N,)` at least 0.
        variance: what else is not known of the mean.
    """
    known = np.isfinite(values)
    numbers, shares = np.asarray(values, np.float64)[known], np.asarray(weights)[known]
    count = effective_count(shares)
    if count <= 1:
        mean = float(np.average(numbers, weights=shares)) if count else math.nan
        return WeightedMean(mean, math.nan, 0.0)
    shares = shares / shares.sum()
    mean = float(shares @ numbers)
    drawn = float(np.square(shares) @ np.square(numbers - mean)) * count / (count - 1)
    return WeightedMean(mean, math.sqrt(drawn + variance), count - 1)


def t_quantile_95(freedom: float) -> float:
    """Return how many standard errors a 95 % interval reaches.

    The expansion of Abramowitz & Stegun 1964, 26.7.5: within 0.01 from 5 degrees of freedom on.
    """
    z = NORMAL_95
    if freedom <= 0:
        return math.inf
    first = (z**3 + z) / (4 * freedom)
    second = (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * freedom**3)
    return z + first + second + third


def t_p_value(statistic: float, freedom: float) -> float:
    """Return the two-sided p value of Student's t, by the normal number nearest to it.

    Wallace 1959, "Bounds on normal approximations to Student's and the chi-square distributions":
    z = (8ν + 1) / (8ν + 3) √(ν log(1 + t² / ν)).
    """
    if not freedom > 0 or math.isnan(statistic):
        return 1.0
    z = math.sqrt(freedom * math.log1p(statistic**2 / freedom))
    return math.erfc((8 * freedom + 1) / (8 * freedom + 3) * z / math.sqrt(2))
