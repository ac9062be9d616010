import math

import numpy as np
import pytest
import torch

from photoaesth.enhance.color import linear_to_oklab, luminance, scale_chroma, srgb_to_linear
from photoaesth.enhance.operations.color import gamut_used, saturation, vibrance, white_balance


def all_colors(steps: int = 9, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    axis = torch.linspace(0, 1, steps, dtype=dtype)
    return torch.cartesian_prod(axis, axis, axis).T.reshape(1, 3, steps, -1)


def test_temperature_warms_and_keeps_the_luminance_of_grey() -> None:
    """Warmer raises red over blue by the daylight ratio and leaves a mid-grey's luminance."""
    grey = torch.full((1, 3, 1, 1), 0.18)
    warm = white_balance(grey, torch.tensor([0.2]), torch.tensor([0.0]))
    # log2 of red / blue is (0.515 + 0.978) per 100 mired.
    assert float(warm[0, 0] / warm[0, 2]) == pytest.approx(2 ** (0.2 * 1.493), rel=1e-4)
    assert float(luminance(warm)) == pytest.approx(0.18, rel=1e-4)
    magenta = white_balance(grey, torch.tensor([0.0]), torch.tensor([0.2]))
    assert float(magenta[0, 0] / magenta[0, 1]) == pytest.approx(2**0.2, rel=1e-4)
    assert float(luminance(magenta)) == pytest.approx(0.18, rel=1e-4)


def test_the_daylight_direction_is_that_of_the_cie_locus() -> None:
    """A shift from D65 by 10 mired gives the channel ratios of CIE daylight (CIE 15:2004)."""

    def daylight(kelvin: float) -> np.ndarray:
        x = -4.6070e9 / kelvin**3 + 2.9678e6 / kelvin**2 + 99.11 / kelvin + 0.244063
        y = -3 * x**2 + 2.87 * x - 0.275
        to_rgb = np.linalg.inv(
            [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
        )
        return to_rgb @ [x / y, 1, (1 - x - y) / y]

    ratios = daylight(1e6 / (1e6 / 6504 + 10)) / daylight(6504)
    grey = torch.full((1, 3, 1, 1), 0.1)
    warm = white_balance(grey, torch.tensor([0.1]), torch.tensor([0.0])).flatten().numpy()
    np.testing.assert_allclose(warm / warm[1], ratios / ratios[1], rtol=2e-3)


def test_saturation_scales_chroma_and_keeps_lightness_and_hue() -> None:
    """Lowering scales OKLab chroma exactly; raising does too, less so near the gamut's edge."""
    light = srgb_to_linear(torch.tensor([0.55, 0.5, 0.45])).view(1, 3, 1, 1)
    before = linear_to_oklab(light).flatten()
    after = linear_to_oklab(saturation(light, torch.tensor([-0.4]))).flatten()
    torch.testing.assert_close(after[0], before[0], atol=1e-4, rtol=0)
    torch.testing.assert_close(after[1:], 0.6 * before[1:], atol=1e-4, rtol=0)
    raised = linear_to_oklab(saturation(light, torch.tensor([0.4]))).flatten()
    hue = math.atan2(before[2], before[1])
    assert math.atan2(raised[2], raised[1]) == pytest.approx(hue, abs=0.01)
    assert 1.2 < float(raised[1:].norm() / before[1:].norm()) < 1.4


@pytest.mark.parametrize("amount", [-0.4, -0.2, -0.05, 0.05, 0.2, 0.4])
def test_saturation_hardly_clips(amount: float) -> None:
    """Before its clamp saturation leaves sRGB by at most 0.001, and raised not at all."""
    light = srgb_to_linear(all_colors(33))
    factor = (1 + amount) / (1 + max(amount, 0) * gamut_used(light))
    unclipped = scale_chroma(light, factor)
    allowed = 1e-3 if amount < 0 else 1e-6
    assert unclipped.min() >= -allowed
    assert unclipped.max() <= 1 + allowed


def test_vibrance_moves_pale_colors_most() -> None:
    """Raised, a pale colour gains more chroma in proportion than a vivid one; greys stay."""
    srgb = torch.tensor([[0.5, 0.5, 0.5], [0.55, 0.5, 0.45], [0.85, 0.3, 0.1]]).T
    light = srgb_to_linear(srgb).view(1, 3, 1, 3)
    before = linear_to_oklab(light)[0, 1:, 0].norm(dim=0)
    after = linear_to_oklab(vibrance(light, torch.tensor([0.6])))[0, 1:, 0].norm(dim=0)
    assert after[0] < 1e-3
    pale, vivid = (after / before)[1:]
    assert pale > 1.3
    assert 1 <= vivid < 1.05
