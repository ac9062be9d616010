"""Cross-validation on choices, with everything that could leak kept out of training."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photoaesth.domain import Comparison

FOLDS = 5


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Predictions for choices by models that had not seen them.

    Attributes:
        generic: `(M,)` probabilities of the left photo by the prior.
        personal: `(M,)` probabilities of the left photo by the fitted models.
        outcomes: `(M,)` 1 for left, 0 for right, ½ for a tie.
    """

    generic: NDArray[np.float64]
    personal: NDArray[np.float64]
    outcomes: NDArray[np.float64]


def cross_validate(
    answers: Sequence[Comparison],
    bursts: Mapping[int, int],
    fit_and_predict: Callable[
        [Sequence[Comparison], Sequence[Comparison]],
        tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]],
    ],
    *,
    seed: int = 0,
) -> HeldOut | None:
    """Predict every choice by a model fitted to the other folds.

    Repeats of a pair share a fold. Answers that touch a burst which the held-out fold touches
    too are left out of that fold's training, so that no burst is ever on both sides.

    Args:
        answers: direct choices and ties, no skips.
        bursts: burst of every photo that is in one.
        fit_and_predict: takes training and held-out answers; returns generic and personal
            probabilities and outcomes of the held-out ones. It infers what follows from the
            training answers by itself, and only from them.
        seed: decides the folds.

    Returns:
        None when there are fewer different pairs than folds.
    """
    pairs = sorted({_pair(answer) for answer in answers}, key=sorted)
    if len(pairs) < FOLDS:
        return None
    order = np.random.default_rng(seed).permutation(len(pairs))
    fold_of = {pairs[number]: place % FOLDS for place, number in enumerate(order)}
    parts = []
    for fold in range(FOLDS):
        held_out = [answer for answer in answers if fold_of[_pair(answer)] == fold]
        seen = {burst for answer in held_out for burst in _bursts_of(answer, bursts)}
        training = [
            answer
            for answer in answers
            if fold_of[_pair(answer)] != fold and not seen & _bursts_of(answer, bursts)
        ]
        parts.append(fit_and_predict(training, held_out))
    generic, personal, outcomes = (np.concatenate(part) for part in zip(*parts, strict=True))
    return HeldOut(generic, personal, outcomes)


def _pair(answer: Comparison) -> frozenset[int]:
    return frozenset((answer.left, answer.right))


def _bursts_of(answer: Comparison, bursts: Mapping[int, int]) -> set[int]:
    return {bursts[photo] for photo in (answer.left, answer.right) if photo in bursts}
