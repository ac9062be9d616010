from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from numpy.typing import NDArray
from PIL import Image

from photoaesth.learning.backbone import Backbone, load_backbone
from photoaesth.learning.crowd import CrowdModel, GenericHead, Projection

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
    """Make small crowd models with an embedding of any size and no backbone behind it."""

    def make(dimensions: int = 6, *, seed: int = 0, **prior: float) -> CrowdModel:
        rng = np.random.default_rng(seed)
        settings: dict[str, Any] = {"choice_slope": 0.8, "taste_sd": 1.0, "gain_sd": 0.5, **prior}
        return CrowdModel(
            name="crowd-test",
            embedding_name="test",
            projection=_projection(rng, dimensions),
            head=GenericHead(
                landmarks=_unit(rng.normal(size=(12, dimensions))).astype(np.float32),
                coefficients=rng.normal(size=(12, 10)).astype(np.float32),
                bias=np.linspace(-1, 1, 10, dtype=np.float32),
                width=1.0,
            ),
            **settings,
        )

    return make


def _projection(rng: np.random.Generator, dimensions: int) -> Projection:
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
