import torch
from torch.nn import functional

from photoaesth.enhance.color import linear_to_srgb
from photoaesth.enhance.difference import delta_e
from photoaesth.enhance.operations.haze import DEHAZE, veil

AIRLIGHT = torch.tensor([0.75, 0.8, 0.85]).view(1, 3, 1, 1)


def scene() -> torch.Tensor:
    """Linear light, `(1, 3, 256, 256)`: patches of all colours, as a market or a street has."""
    generator = torch.Generator().manual_seed(3)
    patches = torch.rand(1, 3, 40, 40, generator=generator).square() * 0.6
    patches[:, 0, ::2, ::2] = patches[:, 2, 1::2, 1::2] = 0.005
    return functional.interpolate(patches, (256, 256))


def hazy(transmission: torch.Tensor) -> torch.Tensor:
    return scene() * transmission + AIRLIGHT * (1 - transmission)


def depth() -> torch.Tensor:
    """The share of light that comes through: 0.9 below, 0.4 far above, none in the sky."""
    rows = torch.linspace(0.4, 0.9, 256).view(1, 1, 256, 1).expand(1, 1, 256, 256).clone()
    rows[:, :, :12] = 0
    return rows


def test_it_takes_known_haze_away() -> None:
    """Haze added by the model of He et al. is mostly taken away again."""
    clear, haze = (linear_to_srgb(x) for x in (scene(), hazy(depth())))
    result = linear_to_srgb(DEHAZE(hazy(depth()), torch.tensor([0.9])))
    ground = (..., slice(20, None), slice(None))
    before, after = (delta_e(x, clear)[ground].mean() for x in (haze, result))
    assert after < 0.5 * before


def test_the_airlight_is_the_color_of_the_haze() -> None:
    """The airlight comes out within a few percent, in each channel."""
    (airlight,) = veil(hazy(depth())).constants
    torch.testing.assert_close(airlight, AIRLIGHT.flatten(), atol=0, rtol=0.05)


def test_a_clear_photo_hardly_changes() -> None:
    """Where the dark channel is dark, there is nothing to take away."""
    clear = scene()
    result = DEHAZE(clear, torch.tensor([0.5]))
    assert delta_e(linear_to_srgb(result), linear_to_srgb(clear)).mean() < 2
