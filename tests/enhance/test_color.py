import pytest
import torch

from photoaesth.enhance.color import (
    LUMINANCE_WEIGHTS,
    linear_to_oklab,
    linear_to_srgb,
    luminance,
    scale_chroma,
    srgb_to_linear,
)


def pixel(*rgb: float) -> torch.Tensor:
    return torch.tensor(rgb, dtype=torch.float64).view(1, 3, 1, 1)


@pytest.mark.parametrize(
    ("srgb", "linear"), [(0.0, 0.0), (0.04045, 0.0031308), (0.5, 0.2140411), (1.0, 1.0)]
)
def test_srgb_decodes_to_known_values(srgb: float, linear: float) -> None:
    """The curve goes through the values of IEC 61966-2-1, its joint included."""
    assert float(srgb_to_linear(torch.tensor(srgb))) == pytest.approx(linear, abs=1e-6)
    assert float(linear_to_srgb(torch.tensor(linear))) == pytest.approx(srgb, abs=1e-5)


def test_srgb_and_linear_invert_each_other() -> None:
    """Decoding and encoding returns every level, far below half a step of 8 bits."""
    levels = torch.linspace(0, 1, 4096)
    torch.testing.assert_close(linear_to_srgb(srgb_to_linear(levels)), levels, atol=5e-7, rtol=0)


@pytest.mark.parametrize("curve", [srgb_to_linear, linear_to_srgb])
def test_transfer_curves_have_right_and_finite_gradients(curve) -> None:
    """Gradients match finite differences and stay finite at black and white."""
    inside = torch.tensor([0.001, 0.02, 0.3, 0.9], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(curve, inside, eps=1e-7)
    ends = torch.tensor([0.0, 1.0], requires_grad=True)
    curve(ends).sum().backward()
    assert ends.grad.isfinite().all()


def test_luminance_weighs_the_primaries() -> None:
    """Each primary has its Rec. 709 weight and white has luminance 1."""
    primaries = torch.eye(3).view(3, 3, 1, 1)
    torch.testing.assert_close(luminance(primaries).flatten(), torch.tensor(LUMINANCE_WEIGHTS))
    assert float(luminance(torch.ones(1, 3, 1, 1))) == pytest.approx(1)


@pytest.mark.parametrize(
    ("rgb", "oklab"),
    [
        ((1.0, 1.0, 1.0), (1.0, 0.0, 0.0)),
        ((1.0, 0.0, 0.0), (0.62796, 0.22486, 0.12585)),
        ((0.0, 1.0, 0.0), (0.86644, -0.23389, 0.17950)),
        ((0.0, 0.0, 1.0), (0.45201, -0.03246, -0.31153)),
    ],
)
def test_oklab_of_the_primaries(rgb: tuple[float, ...], oklab: tuple[float, ...]) -> None:
    """White and the sRGB primaries have the OKLab values of CSS Color 4."""
    expected = torch.tensor(oklab, dtype=torch.float64)
    torch.testing.assert_close(linear_to_oklab(pixel(*rgb)).flatten(), expected, atol=1e-4, rtol=0)


def test_scaling_chroma_moves_a_and_b_only() -> None:
    """A factor multiplies a and b and keeps L."""
    light = pixel(0.4, 0.3, 0.2)
    before, after = linear_to_oklab(light), linear_to_oklab(scale_chroma(light, torch.tensor(0.5)))
    torch.testing.assert_close(after[:, :1], before[:, :1], atol=1e-6, rtol=0)
    torch.testing.assert_close(after[:, 1:], 0.5 * before[:, 1:], atol=1e-6, rtol=0)


def test_a_chroma_factor_of_one_is_exact() -> None:
    """A factor of 1 returns the input bit for bit."""
    light = torch.rand(1, 3, 20, 20, generator=torch.Generator().manual_seed(0))
    assert torch.equal(scale_chroma(light, torch.ones(1, 1, 1, 1)), light)
