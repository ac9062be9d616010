from dataclasses import replace

import numpy as np
import pytest

from photoaesth.errors import PhotoaesthError
from photoaesth.learning.evaluation.baselines.inputs import (
    preferences,
    rated_photos,
    scientific,
    standardised,
)
from photoaesth.learning.evaluation.method import Choices, Ratings

from .conftest import World


def test_ties_stand_in_the_preferences_both_ways_at_half_weight() -> None:
    """A left win, a right win and a tie become 1, 1 and ½ + ½."""
    pairs = np.array([[10, 20, 30], [11, 21, 31]])
    winner, loser, weight = preferences(Choices(pairs.ravel(), *pairs, np.array([1.0, 0.0, 0.5])))
    found = set(zip(winner.tolist(), loser.tolist(), weight.tolist(), strict=True))
    assert found == {(10, 11, 1.0), (21, 20, 1.0), (30, 31, 0.5), (31, 30, 0.5)}


def test_ratings_become_distributions_on_ten_bins(world: World) -> None:
    """On a scale from 2 to 4, 3 is 5.5, 4 is 10; the mean of 2 and 4 is 5.5 again."""
    ratings = Ratings(np.arange(4), np.array([9, 5, 7, 5]), np.array([3.0, 2.0, 4.0, 4.0]))
    rated = rated_photos(replace(world.fold, ratings=ratings), "nima")
    np.testing.assert_array_equal(rated.photo, [5, 7, 9])
    np.testing.assert_allclose(rated.score, [5.5, 10, 5.5])
    np.testing.assert_allclose(rated.distribution[0], [0.5, *[0] * 8, 0.5])


def test_ratings_without_differences_are_refused(world: World) -> None:
    """From ratings that are all 3 nothing can be learned, and the line says so."""
    ratings = Ratings(np.arange(2), np.arange(2), np.full(2, 3.0))
    with pytest.raises(PhotoaesthError, match=r"mlsp cannot learn from crowd ratings .* all 3"):
        rated_photos(replace(world.fold, ratings=ratings), "mlsp")


def test_features_are_measured_on_rated_photos_alone() -> None:
    """Photos under test are shifted and scaled by the others' mean and deviation."""
    features = np.array([[1.0], [3.0], [100.0]])
    found = standardised(features, np.array([0, 1]))
    np.testing.assert_allclose(found.ravel(), [-1, 1, 98], rtol=1e-4)


def test_patches_share_their_statistics() -> None:
    """Mean and deviation are those of all patches of all rated photos."""
    patches = np.array([[[0.0], [2.0]], [[4.0], [6.0]]])
    found = standardised(patches, np.array([0, 1]))
    assert found.shape == patches.shape
    np.testing.assert_allclose(found.ravel(), np.array([-3, -1, 1, 3]) / np.sqrt(5), rtol=1e-4)


def test_a_scientific_module_that_is_there_is_returned() -> None:
    """The module itself, not a stand-in."""
    import scipy.optimize

    assert scientific("scipy.optimize") is scipy.optimize
