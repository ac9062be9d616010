from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from scipy.optimize import minimize

from photoaesth.learning.distribution import (
    SCORES,
    bounded_score,
    mean_score,
    shift_mean,
    spread_mass,
)

Floats = NDArray[np.floating[Any]]
finite = {"allow_nan": False, "allow_infinity": False}
# From flat to a single bin, and everything between, two humps included.
distributions = arrays(np.float64, (3, 10), elements=st.floats(-12, 3, **finite)).map(
    lambda logits: np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
)


def test_mean_score() -> None:
    """The mean of a flat distribution is (1 + … + 10) / 10 = 5.5; of ¾ at 2, ¼ at 10 it is 4."""
    flat = np.full(10, 0.1)
    skewed = np.zeros(10)
    skewed[[1, 9]] = 0.75, 0.25  # 0.75 · 2 + 0.25 · 10 = 4
    np.testing.assert_allclose(mean_score(np.stack([flat, skewed])), [5.5, 4.0])


@pytest.mark.parametrize(
    ("rating", "bins"),
    [
        (1, {1: 1.0}),  # 1 + 1.5 · 0 = 1
        (2, {2: 0.5, 3: 0.5}),  # 1 + 1.5 · 1 = 2.5
        (3, {4: 1.0}),  # 1 + 1.5 · 2 = 4
        (4, {5: 0.5, 6: 0.5}),  # 1 + 1.5 · 3 = 5.5
        (4.5, {6: 0.75, 7: 0.25}),  # 1 + 1.5 · 3.5 = 6.25
        (7, {10: 1.0}),  # 1 + 1.5 · 6 = 10
    ],
)
def test_one_rating_on_a_seven_point_scale(rating: float, bins: dict[int, float]) -> None:
    """A rating s from 1 to 7 becomes 1 + 1.5 (s − 1), its mass shared between the neighbours."""
    expected = [bins.get(score, 0.0) for score in range(1, 11)]
    np.testing.assert_allclose(spread_mass(np.array([rating]), low=1, high=7), expected)


def test_several_ratings_share_the_mass() -> None:
    """The ratings 1, 4, 6 become 1, 5.5, 8.5 with a third of the mass each; their mean is 5."""
    spread = spread_mass(np.array([1, 4, 6]), low=1, high=7)
    np.testing.assert_allclose(spread, np.array([2, 0, 0, 0, 1, 1, 0, 1, 1, 0]) / 6)
    assert mean_score(spread) == pytest.approx((1 + 5.5 + 8.5) / 3)


def test_a_ten_point_scale_is_a_plain_histogram() -> None:
    """Whole ratings from 1 to 10 are counted as they are."""
    spread = spread_mass(np.array([1, 10, 10, 3]), low=1, high=10)
    np.testing.assert_allclose(spread, [0.25, 0, 0.25, 0, 0, 0, 0, 0, 0, 0.5])


@given(
    st.lists(st.floats(0, 1, **finite), min_size=1, max_size=20),
    st.floats(-10, 10, **finite),
    st.floats(0.5, 100, **finite),
)
def test_spreading_keeps_the_mean(shares: list[float], low: float, length: float) -> None:
    """On any scale the result is a distribution whose mean is the mean of the mapped ratings."""
    ratings = np.clip(low + np.array(shares) * length, low, low + length)
    spread = spread_mass(ratings, low=low, high=low + length)
    assert spread.min() >= 0
    assert spread.sum() == pytest.approx(1)
    assert mean_score(spread) == pytest.approx(1 + 9 * np.mean((ratings - low) / length), abs=1e-6)


def test_bounded_score_leaves_the_middle_alone() -> None:
    """Between 2.5 and 8.5 a utility is its own score."""
    middle = np.linspace(2.5, 8.5, 61)
    np.testing.assert_array_equal(bounded_score(middle), middle)


