import pytest
import torch

from photoaesth.enhance.difference import ciede2000, delta_e, srgb_to_lab

# Sharma, Wu and Dalal 2005, table 1: L, a, b of two colours and their difference.
PUBLISHED = """
50 2.6772 -79.7751 50 0 -82.7485 2.0425
50 3.1571 -77.2803 50 0 -82.7485 2.8615
50 2.8361 -74.0200 50 0 -82.7485 3.4412
50 -1.3802 -84.2814 50 0 -82.7485 1.0000
50 -1.1848 -84.8006 50 0 -82.7485 1.0000
50 -0.9009 -85.5211 50 0 -82.7485 1.0000
50 0 0 50 -1 2 2.3669
50 -1 2 50 0 0 2.3669
50 2.4900 -0.0010 50 -2.4900 0.0009 7.1792
50 2.4900 -0.0010 50 -2.4900 0.0010 7.1792
50 2.4900 -0.0010 50 -2.4900 0.0011 7.2195
50 2.4900 -0.0010 50 -2.4900 0.0012 7.2195
50 -0.0010 2.4900 50 0.0009 -2.4900 4.8045
50 -0.0010 2.4900 50 0.0010 -2.4900 4.8045
50 -0.0010 2.4900 50 0.0011 -2.4900 4.7461
50 2.5 0 50 0 -2.5 4.3065
50 2.5 0 73 25 -18 27.1492
50 2.5 0 61 -5 29 22.8977
50 2.5 0 56 -27 -3 31.9030
50 2.5 0 58 24 15 19.4535
50 2.5 0 50 3.1736 0.5854 1.0000
50 2.5 0 50 3.2972 0 1.0000
50 2.5 0 50 1.8634 0.5757 1.0000
50 2.5 0 50 3.2592 0.3350 1.0000
60.2574 -34.0099 36.2677 60.4626 -34.1751 39.4387 1.2644
63.0109 -31.0961 -5.8663 62.8187 -29.7946 -4.0864 1.2630
61.2901 3.7196 -5.3901 61.4292 2.2480 -4.9620 1.8731
35.0831 -44.1164 3.7933 35.0232 -40.0716 1.5901 1.8645
22.7233 20.0904 -46.6940 23.0331 14.9730 -42.5619 2.0373
36.4612 47.8580 18.3852 36.2715 50.5065 21.2231 1.4146
90.8027 -2.0831 1.4410 91.1528 -1.6435 0.0447 1.4441
90.9257 -0.5406 -0.9208 88.6381 -0.8985 -0.7239 1.5381
6.7747 -0.2908 -2.4247 5.8714 -0.0985 -2.2286 0.6377
2.0776 0.0795 -1.1350 0.9033 -0.0636 -0.5514 0.9082
"""
TABLE = torch.tensor(
    [[float(n) for n in line.split()] for line in PUBLISHED.strip().splitlines()],
    dtype=torch.float64,
)


def colors(columns: slice) -> torch.Tensor:
    return TABLE[:, columns].T.reshape(3, 1, -1)


def test_the_published_pairs_have_their_published_differences() -> None:
    """All 34 pairs come out to the four decimals that are printed, in either order."""
    assert TABLE.shape == (34, 7)
    first, second, expected = colors(slice(0, 3)), colors(slice(3, 6)), TABLE[:, 6]
    for pair in ((first, second), (second, first)):
        torch.testing.assert_close(ciede2000(*pair)[0], expected, atol=6e-5, rtol=0)


@pytest.mark.parametrize(
    ("rgb", "lab"),
    [
        ((1.0, 1.0, 1.0), (100.0, 0.0, 0.0)),
        ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0)),
        ((1.0, 0.0, 0.0), (53.2408, 80.0925, 67.2032)),
        ((0.0, 0.0, 1.0), (32.2970, 79.1875, -107.8602)),
        ((0.5, 0.5, 0.5), (53.3890, 0.0, 0.0)),
    ],
)
def test_lab_of_known_colors(rgb: tuple[float, ...], lab: tuple[float, ...]) -> None:
    """sRGB's white, black, grey and primaries have their CIELAB values under D65."""
    color = torch.tensor(rgb, dtype=torch.float64).view(3, 1, 1)
    expected = torch.tensor(lab, dtype=torch.float64)
    torch.testing.assert_close(srgb_to_lab(color).flatten(), expected, atol=0.02, rtol=0)


def test_equal_pictures_do_not_differ_and_one_may_meet_many() -> None:
    """The difference of a picture to itself is nothing; a batch broadcasts."""
    pictures = torch.rand(4, 3, 8, 9, generator=torch.Generator().manual_seed(0))
    difference = delta_e(pictures, pictures[:1])
    assert difference.shape == (4, 8, 9)
    assert difference[0].max() < 1e-4
    assert difference[1:].mean() > 5


def test_gradients_are_right_and_finite() -> None:
    """Gradients match finite differences; they are finite for greys and equal colours too."""
    generator = torch.Generator().manual_seed(1)
    pair = 0.1 + 0.8 * torch.rand(2, 3, 2, 2, generator=generator, dtype=torch.float64)
    first, second = pair.clone().requires_grad_().unbind(0)
    assert torch.autograd.gradcheck(
        delta_e, (first.detach().requires_grad_(), second.detach().requires_grad_())
    )
    for level in (0.0, 0.5, 1.0):
        grey = torch.full((3, 1, 1), level, requires_grad=True)
        for other in (grey.detach(), torch.full((3, 1, 1), 0.3)):
            (gradient,) = torch.autograd.grad(delta_e(grey, other).sum(), grey)
            assert gradient.isfinite().all()
