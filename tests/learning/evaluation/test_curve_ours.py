"""The default method asks for pairs itself."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from photoaesth.learning.crowd import CrowdModel
from photoaesth.learning.distribution import mean_score
from photoaesth.learning.evaluation import ours
from photoaesth.learning.evaluation.curve import active_curve, random_curve
from photoaesth.learning.evaluation.method import Choices, Fold, Learned, Learner, Ratings
from photoaesth.learning.evaluation.protocol import Trial
from photoaesth.learning.personal import joint_utilities, prior
from photoaesth.learning.personal_fit import Evidence, fit_personal
from photoaesth.learning.selection import Pool
from photoaesth.learning.taste import combine, describe, parts

SHOTS, TESTED = 30, 40
NOBODY = np.empty(0, np.int64)


@pytest.fixture
def fold(make_crowd: Callable[..., CrowdModel], make_embeddings: Callable[..., Any]) -> Fold:
    embeddings = make_embeddings(SHOTS + TESTED, seed=2)
    crowd = make_crowd(6)
    nothing = Ratings(NOBODY, NOBODY, np.empty(0))
    return Fold((), embeddings, embeddings, crowd, nothing, "cpu", 0)


def trial_of(fold: Fold, seed: int) -> Trial:
    """Somebody drawn from the prior: utilities of all photos, and each photo's own appeal."""
    crowd, count = fold.crowd, SHOTS + TESTED
    generic = mean_score(crowd.head(fold.embeddings))
    photos = describe(crowd.taste, fold.embeddings, generic)
    covariance = combine(crowd.taste.trust, parts(crowd.taste, photos, photos))
    rng = np.random.default_rng(seed)
    judged = rng.multivariate_normal(generic, covariance + 0.7**2 * np.eye(count))
    numbers = np.arange(count)
    return Trial(numbers[:SHOTS], judged[:SHOTS], numbers[SHOTS:], judged[SHOTS:])


class Noting:
    """A learner that notes the choices it learns from."""

    def __init__(self, learner: Learner) -> None:
        self.last: Choices
        self._learner = learner

    def __call__(self, choices: Choices) -> Learned:
        self.last = choices
        return self._learner(choices)


def test_it_asks_each_pair_once_and_first_what_tells_most(fold: Fold) -> None:
    """Knowing nothing of the rater it begins with the best pair of the prior; no pair twice."""
    learner = Noting(ours.personal(fold))
    active_curve(learner, trial_of(fold, 0), (25,), "ann", 0)
    left, right = learner.last.left, learner.last.right
    assert len({frozenset(pair) for pair in zip(left.tolist(), right.tolist(), strict=True)}) == 25
    gains = Pool.of(fold.crowd, prior(fold.crowd), fold.embeddings[:SHOTS]).gains()
    assert gains[left[0], right[0]] == gains.max()


@pytest.mark.parametrize("seed", range(3))
def test_pairs_it_asks_for_leave_less_doubt_than_random_ones(fold: Fold, seed: int) -> None:
    """Of photos that were never shown; after ten pairs each, from the same person."""
    trial = trial_of(fold, seed)
    doubts = []
    for rule in (active_curve, random_curve):
        learner = Noting(ours.with_usual_trust(fold))
        rule(learner, trial, (10,), "ann", seed)
        said = learner.last
        evidence = Evidence(said.left, said.right, said.outcomes, np.ones(10))
        trust = fold.crowd.taste.trust
        head = fit_personal(fold.crowd, fold.embeddings, evidence, trust=trust)
        _, covariance = joint_utilities(fold.crowd, head, fold.embeddings[SHOTS:])
        doubts.append(np.trace(covariance) - covariance.sum() / TESTED)
    assert doubts[0] < 0.95 * doubts[1]
