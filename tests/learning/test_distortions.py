from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from photoaesth.learning.distortions import distort

Pictures = Callable[..., Image.Image]


def many(image: Image.Image, count: int = 60) -> list[np.ndarray]:
    return [np.asarray(distort(image, np.random.default_rng(seed))) for seed in range(count)]


def test_copies_keep_size_and_mode(picture: Pictures) -> None:
    """Copies are RGB images of the same size; nearly all differ, and the original is untouched."""
    image = picture(240, 160)
    before = np.asarray(image).copy()
    copies = many(image)
    for copy in copies:
        assert copy.shape == (160, 240, 3)
        assert copy.dtype == np.uint8
    assert sum((copy != before).any() for copy in copies) >= 57  # some changes are too small
    np.testing.assert_array_equal(np.asarray(image), before)


def test_the_generator_decides(picture: Pictures) -> None:
    """The same seed makes the same copy."""
    image = picture(240, 160)
    for a, b in zip(many(image, 12), many(image, 12), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("level", [0, 255])
def test_values_do_not_wrap(level: int) -> None:
    """Black never turns white, nor white black, however strong the change."""
    image = Image.new("RGB", (20, 20), (level, level, level))
    for copy in many(image):
        assert np.abs(copy.astype(int) - level).mean() < 200


def kind(copy: np.ndarray) -> str:
    """Tell from a copy of a picture in two greys, 64 and 192, what was done to it."""
    colours = np.unique(copy.reshape(-1, 3), axis=0).astype(int)
    if len(colours) > 2:
        return "noise" if copy.min() < 64 else "blur"
    if np.ptp(colours, axis=1).any():
        return "cast"
    dark, bright = colours[:, 0]
    if (dark, bright) == (64, 192):
        return "saturation"  # greys have none to lose
    return "exposure" if (dark > 64) == (bright > 192) else "contrast"


def test_every_kind_of_change_occurs() -> None:
    """Among 60 copies there are all six: light, cast, saturation, contrast, noise and blur."""
    greys = np.full((160, 240, 3), 64, np.uint8)
    greys[:, 120:] = 192
    kinds = {kind(copy) for copy in many(Image.fromarray(greys))}
    assert kinds == {"exposure", "cast", "saturation", "contrast", "noise", "blur"}


def test_changes_go_both_ways(picture: Pictures) -> None:
    """Some copies are clearly darker, greyer or flatter than the original, some the opposite."""
    image = picture(60, 40)

    def traits(pixels: np.ndarray) -> np.ndarray:
        light = pixels.mean(2)
        return np.array([light.mean(), np.ptp(pixels.astype(float), axis=2).mean(), light.std()])

    before = traits(np.asarray(image))
    changes = np.array([traits(copy) / before - 1 for copy in many(image)])
    assert (changes.min(0) < -0.15).all()
    assert (changes.max(0) > 0.15).all()
