"""Drawn scenes to edit."""

import numpy as np
import pytest
import torch
from torch import Tensor

from photoaesth.samples.camera import Look, develop
from photoaesth.samples.paint import Frame
from photoaesth.samples.scenes import SCENES


@pytest.fixture(scope="session")
def scenes() -> list[Tensor]:
    """Three pictures each of seven scenes, `(3, 48, 64)` sRGB in [0, 1]."""
    found = []
    for number, scene in enumerate([*SCENES.values()][::3] * 3):
        rng = np.random.default_rng(number)
        pixels = develop(scene.paint(Frame(64, 48), rng), Look(), rng)
        found.append(torch.from_numpy(pixels).permute(2, 0, 1).float() / 255)
    return found
