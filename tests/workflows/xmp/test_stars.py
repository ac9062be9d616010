"""Stars out of scores: shares and thresholds, on numbers that can be counted by hand."""

from collections import Counter

import numpy as np

from photoaesth.workflows.xmp.stars import STAR_SHARES, by_percentile, by_thresholds, rejected


def test_shares_of_a_hundred() -> None:
    """Of a hundred different scores 5, 15, 30, 30 and 20 get five to one star."""
    scores = np.random.default_rng(0).permutation(np.linspace(1, 10, 100))
    stars = by_percentile(scores)
    counts = Counter(stars.tolist())
    assert [counts[star] for star in (5, 4, 3, 2, 1)] == list(STAR_SHARES)
    assert stars[scores.argmax()] == 5
    assert stars[scores.argmin()] == 1
    assert (np.diff(stars[np.argsort(scores)]) >= 0).all()


def test_equal_scores_get_equal_stars() -> None:
    """No photo is better rated for standing earlier in the library; nothing rates nothing."""
    assert by_percentile(np.full(7, 5.0)).tolist() == [5] * 7
    assert by_percentile(np.array([9.0, 5, 5, 1])).tolist() == [5, 3, 3, 2]
    assert by_percentile(np.array([])).tolist() == []


def test_thresholds() -> None:
    """A score that reaches a threshold gets its stars; below all of them it is one."""
    scores = np.array([9.5, 9.0, 8.99, 7.0, 5.0, 4.99])
    assert by_thresholds(scores, (9, 8, 7, 5)).tolist() == [5, 5, 4, 3, 2, 1]


def test_rejected() -> None:
    """The lowest tenth of twenty scores is two; of equal ones that would be more it is none."""
    scores = np.arange(20.0)
    assert np.flatnonzero(rejected(scores, 10)).tolist() == [0, 1]
    assert np.flatnonzero(rejected(scores, 14)).tolist() == [0, 1]
    assert not rejected(scores, 0).any()
    assert not rejected(np.full(20, 5.0), 10).any()
