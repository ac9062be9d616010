"""Made-up raters with linear tastes, and methods that stand in for the real ones."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from photoaesth.learning.evaluation import methods
from photoaesth.learning.evaluation.bench import Setting
from photoaesth.learning.evaluation.crowds import Crowd
from photoaesth.learning.evaluation.method import (
    Choices,
    Fold,
    Learned,
    Learner,
    Ratings,
    infer_nothing,
)
from photoaesth.learning.evaluation.protocol import Protocol
from photoaesth.learning.evaluation.rating_files import Study

PHOTOS, RATERS, FEATURES = 60, 30, 9


@dataclass
class Seen:
    """Everything that reached a method, in the order it came."""

    folds: list[Fold] = field(default_factory=list)
    choices: list[Choices] = field(default_factory=list)


def all_ratings(scores: np.ndarray) -> Ratings:
    """Everybody's score of every photo, from a `(raters, photos)` table."""
    rater, photo = np.indices(scores.shape).reshape(2, -1)
    return Ratings(rater, photo, scores.ravel().astype(np.float64))


@pytest.fixture
def features() -> np.ndarray:
    return np.random.default_rng(1).normal(size=(PHOTOS, FEATURES)).astype(np.float32)


@pytest.fixture
def scores(features: np.ndarray) -> np.ndarray:
    """Scores 1 to 7 of every rater for every photo, by a taste of their own and some noise."""
    rng = np.random.default_rng(2)
    utility = rng.normal(size=(RATERS, FEATURES)) @ features.T
    utility += rng.normal(size=utility.shape)
    return np.clip(np.round(4 + utility / 2), 1, 7)


@pytest.fixture
def make_study() -> Callable[..., Study]:
    """Make a study of tables of scores; the test file is the train file unless given."""

    def make(
        train: np.ndarray, test: np.ndarray | None = None, crowd: Ratings | None = None
    ) -> Study:
        ratings = all_ratings(train)
        return Study(
            raters=tuple(f"r{number:02}" for number in range(len(train))),
            photos=tuple(f"p{number:02}.jpg" for number in range(train.shape[1])),
            train=ratings,
            test=ratings if test is None else all_ratings(test),
            crowd=crowd,
        )

    return make


@pytest.fixture
def make_setting(features: np.ndarray) -> Callable[..., Setting]:
    """Make the setting for splits whose crowds were learned from these ratings.

    The crowd models are stand-ins, each with embeddings of its own: to the evaluation itself they
    are opaque.
    """

    def make(protocol: Protocol, ratings: tuple[Ratings | None, ...] = (None,)) -> Setting:
        paths = tuple(Path(f"p{number:02}.jpg") for number in range(len(features)))
        model: Any = SimpleNamespace(name="stand-in")
        crowds = tuple(Crowd(model, features + place) for place in range(len(ratings)))
        return Setting(paths, features, crowds, ratings, protocol, "cpu", infer_nothing)

    return make


@pytest.fixture
def linear(monkeypatch: pytest.MonkeyPatch) -> Seen:
    """Offer the methods `linear`, which learns a direction, and `blind`; note what they see."""
    seen = Seen()

    def method(fold: Fold) -> Learner:
        seen.folds.append(fold)

        def learn(choices: Choices) -> Learned:
            seen.choices.append(choices)
            rows = fold.features
            ahead = rows[choices.left] - rows[choices.right]
            utility = rows @ ((choices.outcomes - 0.5) @ ahead)

            def probability(left: np.ndarray, right: np.ndarray) -> np.ndarray:
                return 1 / (1 + np.exp(utility[right] - utility[left]))

            def proposal(choices: Choices, rng: np.random.Generator) -> tuple[int, int]:
                asked = {frozenset(pair) for pair in zip(choices.left, choices.right, strict=True)}
                while True:
                    left, right = rng.choice(len(choices.shots), 2, replace=False).tolist()
                    if {choices.shots[left], choices.shots[right]} not in asked:
                        return left, right

            return Learned(utility, probability, proposal)

        return learn

    def blind(fold: Fold) -> Learner:
        return lambda choices: Learned(np.zeros(len(fold.paths)))

    known = {"linear": method, "blind": blind}
    monkeypatch.setattr(methods, "known_methods", lambda: known)
    return seen
