from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from photoaesth.learning.distortions import (
    blur,
    distort,
    noise,
    overexpose,
    to_display,
    to_linear,
)
from photoaesth.learning.rated import CHANGES, DAMAGES

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


@pytest.mark.parametrize(("width", "height"), [(800, 500), (500, 800)])
def test_blur_is_one_percent_of_the_long_side(width: int, height: int) -> None:
    """A thin line in 800 pixels spreads into a profile with a deviation of 8 of them."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[:, width // 2 - 2 : width // 2 + 2] = 255
    blurred = np.asarray(blur(Image.fromarray(pixels), np.random.default_rng(0)))
    profile = blurred[height // 2, :, 0].astype(float)
    places = np.arange(width) - (width - 1) / 2
    centre = profile @ places / profile.sum()
    sigma = np.sqrt(profile @ (places - centre) ** 2 / profile.sum())
    assert sigma == pytest.approx(8, rel=0.06)  # Pillow approximates by boxes; the line adds 1 %


def test_noise_has_a_deviation_of_25() -> None:
    """On mid grey the mean stays and the deviation is 25 of 255, apart in place and channel."""
    grey = Image.new("RGB", (200, 150), (128, 128, 128))
    error = np.asarray(noise(grey, np.random.default_rng(0))).astype(float) - 128
    assert error.mean() == pytest.approx(0, abs=0.5)
    np.testing.assert_allclose(error.std((0, 1)), 25, rtol=0.02)
    across_channels = np.corrcoef(error.reshape(-1, 3).T)
    assert np.abs(across_channels - np.eye(3)).max() < 0.03
    assert abs(np.corrcoef(error[:, 1:, 0].ravel(), error[:, :-1, 0].ravel())[0, 1]) < 0.03


def test_noise_is_clipped_at_the_ends() -> None:
    """White stays near white and black near black: nothing wraps around."""
    for level in (0, 255):
        copy = np.asarray(noise(Image.new("RGB", (50, 50), (level,) * 3), np.random.default_rng(0)))
        assert np.abs(copy.astype(float) - level).max() < 130


def test_overexposure_is_four_times_the_light() -> None:
    """By hand: 64 / 255 is 0.0513 linear; 4 · 0.0513 = 0.2051 is 0.4906 displayed, 125 of 255.

    140 / 255 is 0.2623 linear, which 4 times is more than all: white.
    """
    image = Image.new("RGB", (4, 4), (64, 140, 0))
    copy = np.asarray(overexpose(image, np.random.default_rng(0)))
    assert tuple(copy[0, 0]) == (125, 255, 0)
    levels = np.arange(256, dtype=np.uint8)[:, None, None].repeat(3, 2)
    after = np.asarray(overexpose(Image.fromarray(levels), np.random.default_rng(0))) / 255
    light = np.minimum(4 * to_linear(levels / 255), 1)
    np.testing.assert_allclose(to_linear(after), light, atol=0.005)


def test_linear_light_by_the_standard() -> None:
    """IEC 61966-2-1 at both ends, at the kink, and at mid grey 0.5: ((0.555) / 1.055)^2.4."""
    display = np.array([0, 0.04045, 0.5, 1])
    expected = [0, 0.04045 / 12.92, (0.555 / 1.055) ** 2.4, 1]
    np.testing.assert_allclose(to_linear(display), expected, atol=1e-12)
    everywhere = np.linspace(0, 1, 257)
    np.testing.assert_allclose(to_display(to_linear(everywhere)), everywhere, atol=1e-6)


@pytest.mark.parametrize("name", CHANGES)
def test_every_change_keeps_the_frame(name: str, picture: Pictures) -> None:
    """A copy has the original's size and mode, differs from it, and leaves it untouched."""
    image = picture(240, 160)
    before = np.asarray(image).copy()
    copy = CHANGES[name](image, np.random.default_rng(0))
    assert (copy.size, copy.mode) == ((240, 160), "RGB")
    assert (np.asarray(copy) != before).any()
    np.testing.assert_array_equal(np.asarray(image), before)


def test_what_nobody_likes_is_part_of_what_is_looked_at() -> None:
    """The three damages of the acceptance test are among the changes, and edits are no damage."""
    assert set(DAMAGES) == {"blur", "noise", "overexposure"}
    assert set(CHANGES) - set(DAMAGES) == {"edit"}
