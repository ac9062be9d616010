import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from photoaesth.learning.liking import likings

TRUE = np.array([1.2, -0.6, 0.0, 0.3])


def choices(count: int, seed: int) -> NDArray[np.float64]:
    """Differences of chosen and rejected photos for somebody with these likings."""
    rng = np.random.default_rng(seed)
    gaps = rng.normal(size=(count, 4))
    first = rng.random(count) < 1 / (1 + np.exp(-gaps @ TRUE))
    return np.where(first[:, None], gaps, -gaps)


def test_the_constant_taste_is_the_most_probable_one() -> None:
    """What is left of the choices is what a general optimiser of likelihood times prior leaves."""
    gaps = choices(80, 0)

    def loss(beta: NDArray[np.float64]) -> float:
        return float(np.logaddexp(0, -gaps @ beta).sum() + beta @ beta / 2)

    best = minimize(loss, np.zeros(4)).x
    assert likings(gaps).left == pytest.approx(expit(-gaps @ best), abs=1e-4)


def test_attributes_that_go_together_share_a_liking() -> None:
    """Of two that are nearly one, both have it, more surely than either could have it alone."""
    gaps = choices(200, 3)
    twins = np.column_stack([gaps, gaps[:, 0] + np.random.default_rng(0).normal(0, 0.2, 200)])
    found, single = likings(twins), likings(gaps)
    assert min(found.logits[0], found.logits[4]) > 0.6
    assert max(found.sds[0], found.sds[4]) < 1.2 * single.sds[0]


def test_intervals_cover_the_likings() -> None:
    """Over a hundred simulated people, some 95 in 100 intervals hold what they choose by."""
    found = [likings(choices(200, seed)) for seed in range(100)]
    inside = [np.abs(each.logits - TRUE) < 1.96 * each.sds for each in found]
    assert 0.9 <= np.mean(inside) <= 0.99


def test_without_choices_there_is_the_prior() -> None:
    """Nothing is liked, give or take one logit."""
    found = likings(np.zeros((0, 4)))
    assert (found.logits == 0).all()
    assert found.sds == pytest.approx(np.ones(4))
