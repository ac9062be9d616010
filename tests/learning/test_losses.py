import numpy as np
import pytest
import torch
from scipy.stats import energy_distance

from photoaesth.learning.losses import squared_emd


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


def test_gradient() -> None:
    """The gradient is that of finite differences."""
    generator = torch.Generator().manual_seed(0)
    predicted, target = torch.rand(2, 4, 10, generator=generator, dtype=torch.float64).softmax(2)
    assert torch.autograd.gradcheck(squared_emd, (predicted.requires_grad_(), target))
