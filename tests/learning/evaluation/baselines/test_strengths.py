import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import expit

from photoaesth.learning.evaluation.baselines.strengths import (
    CHOICE_SLOPE,
    OFFSET_SD,
    logistic_map,
    person_scores,
)
from photoaesth.learning.evaluation.method import Choices


def choices(left: list[int], right: list[int], outcomes: list[float]) -> Choices:
    pairs = np.array([left, right], np.int64)
    return Choices(np.unique(pairs), *pairs, np.array(outcomes))


def test_a_choice_moves_both_photos_until_prior_and_surprise_balance() -> None:
    """Photo 4 believed 1 point behind wins: δ = σ² k (1 - p), with p at where it ends."""
    believed = np.array([0.0, 0.0, 6.0, 0.0, 5.0])
    photos, scores = person_scores(choices([4], [2], [1.0]), believed)
    np.testing.assert_array_equal(photos, [2, 4])
    loser, winner = scores - [6.0, 5.0]
    p = expit(CHOICE_SLOPE * (scores[1] - scores[0]))
    assert winner == pytest.approx(OFFSET_SD**2 * CHOICE_SLOPE * (1 - p), abs=1e-4)
    assert loser == pytest.approx(-winner, abs=1e-9)
    assert winner > 0.3


def test_a_tie_draws_two_photos_together() -> None:
    """A tie between 7 and 4 points leaves them in order, nearer to each other, mean unchanged."""
    _, scores = person_scores(choices([0], [1], [0.5]), np.array([7.0, 4.0]))
    assert 0 < scores[0] - scores[1] < 2.5
    assert scores.mean() == pytest.approx(5.5)


def test_a_tie_that_was_expected_changes_nothing() -> None:
    """Photos believed to be equal and found so stay where they are."""
    _, scores = person_scores(choices([0], [1], [0.5]), np.array([6.0, 6.0]))
    np.testing.assert_allclose(scores, 6.0)


def test_no_choices_give_no_scores() -> None:
    """Only compared photos have scores."""
    photos, scores = person_scores(choices([], [], []), np.arange(5.0))
    assert len(photos) == len(scores) == 0


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), count=st.integers(1, 60), variance=st.floats(0.1, 4))
def test_the_map_is_the_one_that_scipy_finds(seed: int, count: int, variance: float) -> None:
    """The negative log posterior, written apart from the code, has its minimum there."""
    rng = np.random.default_rng(seed)
    rows, offsets = rng.normal(size=(count, 5)), rng.normal(size=count)
    outcomes = rng.choice([0.0, 0.5, 1.0], count)

    def loss(weights: np.ndarray) -> float:
        logits = offsets + rows @ weights
        surprise = outcomes * np.logaddexp(0, -logits) + (1 - outcomes) * np.logaddexp(0, logits)
        return float(surprise.sum() + weights @ weights / (2 * variance))

    expected = minimize(loss, np.zeros(5), method="BFGS", options={"gtol": 1e-7}).x
    found = logistic_map(rows, outcomes, offsets, variance=variance)
    np.testing.assert_allclose(found, expected, atol=1e-3)
