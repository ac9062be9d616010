import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import binomtest, entropy, kendalltau, pearsonr, spearmanr, ttest_1samp

from photoaesth.learning.metrics import (
    calibration_table,
    expected_calibration_error,
    kendall,
    log_loss,
    paired_p_value,
    pairwise_accuracy,
    pearson,
    spearman,
    wilson_interval,
)

CORRELATIONS = [(spearman, spearmanr), (pearson, pearsonr), (kendall, kendalltau)]
Measure = Callable[[NDArray[np.float64], NDArray[np.float64]], float]


def test_pairwise_accuracy() -> None:
    """Right, wrong, right, undecided: (1 + 0 + 1 + ½) / 4; the tie does not count."""
    probabilities = np.array([0.9, 0.6, 0.2, 0.5, 0.99])
    outcomes = np.array([1, 0, 0, 1, 0.5])
    assert pairwise_accuracy(probabilities, outcomes) == pytest.approx(2.5 / 4)


def test_pairwise_accuracy_of_ties_alone_is_unknown() -> None:
    """Without a decided pair there is no accuracy, not one of zero."""
    assert math.isnan(pairwise_accuracy(np.array([0.7]), np.array([0.5])))
    assert math.isnan(pairwise_accuracy(np.empty(0), np.empty(0)))


def test_log_loss() -> None:
    """−(ln 0.8 + ln (1 − 0.3) + ½ ln 0.6 + ½ ln 0.4) / 3 = (0.2231 + 0.3567 + 0.7136) / 3."""
    loss = log_loss(np.array([0.8, 0.3, 0.6]), np.array([1, 0, 0.5]))
    assert loss == pytest.approx((0.22314 + 0.35667 + 0.71356) / 3, abs=1e-5)


def test_log_loss_of_a_coin() -> None:
    """Always saying ½ costs ln 2 per choice, tie or not."""
    assert log_loss(np.full(4, 0.5), np.array([1, 0, 0.5, 1])) == pytest.approx(math.log(2))


def test_log_loss_is_least_at_the_true_share() -> None:
    """SciPy's entropy of a share is the loss of saying just that share, and others cost more."""
    outcomes = np.repeat([1.0, 0.0], [7, 3])
    losses = [log_loss(np.full(10, p), outcomes) for p in (0.6, 0.7, 0.8)]
    assert losses[1] == pytest.approx(entropy([0.7, 0.3]))
    assert losses[1] < min(losses[0], losses[2])


def test_log_loss_of_a_certain_mistake_is_finite() -> None:
    """A model that was sure and wrong pays −ln 10⁻⁹ = 20.7, not infinity."""
    assert log_loss(np.array([0.0]), np.array([1.0])) == pytest.approx(9 * math.log(10))


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_interval_agrees_with_scipy(trials: tuple[int, int]) -> None:
    """The interval is SciPy's for any count, none and all included."""
    hits, count = trials
    expected = binomtest(hits, count).proportion_ci(method="wilson")
    interval = wilson_interval(hits / count, count)
    assert interval == pytest.approx((expected.low, expected.high), abs=1e-6)
    assert 0 <= interval[0] < interval[1] <= 1


def test_wilson_interval_of_nothing_is_everything() -> None:
    """Nothing observed excludes nothing."""
    assert wilson_interval(0.0, 0) == (0.0, 1.0)


def test_spearman() -> None:
    """Ranks 1 2 3 4 and 2 1 4 3: 1 − 6 (1 + 1 + 1 + 1) / (4 (16 − 1)) = 0.6 (Z21, eq. 4)."""
    assert spearman(np.array([1, 5, 6, 9]), np.array([0.2, 0.1, 8, 7])) == pytest.approx(0.6)


def test_spearman_gives_ties_their_mean_rank() -> None:
    """Ranks 1 2½ 2½ 4 and 1 2 3 4, centred: (2.25 + 0 + 0 + 2.25) / √(4.5 · 5) = 0.949."""
    found = spearman(np.array([1, 2, 2, 3]), np.array([1, 2, 3, 4]))
    assert found == pytest.approx(4.5 / math.sqrt(4.5 * 5))