@given(st.floats(-20, 30, **finite), st.floats(0.01, 10, **finite))
def test_bounded_score_keeps_order_and_scale(utility: float, ahead: float) -> None:
    """A photo that is ahead stays ahead, inside (1, 10), by at most as much as it was."""
    behind, before = bounded_score(np.array([utility, utility + ahead]))
    assert 1 < behind < before < 10
    assert before - behind <= ahead + 1e-9


def test_bounded_score_bends_without_a_step() -> None:
    """At 2.5 and 8.5 value and slope go on; 1.5 points beyond, 1.5 / e of the room is left."""
    seam = np.array([2.5, 8.5])
    slope = (bounded_score(seam + 1e-5) - bounded_score(seam - 1e-5)) / 2e-5
    np.testing.assert_allclose(slope, 1, atol=1e-4)
    # 1 + 1.5 exp(-1.5 / 1.5) and 10 - 1.5 exp(-1.5 / 1.5)
    beyond = bounded_score(np.array([1.0, 10.0]))
    np.testing.assert_allclose(beyond, [1.551819, 9.448181], atol=1e-6)


@given(distributions, arrays(np.float64, 3, elements=st.floats(1.001, 9.999, **finite)))
def test_shift_mean_is_exact(given_: Floats, means: Floats) -> None:
    """Whatever the shapes and the targets, distributions come out and have the target means."""
    shifted = shift_mean(given_, means)
    assert shifted.min() >= 0
    np.testing.assert_allclose(shifted.sum(1), 1, atol=1e-12)
    np.testing.assert_allclose(mean_score(shifted), means, atol=1e-8)


def test_shift_mean_of_two_humps() -> None:
    """A crowd that loves or hates a photo is where undamped Newton steps swing for ever."""
    humps = np.full((1, 10), 1e-12)
    humps[0, [0, 9]] = 0.9955, 0.0045
    assert mean_score(shift_mean(humps, np.array([5.5]))) == pytest.approx(5.5, abs=1e-8)


@given(distributions, st.floats(1.5, 9.5, **finite))
def test_shift_mean_tilts(given_: Floats, mean: float) -> None:
    """Each score's mass changes by a factor that grows evenly with the score, or falls evenly."""
    shifted = shift_mean(given_, np.full(3, mean))
    likely = np.log(np.maximum(shifted, 1e-300)) > -600
    ratio = np.log(np.maximum(shifted, 1e-300)) - np.log(np.maximum(given_, 1e-12))
    for row, seen, up in zip(ratio, likely, mean > mean_score(given_), strict=True):
        slope, offset = np.polyfit(SCORES[seen], row[seen], 1)
        np.testing.assert_allclose(row[seen], slope * SCORES[seen] + offset, atol=1e-6)
        assert (slope > 0) == up or abs(slope) < 1e-6


def test_shift_mean_is_the_nearest_distribution() -> None:
    """SciPy, asked for the least Kullback–Leibler divergence at that mean, finds the same."""
    start = np.array([0.02, 0.05, 0.1, 0.2, 0.25, 0.15, 0.1, 0.06, 0.04, 0.03])
    nearest = minimize(
        lambda p: np.sum(p * np.log(p / start)),
        start,
        method="SLSQP",
        bounds=[(1e-9, 1)] * 10,
        constraints=[
            {"type": "eq", "fun": lambda p: p.sum() - 1},
            {"type": "eq", "fun": lambda p: p @ SCORES - 6.8},
        ],
        options={"ftol": 1e-14, "maxiter": 500},
    )
    np.testing.assert_allclose(
        shift_mean(start[None], np.array([6.8]))[0], nearest.x, rtol=0, atol=1e-5
    )


def test_shift_mean_to_its_own_mean_changes_nothing() -> None:
    """A person who agrees with the crowd gets the crowd's distribution, in any precision."""
    start = np.random.default_rng(0).dirichlet(np.ones(10), 50).astype(np.float32)
    np.testing.assert_allclose(shift_mean(start, mean_score(start)), start, atol=1e-6)
    assert shift_mean(start[:0], mean_score(start[:0])).shape == (0, 10)
