"""Fit what photos show to the logits of ImageNet's classes, and tell how well it does.

    python benchmarks/fit_contents.py OASIS_PHOTOS_DIR --output photoaesth/attributes

Each content starts from the summed probability of its classes in `imagenet.tsv`, calibrated by gain
and bias on photos that were labelled by eye; where ImageNet has classes in plenty, that is all. To
the others (no class is a person, few are plants or rooms) weights of all logits are added: logistic
regression with a Gaussian prior around that sum. What is printed is found on photos that were not
fitted to. With weights, folds never divide a theme of the set, such as the lakes; two numbers learn
no theme by heart.
"""

import argparse
import json
import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from photoaesth.attributes import CONTENTS
from photoaesth.attributes.contents import WEIGHTS_FILE, Recogniser, load_table, summed_odds
from photoaesth.imaging import DECODED_SIDE, decode
from photoaesth.learning.embedder import Embedder
from photoaesth.learning.model_input import model_input

LABELS = Path(__file__).parents[1] / "tests" / "attributes" / "labels_by_eye.json"
_FOLDS = 10
_WIDTH = 0.03  # prior deviation of a weight
_FITTED = ("people", "plants", "water", "sky and mountains", "streets and buildings", "interiors")
_GAIN_SD, _BIAS_SD = 0.5, 3.0
_ROUNDS = 8

Floats = NDArray[np.float64]


def fit(odds: Floats, logits: Floats, labels: Floats, width: float) -> tuple[Floats, float, float]:
    """Return weights `(1000,)`, gain and bias of one content: the likeliest by Newton's method.

    After C. E. Rasmussen and C. K. I. Williams, "Gaussian Processes for Machine Learning" (2006),
    algorithm 3.1, with the summed odds as the prior's mean.
    """
    kernel = width**2 * logits @ logits.T + _GAIN_SD**2 * np.outer(odds, odds) + _BIAS_SD**2
    sign = 2 * labels - 1

    def badness(alpha: Floats) -> float:
        away = kernel @ alpha
        return float(alpha @ away / 2 + np.logaddexp(0, -sign * (odds + away)).sum())

    alpha = np.zeros(len(labels))
    for _ in range(_ROUNDS):
        away = kernel @ alpha
        probability = (1 + np.tanh((odds + away) / 2)) / 2
        root = np.sqrt(probability * (1 - probability))
        target = root**2 * away + labels - probability
        inner = np.eye(len(labels)) + root[:, None] * kernel * root
        step = target - root * np.linalg.solve(inner, root * (kernel @ target)) - alpha
        steps = (alpha + step / 2**halvings for halvings in range(10))
        alpha = min(steps, key=badness)
    weights = width**2 * logits.T @ alpha
    return weights, 1 + _GAIN_SD**2 * float(odds @ alpha), _BIAS_SD**2 * float(alpha.sum())


def unseen(
    odds: Floats, logits: Floats, labels: Floats, width: float, fold: NDArray[np.int64]
) -> Floats:
    """Return log odds of every photo by weights of the other folds."""
    found = np.empty(len(labels))
    for number in range(_FOLDS):
        out = fold == number
        weights, gain, bias = fit(odds[~out], logits[~out], labels[~out], width)
        found[out] = gain * odds[out] + logits[out] @ weights + bias
    return found


def main() -> None:
    """Measure, choose, fit, write, report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", type=Path)
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()
    paths = sorted(arguments.photos.glob("*.jpg"))
    inputs = [model_input(decode(path, min_side=DECODED_SIDE).image) for path in paths]
    logits = Embedder("cpu").embed_and_classify(inputs)[1].astype(np.float64)
    themes = [re.sub(r"\d+$", "", path.stem) for path in paths]
    drawn = dict(
        zip(
            sorted(set(themes)), np.random.default_rng(0).permutation(len(set(themes))), strict=True
        )
    )
    fold = np.array([drawn[theme] % _FOLDS for theme in themes])
    by_eye = json.loads(LABELS.read_text("utf-8"))["contents"]

    odds = summed_odds(logits, load_table())
    mean, deviation = logits.mean(0), logits.std()
    scaled = (logits - mean) / deviation
    rows = []
    print(f"{'content':22}{'photos':>7}{'recall':>8}{'precision':>10}")
    for number, content in enumerate(CONTENTS):
        yes, maybe = (set(by_eye[content][answer]) for answer in ("yes", "maybe"))
        clear = np.array([path.stem not in maybe for path in paths])
        labels = np.array([float(path.stem in yes) for path in paths])[clear]
        data = odds[clear, number], scaled[clear], labels

        width = _WIDTH if content in _FITTED else 0.0
        folds = fold if width else np.arange(len(paths)) % _FOLDS
        said = unseen(*data, width, folds[clear]) > 0
        weights, gain, bias = fit(*data, width)
        right = float((said * labels).sum())
        print(
            f"{content:22}{int(labels.sum()):7}{right / labels.sum():8.2f}"
            f"{right / max(said.sum(), 1):10.2f}"
        )
        rows.append((weights / deviation, gain, bias - mean @ weights / deviation))
    weights, gains, biases = (np.array(column, np.float32) for column in zip(*rows, strict=True))
    recogniser = Recogniser(weights.astype(np.float16), gains, biases)
    recogniser.save(arguments.output / WEIGHTS_FILE.name)


if __name__ == "__main__":
    main()
