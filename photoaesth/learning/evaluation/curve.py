"""Agreement over the number of pairs, asked at random or by what a method would learn most from.

Both rules draw from the shots without seeing scores; equal scores are answered as ties.
"""

from collections.abc import Sequence

import numpy as np

from photoaesth.learning.evaluation.method import Choices, Learner
from photoaesth.learning.evaluation.protocol import Figures, Trial, judge, rng_for, shuffled_pairs

ROUND = 10  # answers between two full fits of an active method


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
    """Return the figures after so many pairs that the method itself asked for, one at a time.

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
    # Whether it proposes is seen from what it learned, and some cannot learn from nothing.
    some = slice(min(ROUND, *counts))
    if learner(trial.answer(first[some], second[some])).proposal is None:
        return None
    asked: list[tuple[int, int]] = []
    learned = learner(_answers(trial, asked))
    figures: dict[int, Figures] = {}
    for count in sorted(counts):
        wanted = min(count, len(first))
        while len(asked) < wanted:
            assert learned.proposal is not None
            asked.append(learned.proposal(_answers(trial, asked), rng))
            if len(asked) % ROUND == 0 or len(asked) == wanted:
                learned = learner(_answers(trial, asked))
        figures[count] = judge(learned, trial)
    return figures


def _answers(trial: Trial, asked: Sequence[tuple[int, int]]) -> Choices:
    first, second = np.array(asked, dtype=np.int64).reshape(-1, 2).T
    return trial.answer(first, second)
