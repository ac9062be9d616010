"""Dehazing by the dark channel prior, in linear light."""

import torch
from torch import Tensor
from torch.nn import functional

from photoaesth.enhance.color import luminance
from photoaesth.enhance.operations.area import Analysis, Area
from photoaesth.enhance.operations.filters import guided
from photoaesth.enhance.operations.light import per_image
from photoaesth.enhance.operations.operation import Encoding, LocalOperation, Parameter

_PATCH = 7  # of the base layer's 256 pixels; He et al. 2009 take 15 of 600
_RADIUS = 24  # of the guided filter; He et al. 2010 take four patches
_EDGE = 0.03
_BRIGHTEST = 1_000  # the airlight is that of one pixel in so many (He et al. 2009, section 4.4)
_LEAST_AIRLIGHT = 0.05  # a picture darker than that has no haze to speak of
_DARKEST_KEPT = 0.9  # of what would turn a pixel's least channel black
_DARK = 1e-6  # keeps the slope of the square root finite


def dehaze(area: Area, amount: Tensor) -> Tensor:
    """Take away the veil of haze: I = J·t + A·(1 − t) solved for J.

    The transmission t = 1 − amount·d comes from the dark channel d of the surroundings; where
    that would turn a channel black, it gives way. What is brighter than the airlight A cannot be
    haze and moves along a curve that ends at white.

    Args:
        area: linear light in [0, 1], with the analysis of `veil`.
        amount: `(B,)`, the share of the haze to take away; negative adds haze.
    """
    airlight = area.constants()
    slope, offset = (m.unsqueeze(-3) for m in area.maps().unbind(dim=-3))
    dark = (slope * _guide(area.image) + offset).clamp(0, 1)
    relative = (area.image / airlight).clamp_max(1)
    dark = torch.minimum(dark, _DARKEST_KEPT * relative.amin(dim=-3, keepdim=True))
    transmission = 1 - per_image(amount) * dark
    below = airlight * (1 - (1 - relative) / transmission)
    room = (1 - airlight).clamp_min(_DARK)
    above = (area.image - airlight).clamp_min(0) / room
    return below + room * above / (transmission + (1 - transmission) * above)


def veil(base: Tensor) -> Analysis:
    """Estimate the airlight and the dark channel relative to it (He et al. 2009).

    Args:
        base: `(B, 3, h, w)` linear light, the base layer.

    Returns:
        The coefficients by which the guide tells the dark channel; the airlight as constants.
    """
    count = max(1, base[0, 0].numel() // _BRIGHTEST)
    haziest = _dark_channel(base).flatten(1).topk(count, dim=1).indices
    pixels = base.flatten(2).gather(2, haziest.unsqueeze(1).expand(-1, 3, -1))
    airlight = pixels.mean(dim=2).clamp_min(_LEAST_AIRLIGHT)
    dark = _dark_channel(base / airlight[..., None, None]).clamp_max(1)
    coefficients = guided(_guide(base), dark, _RADIUS, _EDGE)
    return Analysis(torch.cat(coefficients, dim=-3), airlight)


def _dark_channel(images: Tensor) -> Tensor:
    least = images.amin(dim=-3, keepdim=True)
    return -functional.max_pool2d(-least, _PATCH, stride=1, padding=_PATCH // 2)


def _guide(light: Tensor) -> Tensor:
    """Return the square root of luminance, near to how light it looks."""
    return luminance(light).clamp_min(_DARK).sqrt()


DEHAZE = LocalOperation(
    "dehaze",
    "haze",
    (Parameter("dehaze", "share of the haze", -0.5, 0.9, 0.0, "less haze"),),
    Encoding.LINEAR,
    dehaze,
    "dark channel prior, He, Sun and Tang 2009; guided filter, the same 2010 and 2013",
    veil,
)
