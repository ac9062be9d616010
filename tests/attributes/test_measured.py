"""Each measured attribute, on pictures of which the answer is known."""

import warnings
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from photoaesth.attributes import MEASURED, measure
from photoaesth.learning.model_input import INPUT_SIZES

SIZE = (384, 288)
Measured = dict[str, float]


def measured(image: Image.Image) -> Measured:
    values = measure(np.asarray(image.convert("RGB")), *image.size)
    return dict(zip((each.name for each in MEASURED), values.tolist(), strict=True))


def plain(colour: str | tuple[int, int, int]) -> Image.Image:
    return Image.new("RGB", SIZE, colour)


def halves(left: str, right: str) -> Image.Image:
    image = plain(left)
    image.paste(right, (SIZE[0] // 2, 0, *SIZE))
    return image


def noisy(deviation: float, seed: int = 0) -> Image.Image:
    noise = np.random.default_rng(seed).normal(128, deviation, (SIZE[1], SIZE[0]))
    return Image.fromarray(np.clip(noise, 0, 255).astype(np.uint8)).convert("RGB")


def squares(seed: int = 0) -> Image.Image:
    """A picture with hard edges all over."""
    coarse = np.random.default_rng(seed).integers(0, 256, (25, 34, 3), np.uint8)
    return Image.fromarray(coarse).resize(SIZE, Image.Resampling.NEAREST)


@pytest.mark.parametrize("size", INPUT_SIZES)
@pytest.mark.parametrize("seed", [None, 0])
def test_any_picture_is_measured(size: tuple[int, int], seed: int | None) -> None:
    """Black, and noise, of every shape have all attributes, without a warning; none is infinite."""
    pixels = np.zeros((size[1], size[0], 3), np.uint8)
    if seed is not None:
        pixels = np.random.default_rng(seed).integers(0, 256, pixels.shape, np.uint8)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        values = measure(pixels, *size)
    assert values.shape == (len(MEASURED),)
    assert not np.isinf(values).any()


def test_lightness_of_plain_greys() -> None:
    """Code 119 of sRGB is L* 50, white 100, black 0; none has contrast or range."""
    for code, lightness in ((0, 0), (119, 50.0), (255, 100)):
        found = measured(plain((code, code, code)))
        assert found["brightness"] == pytest.approx(lightness, abs=0.2)
        assert found["backdrop"] == pytest.approx(lightness, abs=0.2)
        assert found["contrast"] == pytest.approx(0, abs=1e-3)
        assert found["dynamic_range"] == pytest.approx(0, abs=1e-3)
        assert found["saturation"] == pytest.approx(0, abs=0.01)


def test_half_black_half_white() -> None:
    """Half is shadow, half highlight; ten doublings lie between them; L* deviates by 50."""
    found = measured(halves("black", "white"))
    assert found["shadows"] == pytest.approx(0.5, abs=0.02)
    assert found["highlights"] == pytest.approx(0.5, abs=0.02)
    assert found["contrast"] == pytest.approx(50, abs=1)
    assert found["dynamic_range"] == pytest.approx(np.log2(1.001 / 0.001), abs=0.05)
    assert found["two_tones"] > 0.95
    assert found["darker_tone"] < 3


def test_colourfulness_is_the_formula() -> None:
    """Of red beside green: rg = ±255, yb = 127.5, so σ = 255, μ = 127.5: 255 + 0.3 · 127.5."""
    found = measured(halves("#ff0000", "#00ff00"))
    assert found["colourfulness"] == pytest.approx(255 + 0.3 * 127.5, rel=0.02)
    assert measured(noisy(30))["colourfulness"] == pytest.approx(0, abs=1e-3)


def test_warm_and_cool() -> None:
    """Orange is warm, blue cool, grey is neither: −0.5 on the scale of Ou et al."""
    assert measured(plain("orange"))["warmth"] > 0.5
    assert measured(plain("#3060ff"))["warmth"] < -1
    assert measured(plain("grey"))["warmth"] == pytest.approx(-0.5, abs=0.02)


@pytest.mark.parametrize(
    ("colour", "attribute"),
    [
        ("#e02020", "reds"),
        ("#e0c020", "yellows"),
        ("#20b020", "greens"),
        ("#2040d0", "blues"),
        ("#c020c0", "purples"),
    ],
)
def test_hue_shares(colour: str, attribute: str) -> None:
    """Half a picture in a colour counts as half under its name and nothing under another."""
    found = measured(halves(colour, "grey"))
    names = ("reds", "yellows", "greens", "blues", "purples")
    for name in names:
        assert found[name] == pytest.approx(0.5 if name == attribute else 0, abs=0.02)


def rainbow() -> Image.Image:
    hues = np.linspace(0, 255, SIZE[0]).astype(np.uint8)
    channels = np.stack([hues, np.full_like(hues, 255), np.full_like(hues, 255)], 1)
    return Image.fromarray(np.tile(channels, (SIZE[1], 1, 1)), "HSV").convert("RGB")


def test_harmony_and_number_of_hues() -> None:
    """One hue is in harmony, and so are two that face each other; a rainbow is not."""
    one, two, all_ = (measured(image) for image in (plain("red"), halves("red", "cyan"), rainbow()))
    assert one["harmony"] == pytest.approx(1)
    assert two["harmony"] == pytest.approx(1)
    assert all_["harmony"] == pytest.approx(0, abs=0.1)
    assert one["hue_variety"] == pytest.approx(1, abs=0.01)
    assert two["hue_variety"] == pytest.approx(2, abs=0.3)
    assert all_["hue_variety"] > 50
    assert np.isnan(measured(plain("grey"))["hue_variety"])


@pytest.mark.parametrize(
    ("left", "right", "least", "most"),
    [
        ("#ff8000", "#0040ff", 0.9, 1.0),
        ("#ff0000", "#00ff00", 0.9, 1.0),
        ("#ff0000", "#ff8000", 0.0, 0.1),
        ("grey", "white", 0.0, 0.0),
    ],
)
def test_opposite_hues(left: str, right: str, least: float, most: float) -> None:
    """Orange faces blue and red green, as painters have it; neighbours do not, nor do greys."""
    assert least <= measured(halves(left, right))["complementarity"] <= most


def test_toned_pictures_have_no_colours_of_their_own() -> None:
    """A sepia has saturation, but its colour follows lightness; that of the scene is free."""
    scene = squares().filter(ImageFilter.GaussianBlur(3))
    grey = np.asarray(scene.convert("L"), np.float32)[..., None]
    sepia = Image.fromarray(np.clip(grey * [1.0, 0.85, 0.65], 0, 255).astype(np.uint8))
    assert measured(sepia)["colour_freedom"] < 2
    assert measured(sepia)["saturation"] > 0.2
    assert measured(scene)["colour_freedom"] > 15


def test_blur_takes_sharpness() -> None:
    """Every doubling of a blur lowers sharpness and raises softness."""
    found = [
        measured(squares().filter(ImageFilter.GaussianBlur(radius))) for radius in (0, 1, 2, 4)
    ]
    sharpness = [each["sharpness"] for each in found]
    softness = [each["softness"] for each in found]
    assert sharpness == sorted(sharpness, reverse=True)
    assert softness == sorted(softness)
    assert sharpness[0] > 0.9
    assert sharpness[-1] < 0.3


def test_a_blurred_ground_is_out_of_focus() -> None:
    """A subject before a blurred ground has much out of focus; sharp or even grounds little."""
    sharp = squares()
    shallow = sharp.filter(ImageFilter.GaussianBlur(6))
    centre = (128, 96, 256, 192)
    shallow.paste(sharp.crop(centre), centre)
    even = plain("grey")
    even.paste(sharp.crop(centre), centre)
    assert measured(shallow)["blurred_share"] > 0.6
    assert measured(sharp)["blurred_share"] < 0.2
    assert measured(even)["blurred_share"] < 0.2
    assert measured(shallow)["focus_contrast"] > measured(sharp)["focus_contrast"] + 0.2


def test_motion_blurs_in_one_direction() -> None:
    """Detail lost along one path is directed, detail lost all around is not."""
    sharp = squares()
    shifted = [np.roll(np.asarray(sharp, np.float32), step, axis=1) for step in range(12)]
    streaked = Image.fromarray(np.mean(shifted, axis=0).astype(np.uint8))
    assert measured(streaked)["motion"] > 1
    assert measured(sharp.filter(ImageFilter.GaussianBlur(4)))["motion"] < 0.3


@pytest.mark.parametrize("deviation", [2, 5, 10])
def test_noise_is_its_deviation(deviation: float) -> None:
    """Gaussian noise is found within a fifth of its deviation; edges are not taken for it."""
    assert measured(noisy(deviation))["noise"] == pytest.approx(deviation, rel=0.2)
    assert measured(halves("black", "white"))["noise"] == pytest.approx(0, abs=0.01)


def disc(x: float, y: float, radius: float) -> Image.Image:
    image = plain("#203040")
    x, y = x * SIZE[0], y * SIZE[1]
    ImageDraw.Draw(image).ellipse((x - radius, y - radius, x + radius, y + radius), "white")
    return image


def test_subject_size_and_thirds() -> None:
    """A disc's share of the frame is its area; at a crossing of the thirds it is on it."""
    small, large = measured(disc(1 / 3, 1 / 3, 30)), measured(disc(0.5, 0.5, 60))
    frame = SIZE[0] * SIZE[1]
    assert small["subject_size"] == pytest.approx(np.pi * 30**2 / frame, rel=0.25)
    assert large["subject_size"] == pytest.approx(np.pi * 60**2 / frame, rel=0.25)
    assert small["thirds"] > 0.95
    assert large["thirds"] < 0.4


def test_simplicity_and_empty_space() -> None:
    """A small disc leaves the frame simple and empty; squares all over do neither."""
    alone, busy = measured(disc(0.5, 0.5, 30)), measured(squares())
    assert alone["simplicity"] == pytest.approx(1 - 60 * 60 / (SIZE[0] * SIZE[1]), abs=0.05)
    assert alone["emptiness"] > 0.9
    assert alone["backdrop_evenness"] == 1
    assert busy["simplicity"] < 0.1
    assert busy["emptiness"] < 0.05


def test_symmetry() -> None:
    """A picture beside its mirror image is symmetric, its negative mirror the opposite."""
    left = squares().crop((0, 0, SIZE[0] // 2, SIZE[1]))
    image = plain("black")
    image.paste(left, (0, 0))
    image.paste(left.transpose(Image.Transpose.FLIP_LEFT_RIGHT), (SIZE[0] // 2, 0))
    assert measured(image)["symmetry"] > 0.95
    assert abs(measured(squares())["symmetry"]) < 0.3
    assert measured(halves("black", "white"))["symmetry"] < -0.9


@pytest.mark.parametrize(("height", "tilt"), [(0.33, 0.0), (0.6, 4.0), (0.5, -6.0)])
def test_horizon(height: float, tilt: float) -> None:
    """Height and tilt of a drawn horizon are found within two hundredths and one degree."""
    image = plain("#90b0e0")
    middle, drop = (1 - height) * SIZE[1], np.tan(np.radians(tilt)) * SIZE[0] / 2
    corners = [(0, middle - drop), (SIZE[0], middle + drop), SIZE, (0, SIZE[1])]
    ImageDraw.Draw(image).polygon(corners, "#304020")
    found = measured(image)
    assert found["horizon"] > 0.8
    assert found["horizon_height"] == pytest.approx(height, abs=0.02)
    assert found["horizon_tilt"] == pytest.approx(tilt, abs=1)


def test_no_horizon() -> None:
    """An even picture has none, and so neither height nor tilt."""
    found = measured(plain("grey"))
    assert found["horizon"] < 0.1
    assert np.isnan(found["horizon_height"])
    assert np.isnan(found["horizon_tilt"])


def lines(toward: Callable[[float], tuple[float, float]]) -> Image.Image:
    image = plain("white")
    draw = ImageDraw.Draw(image)
    for angle in np.linspace(0, 2 * np.pi, 24, endpoint=False):
        x, y = toward(angle)
        draw.line((x, y, x + 400 * np.cos(angle), y + 400 * np.sin(angle)), "black", 2)
    return image


def test_vanishing_point() -> None:
    """Lines that meet in one point have one; as many that meet nowhere do not."""
    rng = np.random.default_rng(1)
    meeting = lines(lambda _: (200, 130))
    scattered = lines(lambda _: (rng.uniform(0, 384), rng.uniform(0, 288)))
    assert measured(meeting)["vanishing_point"] > 0.35
    assert measured(scattered)["vanishing_point"] < 0.2


def test_orientation_is_the_photo_s_own() -> None:
    """It is the binary logarithm of width over height: 1 for two to one, −1 for the other way."""
    pixels = np.zeros((300, 300, 3), np.uint8)
    place = [each.name for each in MEASURED].index("orientation")
    assert measure(pixels, 4000, 2000)[place] == 1
    assert measure(pixels, 2000, 4000)[place] == -1
