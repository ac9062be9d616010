"""A small copy: what edits look like on it, how far apart they are, what they are worth."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray

from photoaesth.enhance.operations import apply, to_vector
from photoaesth.enhance.small_photo import SmallPhoto, scored_by

BRIGHTER = {"exposure": 0.5}


@pytest.fixture
def pixels() -> NDArray[np.uint8]:
    rows, columns = np.mgrid[0:96, 0:128]
    return np.stack([rows * 2, columns, 200 - rows], axis=2).astype(np.uint8)


def test_without_an_edit_the_pixels_come_back(pixels: NDArray[np.uint8]) -> None:
    """Nothing is lost on the way through tensors and pictures."""
    photo = SmallPhoto(pixels)
    assert_array_equal(photo.edited({}), pixels)
    assert_array_equal(np.asarray(photo.picture), pixels)
    assert photo.half.shape == (3, 48, 64)
    assert_allclose(photo.half.mean((1, 2)), pixels.mean((0, 1)) / 255, rtol=1e-4)


def test_an_edit_is_what_the_operations_make(pixels: NDArray[np.uint8]) -> None:
    """Its pixels are those of `apply`, rounded to eight bits."""
    photo = SmallPhoto(pixels)
    wanted = apply(photo.image[None], to_vector(BRIGHTER)[None])[0].permute(1, 2, 0) * 255
    assert_allclose(photo.edited(BRIGHTER), wanted, atol=0.5)


def test_edits_are_as_far_apart_as_they_look(pixels: NDArray[np.uint8]) -> None:
    """An edit is nothing away from itself, and farther the more is changed; either way round."""
    photo = SmallPhoto(pixels)
    assert photo.difference(BRIGHTER, BRIGHTER) < 1e-3
    little, much = (photo.difference({}, {"exposure": value}) for value in (0.1, 0.5))
    assert 0 < little < much
    assert photo.difference(BRIGHTER, {}) == pytest.approx(much)


def test_nearness_is_minus_the_difference(pixels: NDArray[np.uint8]) -> None:
    """Of each of several edits, and greatest at the wanted one."""
    photo = SmallPhoto(pixels)
    tried = [{}, {"exposure": 0.3}, BRIGHTER]
    edits = apply(photo.compared[None], torch.stack([to_vector(one) for one in tried]))
    nearness = photo.nearness_to(BRIGHTER)(edits)
    assert_allclose(nearness, [-photo.difference(one, BRIGHTER) for one in tried], atol=1e-4)
    assert nearness.argmax() == 2


def test_scores_of_pixels_are_rewards_of_images(pixels: NDArray[np.uint8]) -> None:
    """The score sees eight-bit arrays, one for each image."""
    reward = scored_by(lambda arrays: np.array([array.mean() for array in arrays]))
    image = SmallPhoto(pixels).image
    found = reward(torch.stack([image, torch.ones_like(image)]))
    assert_allclose(found, [pixels.mean(), 255], rtol=1e-5)
