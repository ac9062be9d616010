"""Fit the rules of styles, and tell how often they are right.

    python benchmarks/styles.py OASIS_PHOTOS_DIR --output photoaesth/attributes

Rules are logistic regressions on few attributes each. They are fitted to photos that were labelled
by eye (`tests/attributes/labels_by_eye.json`; doubtful ones are left out) and, where these are too
few, to photos with the style rendered on them. All is told of photos whose themes
(the lakes, the dogs) the rule was not fitted to: themes are halved, each half is judged by the
other's rules. Real and rendered photos are counted apart. The rules that are written are fitted to
all.
"""

import argparse
import json
import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageEnhance, ImageFilter, ImageOps

from photoaesth.attributes import STYLES, looks
from photoaesth.attributes.styles import (
    INTERCEPT,
    LONG_EXPOSURE,
    RULES_FILE,
    WEAK_STYLES,
    rule_terms,
)
from photoaesth.domain import Exif
from photoaesth.imaging import DECODED_SIDE, decode, thumbnail
from photoaesth.learning.embedder import Embedder
from photoaesth.learning.model_input import model_input
from photoaesth.workflows.reading import measure_thumbnail

LABELS = Path(__file__).parents[1] / "tests" / "attributes" / "labels_by_eye.json"
_RIDGE = 0.3  # of standardised weights
_EVENNESS = 0.25  # of the two answers: 1 would count both alike, 0 every photo
_MARGIN = 1.0  # of log odds, by which the rules of weak styles have to be sure
_ROUNDS = 30
_ENOUGH = 10  # real photos of a style; with fewer, the rule learns from rendered ones
_EVERY = 12  # th photo is rendered on

TERMS: dict[str, tuple[str, ...]] = {
    "high key": ("highlights", "backdrop", "brightness", "shadows"),
    "low key": ("shadows", "backdrop"),
    "silhouette": ("blackness", "emptiness", "contrast", "sky_and_mountains"),
    "monochrome": ("log colour_freedom",),
    "duotone": ("log colour_freedom", "log saturation", "harmony"),
    "complementary colours": ("facing hues", "complementarity", "colour_freedom"),
    "motion blur": ("motion", "softness", "blurred_share", "sharpness"),
    "macro": ("blurred_share", "focus_contrast", "people", "animals", "plants", "emptiness"),
    "shallow focus": (
        "blurred_share",
        "log blurred_share",
        "softness",
        "focus_contrast",
        "sharpness",
        "sky_and_mountains",
    ),
    "soft focus": ("softness", "sharpness", "blurred_share", "motion", "focus_contrast"),
    "vanishing point": ("vanishing_point", "symmetry", "streets_and_buildings"),
    "minimal": ("empty surroundings", "log colour_freedom"),
    "symmetric": ("symmetry", "vanishing_point"),
    "light on white": ("backdrop", "highlights", "backdrop_evenness", "shadows"),
}

Floats = NDArray[np.float64]
Render = Callable[[Image.Image, np.random.Generator], Image.Image]


def motion_blur(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Move the picture along a straight path of 4 to 8 % of its width while it is exposed."""
    length = rng.uniform(0.04, 0.08) * image.width
    angle = rng.uniform(0, np.pi)
    exposures = []
    for part in np.linspace(-0.5, 0.5, 24):
        x, y = part * length * np.cos(angle), part * length * np.sin(angle)
        exposures.append(
            np.asarray(
                image.transform(
                    image.size,
                    Image.Transform.AFFINE,
                    (1, 0, x, 0, 1, y),
                    Image.Resampling.BILINEAR,
                ),
                np.float32,
            )
        )
    margin = int(length / 2) + 1
    blurred = Image.fromarray(np.mean(exposures, axis=0).astype(np.uint8))
    return blurred.crop((margin, margin, image.width - margin, image.height - margin))


def soft_focus(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Lay a blurred copy over the picture, as a soft-focus filter does."""
    blurred = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.012, 0.025) * image.width))
    return Image.blend(image, ImageChops.screen(blurred, image), 0.3).filter(
        ImageFilter.GaussianBlur(0.004 * image.width)
    )


