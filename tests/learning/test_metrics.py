import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, entropy

from photoaesth.learning.metrics import log_loss, pairwise_accuracy, wilson_interval


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
