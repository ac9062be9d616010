"""What more choices would bring, and how far a person agrees with themselves."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from photoaesth.learning.heldout import right

Floats = NDArray[np.float64]

SHARES = (0.25, 0.5, 1.0)
"""Of the choices, at which the learning curve is measured."""
POINT = 0.01  # of agreement: less is not worth anybody's evening
# How b of the power law varies between people: mean and standard deviation. Three points of one
# curve say less about it than that does, before there are hundreds of choices.
_USUAL_SLOPE = (0.2, 0.3)
_SURE = 1.282  # standard deviations: what is said holds with a chance of 90 %


@dataclass(frozen=True, slots=True)
class Consistency:
    """How far a person agrees with themselves.

    Attributes:
        pairs: pairs of photos that were answered more than once.
        agreement: how likely two answers to the same pair agree, in [0, 1].
    """

    pairs: int
    agreement: float


@dataclass(frozen=True, slots=True)
class Outlook:
    """How much more choices would likely help.

    Attributes:
        verdict: `more` choices help, there are `enough`, or the data is `unclear`.
        choices: with `more`, how many would likely add one point of agreement.
        curve: choices learned from, mean over the folds, and held-out accuracy after them.
    """

    verdict: Literal["more", "enough", "unclear"]
    choices: int | None
    curve: tuple[tuple[float, float], ...]


def consistency(answers: Iterable[tuple[int, int, float]]) -> Consistency | None:
    """Compare answers to the same pair, whichever side its photos stood on.

    Two answers that are the same agree, a tie and a choice agree half. Every pair counts the
    same, however often it was asked.

    Args:
        answers: left and right photo; 1 for left, 0 for right, ½ for a tie.

    Returns:
        None when no pair was answered twice.
    """
    by_pair: dict[tuple[int, int], list[float]] = defaultdict(list)
    for left, right_photo, outcome in answers:
        if left < right_photo:
            by_pair[left, right_photo].append(outcome)
        else:
            by_pair[right_photo, left].append(1 - outcome)
    shares = [
        np.mean([1 - abs(one - other) for one, other in combinations(outcomes, 2)])
        for outcomes in by_pair.values()
        if len(outcomes) > 1
    ]
    return Consistency(len(shares), float(np.mean(shares))) if shares else None


def outlook(
    sizes: Floats,
    probabilities: Floats,
    outcomes: Floats,
    *,
    choices: int,
) -> Outlook:
    """Extrapolate held-out agreement to more choices.

    Agreement after n choices is taken to be a - b / √n, the rate at which the mean of n noisy
    answers approaches what is true. The least-squares b of the measured curve, with its variance
    over the held-out pairs, is combined with what is usual between people, both as normal
    distributions. Something is said only where it holds with a chance of 90 %, and only up to
    twice as many choices: further out no curve of three points tells anything.

    Args:
        sizes: `(S,)` mean number of choices learned from, ascending.
        probabilities: `(S, M)` of the left photo of each held-out pair, after so many.
        outcomes: `(M,)` 1 for left, 0 for right, ½ for a tie.
        choices: how many there are in all: where the extrapolation starts.
    """
    hits = np.stack([right(row, outcomes) for row in probabilities])
    curve = tuple(zip(sizes.tolist(), hits.mean(1).tolist(), strict=True))
    if sizes[0] < 1:
        return Outlook("unclear", None, curve)
    slope, doubt = _slope(sizes, hits)
    if _gain(slope + _SURE * doubt, choices, choices) < POINT:
        return Outlook("enough", None, curve)
    if slope <= _SURE * doubt or _gain(slope, choices, choices) < POINT:
        return Outlook("unclear", None, curve)
    # a - b / √(n + k) less a - b / √n is one point
    needed = (1 / (1 / np.sqrt(choices) - POINT / slope)) ** 2 - choices
    return Outlook("more", _rounded(needed), curve)


def _slope(sizes: Floats, hits: Floats) -> tuple[float, float]:
    """Return mean and standard deviation of b, given `(S, M)` hits after `(S,)` choices."""
    x = -(sizes**-0.5)
    x = (x - x.mean()) / ((x - x.mean()) ** 2).sum()
    by_pair = x @ hits  # the least-squares b is their mean
    mean, deviations = by_pair.mean(), by_pair - by_pair.mean()
    # As if one more pair had changed once: a few pairs that never change do not end all doubt.
    variance = (deviations @ deviations + x @ x) / len(by_pair) ** 2
    usual, spread = _USUAL_SLOPE
    weight = spread**2 / (spread**2 + variance)
    return float(weight * mean + (1 - weight) * usual), float(np.sqrt(weight * variance))


def _gain(slope: float, choices: int, more: int) -> float:
    return float(slope * (choices**-0.5 - (choices + more) ** -0.5))


def _rounded(count: float) -> int:
    step = 10 if count < 100 else 50
    return max(step, step * round(count / step))
