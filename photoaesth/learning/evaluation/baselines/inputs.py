"""What several baselines read from a fold and from choices."""

from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photoaesth.errors import PhotoaesthError
from photoaesth.learning.distribution import mean_score, spread_mass
from photoaesth.learning.evaluation.method import Choices, Floats, Fold, Indices

MARGIN = 0.1  # ε of the pairwise hinge loss, in points of score (Z21 §3.3)


@dataclass(frozen=True, slots=True)
class RatedPhotos:
    """What the crowd thinks of n photos.

    Attributes:
        photo: `(n,)` photo numbers, ascending.
        distribution: `(n, 10)` score distributions.
    """

    photo: Indices
    distribution: NDArray[np.float64]

    @property
    def score(self) -> NDArray[np.float64]:
        """`(n,)` mean scores in [1, 10]."""
        return mean_score(self.distribution)


def rated_photos(fold: Fold, method: str) -> RatedPhotos:
    """Return the distributions of the fold's ratings, their scale stretched to 1–10.

    Raises:
        PhotoaesthError: the fold has no ratings, or they are all the same; `method` is named.
    """
    given = fold.ratings.score
    if not len(given):
        raise PhotoaesthError(
            f"{method} learns from crowd ratings, which the shipped crowd model does not hold; "
            "add --crowd-ratings CSV"
        )
    low, high = float(given.min()), float(given.max())
    if low == high:
        raise PhotoaesthError(f"{method} cannot learn from crowd ratings that are all {low:g}")
    order = np.argsort(fold.ratings.photo, kind="stable")
    photos, starts = np.unique(fold.ratings.photo[order], return_index=True)
    groups = np.split(given[order], starts[1:])
    return RatedPhotos(photos, np.stack([spread_mass(g, low=low, high=high) for g in groups]))


def generic_scores(fold: Fold) -> NDArray[np.float64]:
    """Return the `(N,)` mean scores of the fold's crowd model, in [1, 10]."""
    return mean_score(fold.crowd.head(fold.embeddings))


def standardised(features: Floats, rated: Indices) -> NDArray[np.float64]:
    """Return features less the mean of the rated photos, over their standard deviation.

    Args:
        features: `(N, …, F)`; whatever lies between photos and features shares the statistics.
        rated: the photos that are measured.
    """
    sample = features[rated].reshape(-1, features.shape[-1]).astype(np.float64)
    return np.asarray((features - sample.mean(0)) / (sample.std(0) + 1e-6))


def preferences(choices: Choices) -> tuple[Indices, Indices, NDArray[np.float64]]:
    """Return winners, losers and weights for losses that know only "a before b".

    A tie is half a choice each way, so that it pulls the two scores together.

    Returns:
        Three arrays of one length; weights in (0, 1].
    """
    winner = np.concatenate([choices.left, choices.right])
    loser = np.concatenate([choices.right, choices.left])
    weight = np.concatenate([choices.outcomes, 1 - choices.outcomes])
    kept = weight > 0
    return winner[kept], loser[kept], weight[kept]


def scientific(module: str) -> Any:
    """Import a module of scikit-learn or SciPy, which the default install does not have.

    Raises:
        PhotoaesthError: it is not installed.
    """
    try:
        return import_module(module)
    except ImportError as error:
        name = {"sklearn": "scikit-learn", "scipy": "SciPy"}[module.partition(".")[0]]
        raise PhotoaesthError(f"{name} is not installed; pip install 'photoaesth[eval]'") from error
