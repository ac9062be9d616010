"""Agreement over the number of pairs, asked at random or by what a method would learn most from.

Both rules draw from the shots without seeing scores; equal scores are answered as ties.
"""

from collections.abc import Sequence

import numpy as np

from photoaesth.learning.evaluation.method import Indices, Learner
from photoaesth.learning.evaluation.protocol import Figures, Trial, judge, rng_for, shuffled_pairs

ROUND = 10  # pairs asked before an active method is fitted anew
_CANDIDATES = 2000


def random_curve(
    learner: Learner, trial: Trial, counts: Sequence[int], rater: str, seed: int
) -> dict[int, Figures]:
    """Return the figures after so many random pairs, each count's among those of the next.

    Args:
        learner: the method.
        trial: the rater's shots and test photos.
        counts: numbers of pairs; one that is more than there are stands for all.
        rater: whose; decides the draw, with the seed.
        seed: decides the draw.
    """
    rng = rng_for(rater, seed, len(trial.shots))
    first, second = shuffled_pairs(len(trial.shots), rng)
    return {
        count: judge(learner(trial.answer(first[:count], second[:count])), trial)
        for count in counts
    }


def active_curve(
    learner: Learner, trial: Trial, counts: Sequence[int], rater: str, seed: int
) -> dict[int, Figures] | None:
    """Return the figures after so many pairs that the method itself asked for.

    The first round is random, the same as in `random_curve`. Before each further round the
    method, fitted to the answers so far, rates the pairs not asked yet.

    Args:
        learner: the method.
        trial: the rater's shots and test photos.
        counts: numbers of pairs; one that is more than there are stands for all.
        rater: whose; decides the draw, with the seed.
        seed: decides the draw.

    Returns:
        None for a method that makes no proposals.
    """
    rng = rng_for(rater, seed, len(trial.shots))
    first, second = shuffled_pairs(len(trial.shots), rng)
    asked = np.arange(min(ROUND, *counts, len(first)))
    learned = learner(trial.answer(first[asked], second[asked]))
    if learned.proposal is None:
        return None
    figures: dict[int, Figures] = {}
    for count in sorted(counts):
        while (wanted := min(ROUND, min(count, len(first)) - len(asked))) > 0:
            assert learned.proposal is not None
            unasked = np.setdiff1d(np.arange(len(first)), asked)
            candidates = rng.permutation(unasked)[:_CANDIDATES]
            left, right = trial.shots[first[candidates]], trial.shots[second[candidates]]
            values = learned.proposal(left, right)
            best = candidates[np.argsort(-values, kind="stable")]
            asked = np.r_[asked, _spread(best, first, second, wanted)]
            learned = learner(trial.answer(first[asked], second[asked]))
        figures[count] = judge(learned, trial)
    return figures


def _spread(best: Indices, first: Indices, second: Indices, wanted: int) -> Indices:
    """Take the best pairs, no photo twice in a round as long as that is possible.

    Pairs that share a photo tell much the same, and a round learns nothing within itself.
    """
    taken: list[int] = []
    postponed: list[int] = []
    shown: set[int] = set()
    for pair in best.tolist():
        photos = {int(first[pair]), int(second[pair])}
        (postponed if photos & shown else taken).append(pair)
        if not photos & shown:
            shown |= photos
        if len(taken) == wanted:
            break
    return np.array((taken + postponed)[:wanted], dtype=np.int64)
