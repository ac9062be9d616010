import numpy as np
import pytest
import torch

from photoaesth.learning.distance import emd
from photoaesth.learning.losses import emd as torch_emd


def test_distance_is_the_loss_that_networks_are_trained_with() -> None:
    """It equals the EMD of `losses` on random distributions, and is 0 between equal ones."""
    left, right = np.random.default_rng(0).dirichlet(np.ones(10), 2)
    expected = float(torch_emd(torch.tensor(left)[None], torch.tensor(right)[None]))
    assert emd(left, right) == pytest.approx(expected)
    assert emd(left, left) == 0


def test_distance_of_all_mass_moved_by_one_score() -> None:
    """One of ten cumulated probabilities differs by 1: √(1 / 10)."""
    assert emd(np.eye(10)[3], np.eye(10)[4]) == pytest.approx(0.1**0.5)
