from collections.abc import Callable

import numpy as np
import pytest
import torch
from scipy.stats import energy_distance
from torch import Tensor

from photoaesth.learning.losses import (
    PAIRWISE_LOSSES,
    emd,
    pairwise_exponential,
    pairwise_hinge,
    pairwise_logistic,
    squared_emd,
)


def certain(*scores: int) -> torch.Tensor:
    """Distributions with all mass on one score each."""
    return torch.nn.functional.one_hot(torch.tensor(scores) - 1, 10).double()


def test_the_farthest_distributions() -> None:
    """All on 1 against all on 10: the sums differ by 1 in 9 of 10 bins, 9 · 1² / 10 = 0.9."""
    assert squared_emd(certain(1), certain(10)).item() == pytest.approx(0.9)


def test_neighbours() -> None:
    """All on 4 against all on 5: one bin differs by 1, 1² / 10 = 0.1."""
    assert squared_emd(certain(4), certain(5)).item() == pytest.approx(0.1)


def test_half_the_mass() -> None:
    """Half of the mass moved from 3 to 5: two bins differ by ½, 2 · ¼ / 10 = 0.05."""
    assert squared_emd(certain(3), (certain(3) + certain(5)) / 2).item() == pytest.approx(0.05)


def test_photos_are_averaged() -> None:
    """0.9, 0.1 and 0 average to 1/3, whichever side is the target."""
    predicted, target = certain(1, 4, 7), certain(10, 5, 7)
    assert squared_emd(predicted, target).item() == pytest.approx(1 / 3)
    assert squared_emd(target, predicted).item() == pytest.approx(1 / 3)


def test_agrees_with_scipy() -> None:
    """SciPy's energy distance is √(2 ∫ (F − G)²), so its square is 20 of ours."""
    rng = np.random.default_rng(0)
    scores = np.arange(1, 11)
    for p, q in rng.dirichlet(np.full(10, 0.5), (20, 2)):
        ours = squared_emd(torch.from_numpy(p[None]), torch.from_numpy(q[None])).item()
        assert ours == pytest.approx(energy_distance(scores, scores, p, q) ** 2 / 20)


def test_emd_is_the_root_photo_by_photo() -> None:
    """√0.9 and √0.1, averaged: (0.948683 + 0.316228) / 2 = 0.632456, not √((0.9 + 0.1) / 2)."""
    assert emd(certain(1, 4), certain(10, 5)).item() == pytest.approx(0.632456, abs=1e-6)


def test_emd_agrees_with_scipy() -> None:
    """SciPy's energy distance is √(2 ∫ (F − G)²), which is √20 of ours."""
    rng = np.random.default_rng(1)
    scores = np.arange(1, 11)
    for p, q in rng.dirichlet(np.full(10, 0.5), (20, 2)):
        ours = emd(torch.from_numpy(p[None]), torch.from_numpy(q[None])).item()
        assert ours == pytest.approx(energy_distance(scores, scores, p, q) / 20**0.5)


def test_emd_of_a_perfect_prediction_pulls_nowhere() -> None:
    """The root has no slope at 0; the gradient there is 0 and not the NaN of ∞ · 0."""
    predicted = certain(3).requires_grad_()
    emd(predicted, certain(3)).backward()
    assert predicted.grad is not None
    assert torch.equal(predicted.grad, torch.zeros(1, 10, dtype=torch.float64))


def test_hinge() -> None:
    """Margins 1, 0.05, -0.5 cost 0, 0.1 - 0.05 = 0.05, 0.1 + 0.5 = 0.6; their mean is 0.21667."""
    preferred = torch.tensor([6.0, 5.05, 4.5])
    other = torch.tensor([5.0, 5.0, 5.0])
    assert pairwise_hinge(preferred, other).item() == pytest.approx(0.65 / 3, abs=1e-6)


def test_hinge_gradient_is_that_of_the_paper() -> None:
    """Eq. 3: 0 for the pair in order by more than ε, else −1 for x₁ and +1 for x₂, over 2 pairs."""
    preferred = torch.tensor([6.0, 4.5], requires_grad=True)
    other = torch.tensor([5.0, 5.0], requires_grad=True)
    pairwise_hinge(preferred, other).backward()
    assert preferred.grad is not None
    assert other.grad is not None
    assert preferred.grad.tolist() == [0, -0.5]
    assert other.grad.tolist() == [0, 0.5]


def test_exponential() -> None:
    """Margins 1 and -1 cost e⁻¹ = 0.367879 and e = 2.718282; their mean is 1.543081."""
    preferred, other = torch.tensor([6.0, 4.0]), torch.tensor([5.0, 5.0])
    assert pairwise_exponential(preferred, other).item() == pytest.approx(1.543081, abs=1e-6)


def test_logistic() -> None:
    """Margins 1 and 0 cost log(1 + e⁻¹) = 0.313262 and log 2 = 0.693147; mean 0.503204."""
    preferred, other = torch.tensor([6.0, 5.0]), torch.tensor([5.0, 5.0])
    assert pairwise_logistic(preferred, other).item() == pytest.approx(0.503204, abs=1e-6)


def test_a_hopeless_pair_stays_finite() -> None:
    """The farthest possible error, 9 points, costs about 9 by the logistic loss, not overflow."""
    cost = pairwise_logistic(torch.tensor([1.0]), torch.tensor([10.0])).item()
    assert cost == pytest.approx(9.000123, abs=1e-6)


@pytest.mark.parametrize("loss", [squared_emd, emd])
def test_distribution_gradients(loss: Callable[[Tensor, Tensor], Tensor]) -> None:
    """The gradient is that of finite differences."""
    generator = torch.Generator().manual_seed(0)
    predicted, target = torch.rand(2, 4, 10, generator=generator, dtype=torch.float64).softmax(2)
    assert torch.autograd.gradcheck(loss, (predicted.requires_grad_(), target))


@pytest.mark.parametrize("name", PAIRWISE_LOSSES)
def test_pairwise_gradients(name: str) -> None:
    """The gradient to both scores is that of finite differences, on either side of the hinge."""
    preferred = torch.tensor([6.0, 5.05, 4.0], dtype=torch.float64, requires_grad=True)
    other = torch.tensor([5.0, 5.0, 5.5], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(PAIRWISE_LOSSES[name], (preferred, other))
