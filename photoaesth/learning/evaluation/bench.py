"""One process's share of an evaluation: it meets raters, and keeps what it learned last."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from photoaesth.errors import PhotoaesthError
from photoaesth.learning.evaluation import methods
from photoaesth.learning.evaluation.crowds import Crowd
from photoaesth.learning.evaluation.curve import active_curve, random_curve
from photoaesth.learning.evaluation.journal import RaterResult
from photoaesth.learning.evaluation.method import Fold, Indices, Learner, Pairs, Ratings
from photoaesth.learning.evaluation.protocol import (
    Figures,
    Protocol,
    RaterUnderTest,
    Trial,
    draw_trial,
    draw_unequal,
    judge,
    rng_for,
)


@dataclass(frozen=True, slots=True)
class Setting:
    """What stays the same through an evaluation; every process gets it once.

    Attributes:
        paths: N files.
        features: `(N, F)` float32.
        crowds: each split's crowd model; None for a split without raters.
        ratings: what these were learned from; None for the shipped one.
        protocol: what is asked of the raters.
        device: torch device.
        infer: see `Fold`; it must be a function that another process can import.
    """

    paths: tuple[Path, ...]
    features: NDArray[np.float32]
    crowds: tuple[Crowd | None, ...]
    ratings: tuple[Ratings | None, ...]
    protocol: Protocol
    device: str
    infer: Callable[[Pairs], Pairs]


@dataclass(frozen=True, slots=True)
class Job:
    """Testing one method on one rater.

    Attributes:
        split: whose crowd model.
        method: name of the method.
        rater: who.
    """

    split: int
    method: str
    rater: RaterUnderTest


class Bench:
    """Does jobs one after the other; what a method learned of a fold serves all its raters."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._learner: tuple[tuple[int, str], Learner] | None = None

    def do(self, job: Job) -> RaterResult:
        """Return what became of a rater.

        Raises:
            PhotoaesthError: a method cannot be used at all; what only fails for a rater is
                part of the result.
        """
        protocol, rater = self._setting.protocol, job.rater
        result = RaterResult({})
        for shots in protocol.shots:
            trial = draw_trial(rater, shots, protocol.seed)
            if isinstance(trial, str):
                result.shots[shots] = trial
                continue
            learner = self._learner_for(job)
            choices = draw_unequal(trial, protocol.pairs, rng_for(rater.name, protocol.seed, shots))
            try:
                result.shots[shots] = judge(learner(choices), trial)
                if shots == max(protocol.shots) and protocol.curve:
                    result.curve.update(self._curves(learner, trial, rater.name))
            except PhotoaesthError as error:
                result.shots[shots] = str(error)
        return result

    def _curves(self, learner: Learner, trial: Trial, rater: str) -> dict[str, dict[int, Figures]]:
        protocol = self._setting.protocol
        curves = {
            "random": random_curve(learner, trial, protocol.curve, rater, protocol.seed),
            "active": active_curve(learner, trial, protocol.curve, rater, protocol.seed),
        }
        return {rule: curve for rule, curve in curves.items() if curve is not None}

    def _learner_for(self, job: Job) -> Learner:
        key = (job.split, job.method)
        if self._learner is None or self._learner[0] != key:
            self._learner = None  # a network that is not needed any more makes room first
            self._learner = (key, methods.find_method(job.method)(self._fold(job.split)))
        return self._learner[1]

    def _fold(self, split: int) -> Fold:
        setting, crowd = self._setting, self._setting.crowds[split]
        assert crowd is not None
        return Fold(
            paths=setting.paths,
            features=setting.features,
            embeddings=crowd.embeddings,
            crowd=crowd.model,
            ratings=setting.ratings[split] or _NO_RATINGS,
            device=setting.device,
            seed=setting.protocol.seed,
            infer=setting.infer,
        )


_NOTHING: Indices = np.empty(0, dtype=np.int64)
_NO_RATINGS = Ratings(_NOTHING, _NOTHING, np.empty(0))