def monochrome(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Leave lightness alone."""
    return image.convert("L").convert("RGB")


def duotone(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Print in one dark and one light ink."""
    hues = rng.integers(0, 360, 2)
    return ImageOps.colorize(
        image.convert("L"), f"hsl({hues[0]}, 60%, 12%)", f"hsl({hues[1]}, 60%, 85%)"
    )


def high_key(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Wash everything out but the darkest."""
    light = ImageEnhance.Brightness(image).enhance(1.5)
    return Image.blend(light, Image.new("RGB", image.size, "white"), 0.5)


def low_key(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Leave the brightest alone in the dark."""
    return image.point([round(255 * (code / 255) ** 3.2) for code in range(256)] * 3)


RENDERED: dict[str, Render] = {
    "high key": high_key,
    "low key": low_key,
    "monochrome": monochrome,
    "duotone": duotone,
    "motion blur": motion_blur,
    "soft focus": soft_focus,
}


def terms_of(images: Sequence[Image.Image], embedder: Embedder) -> list[dict[str, float]]:
    """Return the terms of rules of each image."""
    measured = [measure_thumbnail(thumbnail(image), *image.size) for image in images]
    _, classes = embedder.embed_and_classify([model_input(image) for image in images])
    return [rule_terms(look.values) for look in looks(measured, classes, [Exif()] * len(images))]


def fit(rows: Floats, labels: Floats) -> Floats:
    """Return weights, the intercept last, by ridge logistic regression.

    Styles are rare: the rare answer counts more, but not as much as all the others together.
    """
    mean, deviation = rows.mean(0), rows.std(0) + 1e-9
    design = np.column_stack([(rows - mean) / deviation, np.ones(len(rows))])
    share = labels.mean()
    weight = np.where(labels == 1, (0.5 / share) ** _EVENNESS, (0.5 / (1 - share)) ** _EVENNESS)
    penalty = np.diag([_RIDGE] * rows.shape[1] + [0.0])
    found = np.zeros(design.shape[1])
    for _ in range(_ROUNDS):
        probability = (1 + np.tanh(design @ found / 2)) / 2
        gradient = design.T @ (weight * (labels - probability)) - penalty @ found
        curve = (design * (weight * probability * (1 - probability))[:, None]).T @ design + penalty
        found = found + 0.7 * np.linalg.solve(curve + 1e-6 * np.eye(len(curve)), gradient)
    slopes = found[:-1] / deviation
    return np.append(slopes, found[-1] - mean @ slopes)


def rule_of(
    is_weak: bool, real: tuple[Floats, Floats], rendered: Floats, *, enough: bool
) -> Floats:
    """Return a style's rule, from real photos, and rendered ones where those are not enough."""
    rows, labels = real
    if not enough:
        rows = np.concatenate([rows, rendered])
        labels = np.append(labels, np.ones(len(rendered)))
    weights = fit(rows, labels)
    weights[-1] -= _MARGIN * is_weak
    return weights


def says(weights: Floats, rows: Floats) -> NDArray[np.bool_]:
    """Return where a rule holds."""
    return rows @ weights[:-1] + weights[-1] > 0


def _chosen(rows: Floats, labels: Floats, which: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    return rows[which], labels[which]


def main() -> None:
    """Measure, render, fit on each half of the themes, judge the other, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", type=Path)
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()
    paths = sorted(arguments.photos.glob("*.jpg"))
    images = [decode(path, min_side=DECODED_SIDE).image for path in paths]
    themes = [re.sub(r"\d+$", "", path.stem) for path in paths]
    order = np.random.default_rng(7).permutation(len(set(themes)))
    half_of = dict(zip(sorted(set(themes)), order % 2, strict=True))
    half = np.array([half_of[theme] for theme in themes])
    by_eye = json.loads(LABELS.read_text("utf-8"))["styles"]
    embedder = Embedder("cpu")
    real = terms_of(images, embedder)

    lines = []
    print(f"{'':24}{'real':>16}{'':23}{'rendered':>10}")
    print(
        f"{'style':22}{'photos':>8}{'precision':>11}{'recall':>8}{'right':>6}{'said':>6}{'recall':>10}"
    )
    for style in (style for style in STYLES if style != LONG_EXPOSURE):
        names = TERMS[style]
        rows = np.array([[terms[name] for name in names] for terms in real])
        answers = {answer: set(by_eye[style][answer]) for answer in ("yes", "maybe")}
        labels = np.array([float(path.stem in answers["yes"]) for path in paths])
        clear = np.array([path.stem not in answers["maybe"] for path in paths])
        made, made_half = np.empty((0, len(names))), np.empty(0, int)
        if style in RENDERED:
            rng = np.random.default_rng(0)
            chosen = range(0, len(paths), _EVERY)
            effects = [RENDERED[style](images[number], rng) for number in chosen]
            found = terms_of(effects, embedder)
            made = np.array([[terms[name] for name in names] for terms in found])
            made_half = half[list(chosen)]

        real_ones = partial(_chosen, rows, labels)
        rule = partial(rule_of, style in WEAK_STYLES, enough=labels.sum() >= _ENOUGH)
        said, said_of_made = np.zeros(len(paths), bool), np.zeros(len(made), bool)
        for side in (0, 1):
            weights = rule(real_ones(clear & (half != side)), made[made_half != side])
            said[half == side] = says(weights, rows[half == side])
            said_of_made[made_half == side] = says(weights, made[made_half == side])
        right = float((said & clear) @ labels)
        print(
            f"{style:22}{int(labels.sum()):8}{right / max((said & clear).sum(), 1):11.2f}"
            f"{right / labels.sum():8.2f}{int(labels @ (said & clear)):6}"
            f"{int((said & clear).sum()):6}" + (f"{said_of_made.mean():10.2f}" if len(made) else "")
        )
        everything = rule(real_ones(clear), made)
        lines += [
            f"{style}\t{name}\t{weight:.5g}\n"
            for name, weight in zip((*names, INTERCEPT), everything, strict=True)
        ]
    (arguments.output / RULES_FILE.name).write_text("".join(lines), "utf-8", newline="\n")


if __name__ == "__main__":
    main()