def test_pearson() -> None:
    """(−1 · −2 + 0 · 1 + 1 · 1) / √(2 · 6) = 3 / √12."""
    assert pearson(np.array([1, 2, 3]), np.array([0, 3, 3])) == pytest.approx(3 / math.sqrt(12))


def test_kendall() -> None:
    """Of three pairs two agree and one is tied on one side: (2 − 0) / √(3 · 2)."""
    assert kendall(np.array([1, 2, 3]), np.array([1, 2, 2])) == pytest.approx(2 / math.sqrt(6))


@pytest.mark.parametrize(("ours", "scipys"), CORRELATIONS)
@given(pairs=st.lists(st.tuples(st.integers(0, 6), st.integers(-3, 3)), min_size=2, max_size=40))
def test_correlations_agree_with_scipy(
    ours: Measure, scipys: Callable[..., Any], pairs: list[tuple[int, int]]
) -> None:
    """Every correlation is SciPy's with any ties, and unknown where SciPy's is."""
    left, right = np.array(pairs, dtype=np.float64).T
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # SciPy warns of constant input, and returns NaN
        expected = scipys(left, right).statistic
    assert ours(left, right) == pytest.approx(expected, abs=1e-12, nan_ok=True)


@pytest.mark.parametrize(("ours", "scipys"), CORRELATIONS)
def test_correlations_of_many_continuous_numbers(ours: Measure, scipys: Callable[..., Any]) -> None:
    """More numbers than one block holds give SciPy's figure as well."""
    rng = np.random.default_rng(0)
    left = rng.normal(size=1100)
    right = left + rng.normal(size=1100)
    assert ours(left, right) == pytest.approx(scipys(left, right).statistic, abs=1e-12)


@pytest.mark.parametrize("measure", [spearman, pearson, kendall])
@pytest.mark.parametrize("count", [0, 1])
def test_one_number_correlates_with_nothing(measure: Measure, count: int) -> None:
    """Fewer than two numbers have no correlation."""
    assert math.isnan(measure(np.ones(count), np.ones(count)))


def test_calibration_table() -> None:
    """0.1 opens the second bin, 1 belongs to the last; each row is count, Σ p, Σ outcome."""
    table = calibration_table(np.array([0.05, 0.1, 0.15, 1.0]), np.array([0, 1, 0.5, 1]))
    assert table[0].tolist() == [1, 0.05, 0]
    assert table[1].tolist() == [2, 0.25, 1.5]
    assert table[9].tolist() == [1, 1, 1]
    assert table[2:9].tolist() == [[0, 0, 0]] * 7


def test_expected_calibration_error() -> None:
    """Two at 0.8 of which one comes, two at 0.25 of which none does: ½ · 0.3 + ½ · 0.25."""
    probabilities, outcomes = np.array([0.8, 0.8, 0.25, 0.25]), np.array([1, 0, 0, 0])
    error = expected_calibration_error(calibration_table(probabilities, outcomes))
    assert error == pytest.approx(0.5 * 0.3 + 0.5 * 0.25)


def test_calibration_of_nothing_is_unknown() -> None:
    """Without predictions there is no error, not one of zero."""
    assert math.isnan(expected_calibration_error(calibration_table(np.empty(0), np.empty(0))))


@pytest.mark.parametrize("count", [2, 3, 4, 5, 10, 31, 200, 557])
def test_paired_p_value_agrees_with_scipy(count: int) -> None:
    """The t test is SciPy's for odd and even degrees of freedom, few and many."""
    differences = np.random.default_rng(count).normal(1 / math.sqrt(count), 1, count)
    expected = ttest_1samp(differences, 0).pvalue
    assert paired_p_value(differences) == pytest.approx(expected, abs=1e-12)


def test_paired_p_value_of_two_raters() -> None:
    """Differences 1 and 3: t = 2 / (√2 / √2) = 2 at one degree of freedom, 1 − (2/π) atan 2."""
    expected = 1 - 2 / math.pi * math.atan(2)
    assert paired_p_value(np.array([1.0, 3.0])) == pytest.approx(expected)


@pytest.mark.parametrize("differences", [[], [0.3], [0.0, 0.0, 0.0]])
def test_nothing_to_tell_apart_has_no_p_value(differences: list[float]) -> None:
    """One rater, or no spread at all, allows no test."""
    assert math.isnan(paired_p_value(np.array(differences)))
