from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from scipy.stats import spearmanr

from photoaesth.learning.backbone import EFFICIENTNET_LITE0
from photoaesth.learning.crowd import OPINIONS, CrowdModel
from photoaesth.learning.evaluation.method import Choices, Fold, Indices, Learned, Ratings
from photoaesth.learning.features import feature_count

RATED, COMPARED, TEST = np.split(np.arange(120), [60, 90])
RATERS = 40


@dataclass(frozen=True)
class World:
    """Photos of three qualities (red, green and blue), a crowd that likes red, and a person.

    Attributes:
        fold: the crowd rated the photos `RATED`.
        crowd: `(N,)` how much the crowd likes each photo, in points.
        person: `(N,)` how much the person does: the crowd's red, but green more.
        qualities: `(N, 3)`.
    """

    fold: Fold
    crowd: NDArray[np.float64]
    person: NDArray[np.float64]
    qualities: NDArray[np.float64]

    def choose(self, count: int, *, utility: NDArray[np.float64] | None = None) -> Choices:
        """Draw pairs of compared photos; the person answers by utility, without mistakes."""
        utility = self.person if utility is None else utility
        rng = np.random.default_rng(5)
        left, right = rng.permuted(np.tile(COMPARED, (count, 1)), axis=1)[:, :2].T
        return Choices(COMPARED, left, right, (utility[left] > utility[right]).astype(float))


def agreement(learned: Learned, utility: NDArray[np.float64], photos: Indices = TEST) -> float:
    """Spearman's ρ on photos that neither crowd nor person has judged."""
    return float(spearmanr(learned.score[photos], utility[photos]).statistic)


@pytest.fixture(scope="session")
def pictures(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[tuple[Path, ...], NDArray[np.float64]]:
    """Pictures of a colour with texture, and the colours as qualities around 0."""
    folder = tmp_path_factory.mktemp("pictures")
    rng = np.random.default_rng(1)
    qualities = rng.uniform(-1, 1, (120, 3))
    paths = []
    for number, colour in enumerate(128 + 90 * qualities):
        pixels = colour + rng.normal(0, 15, (60, 80, 3))
        paths.append(folder / f"{number}.png")
        Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(paths[-1])
    return tuple(paths), qualities


@pytest.fixture
def world(
    pictures: tuple[tuple[Path, ...], NDArray[np.float64]], make_crowd: Callable[..., CrowdModel]
) -> World:
    """Random features that hold the qualities, ratings by the crowd, choices by the person."""
    paths, qualities = pictures
    rng = np.random.default_rng(2)
    described = np.column_stack([qualities, rng.normal(0, 0.1, (120, 9))])
    size = feature_count(EFFICIENTNET_LITE0.channels)
    features = described @ rng.normal(size=(12, size)) + rng.normal(0, 0.3, (120, size))
    opinions = np.zeros((120, OPINIONS))  # the second opinion says nothing
    embeddings = np.concatenate([described, opinions], axis=1)
    crowd, person = qualities @ [2.0, 0.0, 0.0], qualities @ [1.0, 2.0, 0.0]
    return World(
        fold=Fold(
            paths=paths,
            features=features.astype(np.float32),
            embeddings=embeddings.astype(np.float32),
            crowd=make_crowd(12),
            ratings=_ratings(qualities, rng),
            device="cpu",
            seed=3,
        ),
        crowd=crowd,
        person=person,
        qualities=qualities,
    )


@pytest.fixture
def unrated(world: World) -> Fold:
    """The fold as it is with the shipped crowd model: without ratings."""
    nothing = np.zeros(0, np.int64)
    return replace(world.fold, ratings=Ratings(nothing, nothing, np.zeros(0)))


def _ratings(qualities: NDArray[np.float64], rng: np.random.Generator) -> Ratings:
    """Everybody rates all the rated photos from 1 to 7; they differ in how they like green."""
    rater, photo = (grid.ravel() for grid in np.meshgrid(np.arange(RATERS), RATED))
    green = rng.normal(0, 1.5, RATERS)[rater]
    liked = 1.5 * qualities[photo, 0] + green * qualities[photo, 1] + rng.normal(0, 1, len(photo))
    return Ratings(rater, photo, np.clip(np.round(4 + liked), 1, 7))
