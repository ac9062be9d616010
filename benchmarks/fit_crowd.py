"""Fit the shipped crowd model and measure it on held-out photos.

    python benchmarks/fit_crowd.py PHOTOS_DIR RATINGS_CSV [--folds 10] [--output FOLDER]

RATINGS_CSV has the columns rater,photo,score. Everything is fitted inside every fold. With
--output, the model of all the photos is written as crowd.safetensors and opinion.safetensors.
Needs the eval extra.
"""

import argparse
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import save_file
from scipy.stats import pearsonr, spearmanr

from photoaesth.imaging import DECODED_SIDE, decode
from photoaesth.learning.crowd import OPINIONS, RATED_DISTRIBUTIONS, kernel, to_tensors
from photoaesth.learning.crowd_fit import FittedCrowd, fit_crowd
from photoaesth.learning.distribution import mean_score, spread_mass
from photoaesth.learning.embedder import Embedder
from photoaesth.learning.evaluation.crowds import WAYS_TO_FIT, CrowdFits
from photoaesth.learning.evaluation.measured import measure
from photoaesth.learning.evaluation.method import Ratings
from photoaesth.learning.evaluation.rating_files import number, read_ratings
from photoaesth.learning.losses import squared_emd
from photoaesth.learning.model_input import model_input
from photoaesth.learning.opinion import from_tensors
from photoaesth.learning.rated import DAMAGES

DAMAGED_PHOTOS = 100

Scores = NDArray[np.float64]


def opinions_apart(fitted: FittedCrowd, photos: NDArray[np.int64]) -> dict[str, Scores]:
    """Return `(n, 10)` distributions of photos by the whole head and by its two halves."""
    head, embeddings = fitted.model.head, fitted.embeddings[photos]
    likeness = kernel(embeddings[:, :-OPINIONS], head.landmarks, head.width)
    kernels = np.exp(likeness @ head.coefficients + head.bias)
    network = np.exp(embeddings[:, -OPINIONS:])
    return {
        "generic model": head(embeddings),
        "kernels alone": kernels / kernels.sum(1, keepdims=True),
        "network alone": network / network.sum(1, keepdims=True),
    }


def damaged_scores(fitted: FittedCrowd, paths: Sequence[Path]) -> dict[str, Scores]:
    """Return the mean scores of photos as they are and damaged."""
    embedder = Embedder("cpu", crowd=fitted.model, opinion=from_tensors(fitted.opinion))
    rng = np.random.default_rng(0)
    images = [decode(path, min_side=DECODED_SIDE).image for path in paths]
    changes = {"whole": lambda image, rng: image} | DAMAGES
    return {
        name: mean_score(
            fitted.model.head(embedder.embed([model_input(change(i, rng)) for i in images]))
        )
        for name, change in changes.items()
    }


def cross_validate(fits: CrowdFits, ratings: Ratings, targets: Scores, folds: int) -> None:
    """Print how well photos are predicted that nothing has seen."""
    fold_of = np.random.default_rng(0).permutation(len(targets)) % folds
    predicted: dict[str, Scores] = defaultdict(lambda: np.zeros_like(targets))
    fallen: dict[str, list[bool]] = defaultdict(list)
    for fold in range(folds):
        test = np.flatnonzero(fold_of == fold)
        fitted = fit_crowd(fits.images, ratings.where(fold_of[ratings.photo] != fold))
        for name, distributions in opinions_apart(fitted, test).items():
            predicted[name][test] = distributions
        tried = test[: -(-DAMAGED_PHOTOS // folds)]
        scores = damaged_scores(fitted, [fits.measured.paths[photo] for photo in tried])
        for name in DAMAGES:
            fallen[name] += (scores[name] < scores["whole"]).tolist()
        print(f"\rfold {fold + 1} of {folds}", end="", flush=True)
    print(f"\nheld-out photos, {folds}-fold, n = {len(targets)}:")
    truth = mean_score(targets)
    for name, distributions in predicted.items():
        means = mean_score(distributions)
        emd = squared_emd(torch.from_numpy(distributions), torch.from_numpy(targets)).item()
        print(
            f"  {name:14} Spearman {spearmanr(means, truth).statistic:.3f}   "
            f"Pearson {pearsonr(means, truth).statistic:.3f}   squared EMD {emd:.4f}   "
            f"RMSE {np.sqrt(np.mean((means - truth) ** 2)):.2f} points of 1-10"
        )
    for name, falls in fallen.items():
        print(f"  {np.mean(falls):.0%} of {len(falls)} photos score lower after {name}")


def main() -> None:
    """Fit, measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path)
    parser.add_argument("ratings", type=Path)
    parser.add_argument("--folds", type=int, default=10, help="0 measures nothing")
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    rows = read_ratings(arguments.ratings)
    names = sorted({photo for _, photo, _ in rows})
    measured = measure(arguments.photos, names, WAYS_TO_FIT, device="cpu")
    ratings = number(rows, rows, None, measured.names).train
    low, high = ratings.score.min(), ratings.score.max()
    targets = np.stack(
        [
            spread_mass(ratings.score[ratings.photo == photo], low=low, high=high)
            for photo in range(len(measured.names))
        ]
    )
    fits = CrowdFits(measured, "cpu")
    if arguments.folds:
        cross_validate(fits, ratings, targets, arguments.folds)
    if arguments.output is not None:
        fitted = fit_crowd(fits.images, ratings)
        model = fitted.model
        crowd = to_tensors(model.projection, model.head, model.taste, fitted.opinion)
        crowd[RATED_DISTRIBUTIONS] = targets.astype(np.float16)
        for name, tensors in (("crowd", crowd), ("opinion", fitted.opinion)):
            target = arguments.output / f"{name}.safetensors"
            save_file(dict(tensors), target)
            print(f"wrote {target}: {target.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
