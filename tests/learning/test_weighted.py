import math

import numpy as np
import pytest
from scipy.stats import t, ttest_1samp

from photoaesth.learning.weighted import (
    effective_count,
    t_p_value,
    t_quantile_95,
    weighted_mean,
)

VALUES = np.array([0.4, -0.1, 0.9, 0.3, 0.7, 0.2])


def test_equal_weights_give_student_s_interval() -> None:
    """Mean, standard error, interval and p value are those of SciPy's t test."""
    found, expected = weighted_mean(VALUES, np.ones(6)), ttest_1samp(VALUES, 0)
    assert found.mean == pytest.approx(VALUES.mean())
    assert found.interval == pytest.approx(tuple(expected.confidence_interval()), abs=1e-3)
    assert found.p_value == pytest.approx(expected.pvalue, rel=0.03)


@pytest.mark.parametrize("freedom", [4, 5, 9, 30, 500])
def test_quantile_and_p_value_are_close_to_student_s(freedom: int) -> None:
    """The series reach the exact values to a hundredth, where there are few numbers too."""
    assert t_quantile_95(freedom) == pytest.approx(t.ppf(0.975, freedom), abs=0.01)
    for statistic in (0.5, 2.0, 4.0):
        exact = 2 * t.sf(statistic, freedom)
        assert t_p_value(statistic, freedom) == pytest.approx(exact, abs=2e-3)


def test_a_number_of_double_weight_is_not_two_numbers() -> None:
    """The mean is that of the repeated number, the doubt is greater."""
    weighed = weighted_mean(VALUES, np.array([2, 1, 1, 1, 1, 1]))
    repeated = weighted_mean(np.append(VALUES, VALUES[0]), np.ones(7))
    assert weighed.mean == pytest.approx(repeated.mean)
    assert weighed.sd > repeated.sd
    assert effective_count(np.array([2, 1, 1, 1, 1, 1])) == pytest.approx(49 / 9)


def test_unknown_numbers_count_for_nothing() -> None:
    """NaN is left out with its weight; of one number or none nothing is told."""
    with_gap = weighted_mean(np.append(VALUES, math.nan), np.ones(7))
    assert with_gap == weighted_mean(VALUES, np.ones(6))
    alone = weighted_mean(np.array([0.5, math.nan]), np.ones(2))
    assert (alone.mean, alone.p_value) == (0.5, 1.0)
    assert math.isnan(weighted_mean(np.array([math.nan]), np.ones(1)).mean)


def test_doubt_about_the_numbers_widens_the_interval() -> None:
    """A variance that all numbers share adds to the squared standard error."""
    sure, unsure = (weighted_mean(VALUES, np.ones(6), variance=v) for v in (0.0, 0.09))
    assert unsure.sd**2 == pytest.approx(sure.sd**2 + 0.09)
