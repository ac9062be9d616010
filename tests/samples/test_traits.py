import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageFilter

from photoaesth.samples.traits import TRAITS, measure


@pytest.fixture(scope="module")
def picture() -> Image.Image:
    """Blocks of colour with texture: something for every trait to respond to."""
    rng = np.random.default_rng(4)
    blocks = rng.integers(60, 190, (12, 18, 3)).repeat(30, axis=0).repeat(30, axis=1)
    texture = rng.normal(0, 8, (360, 540, 1))
    return Image.fromarray(np.clip(blocks + texture, 0, 255).astype(np.uint8))


def _warmed(image: Image.Image) -> Image.Image:
    return Image.fromarray((np.asarray(image) * [1.0, 0.95, 0.7]).astype(np.uint8))


@pytest.mark.parametrize(
    ("trait", "more"),
    [
        ("brightness", lambda image: ImageEnhance.Brightness(image).enhance(1.3)),
        ("contrast", lambda image: ImageEnhance.Contrast(image).enhance(1.4)),
        ("warmth", _warmed),
        ("colourfulness", lambda image: ImageEnhance.Color(image).enhance(1.5)),
        ("sharpness", lambda image: image.filter(ImageFilter.UnsharpMask(1.5))),
        ("simplicity", lambda image: image.filter(ImageFilter.GaussianBlur(12))),
    ],
)
def test_a_trait_rises_with_what_it_measures(trait, more, picture) -> None:
    """A copy with more of one thing measures more of it."""
    assert measure(more(picture))[trait] > measure(picture)[trait] + 0.01


def test_blur_lowers_sharpness(picture) -> None:
    """An unsharp copy measures less sharp, by orders of magnitude of variance."""
    soft = picture.filter(ImageFilter.GaussianBlur(3))

    assert measure(soft)["sharpness"] < measure(picture)["sharpness"] - 2


def test_an_even_grey_has_known_traits() -> None:
    """sRGB 119 has L* 50.03; grey has no colour, no detail and nothing in it."""
    traits = measure(Image.new("RGB", (300, 200), (119, 119, 119)))

    assert traits == {
        "brightness": pytest.approx(0.5003, abs=5e-4),
        "contrast": pytest.approx(0, abs=1e-6),
        "warmth": pytest.approx(0, abs=1e-3),
        "colourfulness": pytest.approx(0, abs=1e-6),
        "sharpness": pytest.approx(np.log(1e-3)),
        "simplicity": 1.0,
    }
    assert tuple(traits) == TRAITS


def test_colour_measures_agree_with_published_values() -> None:
    """sRGB blue has b* −107.86; red and blue halves have the colourfulness worked out below."""
    assert measure(Image.new("RGB", (64, 64), "blue"))["warmth"] == pytest.approx(-1.0786, abs=2e-3)

    halves = Image.new("RGB", (256, 64), "red")
    halves.paste((0, 0, 255), (128, 0, 256, 64))
    # rg = R − G is 255 | 0: mean 127.5, sd 127.5. yb = (R + G)/2 − B is 127.5 | −255:
    # mean −63.75, sd 191.25. M³ = √(127.5² + 191.25²) + 0.3 √(127.5² + 63.75²) = 272.62.
    assert measure(halves)["colourfulness"] == pytest.approx(2.7262, abs=1e-3)
