"""Which pair to ask next: the one whose answer is expected to tell most about a pool of photos.

Cohn, Ghahramani & Jordan 1996, "Active learning with statistical models": ask what is expected to
leave the least variance in the predictions (their eq. 4), averaged over reference points. Here
these are the pairs of the pool, and what is predicted is how far one photo is ahead of the other.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photoaesth.learning.crowd import OPINIONS, CrowdModel
from photoaesth.learning.personal import JointJudgements, PersonalHead, joint_judgements

Floats = NDArray[np.floating[Any]]
Matrix = NDArray[np.float64]
Indices = NDArray[np.int64]

_SHOWN_AHEAD = 2  # times that a photo may have been shown more than the average one


@dataclass(frozen=True, slots=True)
class Pool:
    """What is known of a person's judgement of P photos; a choice compares two of them.

    Attributes:
        photos: their utilities, in points.
        slope: logit of choosing a photo per point that it is ahead.
        appeal_sd: standard deviation of what only one photo has, in points.
    """

    photos: JointJudgements
    slope: float
    appeal_sd: float

    @staticmethod
    def of(crowd: CrowdModel, head: PersonalHead, embeddings: Floats) -> "Pool":
        """Return what a model says of different photos with `(P, D)` embeddings."""
        photos = joint_judgements(crowd, head, embeddings)
        return Pool(photos, crowd.taste.choice_slope, crowd.taste.appeal_sd)

    @property
    def mean(self) -> Matrix:
        """`(P,)` utilities of new photos just like these, in points."""
        return self.photos.mean

    @property
    def covariance(self) -> Matrix:
        """`(P, P)` covariance of those: what choices can still reduce."""
        return self.photos.covariance

    def expecting(self, left: int, right: int) -> "Pool":
        """Return the pool as it will be, on average, when a pair is answered.

        The means stay, for they are what the next means are on average.
        """
        now = self.photos
        pair = [left, right]
        weight = self._weights(now.judged_mean[pair], now.judged[np.ix_(pair, pair)])[0, 1]
        told = now.told[:, left] - now.told[:, right]
        judged = now.judged[:, left] - now.judged[:, right]
        photos = replace(
            now,
            covariance=now.covariance - np.outer(weight * told, told),
            judged=now.judged - np.outer(weight * judged, judged),
            told=now.told - np.outer(weight * told, judged),
        )
        return replace(self, photos=photos)

    def expected_accuracy(self) -> float:
        """Return the expected share of choices between new photos that are told rightly.

        In [0.5, 1], over all pairs of photos like these. What is not known of the person, the
        appeal of single photos and the chance in every choice count against it.
        """
        variance = _between(self.covariance) + 2 * self.appeal_sd**2
        lesser, _ = self._lesser_odds(self.mean, variance)
        pairs = np.triu_indices(len(lesser), 1)
        return float((1 / (1 + lesser[pairs])).mean()) if len(pairs[0]) else 0.5

    def gains(self) -> Floats:
        """Return `(P, P)` how much less variance the answer to each pair is expected to leave.

        Of the difference t of utility between two new photos like these, in points², averaged
        over all pairs of photos: mean_t cov(t, pair)² · p'² / (p (1 - p)).
        """
        # In single precision, which finds the best pair in half the time.
        told, judged = self.photos.told.astype(np.float32), self.photos.judged.astype(np.float32)
        centred = told - told.mean(axis=0)
        squares = _between(centred.T @ centred) * np.float32(2 / max(len(told) - 1, 1))
        return squares * self._weights(self.photos.judged_mean.astype(np.float32), judged)

    def _weights(self, mean: Floats, covariance: Floats) -> Floats:
        """Return by how much an answer about each pair shrinks variances, per covariance².

        Whatever the likelihood, an answer moves the mean of anything Gaussian by its covariance
        with the judged difference times d log p(answer) / d mean. Averaged over the answer, the
        square of that derivative is p'² / (p (1 - p)), and that is what the variance loses.
        """
        lesser, slopes = self._lesser_odds(mean, _between(covariance))
        return np.asarray(slopes**2 * lesser / (1 + lesser) ** 2)

    def _lesser_odds(self, mean: Floats, variance: Floats) -> tuple[Floats, Floats]:
        """Return the odds of the less likely answer of each pair, and the slope of their logarithm.

        Of σ(k Δ), averaged over Δ as in `personal.choice_probability`.
        """
        slopes = self.slope / np.sqrt(1 + (np.pi / 8 * self.slope**2) * variance)
        return np.exp(-slopes * np.abs(mean[:, None] - mean)), slopes


def next_pair(
    pool: Pool, allowed: NDArray[np.bool_], shown: Indices, rng: np.random.Generator
) -> tuple[int, int] | None:
    """Return the places of the photos to ask about, left and right; None when no pair is allowed.

    Args:
        pool: what is known of P photos.
        allowed: `(P, P)` which pairs may be asked; symmetric, no photo against itself.
        shown: `(P,)` how often each photo was shown; one that was shown far more than the others
            waits until they catch up.
        rng: decides the sides.
    """
    rested = shown <= shown.sum() / max(len(shown), 1) + _SHOWN_AHEAD
    possible = allowed & rested[:, None] & rested
    if not possible.any():
        possible = allowed
    if not possible.any():
        return None
    best = int(np.argmax(np.where(possible, pool.gains(), -np.inf)))
    sides = rng.permutation([best // len(pool.mean), best % len(pool.mean)])
    return int(sides[0]), int(sides[1])


def diverse(embeddings: Floats, count: int, rng: np.random.Generator) -> Indices:
    """Return places of photos that differ as much as possible; the first is drawn at random.

    Each further one is the farthest from those before (Gonzalez 1985, "Clustering to minimize the
    maximum intercluster distance"): greedy k-centre.

    Args:
        embeddings: `(N, D)`.
        count: how many; all where there are fewer.
        rng: decides the first.
    """
    rows = np.asarray(embeddings[:, :-OPINIONS], dtype=np.float32)
    if not len(rows):
        return np.empty(0, dtype=np.int64)
    squares = (rows**2).sum(axis=1)
    centres = [int(rng.integers(len(rows)))]
    nearest = np.full(len(rows), np.inf)
    while len(centres) < min(count, len(rows)):
        newest = centres[-1]
        nearest = np.minimum(nearest, squares + squares[newest] - 2 * rows @ rows[newest])
        nearest[newest] = -np.inf
        centres.append(int(np.argmax(nearest)))
    return np.array(centres, dtype=np.int64)


def _between(products: Floats) -> Floats:
    """Return `(P, P)` what `(P, P)` products of photos make of the differences of two."""
    own = np.diag(products)
    return np.asarray(np.maximum(own[:, None] + own - 2 * products, 0))
