from dataclasses import replace

import numpy as np
import pytest

from photoaesth.learning.crowd import OPINIONS
from photoaesth.learning.evaluation.baselines import METHODS
from photoaesth.learning.evaluation.method import Choices

from .conftest import World

# Photos on a line, of which the second opinion says nothing.
POSITIONS = np.pad(np.array([[0.0], [1.0], [10.0]], np.float32), ((0, 0), (0, OPINIONS)))


def lead(world: World, left: list[int], right: list[int], outcomes: list[float]) -> float:
    """How far photo 1 leads photo 0 when the photos lie on a line, which is the one weight."""
    fold = replace(world.fold, embeddings=POSITIONS)
    pairs = np.array([left, right])
    learned = METHODS["r-svm"](fold)(Choices(np.arange(3), *pairs, np.array(outcomes)))
    return float(learned.score[1] - learned.score[0])


@pytest.mark.parametrize(("right_answers", "expected"), [(0, 1.0), (3, 1.0), (9, -1.0)])
def test_the_margin_is_one_where_choices_agree(
    right_answers: int, expected: float, world: World
) -> None:
    """½ w² + 6 max(0, 1 - w) + n max(0, 1 + w) has its minimum at ±1, for n ≤ 5 or n ≥ 7."""
    answers = [1.0] * 6 + [0.0] * right_answers
    count = len(answers)
    assert lead(world, [1] * count, [0] * count, answers) == pytest.approx(expected, abs=0.02)


def test_a_tie_weighs_half_on_either_side(world: World) -> None:
    """Six choices pull up by 6, a tie over 10 pulls back by 10 / 2: w is 1; by 10 it were .1."""
    assert lead(world, [1] * 6 + [2], [0] * 7, [1.0] * 6 + [0.5]) == pytest.approx(1, abs=0.02)
