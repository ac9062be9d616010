from dataclasses import replace

import numpy as np

from photoaesth.learning.evaluation.baselines import METHODS

from .conftest import COMPARED, World


def test_tastes_that_raters_share_are_learned_from_few_choices(world: World) -> None:
    """Raters differ in green, none in blue: ten choices teach the one far better than the other."""
    learn = METHODS["fpmf"](world.fold)

    def gained(quality: int) -> float:
        """How much of a quality ten choices for it put into the scores."""
        taste = world.qualities[:, quality]
        moved = learn(world.choose(10, utility=taste)).score - learn(world.choose(0)).score
        return float(np.polyfit(taste, moved, 1)[0])

    assert gained(1) > 3 * abs(gained(2))
    assert gained(1) > 0.3


def test_the_crowds_opinion_does_not_depend_on_the_raters_levels(world: World) -> None:
    """A rater who gives two points less to everything is no sign of worse photos."""
    ratings = world.fold.ratings
    strict = (ratings.rater % 2 == 0) & (ratings.photo % 2 == 0)
    kept = ratings.where((ratings.rater % 2 == 1) | strict)
    kept.score[kept.rater % 2 == 0] -= 2  # the strict raters saw only the even photos
    everybody = METHODS["fpmf"](world.fold)(world.choose(0)).score
    biased = METHODS["fpmf"](replace(world.fold, ratings=kept))(world.choose(0)).score
    assert np.corrcoef(everybody[COMPARED], biased[COMPARED])[0, 1] > 0.95
