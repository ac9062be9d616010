"""Learning the taste space: in which directions people differ, from who rated what.

Each rater's scores are a linear function of the embedding plus noise; the weights of all raters
come from one Gaussian, whose mean and full covariance are learned by expectation maximisation
(hierarchical linear regression, Gelman et al. 2013, "Bayesian Data Analysis", ch. 15).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photoaesth.learning.crowd import OPINIONS, GenericHead
from photoaesth.learning.distribution import mean_score
from photoaesth.learning.evaluation.method import Ratings
from photoaesth.learning.taste import MIDDLE, TastePrior, Trust

Floats = NDArray[np.floating[Any]]
Matrix = NDArray[np.float64]

DIRECTIONS = 60
_ROUNDS = 6  # more fit the noise: the covariance keeps growing in every direction
_FEWEST_RATINGS = 20  # of a rater; fewer say little about directions
_START_SD = 1.2  # of a weight, in points of score
_START_GAIN_SD = 0.5
_NOISE = 1.5  # variance of a rating, and how many ratings that guess is worth
_NOISE_WORTH = 4

# Chosen on half of the development raters, reported on the other half; see docs/benchmarks.md.
TRUST = Trust(gain_sd=0.3, taste_sd=0.6, own_sd=1.0)
TRUST_SPREAD = 0.35
APPEAL_SD = 0.7
CHOICE_SLOPE = 2.0


@dataclass(frozen=True, slots=True)
class _Rater:
    """What one rater said, less their average: they differ in that, and it orders nothing."""

    rows: Matrix
    scores: Matrix


def fit_taste(embeddings: Floats, head: GenericHead, ratings: Ratings) -> TastePrior:
    """Learn the prior of personal models from raters.

    Args:
        embeddings: `(N, D)` of the photos that `ratings` numbers.
        head: the generic head.
        ratings: of any number of raters, scores on the scale from 1 to 10.
    """
    rated = np.unique(ratings.photo)
    generic = mean_score(head(embeddings)) - MIDDLE
    described: Matrix = embeddings[:, :-OPINIONS].astype(np.float64)
    covariance = _weights_covariance(np.column_stack([generic, described]), ratings)
    # Only where rated photos differ: in other directions nothing was learned of anybody.
    differing = _row_space(described[rated])
    values, within = np.linalg.eigh(differing.T @ covariance[1:, 1:] @ differing)
    vectors = differing @ within
    strongest = slice(-1, -1 - DIRECTIONS, -1)
    # The square root of the spectrum: the strongest directions are partly those in which the
    # rated photos happen to differ, and other albums differ in others.
    basis = vectors[:, strongest] * np.maximum(values[strongest], 0) ** 0.25
    coordinates = described[rated] @ basis
    squares = _squares(described[rated])
    own_width = float(np.median(squares[np.triu_indices(len(squares), 1)]))
    kernel = np.exp(-squares / own_width)
    return TastePrior(
        basis=basis / np.sqrt(coordinates.var(0).sum()),
        own_width=own_width,
        own_scale=float(1 / (1 - kernel.mean())),
        trust=TRUST,
        trust_spread=TRUST_SPREAD,
        appeal_sd=APPEAL_SD,
        choice_slope=CHOICE_SLOPE,
    )


def _weights_covariance(rows: Matrix, ratings: Ratings) -> Matrix:
    """Return the `(K, K)` covariance of the raters' weights on `(N, K)` rows."""
    raters = _raters(rows, ratings)
    size = rows.shape[1]
    mean, covariance = np.eye(size)[0], np.eye(size) * _START_SD**2
    covariance[0, 0] = _START_GAIN_SD**2
    noises = np.full(len(raters), _NOISE)
    for _ in range(_ROUNDS if raters else 0):
        weights = np.empty((len(raters), size))
        doubt = np.zeros((size, size))
        for number, rater in enumerate(raters):
            spread = rater.rows @ covariance
            within = spread @ rater.rows.T
            gain = np.linalg.solve(within + noises[number] * np.eye(len(within)), spread)
            weights[number] = mean + (rater.scores - rater.rows @ mean) @ gain
            doubt += covariance - spread.T @ gain
            left_over = rater.scores - rater.rows @ weights[number]
            unsure = np.trace(within) - np.vdot(within, gain @ rater.rows.T)
            noises[number] = (left_over @ left_over + unsure + _NOISE * _NOISE_WORTH) / (
                len(left_over) + _NOISE_WORTH
            )
        mean = weights.mean(0)
        covariance = (doubt + (weights - mean).T @ (weights - mean)) / len(raters)
    return covariance


def _raters(rows: Matrix, ratings: Ratings) -> list[_Rater]:
    """Return those who rated enough to show a direction."""
    raters = []
    for rater in np.unique(ratings.rater):
        given = ratings.where(ratings.rater == rater)
        if len(given) >= _FEWEST_RATINGS:
            own = rows[given.photo]
            raters.append(_Rater(own - own.mean(0), given.score - given.score.mean()))
    return raters


def _row_space(points: Matrix) -> Matrix:
    """Return `(E, R)` orthonormal directions in which `(N, E)` points differ."""
    _, lengths, directions = np.linalg.svd(points - points.mean(0), full_matrices=False)
    return np.asarray(directions[lengths > 1e-6 * lengths.max(initial=0)].T)


def _squares(points: Matrix) -> Matrix:
    """Return `(N, N)` squared distances."""
    norms = (points**2).sum(1)
    return np.asarray(np.maximum(norms[:, None] + norms - 2 * points @ points.T, 0))
