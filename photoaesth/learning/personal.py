"""A person's taste as a Gaussian posterior over how they depart from the crowd.

The prior is that of `taste`; `personal_fit` learns the posterior from choices. Both are plain
numpy, so that scoring a library from its stored embeddings never loads torch.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load, save

from photoaesth.learning.crowd import CrowdModel, kernel
from photoaesth.learning.distribution import SCORES, bounded_score, mean_score, shift_mean
from photoaesth.learning.taste import (
    MIDDLE,
    Described,
    Trust,
    combine,
    describe,
    part_variances,
    parts,
)
from photoaesth.processes import available_cores

Floats = NDArray[np.floating[Any]]
Matrix = NDArray[np.float64]
Indices = NDArray[np.integer[Any]]

_CHUNK_ROWS = 1024  # few enough for the processor's cache


@dataclass(frozen=True, slots=True)
class PersonalHead:
    """A Gaussian process after M choices among n photos, by Laplace's approximation.

    Attributes:
        trust: how far the model leaves the crowd.
        photos: `(n, D)` embeddings of the compared photos.
        left: `(M,)` rows of `photos`.
        right: `(M,)` rows of `photos`.
        pull: `(n,)` what the choices say of each photo; the mean is the kernel times it.
        curvature: `(M,)` second derivative of each choice's log-likelihood by its logit.
    """

    trust: Trust
    photos: Floats
    left: Indices
    right: Indices
    pull: Floats
    curvature: Floats

    def to_bytes(self) -> bytes:
        """Return the head as safetensors."""
        tensors = {
            "trust": np.array(self.trust, np.float64),
            "photos": self.photos.astype(np.float16),
            "left": self.left.astype(np.int32),
            "right": self.right.astype(np.int32),
            "pull": self.pull.astype(np.float32),
            "curvature": self.curvature.astype(np.float32),
        }
        return save({name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()})

    @staticmethod
    def from_bytes(data: bytes) -> "PersonalHead":
        """Read what `to_bytes` wrote."""
        tensors = load(data)
        trust = Trust(*map(float, tensors.pop("trust")))
        return PersonalHead(trust=trust, **tensors)


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a model says of N photos.

    Attributes:
        score: `(N,)` mean scores in (1, 10).
        sd: `(N,)` standard deviations of the utility, in points.
        generic: `(N,)` generic mean scores in [1, 10].
    """

    score: NDArray[np.float64]
    sd: NDArray[np.float64]
    generic: NDArray[np.float64]


def prior(crowd: CrowdModel) -> PersonalHead:
    """Return the head of somebody of whom nothing is known: the generic model, with doubt."""
    nothing = np.empty(0)
    return PersonalHead(
        trust=crowd.taste.trust,
        photos=np.empty((0, crowd.projection.size)),
        left=np.empty(0, np.int32),
        right=np.empty(0, np.int32),
        pull=nothing,
        curvature=nothing,
    )


def predict(crowd: CrowdModel, head: PersonalHead, embeddings: Floats) -> Prediction:
    """Return scores, their doubt and the generic scores of `(N, D)` embeddings."""
    posterior = _Posterior(crowd, head)
    starts = range(0, max(len(embeddings), 1), _CHUNK_ROWS)
    rows = [embeddings[start : start + _CHUNK_ROWS] for start in starts]
    with ThreadPoolExecutor(min(len(rows), available_cores())) as pool:  # numpy lets others run
        chunks = list(pool.map(posterior.marginals, rows))
    utility, variance, generic = (np.concatenate(part) for part in zip(*chunks, strict=True))
    return Prediction(score=bounded_score(utility), sd=np.sqrt(variance), generic=generic)


