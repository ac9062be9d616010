"""How people's tastes differ from the crowd's, as the prior of every personal model.

The utility of a photo for a person, in points of score, is

    u(x) = g(x) + a (g(x) - 5.5) + t(x) + o(x) + e

with g the generic mean score. What a person adds to it is Gaussian a priori: how much more or
less they follow the crowd (a), where they stand in the *taste space*, the directions in which
people were seen to differ (t, linear), how they differ in ways nobody was seen to (o, a Gaussian
process with a squared-exponential kernel), and what only this photo has for them and no feature
shows (e, independent between photos). Choices follow Bradley & Terry (1952):
P(left ≻ right) = σ(k (u_left - u_right)).

Only differences of utility are ever observed, so t and o are pinned to 0 at the origin of the
embedding, which is the average photo.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

MIDDLE = 5.5  # of the scale from 1 to 10


class Trust(NamedTuple):
    """How far a person's model trusts the crowd, the taste space and its own freedom.

    Attributes:
        gain_sd: standard deviation of a; 0 follows the crowd's order strictly.
        taste_sd: of t, in points of score between two average photos.
        own_sd: of o, likewise.
    """

    gain_sd: float
    taste_sd: float
    own_sd: float


@dataclass(frozen=True, slots=True)
class TastePrior:
    """What is assumed of a person before their first choice.

    Attributes:
        basis: `(E, T)` the taste space: the first E numbers of an embedding, those that describe
            the photo, @ basis are its coordinates.
        own_width: the kernel of o is exp(-distance² / own_width).
        own_scale: makes o vary by 1 between two average photos.
        trust: the trust most people earn.
        trust_spread: standard deviation of its logarithms between people.
        appeal_sd: of e, in points of score.
        choice_slope: k, logit of choosing a photo per point of utility that it is ahead.
    """

    basis: Floats
    own_width: float
    own_scale: float
    trust: Trust
    trust_spread: float
    appeal_sd: float
    choice_slope: float


@dataclass(frozen=True, slots=True)
class Described:
    """What the kernels read of N photos.

    Attributes:
        generic: `(N,)` generic mean scores.
        tastes: `(N, T)` coordinates in the taste space.
        embeddings: `(N, E)` the part of the embeddings that describes photos.
        from_average: `(N,)` kernel of o to the average photo.
    """

    generic: NDArray[np.float64]
    tastes: NDArray[np.float64]
    embeddings: NDArray[np.float64]
    from_average: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.generic)


def describe(prior: TastePrior, embeddings: Floats, generic: Floats) -> Described:
    """Return what the kernels read of `(N, D)` embeddings with `(N,)` generic scores."""
    described = np.asarray(embeddings[:, : len(prior.basis)], dtype=np.float64)
    return Described(
        generic=np.asarray(generic, dtype=np.float64),
        tastes=described @ prior.basis,
        embeddings=described,
        from_average=np.exp(-(described**2).sum(1) / prior.own_width),
    )


def parts(prior: TastePrior, left: Described, right: Described) -> NDArray[np.float64]:
    """Return `(3, N, M)` covariances of gain, taste and own part, each at a trust of 1."""
    squares = (left.embeddings**2).sum(1)[:, None] + (right.embeddings**2).sum(1)
    distances = np.maximum(squares - 2 * left.embeddings @ right.embeddings.T, 0)
    own = np.exp(-distances / prior.own_width)
    own += 1 - left.from_average[:, None] - right.from_average
    return np.stack(
        [
            np.outer(left.generic - MIDDLE, right.generic - MIDDLE),
            left.tastes @ right.tastes.T,
            prior.own_scale * own,
        ]
    )


def part_variances(prior: TastePrior, photos: Described) -> NDArray[np.float64]:
    """Return `(3, N)` variances of gain, taste and own part, each at a trust of 1."""
    return np.stack(
        [
            (photos.generic - MIDDLE) ** 2,
            (photos.tastes**2).sum(1),
            prior.own_scale * 2 * (1 - photos.from_average),
        ]
    )


def combine(trust: Trust, covariances: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sum of `(3, …)` parts, weighted by the squares of a trust."""
    combined: NDArray[np.float64] = np.tensordot(np.square(trust), covariances, axes=1)
    return combined
