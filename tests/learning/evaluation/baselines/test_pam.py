from dataclasses import replace

import numpy as np
from scipy.special import expit

from photoaesth.learning.evaluation.baselines import METHODS
from photoaesth.learning.evaluation.baselines.inputs import generic_scores
from photoaesth.learning.evaluation.baselines.strengths import CHOICE_SLOPE

from .conftest import TEST, World, agreement


def test_a_taste_that_is_not_linear_is_learned(world: World) -> None:
    """Who likes neither much nor little red is understood by the RBF kernel, not by a line."""
    medium = -4 * np.abs(world.qualities[:, 0])
    choices = world.choose(200, utility=medium)
    assert agreement(METHODS["pam"](world.fold)(choices), medium, TEST) > 0.6
    assert agreement(METHODS["r-svm"](world.fold)(choices), medium, TEST) < 0.4


def test_answers_as_the_crowd_would_give_them_leave_the_generic_scores(world: World) -> None:
    """Where nothing surprises, the offset to regress is 0 everywhere."""
    generic = generic_scores(world.fold)
    choices = world.choose(30)
    ahead = generic[choices.left] - generic[choices.right]
    expected = replace(choices, outcomes=expit(CHOICE_SLOPE * ahead))
    np.testing.assert_allclose(METHODS["pam"](world.fold)(expected).score, generic, atol=1e-3)