def joint_utilities(
    crowd: CrowdModel, head: PersonalHead, embeddings: Floats
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return `(N,)` means and `(N, N)` covariance of the utilities of `(N, D)` photos, in points.

    They are taken as new photos, and what only one photo has for the person is left out: the
    covariance is what choices among other photos can still reduce.
    """
    return _Posterior(crowd, head).joint(embeddings)


def score_distributions(
    crowd: CrowdModel, embeddings: Floats, scores: Floats
) -> NDArray[np.float64]:
    """Return `(N, 10)` distributions: the crowd's, moved to the person's mean scores."""
    if not len(embeddings):
        return np.empty((0, len(SCORES)))
    return shift_mean(crowd.head(embeddings), scores)


def choice_probability(
    crowd: CrowdModel, head: PersonalHead, left: Floats, right: Floats
) -> NDArray[np.float64]:
    """Return the probability that the left photo is chosen, averaged over the posterior.

    σ(μ / √(1 + π σ² / 8)), with μ and σ² the mean and variance of the logit (MacKay 1992,
    "The evidence framework applied to classification networks", eq. 4.11). Photos are taken as
    new: what only one photo has for the person adds to the doubt of every pair.

    Args:
        crowd: the crowd model.
        head: whose choice.
        left: `(M, D)` embeddings.
        right: `(M, D)` embeddings.

    Returns:
        `(M,)` in (0, 1).
    """
    logit, variance = _logits(crowd, head, left, right)
    return np.asarray(0.5 * (1 + np.tanh(logit / np.sqrt(1 + np.pi * variance / 8) / 2)))


def choice_information(
    crowd: CrowdModel, head: PersonalHead, left: Floats, right: Floats
) -> NDArray[np.float64]:
    """Return how much each choice would tell about the person's taste, in bits.

    Mutual information between answer and taste (Houlsby et al. 2011, "Bayesian active learning
    for classification and preference learning", eq. 3), with σ(z) ≈ Φ(√(π/8) z).

    Args:
        crowd: the crowd model.
        head: what is known so far.
        left: `(M, D)` embeddings.
        right: `(M, D)` embeddings.

    Returns:
        `(M,)` in [0, 1].
    """
    logit, variance = _logits(crowd, head, left, right)
    noise = 2 * (crowd.taste.choice_slope * crowd.taste.appeal_sd) ** 2
    # In units of the answer's own noise: the appeal of new photos and the link's spread 8 / π.
    unit = noise + 8 / np.pi
    mean, spread = logit / np.sqrt(unit), np.maximum(variance - noise, 0) / unit
    # Both entropies by the same approximation, exp(-z² / 2 width) bits for Φ(z): what is left
    # between them is then 0 where nothing is in doubt.
    width = np.pi * np.log(2) / 2
    answer = np.exp(-(mean**2) / (2 * width * (1 + spread)))
    known = np.sqrt(width / (spread + width)) * np.exp(-(mean**2) / (2 * (spread + width)))
    return np.clip(np.asarray(answer - known, dtype=np.float64), 0, 1)


def _logits(
    crowd: CrowdModel, head: PersonalHead, left: Floats, right: Floats
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mean and variance of the logit of each pair of new photos."""
    posterior = _Posterior(crowd, head)
    slope = crowd.taste.choice_slope
    difference, variance = posterior.differences(left, right)
    return slope * difference, slope**2 * (variance + 2 * crowd.taste.appeal_sd**2)


class _Posterior:
    """A head made ready for predictions: its photos described, its curvature factorised.

    What it computes of every photo in a library is in single precision, as embeddings are in half.
    """

    def __init__(self, crowd: CrowdModel, head: PersonalHead) -> None:
        self._crowd = crowd
        self._head = head
        self._looks, photos = self._describe(head.photos)
        covariance = combine(head.trust, parts(crowd.taste, photos, photos))
        covariance += crowd.taste.appeal_sd**2 * np.eye(len(covariance))
        weighed = self._weighed_choices()
        spread = np.eye(len(weighed)) + weighed @ covariance @ weighed.T
        explaining = np.linalg.solve(np.linalg.cholesky(spread), weighed)
        # Only lengths are asked for: a triangle as wide as there are photos has them all, however
        # many choices there are.
        self._explaining = np.asarray(np.linalg.qr(explaining, mode="r"), np.float32)
        self._feature_weights = self._weigh_features(photos)

    def marginals(self, embeddings: Floats) -> tuple[Matrix, Matrix, Matrix]:
        """Return utility, its variance and generic score of `(N, D)` photos."""
        looks, photos = self._describe(embeddings)
        cross = self._cross(looks, photos)
        variance = combine(self._head.trust, part_variances(self._crowd.taste, photos))
        return (
            photos.generic + cross @ self._head.pull,
            self._explain(variance, cross),
            photos.generic,
        )

    def joint(self, embeddings: Floats) -> tuple[Matrix, Matrix]:
        """Return utilities of `(N, D)` photos and their `(N, N)` covariance."""
        looks, photos = self._describe(embeddings)
        cross = self._cross(looks, photos)
        explained = np.asarray(cross @ self._explaining.T, np.float64)
        covariance = combine(self._head.trust, parts(self._crowd.taste, photos, photos))
        return photos.generic + cross @ self._head.pull, covariance - explained @ explained.T

    def differences(self, left: Floats, right: Floats) -> tuple[Matrix, Matrix]:
        """Return mean and variance of the `(M,)` differences of utility, left less right."""
        means, variances = [], []
        for start in range(0, max(len(left), 1), _CHUNK_ROWS):
            looks_a, a = self._describe(left[start : start + _CHUNK_ROWS])
            looks_b, b = self._describe(right[start : start + _CHUNK_ROWS])
            cross = self._cross(looks_a, a) - self._cross(looks_b, b)
            means.append(a.generic - b.generic + cross @ self._head.pull)
            variances.append(self._explain(self._difference_variance(a, b), cross))
        return np.concatenate(means), np.concatenate(variances)

    def _difference_variance(self, a: Described, b: Described) -> NDArray[np.float64]:
        taste = self._crowd.taste
        distances = ((a.embeddings - b.embeddings) ** 2).sum(1)
        by_part = np.stack(
            [
                (a.generic - b.generic) ** 2,
                ((a.tastes - b.tastes) ** 2).sum(1),
                taste.own_scale * 2 * (1 - np.exp(-distances / taste.own_width)),
            ]
        )
        return combine(self._head.trust, by_part)

    def _describe(self, embeddings: Floats) -> tuple[NDArray[np.float32], Described]:
        """Return the `(N, E)` numbers that describe photos, and what the kernels read of them."""
        embeddings = np.asarray(embeddings, dtype=np.float32)
        photos = describe(self._crowd.taste, embeddings, mean_score(self._crowd.head(embeddings)))
        return embeddings[:, : photos.embeddings.shape[1]], photos

    def _weighed_choices(self) -> NDArray[np.float64]:
        """Return the `(M, n)` weighted logits of the choices by the utilities of the photos."""
        unit = np.eye(len(self._head.photos))
        roots = self._crowd.taste.choice_slope * np.sqrt(np.asarray(self._head.curvature))
        return np.asarray(roots[:, None] * (unit[self._head.left] - unit[self._head.right]))

    # The covariance of any photo with the compared ones, `taste.parts` combined, is one kernel and
    # one product of features: the covariance of a million photos is had for two products each.

    def _cross(self, looks: NDArray[np.float32], photos: Described) -> Floats:
        """Return `(N, n)` covariances with the compared photos."""
        taste = self._crowd.taste
        cross = kernel(looks, self._looks, taste.own_width)
        cross *= self._head.trust.own_sd**2 * taste.own_scale
        cross += _features(photos) @ self._feature_weights
        return cross

    def _weigh_features(self, compared: Described) -> NDArray[np.float32]:
        gain, taste, own = np.square(self._head.trust)
        own *= self._crowd.taste.own_scale
        rows = [
            gain * (compared.generic - MIDDLE),
            *(taste * compared.tastes).T,
            np.full(len(compared), -own),
            own * (1 - compared.from_average),
        ]
        return np.stack(rows).astype(np.float32)

    def _explain(self, variance: Floats, cross: Floats) -> NDArray[np.float64]:
        """Return what is left of variances after the choices."""
        explained = cross @ self._explaining.T
        lengths = np.einsum("ij,ij->i", explained, explained)
        return np.maximum(np.asarray(variance - lengths, dtype=np.float64), 0)


def _features(photos: Described) -> NDArray[np.float32]:
    columns = [photos.generic - MIDDLE, *photos.tastes.T, photos.from_average]
    return np.stack([*columns, np.ones(len(photos))], axis=1).astype(np.float32)
