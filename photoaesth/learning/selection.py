"""Which pair to ask next: the one whose answer is expected to tell most about a pool of photos.

Cohn, Ghahramani & Jordan 1996, "Active learning with statistical models", §2: ask what leaves the
least variance in the predictions, on average over the answer. What is predicted here is how far
any photo of the pool is ahead of any other.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photoaesth.learning.crowd import CrowdModel
from photoaesth.learning.personal import PersonalHead, joint_utilities

Floats = NDArray[np.floating[Any]]
Matrix = NDArray[np.float64]
Indices = NDArray[np.int64]

_SHOWN_AHEAD = 4  # how often a photo may have been shown more than the average one


@dataclass(frozen=True, slots=True)
class Pool:
    """What is known of a person's utilities of P photos; a choice compares two of them.

    Attributes:
        mean: `(P,)` in points.
        covariance: `(P, P)`.
        slope: logit of choosing a photo per point that it is ahead.
        appeal_sd: standard deviation of what only one photo has, in points.
    """

    mean: Matrix
    covariance: Matrix
    slope: float
    appeal_sd: float

    @staticmethod
    def of(crowd: CrowdModel, head: PersonalHead, embeddings: Floats) -> "Pool":
        """Return what a model says of photos with `(P, D)` embeddings."""
        mean, covariance = joint_utilities(crowd, head, embeddings)
        return Pool(mean, covariance, crowd.taste.choice_slope, crowd.taste.appeal_sd)

    def expecting(self, left: int, right: int) -> "Pool":
        """Return the pool as it will be, on average, when a pair is answered.

        The mean stays, for it is what the next mean is on average.
        """
        told = self.covariance[left] - self.covariance[right]
        weight = self._weights()[left, right]
        return replace(self, covariance=self.covariance - weight * np.outer(told, told))

    def expected_accuracy(self) -> float:
        """Return the expected share of pairs of new photos like these that are told rightly.

        In [0.5, 1]; what is not known of the person and their own noise are both counted.
        """
        p, _ = self._chances()
        above = np.triu_indices(len(p), 1)
        return float(np.maximum(p, 1 - p)[above].mean()) if len(p) > 1 else 0.5

    def gains(self) -> Matrix:
        """Return `(P, P)` how much less variance the answer to each pair is expected to leave.

        Of the differences of utility between all pairs of photos, in points² per pair.
        """
        centred = self.covariance - self.covariance.mean(axis=0)
        told = _between(centred.T @ centred) * 2 / max(len(self.mean) - 1, 1)
        return np.asarray(told * self._weights())

    def _chances(self) -> tuple[Matrix, Matrix]:
        """Return `(P, P)` chances that the first is chosen, and their derivatives by the mean."""
        variance = _between(self.covariance) + 2 * self.appeal_sd**2
        slopes = self.slope / np.sqrt(1 + np.pi * self.slope**2 * variance / 8)
        ahead = self.mean[:, None] - self.mean
        p = 0.5 * (1 + np.tanh(slopes * ahead / 2))
        return p, slopes * p * (1 - p)

    def _weights(self) -> Matrix:
        """Return `(P, P)` how much the answers tell of the differences that they are about.

        An answer moves the mean of anything by its covariance with the difference times
        d log P(answer) / d mean, whatever the likelihood; the square of that, averaged over the
        answer, is p'² / (p (1 - p)), and by so much the variance shrinks on average.
        """
        p, derivative = self._chances()
        return np.asarray(derivative**2 / np.maximum(p * (1 - p), 1e-12))


def next_pair(
    pool: Pool, allowed: NDArray[np.bool_], shown: Indices, rng: np.random.Generator
) -> tuple[int, int] | None:
    """Return the places of the photos to ask about, left and right; None when no pair is allowed.

    Args:
        pool: what is known of P photos.
        allowed: `(P, P)` which pairs may be asked, symmetric.
        shown: `(P,)` how often each photo was shown; one that was shown far more than the others
            waits until they catch up.
        rng: decides the sides.
    """
    rested = shown <= shown.mean() + _SHOWN_AHEAD if len(shown) else shown > 0
    possible = np.triu(allowed & rested[:, None] & rested, 1)
    if not possible.any():
        possible = np.triu(allowed, 1)
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
    rows = np.asarray(embeddings, dtype=np.float64)
    if not len(rows):
        return np.empty(0, dtype=np.int64)
    centres = [int(rng.integers(len(rows)))]
    nearest = np.full(len(rows), np.inf)
    while len(centres) < min(count, len(rows)):
        nearest = np.minimum(nearest, ((rows - rows[centres[-1]]) ** 2).sum(axis=1))
        nearest[centres] = -np.inf  # identical photos follow when nothing else is left
        centres.append(int(np.argmax(nearest)))
    return np.array(centres, dtype=np.int64)


def _between(products: Matrix) -> Matrix:
    """Return `(P, P)` what `(P, P)` products of photos make of the differences of two."""
    own = np.diag(products)
    return np.asarray(np.maximum(own[:, None] + own - 2 * products, 0))
