"""Which choices are held out together, so that nothing that could leak is learned from.

Photos are cut into blocks by capture time, and a choice is held out with the block of one of its
photos. The model that predicts it has seen no photo of either one's group. Where it is for photos
that were never compared, it has seen neither photo, and nothing else of that block: of that hour,
or that day. Where it is for an album that was compared throughout, it may know the photos from
other choices, as it will when it is used.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from photoaesth.learning.metrics import log_loss, pairwise_accuracy, wilson_interval

FOLDS = 20  # so many that most choices are left to learn from, whatever has to be hidden
_FEWEST = 5
_SLACK = 0.25  # of a block: how far a cut may move to meet a longer break

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Fold:
    """Choices to predict, and what the model that predicts them may not have seen.

    Attributes:
        held_out: places of the choices among all of them, ascending.
        tested: the pairs of photos that these are about, the smaller id first.
        hidden: photos of which no comparison may be learned from.
    """

    held_out: tuple[int, ...]
    tested: frozenset[Pair]
    hidden: frozenset[int]

    def allows(self, left: int, right: int) -> bool:
        """Return whether a comparison of two photos may be learned from."""
        seen = left not in self.hidden and right not in self.hidden
        return seen and _unordered((left, right)) not in self.tested


@dataclass(frozen=True, slots=True)
class Agreement:
    """How well two models predict choices that they had not seen.

    Attributes:
        pairs: decided pairs; ties count in the log losses only.
        generic: pairwise accuracy of the generic model, in [0, 1].
        personal: pairwise accuracy of the personal model, in [0, 1].
        interval: 95 % interval of the personal accuracy (Wilson).
        gain_interval: 95 % interval of personal less generic accuracy, paired.
        generic_log_loss: nats per choice; a coin has 0.693.
        personal_log_loss: nats per choice.
    """

    pairs: int
    generic: float
    personal: float
    interval: tuple[float, float]
    gain_interval: tuple[float, float]
    generic_log_loss: float
    personal_log_loss: float

    @property
    def personal_wins(self) -> bool:
        """Whether the personal model has the lower log loss, also against a coin.

        The generic model is surer than erratic choices deserve: against it alone, a model that
        has learned no more than to doubt would win.
        """
        return self.personal_log_loss < min(self.generic_log_loss, math.log(2))


def split_by_time(
    pairs: Sequence[Pair],
    taken_at: Mapping[int, datetime | None],
    groups: Mapping[int, int],
    *,
    new_photos: bool = True,
    seed: int = 0,
) -> list[Fold]:
    """Hold out every choice once.

    The compared photos, in the order they were taken, are cut into blocks, at the longest breaks
    near equal shares and never within a group. Photos without a time are dealt out. A choice is
    held out with the block of one of its two photos, the one that keeps the folds even. Hidden
    from its fold's model are all groups that the choices held out with it touch.

    Args:
        pairs: photo ids of M choices and ties; repeats of a pair share a fold.
        taken_at: capture time of every photo in them; None where it is not known.
        groups: the group, a burst for instance, of every photo that is in one.
        new_photos: also hide the block, and the photos of the choices held out with it.
        seed: deals out photos without a time, and choices.

    Returns:
        At most `FOLDS` folds; none when there are fewer than five different pairs, or moments to
        part them by.
    """
    rng = np.random.default_rng(seed)
    different = sorted({_unordered(pair) for pair in pairs})
    moments = _moments({photo for pair in different for photo in pair}, groups)
    if min(len(different), len(moments)) < _FEWEST:
        return []
    blocks = _blocks(moments, min(FOLDS, len(moments)), taken_at, rng)
    fold_of = _deal(different, blocks, rng)
    frames: dict[int, list[int]] = {}
    for photo, group in groups.items():
        frames.setdefault(group, []).append(photo)
    folds = []
    for number, block in enumerate(blocks):
        held_out = [
            place for place, pair in enumerate(pairs) if fold_of[_unordered(pair)] == number
        ]
        tested = {_unordered(pairs[place]) for place in held_out}
        shown = {photo for pair in tested for photo in pair}
        hidden = {frame for p in shown if p in groups for frame in frames[groups[p]]}
        if new_photos:
            hidden.update(shown, block)
        folds.append(Fold(tuple(held_out), frozenset(tested), frozenset(hidden)))
    return [fold for fold in folds if fold.held_out]


def measure(
    generic: NDArray[np.float64], personal: NDArray[np.float64], outcomes: NDArray[np.float64]
) -> Agreement | None:
    """Compare two models' `(M,)` probabilities of the left photo with `(M,)` outcomes.

    Returns:
        None when all outcomes are ties, which say nothing about agreement.
    """
    decided = int((outcomes != 0.5).sum())
    if not decided:
        return None
    accuracy = pairwise_accuracy(personal, outcomes)
    return Agreement(
        pairs=decided,
        generic=pairwise_accuracy(generic, outcomes),
        personal=accuracy,
        interval=wilson_interval(accuracy, decided),
        gain_interval=gain_interval(right(generic, outcomes), right(personal, outcomes)),
        generic_log_loss=log_loss(generic, outcomes),
        personal_log_loss=log_loss(personal, outcomes),
    )


def right(probabilities: NDArray[np.float64], outcomes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 1 for each decided pair predicted right, 0 for wrong, ½ for undecided predictions."""
    decided = outcomes != 0.5
    return np.asarray((1 + np.sign(probabilities - 0.5) * np.sign(outcomes - 0.5))[decided] / 2)


