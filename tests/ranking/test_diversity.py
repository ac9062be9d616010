"""Maximal marginal relevance."""

import numpy as np
import pytest

from photoaesth.ranking.diversity import diverse


def test_by_hand() -> None:
    """Of the second sunset and a poorer portrait, the portrait comes second."""
    relevance = np.array([1.0, 0.9, 0.8])
    vectors = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 2.0]])
    # Sunset again: 0.7 * 0.9 - 0.3 * 1 = 0.33; portrait: 0.7 * 0.8 - 0.3 * 0 = 0.56.
    assert diverse(relevance, vectors, 3, trade_off=0.7).tolist() == [0, 2, 1]
    # 0.9 * 0.9 - 0.1 * 1 = 0.71 and 0.9 * 0.8 = 0.72; with 0.92 it is 0.748 and 0.736.
    assert diverse(relevance, vectors, 2, trade_off=0.9).tolist() == [0, 2]
    assert diverse(relevance, vectors, 2, trade_off=0.92).tolist() == [0, 1]


def test_being_unlike_is_not_better_than_being_unrelated() -> None:
    """A vector that points the other way is as new as one at a right angle."""
    vectors = np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0]])
    assert diverse(np.array([1.0, 0.5, 0.6]), vectors, 3).tolist() == [0, 2, 1]


@pytest.mark.parametrize("seed", range(3))
def test_agrees_with_the_definition(seed: int) -> None:
    """Each choice is the greatest of the formula, computed anew from all that were chosen."""
    rng = np.random.default_rng(seed)
    relevance, vectors = rng.random(30), rng.normal(size=(30, 5))
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    similarity = np.maximum(unit @ unit.T, 0)
    expected: list[int] = []
    while len(expected) < 12:
        worth = {
            place: 0.6 * relevance[place]
            - 0.4 * max((similarity[place, other] for other in expected), default=0)
            for place in set(range(30)) - set(expected)
        }
        expected.append(max(worth, key=worth.__getitem__))
    assert diverse(relevance, vectors, 12, trade_off=0.6).tolist() == expected


def test_all_relevance_is_the_order_of_relevance() -> None:
    """With λ = 1 nothing else counts, and of equal ones the earlier comes first."""
    vectors = np.ones((4, 3))
    assert diverse(np.array([0.1, 0.9, 0.5, 0.9]), vectors, 9, trade_off=1).tolist() == [1, 3, 2, 0]


def test_empty_and_zero() -> None:
    """Nothing is chosen of nothing; a vector without a direction is like no other."""
    assert diverse(np.empty(0), np.empty((0, 3)), 5).tolist() == []
    assert diverse(np.ones(2), np.zeros((2, 3)), 2).tolist() == [0, 1]
