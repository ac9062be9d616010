import pytest
import torch

from photoaesth.enhance.color import srgb_to_linear
from photoaesth.enhance.operations.tone import (
    MID_GREY,
    TONE_REGIONS,
    contrast,
    tone_curve,
    tone_regions,
)


def test_contrast_turns_around_mid_grey() -> None:
    """Contrast keeps black, mid-grey and white, and its slope at mid-grey is 1 + amount."""
    image = torch.tensor([0.0, MID_GREY, 1.0], dtype=torch.float64).expand(1, 3, 1, 3)
    for amount in (-0.4, 0.4):
        value = torch.tensor([amount], dtype=torch.float64)
        torch.testing.assert_close(contrast(image, value), image)
        step = 1e-6
        around = torch.tensor([MID_GREY - step, MID_GREY + step], dtype=torch.float64)
        low, high = contrast(around.expand(1, 3, 1, 2), value)[0, 0, 0]
        assert float(high - low) / (2 * step) == pytest.approx(1 + amount, rel=1e-4)


def test_contrast_works_around_the_grey_card() -> None:
    """The pivot is the 18 % card in sRGB."""
    assert float(srgb_to_linear(torch.tensor(MID_GREY))) == pytest.approx(0.18, abs=1e-5)


@pytest.mark.parametrize("corner", range(8))
def test_the_tone_curve_is_monotone_at_every_corner_of_its_ranges(corner: int) -> None:
    """The slope, linear in the handles, is at least 0.2 at all corners and so in the box."""
    handles = [
        torch.tensor([0.2 if corner >> n & 1 else -0.2], dtype=torch.float64) for n in range(3)
    ]
    ramp = torch.linspace(0, 1, 2001, dtype=torch.float64).view(1, 1, 1, -1).requires_grad_()
    curve = tone_curve(ramp, *handles)
    (slope,) = torch.autograd.grad(curve.sum(), ramp)
    assert slope.min() > 0.2 - 1e-9
    assert curve[..., 0] == 0
    assert curve[..., -1] == 1


@pytest.mark.parametrize("corner", range(16))
def test_tone_regions_are_monotone_at_every_corner_of_their_ranges(corner: int) -> None:
    """The slope, linear in the parameters, is above 0 at all corners and so in the box."""
    values = [
        torch.tensor([p.high if corner >> n & 1 else p.low], dtype=torch.float64)
        for n, p in enumerate(TONE_REGIONS.parameters)
    ]
    ramp = torch.linspace(0, 1, 2001, dtype=torch.float64).expand(1, 3, 1, -1)
    curve = tone_regions(ramp, *values)[0, 0, 0]
    assert curve.diff().min() * 2000 > 0.02
    assert curve[0] == 0
    assert curve[-1] == 1


@pytest.mark.parametrize(("position", "peak"), [(0, 2 / 3), (1, 1 / 3), (2, 5 / 6), (3, 1 / 6)])
def test_a_tone_region_is_moved_by_its_parameter(position: int, peak: float) -> None:
    """At a region's own tone the parameter is the rise, and the channels keep their ratios."""
    values = [torch.tensor([0.05 if n == position else 0.0]) for n in range(4)]
    color = torch.tensor([1.0, 0.6, 0.2]).view(1, 3, 1, 1) * peak
    result = tone_regions(color, *values)
    torch.testing.assert_close(result, color * (peak + 0.05) / peak, atol=1e-6, rtol=0)
