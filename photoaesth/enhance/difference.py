"""How different two pictures look: CIELAB and CIEDE2000 on tensors, differentiable."""

import math

import torch
from torch import Tensor

from photoaesth.enhance.color import srgb_to_linear

# IEC 61966-2-1: linear sRGB to XYZ, here over the XYZ of its white, so that greys have a = b = 0.
_RGB_TO_XYZ = torch.tensor(
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]],
    dtype=torch.float64,
)
_RGB_TO_RELATIVE_XYZ = _RGB_TO_XYZ / _RGB_TO_XYZ.sum(dim=1, keepdim=True)
_EDGE = 6 / 29  # of the cube root in CIELAB (CIE 15:2004, eq. 8.6)
_LEAST_SQUARE = 1e-14  # below it a square root has no slope
_POW_25_7 = 25.0**7


def delta_e(first: Tensor, second: Tensor) -> Tensor:
    """Return CIEDE2000 between the pixels of pictures.

    Args:
        first: `(..., 3, H, W)` sRGB in [0, 1].
        second: the same shape, or one that broadcasts.

    Returns:
        `(..., H, W)`; about 1 is a just noticeable difference.
    """
    return ciede2000(srgb_to_lab(first), srgb_to_lab(second))


def srgb_to_lab(images: Tensor) -> Tensor:
    """Convert sRGB to CIELAB under D65 (CIE 15:2004, eq. 8.3 to 8.8).

    Args:
        images: `(..., 3, H, W)` sRGB in [0, 1].

    Returns:
        `(..., 3, H, W)`: L* in [0, 100], a* and b* within about ±110.
    """
    light = srgb_to_linear(images)
    relative = torch.einsum("ij,...jhw->...ihw", _RGB_TO_RELATIVE_XYZ.to(light), light)
    root = relative.clamp_min(_EDGE**3).pow(1 / 3)
    straight = relative / (3 * _EDGE**2) + 4 / 29
    x, y, z = torch.where(relative > _EDGE**3, root, straight).unbind(dim=-3)
    return torch.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], dim=-3)


def ciede2000(first: Tensor, second: Tensor) -> Tensor:
    """Return the CIEDE2000 difference of colours, with all weights 1.

    Sharma, Wu and Dalal, The CIEDE2000 Color-Difference Formula, 2005; the numbers in the
    comments are those of its equations. Where the formula jumps, at hues exactly opposite, the
    gradient is that of one side; for equal colours it is 0.

    Args:
        first: `(..., 3, H, W)` CIELAB.
        second: the same shape, or one that broadcasts.

    Returns:
        `(..., H, W)`, at least 0; equal colours come out at 1e-7.
    """
    l1, a1, b1 = first.unbind(dim=-3)
    l2, a2, b2 = second.unbind(dim=-3)
    mean_c7 = ((_length(a1, b1) + _length(a2, b2)) / 2).pow(7)  # 2, 3
    stretch = 1.5 - 0.5 * _root(mean_c7 / (mean_c7 + _POW_25_7))  # 1 + G, 4
    a1, a2 = a1 * stretch, a2 * stretch  # 5
    c1, c2 = _length(a1, b1), _length(a2, b2)  # 6
    h1, h2 = _hue(a1, b1), _hue(a2, b2)  # 7

    colourless = (a1 == 0) & (b1 == 0) | (a2 == 0) & (b2 == 0)
    turn = h2 - h1
    turn = turn - 360 * (turn > 180).to(turn) + 360 * (turn < -180).to(turn)
    turn = torch.where(colourless, torch.zeros_like(turn), turn)  # 10
    d_hue = 2 * _root(c1 * c2) * torch.sin(torch.deg2rad(turn / 2))  # 11

    mean_l, mean_c = (l1 + l2) / 2, (c1 + c2) / 2  # 12, 13
    total = h1 + h2
    apart = (h1 - h2).abs() > 180
    round_trip = torch.where(apart, torch.where(total < 360, 360.0, -360.0).to(total), 0.0)
    mean_h = torch.where(colourless, total, (total + round_trip) / 2)  # 14
    t = (
        1
        - 0.17 * _cos(mean_h - 30)
        + 0.24 * _cos(2 * mean_h)
        + 0.32 * _cos(3 * mean_h + 6)
        - 0.20 * _cos(4 * mean_h - 63)
    )  # 15
    d_theta = 30 * torch.exp(-((mean_h - 275) / 25).square())  # 16
    c7 = mean_c.pow(7)
    r_c = 2 * _root(c7 / (c7 + _POW_25_7))  # 17
    off_middle = (mean_l - 50).square()
    s_l = 1 + 0.015 * off_middle / (20 + off_middle).sqrt()  # 18
    s_c = 1 + 0.045 * mean_c  # 19
    s_h = 1 + 0.015 * mean_c * t  # 20
    r_t = -torch.sin(torch.deg2rad(2 * d_theta)) * r_c  # 21
    light, chroma, hue = (l2 - l1) / s_l, (c2 - c1) / s_c, d_hue / s_h
    return _root(light.square() + chroma.square() + hue.square() + r_t * chroma * hue)  # 22


def _length(a: Tensor, b: Tensor) -> Tensor:
    return _root(a.square() + b.square())


def _root(squares: Tensor) -> Tensor:
    """Return the square root; where it would have an infinite slope, a tiny constant."""
    return squares.clamp_min(_LEAST_SQUARE).sqrt()


def _hue(a: Tensor, b: Tensor) -> Tensor:
    """Return the angle of (a, b) in degrees, in [0, 360); 0 for greys."""
    grey = (a == 0) & (b == 0)
    angle = torch.atan2(b, torch.where(grey, torch.ones_like(a), a)) * (180 / math.pi)
    return torch.where(angle < 0, angle + 360, angle)


def _cos(degrees: Tensor) -> Tensor:
    return torch.cos(torch.deg2rad(degrees))
