"""A person's taste as a linear departure from the crowd's, with its uncertainty.

The utility of a photo, in points of score, is

    u(x) = 5.5 + a (g(x) - 5.5) + w · e(x)

with g the generic mean score and e the embedding. The gain a (how far the person follows the
crowd) and the weights w (where they depart) have a Gaussian prior centred on a = 1, w = 0: the
generic model. Choices follow Bradley & Terry (1952): P(left ≻ right) = σ(k (u_left - u_right)).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load, save

from photoaesth.learning.crowd import CrowdModel
from photoaesth.learning.distribution import SCORES, bounded_score, mean_score, shift_mean

Floats = NDArray[np.floating[Any]]

_MIDDLE = 5.5
_CHUNK_ROWS = 8192


@dataclass(frozen=True, slots=True)
class PersonalHead:
    """A Gaussian over gain and weights; its mean is the MAP estimate.

    Attributes:
        mean: `(1 + D,)` gain, then weights.
        covariance: `(1 + D, 1 + D)`.
    """

    mean: Floats
    covariance: Floats

    def to_bytes(self) -> bytes:
        """Return the head as safetensors."""
        return save(
            {
                "mean": np.ascontiguousarray(self.mean, np.float32),
                "covariance": np.ascontiguousarray(self.covariance, np.float32),
            }
        )

    @staticmethod
    def from_bytes(data: bytes) -> "PersonalHead":
        """Read what `to_bytes` wrote."""
        tensors = load(data)
        return PersonalHead(mean=tensors["mean"], covariance=tensors["covariance"])


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
    weights = len(crowd.projection.center)
    mean = np.zeros(1 + weights)
    mean[0] = 1
    variances = np.full(1 + weights, crowd.taste_sd**2)
    variances[0] = crowd.gain_sd**2
    return PersonalHead(mean=mean, covariance=np.diag(variances))


def design_matrix(crowd: CrowdModel, embeddings: Floats) -> NDArray[np.float64]:
    """Return `(N, 1 + D)` rows whose product with a head's mean is the utility less 5.5."""
    generic = mean_score(crowd.head(embeddings))
    return np.column_stack([generic - _MIDDLE, embeddings.astype(np.float64)])


def predict(crowd: CrowdModel, head: PersonalHead, embeddings: Floats) -> Prediction:
    """Return scores, their doubt and the generic scores of `(N, D)` embeddings."""
    parts = [
        _predict_rows(crowd, head, embeddings[start : start + _CHUNK_ROWS])
        for start in range(0, max(len(embeddings), 1), _CHUNK_ROWS)
    ]
    return Prediction(
        score=np.concatenate([part.score for part in parts]),
        sd=np.concatenate([part.sd for part in parts]),
        generic=np.concatenate([part.generic for part in parts]),
    )


def _predict_rows(crowd: CrowdModel, head: PersonalHead, embeddings: Floats) -> Prediction:
    rows = design_matrix(crowd, embeddings)
    return Prediction(
        score=bounded_score(_MIDDLE + rows @ head.mean),
        sd=np.sqrt(_quadratic(rows, head.covariance)),
        generic=rows[:, 0] + _MIDDLE,
    )


def score_distributions(
    crowd: CrowdModel, embeddings: Floats, scores: Floats
) -> NDArray[np.float64]:
    """Return `(N, 10)` distributions: the crowd's, moved to the person's mean scores."""
    if not len(embeddings):
        return np.empty((0, len(SCORES)))
    return shift_mean(crowd.head(embeddings), scores)


def choice_probability(
    head: PersonalHead, differences: Floats, *, slope: float
) -> NDArray[np.float64]:
    """Return the probability that the left photo is chosen, averaged over the posterior.

    σ(μ / √(1 + π σ² / 8)), with μ and σ² the mean and variance of the logit (MacKay 1992,
    "The evidence framework applied to classification networks", eq. 4.11).

    Args:
        head: whose choice.
        differences: `(M, 1 + D)` rows of the left photos less those of the right.
        slope: logit per point of utility.

    Returns:
        `(M,)` in (0, 1).
    """
    logit = slope * differences @ head.mean
    variance = slope**2 * _quadratic(differences, head.covariance)
    moderated = logit / np.sqrt(1 + np.pi * variance / 8)
    return np.asarray(0.5 * (1 + np.tanh(moderated / 2)))


def _quadratic(rows: Floats, matrix: Floats) -> NDArray[np.float64]:
    values: NDArray[np.float64] = np.einsum("nd,nd->n", rows @ matrix, rows)
    return np.maximum(values, 0)
