"""A person's taste as a Gaussian posterior over how they depart from the crowd.

The prior is that of `taste`; `personal_fit` learns the posterior from choices. Both are plain
numpy, so that scoring a library from its stored embeddings never loads torch.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from photoaesth.errors import PhotoaesthError
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
        """Read what `to_bytes` wrote.

        Raises:
            PhotoaesthError: it is damaged, or made by another version.
        """
        try:
            tensors = load(data)
            trust = Trust(*map(float, tensors.pop("trust")))
            return PersonalHead(trust=trust, **tensors)
        except (SafetensorError, KeyError, TypeError) as error:
            raise PhotoaesthError(
                "the personal model is damaged or made by another version of photoaesth; "
                "make it again with: photoaesth train"
            ) from error


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a model says of N photos.

    Attributes:
        score: `(N,)` mean scores in (1, 10).
        sd: `(N,)` standard deviations of the utility, in points.
        generic: `(N,)` generic mean scores in (1, 10), on the scale of `score`.
    """

    score: NDArray[np.float64]
    sd: NDArray[np.float64]
    generic: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class JointJudgements:
    """Utilities of N photos, in points: of new ones just like them, and of these very ones.

    A choice among these photos tells of the latter, which have the appeal of the photo itself;
    what it says of all other photos goes through the covariance of both.

    Attributes:
        mean: `(N,)` of new photos, as far as features show.
        covariance: `(N, N)` of these.
        judged_mean: `(N,)` of these very photos; another mean only where they were compared.
        judged: `(N, N)` covariance of these.
        told: `(N, N)` covariance of a new photo (row) with a judged one (column).
    """

    mean: Matrix
    covariance: Matrix
    judged_mean: Matrix
    judged: Matrix
    told: Matrix


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
    posterior = Posterior(crowd, head)
    starts = range(0, max(len(embeddings), 1), _CHUNK_ROWS)
    rows = [embeddings[start : start + _CHUNK_ROWS] for start in starts]
    with ThreadPoolExecutor(min(len(rows), available_cores())) as pool:  # numpy lets others run
        chunks = list(pool.map(posterior.marginals, rows))
    utility, variance, generic = (np.concatenate(part) for part in zip(*chunks, strict=True))
    return Prediction(bounded_score(utility), np.sqrt(variance), bounded_score(generic))


def joint_utilities(
    crowd: CrowdModel, head: PersonalHead, embeddings: Floats
) -> tuple[Matrix, Matrix]:
    """Return `(N,)` means and `(N, N)` covariance of the utilities of `(N, D)` photos, in points.

    They are taken as new photos, and what only one photo has for the person is left out: the
    covariance is what choices among other photos can still reduce.
    """
    joint = joint_judgements(crowd, head, embeddings)
    return joint.mean, joint.covariance


def joint_judgements(crowd: CrowdModel, head: PersonalHead, embeddings: Floats) -> JointJudgements:
    """Return what is known of `(N, D)` different photos together; the compared ones are known."""
    return Posterior(crowd, head).joint(embeddings)


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
    posterior = Posterior(crowd, head)
    slope = crowd.taste.choice_slope
    difference, variance = posterior.differences(left, right)
    logit = slope * difference
    variance = slope**2 * (variance + 2 * crowd.taste.appeal_sd**2)
    return np.asarray(0.5 * (1 + np.tanh(logit / np.sqrt(1 + np.pi * variance / 8) / 2)))


class Posterior:
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

    def joint(self, embeddings: Floats) -> JointJudgements:
        """Return what is known of `(N, D)` photos together."""
        looks, photos = self._describe(embeddings)
        appeal = self._crowd.taste.appeal_sd**2
        cross = self._cross(looks, photos)
        judged_cross = cross + appeal * _same_photos(embeddings, self._head.photos)
        explained = np.asarray(cross @ self._explaining.T, np.float64)
        judged = np.asarray(judged_cross @ self._explaining.T, np.float64)
        covariance = self._covariance(looks, photos, looks, self._weigh_features(photos))
        return JointJudgements(
            mean=photos.generic + cross @ self._head.pull,
            covariance=covariance - explained @ explained.T,
            judged_mean=photos.generic + judged_cross @ self._head.pull,
            judged=covariance + appeal * np.eye(len(photos)) - judged @ judged.T,
            told=covariance - explained @ judged.T,
        )

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

    # The covariance of photos, `taste.parts` combined, is one kernel and one product of features:
    # that of a million photos with the compared ones is had for two products each.

    def _cross(self, looks: NDArray[np.float32], photos: Described) -> Floats:
        """Return `(N, n)` covariances with the compared photos."""
        return self._covariance(looks, photos, self._looks, self._feature_weights)

    def _covariance(
        self,
        looks: NDArray[np.float32],
        photos: Described,
        others: NDArray[np.float32],
        weights: NDArray[np.float32],
    ) -> Floats:
        taste = self._crowd.taste
        covariance = kernel(looks, others, taste.own_width)
        covariance *= self._head.trust.own_sd**2 * taste.own_scale
        covariance += _features(photos) @ weights
        return covariance

    def _weigh_features(self, photos: Described) -> NDArray[np.float32]:
        gain, taste, own = np.square(self._head.trust)
        own *= self._crowd.taste.own_scale
        rows = [
            gain * (photos.generic - MIDDLE),
            *(taste * photos.tastes).T,
            np.full(len(photos), -own),
            own * (1 - photos.from_average),
        ]
        return np.stack(rows).astype(np.float32)

    def _explain(self, variance: Floats, cross: Floats) -> NDArray[np.float64]:
        """Return what is left of variances after the choices."""
        explained = cross @ self._explaining.T
        lengths = np.einsum("ij,ij->i", explained, explained)
        return np.maximum(np.asarray(variance - lengths, dtype=np.float64), 0)


def _same_photos(embeddings: Floats, compared: Floats) -> NDArray[np.bool_]:
    """Return `(N, n)` which photos are the same: no two have one embedding to the last bit."""
    rows, others = (
        [row.tobytes() for row in np.asarray(each, np.float16)] for each in (embeddings, compared)
    )
    place = {row: number for number, row in enumerate(others)}
    same = np.zeros((len(rows), len(others)), dtype=bool)
    for number, row in enumerate(rows):
        if row in place:
            same[number, place[row]] = True
    return same


def _features(photos: Described) -> NDArray[np.float32]:
    columns = [photos.generic - MIDDLE, *photos.tastes.T, photos.from_average]
    return np.stack([*columns, np.ones(len(photos))], axis=1).astype(np.float32)
