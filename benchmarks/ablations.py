"""What stages of features and resolution add to the generic model's kernels.

    python benchmarks/ablations.py PHOTOS_DIR RATINGS_CSV

RATINGS_CSV has the columns rater,photo,score. 10-fold over photos; projection and kernels are
fitted inside every fold, the fine-tuned network takes no part. What the parts of the personal
model add is measured by `photoaesth evaluate` (docs/benchmarks.md). Needs the eval extra.
"""

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.stats import spearmanr

from photoaesth.imaging import DECODED_SIDE, decode
from photoaesth.learning.backbone import EFFICIENTNET_LITE0, load_backbone
from photoaesth.learning.crowd import kernel
from photoaesth.learning.crowd_fit import fit_generic_head, fit_projection, stored
from photoaesth.learning.distribution import mean_score, spread_mass
from photoaesth.learning.evaluation.rating_files import number, read_ratings
from photoaesth.learning.features import (
    PIXEL_STATISTICS,
    POOLED_STAGES,
    extract_features,
    model_input,
)

FOLDS = 10
BATCH = 16
SCALES = (1.0, 0.75, 0.6, 0.4)  # of the width and height that photos are indexed at

Features = NDArray[np.float32]


def measure(paths: list[Path], scale: float) -> Features:
    """Return the features of photos at a share of the usual resolution."""
    rows = []
    for start in range(0, len(paths), BATCH):
        inputs = []
        for path in paths[start : start + BATCH]:
            pixels = model_input(decode(path, min_side=DECODED_SIDE).image)
            size = (round(scale * pixels.shape[1]), round(scale * pixels.shape[0]))
            smaller = Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC)
            inputs.append(np.asarray(smaller))
        rows.append(extract_features(load_backbone("cpu"), inputs, "cpu"))
    return np.concatenate(rows)


def without(features: Features, stages: tuple[int, ...], *, pixels: bool) -> Features:
    """Return features with the other stages, and maybe the pixel statistics, blanked."""
    kept = np.zeros_like(features)
    if pixels:
        kept[:, :PIXEL_STATISTICS] = features[:, :PIXEL_STATISTICS]
    start = PIXEL_STATISTICS
    for stage in POOLED_STAGES:
        stop = start + 2 * EFFICIENTNET_LITE0.channels[stage]
        if stage in stages:
            kept[:, start:stop] = features[:, start:stop]
        start = stop
    return kept


def held_out_correlation(features: Features, targets: NDArray[np.float64]) -> float:
    """Return Spearman's rho of mean scores on photos that nothing has seen."""
    fold_of = np.random.default_rng(0).permutation(len(targets)) % FOLDS
    predicted = np.zeros_like(targets)
    for fold in range(FOLDS):
        train, test = fold_of != fold, fold_of == fold
        projection = fit_projection(features[train], [features[train]])
        described = stored(projection, features)
        head = fit_generic_head(described[train], targets[train], [described[train]])
        likeness = kernel(described[test], head.landmarks, head.width)
        odds = np.exp(likeness @ head.coefficients + head.bias)
        predicted[test] = odds / odds.sum(1, keepdims=True)
    return float(spearmanr(mean_score(predicted), mean_score(targets)).statistic)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path)
    parser.add_argument("ratings", type=Path)
    arguments = parser.parse_args()
    rows = read_ratings(arguments.ratings)
    names = sorted({photo for _, photo, _ in rows})
    ratings = number(rows, rows, None, tuple(names)).train
    low, high = ratings.score.min(), ratings.score.max()
    targets = np.stack(
        [
            spread_mass(ratings.score[ratings.photo == photo], low=low, high=high)
            for photo in range(len(names))
        ]
    )
    paths = [arguments.photos / name for name in names]
    full = measure(paths, 1.0)
    print("features                            rho")
    for stages, pixels in (
        (POOLED_STAGES, True),
        (POOLED_STAGES, False),
        ((5,), True),
        ((6,), True),
        ((7,), True),
        ((6, 7), True),
    ):
        label = f"stages {' '.join(map(str, stages))}{', pixels' if pixels else ''}"
        print(
            f"{label:35} {held_out_correlation(without(full, stages, pixels=pixels), targets):.3f}"
        )
    for scale in SCALES[1:]:
        label = f"all, {scale:.0%} of width and height"
        print(f"{label:35} {held_out_correlation(measure(paths, scale), targets):.3f}")


if __name__ == "__main__":
    main()
