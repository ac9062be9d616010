from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

Images = list[NDArray[np.uint8]]


@pytest.fixture(scope="session")
def make_images() -> Callable[..., Images]:
    """Make small images, each a bit brighter than the one before, with texture of their own."""

    def make(count: int, *sizes: tuple[int, int], seed: int = 0) -> Images:
        rng = np.random.default_rng(seed)
        shapes = sizes or ((64, 96),)
        levels = np.linspace(30, 220, count)
        return [
            (level + rng.normal(0, 25, (*shapes[number % len(shapes)], 3)))
            .clip(0, 255)
            .astype(np.uint8)
            for number, level in enumerate(levels)
        ]

    return make
