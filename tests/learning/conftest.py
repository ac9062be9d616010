from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from numpy.typing import NDArray
from PIL import Image

from photoaesth.learning.backbone import Backbone, load_backbone
from photoaesth.learning.crowd import OPINIONS, CrowdModel, GenericHead, Projection
from photoaesth.learning.taste import TastePrior, Trust

# A first call into torch or SciPy takes longer than Hypothesis allows an example.
settings.register_profile("learning", deadline=None)
settings.load_profile("learning")


@pytest.fixture(scope="session")
def backbone() -> Backbone:
    """The real backbone; loading it is what costs time."""
    return load_backbone("cpu")


@pytest.fixture(scope="session")
def picture() -> Callable[..., Image.Image]:
    """Make pictures with large shapes, fine texture and colour, another one for every seed."""

    def make(width: int, height: int, seed: int = 0) -> Image.Image:
        rng = np.random.default_rng(seed)
        coarse = Image.fromarray(rng.integers(0, 256, (5, 6, 3), np.uint8))
        shapes = np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC))
        texture = rng.normal(0, 12, (height, width, 1))
        return Image.fromarray((shapes + texture).clip(0, 255).astype(np.uint8))

    return make


@pytest.fixture
def make_crowd() -> Callable[..., CrowdModel]:
    """Make small crowd models of any size and with no backbone behind them.

    `dimensions` numbers of an embedding describe the photo, ten more are the second opinion.
    Average photos have length 1, as the real projection makes them. Further arguments replace
    fields of the taste prior.
    """

    def make(dimensions: int = 6, *, seed: int = 0, **taste: Any) -> CrowdModel:
        rng = np.random.default_rng(seed)
        prior = TastePrior(
            basis=rng.normal(size=(dimensions, 3)) / np.sqrt(3),
            own_width=2.0,
            own_scale=1.5,
            trust=Trust(gain_sd=0.3, taste_sd=0.6, own_sd=1.0),
            trust_spread=0.35,
            appeal_sd=0.7,
            choice_slope=2.0,
        )
        return CrowdModel(
            name="crowd-test",
            embedding_name="test",
            projection=_projection(rng, dimensions),
            head=GenericHead(
                landmarks=_unit(rng.normal(size=(12, dimensions))).astype(np.float32),
                coefficients=rng.normal(size=(12, OPINIONS)).astype(np.float32),
                bias=np.linspace(-1, 1, OPINIONS, dtype=np.float32),
                width=1.0,
                damage=rng.normal(size=(dimensions, 3)).astype(np.float32),
                damage_bias=np.full(3, -2, np.float32),
                damage_tilt=0.1,
            ),
            taste=replace(prior, **taste),
        )

    return make


@pytest.fixture
def make_embeddings() -> Callable[..., NDArray[np.float32]]:
    """Make embeddings for such a crowd model as a library gives them back: from float16."""

    def make(count: int, dimensions: int = 6, *, seed: int = 1) -> NDArray[np.float32]:
        rng = np.random.default_rng(seed)
        described = rng.normal(size=(count, dimensions)) / np.sqrt(dimensions)
        rows = np.column_stack([described, rng.normal(size=(count, OPINIONS))])
        return rows.astype(np.float16).astype(np.float32)

    return make


def _projection(rng: np.random.Generator, dimensions: int) -> Projection:
    """Two pixel statistics and as many pooled numbers as fill the dimensions, from a few more."""
    return Projection(
        mean=rng.normal(size=dimensions + 3),
        scale=rng.uniform(0.5, 2, dimensions + 3),
        pixel_weight=0.1,
        pixels=2,
        components=rng.normal(size=(dimensions + 1, dimensions - 2)),
        center=rng.normal(size=dimensions) / 10,
    )


def _unit(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))
