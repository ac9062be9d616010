from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import quad
from scipy.special import expit
from scipy.stats import norm

from photoaesth.learning import settling
from photoaesth.learning.crowd import CrowdModel
from photoaesth.learning.personal import JointJudgements, prior
from photoaesth.learning.personal_fit import Evidence, fit_personal
from photoaesth.learning.selection import Pool
from photoaesth.learning.settling import AHEAD, COUNTS, TOP, Forecast, forecast

Floats = NDArray[np.floating[Any]]
PHOTOS = 100


def pool_of(mean: Floats, covariance: Floats, *, slope: float = 2.0, appeal: float = 0.7) -> Pool:
    """Make a pool of photos that nobody compared."""
    judged = covariance + appeal**2 * np.eye(len(mean))
    return Pool(JointJudgements(mean, covariance, mean, judged, covariance), slope, appeal)


def features(seed: int = 0) -> Floats:
    """Of a hundred photos; unlike ones, so that choices about some tell something of others."""
    return np.random.default_rng(seed).normal(size=(PHOTOS, 8)) / np.sqrt(8)


@pytest.fixture
def mean() -> Floats:
    return np.random.default_rng(1).normal(5.5, 1, PHOTOS)


def test_what_is_known_is_settled(mean: Floats) -> None:
    """Where hardly a doubt is left, no choice changes the top."""
    rows = features()
    assert forecast(pool_of(mean, 1e-6 * rows @ rows.T)) == Forecast(0.0, 0)


def test_what_choices_cannot_settle_takes_more_than_is_forecast() -> None:
    """Four hundred photos with nothing in common, none ahead, need more than 500 choices."""
    found = forecast(pool_of(np.full(400, 5.5), 4 * np.eye(400)))
    assert found.more is None
    assert found.replaced > 0.2 * TOP


def test_between_them_a_number_of_choices_is_forecast(mean: Floats) -> None:
    """With an ordinary doubt it takes some choices, and more of them the wider the doubt."""
    rows = features()
    narrow, wide = (forecast(pool_of(mean, sd**2 * rows @ rows.T)) for sd in (0.4, 1.6))
    assert narrow.more in COUNTS
    assert wide.more in COUNTS
    assert narrow.more < wide.more
    assert 1 <= narrow.replaced < wide.replaced


def test_two_photos_by_integration() -> None:
    """The better of two is replaced when their difference turns its sign, as a Gaussian does.

    The difference of variance v has v / 2 along its direction. `AHEAD` choices with the Fisher
    information i each, times the factor that was measured, add the precision `AHEAD` · 3 · i · 2.
    """
    ahead, variance = 0.05, 0.02
    covariance = np.diag([0.015, 0.005])
    found = forecast(pool_of(np.array([5.0 + ahead, 5.0]), covariance), top=1)
    slope = 2 / np.sqrt(1 + np.pi * 4 * 2 * 0.49 / 8)

    def weighed(difference: float) -> float:
        p = expit(slope * difference)
        return float(slope**2 * p * (1 - p) * norm.pdf(difference, ahead, np.sqrt(variance)))

    information, _ = quad(weighed, ahead - 1, ahead + 1)
    told = AHEAD * settling._TOLD * information * 2
    lost = variance / 2 - 1 / (2 / variance + told)
    moved_sd = np.sqrt(2 * lost)
    # 128 draws: a standard deviation of 0.04.
    assert found.replaced == pytest.approx(norm.cdf(-ahead / moved_sd), abs=0.06)


def test_only_differences_count(mean: Floats) -> None:
    """What is added to all utilities alike changes no order and no forecast, doubt included."""
    rows = features()
    covariance = rows @ rows.T
    shared = rows[:, 0]  # covariance of each utility with what is added to all
    once = forecast(pool_of(mean, covariance))
    again = forecast(pool_of(mean + 2, covariance + 3 + shared[:, None] + shared))
    assert again.more == once.more
    assert again.replaced == pytest.approx(once.replaced, abs=0.1)


def test_more_choices_never_leave_more_to_replace(mean: Floats) -> None:
    """The further ahead, the less the choices after that are expected to replace."""
    rows = features()
    future = settling._Future(pool_of(mean, rows @ rows.T), 0.0, TOP)
    replaced = [future.replaced(count) for count in (0, *COUNTS)]
    assert (np.diff(replaced) <= 0.1).all()
    assert replaced[-1] < replaced[0] / 4


def test_what_the_same_photos_tell_runs_out(mean: Floats) -> None:
    """Photos that were compared often tell less of the taste, so that less will change."""
    rows = features()
    pool = pool_of(mean, rows @ rows.T)
    fresh = forecast(pool, np.zeros(PHOTOS, np.int64))
    worn = forecast(pool, np.full(PHOTOS, 10))
    assert fresh == forecast(pool)
    assert worn.replaced < 0.7 * fresh.replaced


def test_the_same_knowledge_has_the_same_forecast(mean: Floats) -> None:
    """Nothing is left to chance, and a hair's breadth of knowledge changes next to nothing.

    Not even where it turns the directions of doubt, which are any directions here.
    """
    once = forecast(pool_of(mean, np.eye(PHOTOS)))
    assert forecast(pool_of(mean, np.eye(PHOTOS))) == once
    noise = 1e-6 * np.random.default_rng(2).normal(size=(PHOTOS, PHOTOS))
    turned = forecast(pool_of(mean, np.eye(PHOTOS) + noise + noise.T))
    assert turned.replaced == pytest.approx(once.replaced, abs=0.02)


def test_a_pool_no_larger_than_its_top_is_settled() -> None:
    """All of the photos are in the top, whatever is chosen; so is none of none."""
    for count in (0, 1, TOP):
        assert forecast(pool_of(np.full(count, 5.5), np.eye(count))) == Forecast(0.0, 0)


def test_choices_settle_a_real_posterior(
    make_crowd: Callable[..., CrowdModel], make_embeddings: Callable[..., Floats]
) -> None:
    """After two hundred choices by somebody with a taste, less is replaced than before any."""
    crowd, embeddings = make_crowd(), make_embeddings(60)
    rng = np.random.default_rng(3)
    liked = 3 * embeddings[:, 0] - 2 * embeddings[:, 1]
    left, right = rng.permuted(np.tile(np.arange(60), (200, 1)), axis=1)[:, :2].T
    outcomes = (liked[left] > liked[right]).astype(float)
    head = fit_personal(crowd, embeddings, Evidence(left, right, outcomes, np.ones(200)))
    shown = np.bincount(np.concatenate([left, right]), minlength=60)
    before = forecast(Pool.of(crowd, prior(crowd), embeddings))
    after = forecast(Pool.of(crowd, head, embeddings), shown)
    assert after.replaced < before.replaced / 2
    assert before.more != 0
