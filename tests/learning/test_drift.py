import numpy as np
from numpy.typing import NDArray

from photoaesth.learning.drift import drift
from photoaesth.learning.significance import clear_of_chance

ATTRIBUTES, CHOICES, WINDOWS = 12, 240, 4
WINDOW_OF = np.arange(CHOICES) * WINDOWS // CHOICES


def choose(
    likings: NDArray[np.float64], seed: int, *, scale: NDArray[np.float64] | float = 1.0
) -> NDArray[np.float64]:
    """Answers of somebody whose likings, `(M, A)`, may change from choice to choice.

    A scale makes the photos of a pair more alike, or less.
    """
    rng = np.random.default_rng(seed)
    gaps = rng.normal(size=(CHOICES, ATTRIBUTES)) * np.broadcast_to(scale, CHOICES)[:, None]
    first = rng.random(CHOICES) < 1 / (1 + np.exp(-(gaps * likings).sum(1)))
    return np.where(first[:, None], gaps, -gaps)


def constant() -> NDArray[np.float64]:
    likings = np.zeros((CHOICES, ATTRIBUTES))
    likings[:, 0], likings[:, 1] = 1.5, -0.8
    return likings


def test_a_change_at_half_time_is_seen() -> None:
    """Of forty people who turn round in one attribute, nearly all are found, with its direction."""
    found = []
    for seed in range(40):
        likings = constant()
        likings[CHOICES // 2 :, 0] = -1.5
        told = drift(choose(likings, seed), WINDOW_OF)
        found.append(clear_of_chance(told.any_p)[0] and told.direction[0] < 0)
    assert np.mean(found) >= 0.95


def test_a_constant_taste_is_not_called_changed() -> None:
    """Of a hundred who stay as they are, about one in twenty has any attribute called so."""
    called = [
        clear_of_chance(drift(choose(constant(), seed), WINDOW_OF).any_p).any()
        for seed in range(100)
    ]
    assert np.mean(called) <= 0.1


def test_harder_pairs_are_no_change_of_taste() -> None:
    """When pairs become more alike, what is chosen differs less, and nobody has changed."""
    scale = np.linspace(2, 0.3, CHOICES)
    called = []
    for seed in range(60):
        gaps = choose(constant(), seed, scale=scale)
        assert gaps[:60, 0].mean() > 2 * gaps[-60:, 0].mean()
        called.append(clear_of_chance(drift(gaps, WINDOW_OF).any_p).any())
    assert np.mean(called) <= 0.12


def test_there_and_back_is_seen_without_a_trend() -> None:
    """A liking that comes and goes is a change, though no trend."""
    likings = constant()
    likings[:, 2] = np.where((WINDOW_OF == 1) | (WINDOW_OF == 2), 2.0, -2.0)
    told = drift(choose(likings, 1), WINDOW_OF)
    assert clear_of_chance(told.any_p)[2]
    assert told.trend_p[2] > 0.05
