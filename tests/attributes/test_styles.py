"""Styles by rule, on pictures with the style rendered on them and on real photos."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from photoaesth.attributes import (
    ATTRIBUTES,
    CONTENTS,
    LABELS,
    STYLES,
    labels_of,
    looks,
    mask_of,
    measure,
)
from photoaesth.attributes.styles import INTERCEPT, LONG_EXPOSURE, load_rules, rule_terms, styles
from photoaesth.domain import Exif
from photoaesth.imaging import DECODED_SIDE, decode, thumbnail
from photoaesth.learning.embedder import Embedder
from photoaesth.learning.model_input import model_input
from photoaesth.samples.album import draw_album
from photoaesth.workflows.reading import measure_thumbnail

DATA = Path(__file__).parents[3] / "shared" / "data" / "oasis-beauty" / "photos"
BY_EYE = json.loads(Path(__file__).with_name("labels_by_eye.json").read_text("utf-8"))["styles"]
NOTHING = np.zeros(len(CONTENTS), np.float32)  # no content is recognised


def styles_of(image: Image.Image, exif: Exif | None = None) -> tuple[str, ...]:
    measured = measure(model_input(image), *image.size)
    return styles(np.concatenate([measured, NOTHING]), exif or Exif())


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> list[Image.Image]:
    """Landscapes, cities and still lifes in colour."""
    samples = draw_album(tmp_path_factory.mktemp("album"), count=16)
    return [decode(sample.path, min_side=DECODED_SIDE).image for sample in samples]


def in_grey(image: Image.Image) -> Image.Image:
    return image.convert("L").convert("RGB")


def darkened(image: Image.Image, power: float) -> Image.Image:
    return image.point([round(255 * (code / 255) ** power) for code in range(256)] * 3)


def washed_out(image: Image.Image) -> Image.Image:
    return Image.blend(image, Image.new("RGB", image.size, "white"), 0.8)


def moved(image: Image.Image) -> Image.Image:
    pixels = np.asarray(image, np.float32)
    path = image.width // 16
    exposures = [pixels[:, step : image.width - path + step] for step in range(path)]
    return Image.fromarray(np.mean(exposures, axis=0).astype(np.uint8))


@pytest.mark.parametrize(
    ("style", "render"),
    [
        ("monochrome", in_grey),
        ("low key", partial(darkened, power=5)),
        ("high key", washed_out),
        ("motion blur", moved),
    ],
)
def test_rendered_styles(
    scenes: list[Image.Image], style: str, render: Callable[[Image.Image], Image.Image]
) -> None:
    """Most scenes show the style once it is rendered on them, and few of them before."""
    before = [style in styles_of(image) for image in scenes]
    after = [style in styles_of(render(image)) for image in scenes]
    assert sum(after) >= 0.6 * len(scenes)
    assert sum(before) <= 0.3 * len(scenes)


def test_a_product_on_white() -> None:
    """A dark disc on a white ground is light on white."""
    image = Image.new("RGB", (600, 400), "white")
    ImageDraw.Draw(image).ellipse((200, 100, 400, 300), "#803020")
    assert "light on white" in styles_of(image)
    assert "low key" not in styles_of(image)


@pytest.mark.parametrize(
    ("seconds", "is_long"), [(None, False), (0.5, False), (1.0, True), (30, True)]
)
def test_long_exposure_is_what_exif_says(
    scenes: list[Image.Image], seconds: float | None, is_long: bool
) -> None:
    """A second is long, whatever the picture shows; where EXIF is silent nothing is claimed."""
    shown = styles_of(scenes[0], Exif(exposure_time_s=seconds))
    assert (LONG_EXPOSURE in shown) == is_long


def test_rules_are_about_known_styles_and_terms() -> None:
    """Every style but long exposure has a rule with an intercept, of terms that exist."""
    rules = load_rules()
    assert set(rules) == set(STYLES) - {LONG_EXPOSURE}
    terms = rule_terms(np.zeros(len(ATTRIBUTES), np.float32))
    for rule in rules.values():
        assert INTERCEPT in rule
        assert set(rule) <= set(terms)


def test_masks_and_labels() -> None:
    """A mask has a bit per label, fits into SQLite's integers, and comes back as its labels."""
    assert len(LABELS) == len(set(LABELS)) < 63
    assert labels_of(mask_of(LABELS)) == LABELS
    assert labels_of(mask_of(["dogs", "low key", "dogs"])) == ("low key", "dogs")
    assert mask_of([]) == 0
    with pytest.raises(ValueError, match="not in"):
        mask_of(["beautiful"])


def test_looks_hold_everything(scenes: list[Image.Image]) -> None:
    """Values are the measured ones, then a probability for each content; likely ones are labels."""
    measured = measure(model_input(scenes[0]), *scenes[0].size)
    classes = np.zeros((1, 1000), np.float32)
    classes[0, 281] = 15  # tabby
    (look,) = looks([measured], classes, [Exif(exposure_time_s=2)])
    np.testing.assert_array_equal(look.values[: len(measured)], measured)
    shown = labels_of(look.labels)
    assert {"cats", "animals", LONG_EXPOSURE} <= set(shown)
    assert look.values[[each.name for each in ATTRIBUTES].index("cats")] > 0.5


@pytest.fixture(scope="module")
def real() -> tuple[list[str], list[tuple[str, ...]]]:
    """Names of every third photo that was labelled by eye, and the labels found."""
    paths = sorted(DATA.glob("*.jpg"))[::3]
    images = [decode(path, min_side=DECODED_SIDE).image for path in paths]
    measured = [measure_thumbnail(thumbnail(image), *image.size) for image in images]
    _, classes = Embedder("cpu").embed_and_classify([model_input(image) for image in images])
    found = looks(measured, classes, [Exif()] * len(images))
    return [path.stem for path in paths], [labels_of(look.labels) for look in found]


@pytest.mark.shared_data
@pytest.mark.skipif(not DATA.is_dir(), reason="the development photos are not beside the checkout")
@pytest.mark.parametrize(
    "style", ["high key", "low key", "monochrome", "shallow focus", "light on white"]
)
def test_styles_of_real_photos(real: tuple[list[str], list[tuple[str, ...]]], style: str) -> None:
    """The strong styles are right in seven of ten cases, and find six of ten, to an eye."""
    said, truth = _answers(real, style)
    assert (said & truth).sum() >= 0.7 * said.sum()
    assert (said & truth).sum() >= 0.6 * truth.sum()


def _answers(
    real: tuple[list[str], list[tuple[str, ...]]], style: str
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    clear = [
        (style in shown, name in BY_EYE[style]["yes"])
        for name, shown in zip(*real, strict=True)
        if name not in BY_EYE[style]["maybe"]
    ]
    said, truth = np.array(clear).T
    return said, truth
