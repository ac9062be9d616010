import numpy as np
import pytest
import torch
from torch import nn

from photoaesth.learning.evaluation.baselines.rankiqa import train_siamese


def line(weight: float) -> nn.Linear:
    """A head that multiplies by a weight."""
    head = nn.Linear(1, 1, bias=False)
    nn.init.constant_(head.weight, weight)
    return head


def trained(weight: float, winner: list[int], loser: list[int], shares: list[float]) -> float:
    """The weight after one step, photos being 0, 1, 2 …"""
    inputs = torch.arange(4.0).unsqueeze(1)
    pairs = np.array(winner), np.array(loser)
    head = train_siamese(line(weight), inputs, *pairs, np.array(shares), steps=1, rate=0.01)
    return float(next(head.parameters()).item())


@pytest.mark.parametrize(
    ("weight", "expected"),
    [(0.5, 0.5), (0.09, 0.1), (-1.0, -0.99)],
    ids=["ahead by the margin", "ahead by less", "behind"],
)
def test_a_pair_pulls_until_the_winner_leads_by_the_margin(weight: float, expected: float) -> None:
    """Photo 3 before 2 raises the weight by Adam's rate, unless it leads by more than 0.1."""
    assert trained(weight, [3], [2], [1.0]) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize(("weight", "expected"), [(1.0, 0.99), (-1.0, -0.99), (0.0, 0.0)])
def test_a_tie_pulls_scores_together(weight: float, expected: float) -> None:
    """Half a hinge each way leaves equal scores alone and brings unequal ones nearer."""
    found = trained(weight, [3, 2], [2, 3], [0.5, 0.5])
    assert found == pytest.approx(expected, abs=1e-3)


def test_the_heavier_pair_wins() -> None:
    """Of two pairs that contradict each other, the one with the larger weight decides."""
    assert trained(0.0, [3, 2], [2, 3], [1.0, 0.4]) > 0 > trained(0.0, [3, 2], [2, 3], [0.4, 1.0])


def test_without_pairs_nothing_is_learned() -> None:
    """The head comes back as a copy with the weights it had."""
    assert trained(0.7, [], [], []) == pytest.approx(0.7)
