from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from photoaesth.errors import PhotoaesthError
from photoaesth.learning.evaluation.baselines import METHODS
from photoaesth.learning.evaluation.baselines.mpada import patch_features, window_means

from .conftest import World


def test_windows_are_the_means_of_overlapping_halves() -> None:
    """On a 4 × 4 map numbered row by row, the nine windows of 2 × 2 start at 0, 1 and 2."""
    numbers = torch.arange(16.0).reshape(1, 4, 4)
    expected = [[row * 4 + column + 2.5] for row in range(3) for column in range(3)]
    torch.testing.assert_close(window_means(numbers), torch.tensor(expected))


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 7), (9, 12), (12, 9), (5, 3)])
def test_windows_reach_all_borders(height: int, width: int) -> None:
    """Each pixel of a map of any shape is in at least one window."""
    pixels = torch.eye(height * width).reshape(height * width, height, width)
    assert (window_means(pixels).sum(0) > 0).all()


def test_patches_tell_where_a_picture_differs(world: World) -> None:
    """Two pictures of unlike colours have unlike features; the same picture has the same."""
    one, other = world.fold.paths[:2]
    features = patch_features((one, other, one), "cpu")
    assert features.shape[:2] == (3, 9)
    np.testing.assert_array_equal(features[0], features[2])
    assert np.abs(features[0] - features[1]).max() > 0.1


def test_a_photo_that_cannot_be_read_is_named(world: World, tmp_path: Path) -> None:
    """The error tells path and reason."""
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no picture")
    fold = replace(world.fold, paths=(broken, *world.fold.paths[1:]))
    with pytest.raises(PhotoaesthError, match=r"cannot read .*broken\.jpg: "):
        METHODS["mpada"](fold)
