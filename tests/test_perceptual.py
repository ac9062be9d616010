import io
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageFilter

from photoaesth.perceptual import UNTELLING, bits_apart, perceptual_hash, sharpest_detail

SHARED = Path(__file__).parents[2] / "shared" / "data" / "oasis-beauty" / "photos"


def picture(seed: int = 0, size: tuple[int, int] = (600, 400)) -> Image.Image:
    coarse = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), np.uint8)
    return Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)


def saved_again(image: Image.Image, quality: int) -> Image.Image:
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=quality)
    return Image.open(stream)


@pytest.mark.parametrize(
    "copy",
    [
        saved_again(picture(), 40),
        picture().resize((150, 100)),
        picture().resize((300, 300)),
        ImageEnhance.Brightness(picture()).enhance(0.7),
        ImageEnhance.Contrast(picture()).enhance(0.7),
        picture().convert("L"),
    ],
    ids=["JPEG", "smaller", "squeezed", "darker", "flatter", "grey"],
)
def test_a_copy_has_nearly_the_same_hash(copy: Image.Image) -> None:
    """Saved again, resized or edited, a picture's hash changes in at most six of 64 bits."""
    assert bits_apart(perceptual_hash(picture()), perceptual_hash(copy)) <= 6


def test_different_pictures_are_half_of_the_bits_apart() -> None:
    """Hashes of different pictures differ in about 32 bits, and in no pair of 40 in under 12."""
    hashes = [perceptual_hash(picture(seed)) for seed in range(40)]
    apart = [bits_apart(a, b) for place, a in enumerate(hashes) for b in hashes[:place]]
    assert 30 < np.mean(apart) < 34
    assert min(apart) >= 12


def test_the_bits_are_the_cosine_transform_of_the_definition() -> None:
    """Each bit compares the sum of definition over all 32 × 32 pixels with the median of the 64."""
    grey = np.random.default_rng(1).integers(0, 256, (32, 32), np.uint8)
    place = (2 * np.arange(32) + 1) * np.pi / 64
    sums = [
        (grey * np.cos(down * place)[:, None] * np.cos(right * place)[None, :]).sum()
        for down in range(8)
        for right in range(8)
    ]
    bits = "".join("1" if value > np.median(sums) else "0" for value in sums)
    assert perceptual_hash(Image.fromarray(grey)) % (1 << 64) == int(bits, 2)


def test_a_flat_picture_has_no_hash() -> None:
    """Black, white and faint noise are not told apart; their hash is like no other, nor itself."""
    rng = np.random.default_rng(0)
    noise = Image.fromarray(rng.integers(120, 126, (400, 600, 3), np.uint8))
    for flat in (Image.new("RGB", (60, 40)), Image.new("L", (1, 1), "white"), noise):
        assert perceptual_hash(flat) == UNTELLING
    assert bits_apart(UNTELLING, UNTELLING) == 64


def test_hashes_fit_into_a_signed_integer_of_64_bits() -> None:
    """SQLite can hold every hash; some are negative, and their bits still count right."""
    hashes = [perceptual_hash(picture(seed)) for seed in range(20)]
    hashes += [perceptual_hash(Image.eval(picture(seed), lambda v: 255 - v)) for seed in range(20)]
    assert all(-(1 << 63) <= value < 1 << 63 for value in hashes)
    assert bits_apart(-1, 1) == 63
    assert bits_apart(-1, -2) == 1


@pytest.mark.shared_data
@pytest.mark.skipif(not SHARED.is_dir(), reason="the development photos are not there")
def test_real_photos_are_told_apart_and_their_copies_recognised() -> None:
    """Of 4,950 pairs of photos at most one is within 14 bits; small JPEG copies are within 8."""
    hashes, copies = [], []
    for path in sorted(SHARED.iterdir())[:500:5]:
        with Image.open(path) as photo:
            hashes.append(perceptual_hash(photo))
            smaller = photo.convert("RGB").resize((photo.width // 2, photo.height // 2))
        copies.append(perceptual_hash(saved_again(smaller, 60)))
    assert sum(bits_apart(*pair) <= 14 for pair in combinations(hashes, 2)) <= 1
    assert all(bits_apart(*pair) <= 8 for pair in zip(hashes, copies, strict=True))


def detailed(at: tuple[int, int], size: tuple[int, int] = (1200, 800)) -> Image.Image:
    """A smooth picture with a patch of fine detail, 120 pixels wide, around a point."""
    image = picture(size=size).convert("L")
    image.paste(Image.effect_noise((120, 120), 80), (at[0] - 60, at[1] - 60))
    return image


@pytest.mark.parametrize("at", [(300, 200), (900, 600), (600, 400)])
@pytest.mark.parametrize("enlarged", [1, 4])
def test_the_sharpest_detail_is_found(at, enlarged):
    """Its place comes out as fractions, whatever the size of the picture."""
    image = detailed(at)
    image = image.resize((1200 * enlarged, 800 * enlarged), Image.Resampling.NEAREST)

    x, y = sharpest_detail(image)

    assert x * 1200 == pytest.approx(at[0], abs=20)
    assert y * 800 == pytest.approx(at[1], abs=20)


def test_what_is_blurred_less_is_sharper():
    """Of two patches that differ in focus alone, the one in focus wins."""
    image = detailed((300, 400))
    image.paste(image.crop((240, 340, 360, 460)).filter(ImageFilter.GaussianBlur(2)), (840, 340))

    assert sharpest_detail(image)[0] == pytest.approx(0.25, abs=0.02)


def test_a_frame_is_no_detail():
    """A hard edge along the border is not where a photo is judged."""
    image = detailed((800, 300))
    stripes = Image.fromarray(np.tile(np.uint8([[0, 255]]), (800, 20)))
    image.paste(stripes, (0, 0))

    assert sharpest_detail(image)[0] == pytest.approx(2 / 3, abs=0.02)


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (3000, 10), (10, 3000), (500, 400)])
def test_a_picture_without_detail_is_looked_at_in_the_middle(size):
    """Plain colour and what little noise reduction leaves say nothing, whatever the shape."""
    image = Image.new("RGB", size, (90, 120, 150))
    noise = Image.effect_noise(size, 0.3).convert("RGB") if min(size) > 2 else image

    assert sharpest_detail(image) == sharpest_detail(noise) == (0.5, 0.5)
