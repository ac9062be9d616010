"""Fit the shipped crowd model and measure it on held-out photos.

    python benchmarks/fit_crowd.py PHOTOS_DIR RATINGS_CSV [--output crowd.safetensors]

RATINGS_CSV has the columns rater,photo,score with scores from 1 to 7. Needs the dev extra (SciPy).
"""

import argparse
import csv
from collections import defaultdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from safetensors.numpy import save_file
from scipy.stats import spearmanr

from photoaesth.imaging import decode
from photoaesth.learning.backbone import load_backbone
from photoaesth.learning.crowd import Projection, load_crowd_model, to_tensors
from photoaesth.learning.crowd_fit import fit_generic_head, fit_projection
from photoaesth.learning.distortions import distort
from photoaesth.learning.distribution import mean_score, spread_mass
from photoaesth.learning.features import extract_features, model_input
from photoaesth.learning.losses import squared_emd

SCALE = {"low": 1.0, "high": 7.0}
FOLDS = 10
BATCH = 16
# The prior of personal models, from benchmarks/personal.py.
PRIOR = {"choice_slope": 0.67, "taste_sd": 1.2, "gain_sd": 0.5}

Features = NDArray[np.float32]


def read_ratings(path: Path) -> dict[str, NDArray[np.float64]]:
    """Return each photo's ratings."""
    ratings = defaultdict(list)
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            ratings[row["photo"]].append(float(row["score"]))
    return {photo: np.array(ratings[photo]) for photo in sorted(ratings)}


def measure(folder: Path, names: list[str]) -> tuple[Features, Features]:
    """Return the features of the photos and of one distorted copy of each."""
    backbone = load_backbone("cpu")
    rng = np.random.default_rng(0)
    plain, changed = [], []
    for start in range(0, len(names), BATCH):
        images: list[Image.Image] = [
            decode(folder / name, max_side=768).image for name in names[start : start + BATCH]
        ]
        plain.append(extract_features(backbone, [model_input(i) for i in images], "cpu"))
        copies = [model_input(distort(image, rng)) for image in images]
        changed.append(extract_features(backbone, copies, "cpu"))
        print(f"\r{start + len(images)} of {len(names)} photos", end="", flush=True)
    print()
    return np.concatenate(plain), np.concatenate(changed)


def cross_validate(features: Features, copies: Features, targets: NDArray[np.float64]) -> None:
    """Print how well photos are predicted that neither projection nor head has seen."""
    import torch

    folds = np.random.default_rng(0).permutation(len(targets)) % FOLDS
    predicted = np.zeros_like(targets)
    for fold in range(FOLDS):
        train, test = folds != fold, folds == fold
        projection = fit_projection(features[train], copies[train])
        head = fit_generic_head(stored(projection, features[train]), targets[train])
        predicted[test] = head(stored(projection, features[test]))
    rho = spearmanr(mean_score(predicted), mean_score(targets)).statistic
    emd = squared_emd(torch.from_numpy(predicted), torch.from_numpy(targets)).item()
    error = np.sqrt(np.mean((mean_score(predicted) - mean_score(targets)) ** 2))
    print(f"held-out photos, {FOLDS}-fold, n = {len(targets)}:")
    print(f"  Spearman rho {rho:.3f}   squared EMD {emd:.4f}   RMSE {error:.3f} points of 1-10")


def stored(projection: Projection, features: Features) -> Features:
    """Return embeddings as a library would give them back: rounded to float16."""
    return projection(features).astype(np.float32)


def main() -> None:
    """Fit, measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path)
    parser.add_argument("ratings", type=Path)
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    ratings = read_ratings(arguments.ratings)
    targets = np.stack([spread_mass(scores, **SCALE) for scores in ratings.values()])
    features, copies = measure(arguments.photos, list(ratings))
    cross_validate(features, copies, targets)
    if arguments.output is not None:
        projection = fit_projection(features, copies)
        head = fit_generic_head(stored(projection, features), targets)
        save_file(to_tensors(projection, head, **PRIOR), arguments.output)
        read_back = load_crowd_model(arguments.output)
        change = np.abs(
            read_back.head(read_back.projection(features)) - head(stored(projection, features))
        )
        print(f"largest change of a probability by rounding: {change.max():.1e}")
        print(f"wrote {arguments.output}: {arguments.output.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