def gain_interval(first: NDArray[np.float64], second: NDArray[np.float64]) -> tuple[float, float]:
    """Return the 95 % interval of how much more often the second is right on the same pairs.

    Agresti & Min 2005, "Simple improved confidence intervals for comparing matched proportions":
    Wald's interval after half an observation is added to each of the four outcomes.

    Args:
        first: `(M,)` 1 for right, 0 for wrong.
        second: `(M,)` likewise.

    Returns:
        Within [-1, 1].
    """
    count = len(first) + 2
    won = float(np.maximum(second - first, 0).sum()) + 0.5
    lost = float(np.maximum(first - second, 0).sum()) + 0.5
    middle = (won - lost) / count
    reach = 1.959964 * math.sqrt(won + lost - (won - lost) ** 2 / count) / count
    return max(-1.0, middle - reach), min(1.0, middle + reach)


def _moments(photos: Iterable[int], groups: Mapping[int, int]) -> list[list[int]]:
    """Return the photos, those of a group together."""
    together: dict[tuple[bool, int], list[int]] = {}
    for photo in sorted(photos):
        together.setdefault((photo in groups, groups.get(photo, photo)), []).append(photo)
    return list(together.values())


def _blocks(
    moments: Sequence[list[int]],
    count: int,
    taken_at: Mapping[int, datetime | None],
    rng: np.random.Generator,
) -> list[list[int]]:
    timed: list[tuple[datetime, list[int]]] = []
    untimed: list[list[int]] = []
    for moment in moments:
        time = taken_at[moment[0]]
        if time is None:
            untimed.append(moment)
        else:
            timed.append((time.replace(tzinfo=None), moment))
    timed.sort()
    cuts = [0, *_cuts([time for time, _ in timed], count), len(timed)]
    blocks = [[p for _, m in timed[start:stop] for p in m] for start, stop in pairwise(cuts)]
    for number in rng.permutation(len(untimed)):
        min(blocks, key=len).extend(untimed[number])
    return blocks


def _cuts(times: Sequence[datetime], count: int) -> list[int]:
    """Return where to cut ascending times: at the longest breaks near equal shares."""
    share = len(times) / count
    cuts: list[int] = []
    for number in range(1, count):
        low = max(round((number - _SLACK) * share), 1 + max(cuts, default=0))
        near = range(low, min(round((number + _SLACK) * share), len(times) - 1) + 1)
        cuts.append(max(near, key=lambda n: times[n] - times[n - 1], default=min(low, len(times))))
    return cuts


def _deal(
    pairs: Sequence[Pair], blocks: Sequence[Iterable[int]], rng: np.random.Generator
) -> dict[Pair, int]:
    """Return the block that each pair is held out with, one that a photo of it is in."""
    block_of = {photo: number for number, block in enumerate(blocks) for photo in block}
    sizes = [0] * len(blocks)
    fold_of = {}
    for number in rng.permutation(len(pairs)):
        fold = min((block_of[photo] for photo in pairs[number]), key=sizes.__getitem__)
        sizes[fold] += 1
        fold_of[pairs[number]] = fold
    return fold_of


def _unordered(pair: Pair) -> Pair:
    return min(pair), max(pair)
