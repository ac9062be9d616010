import pytest
import torch

from photoaesth.enhance.operations.light import VIGNETTE, exposure


def test_exposure_is_a_factor_of_light() -> None:
    """+1 EV doubles and −1 EV halves linear light; highlights roll off to white, unclipped."""
    light = torch.tensor([0.0, 0.1, 0.25, 0.6, 0.9, 1.0]).expand(1, 3, 1, 6)
    halved = exposure(light, torch.tensor([-1.0]))[0, 0, 0]
    torch.testing.assert_close(halved, 0.5 * light[0, 0, 0])
    doubled = exposure(light, torch.tensor([1.0]))[0, 0, 0]
    # Knee 0.5, white 2: strength = 1 / (0.5 · 1.5) = 4/3; 0.6 → 1.2 → 0.5 + 0.7 / (1 + 2.8/3).
    torch.testing.assert_close(
        doubled[:4], torch.tensor([0.0, 0.2, 0.5, 0.5 + 0.7 / (1 + 2.8 / 3)])
    )
    assert doubled[4] < 1
    assert doubled[5] == pytest.approx(1)


def test_a_vignette_is_its_number_of_ev_at_the_corners() -> None:
    """The corner's light falls by 2^EV, the centre's not at all, and the two sides are alike."""
    light = torch.full((1, 3, 301, 401), 0.4)
    result = VIGNETTE(light, torch.tensor([1.0]))
    assert float(result[0, 0, 150, 200]) == pytest.approx(0.4, abs=1e-6)
    assert float(result[0, 0, 0, 0]) == pytest.approx(0.2, rel=0.01)
    torch.testing.assert_close(result, result.flip(-1).flip(-2))
