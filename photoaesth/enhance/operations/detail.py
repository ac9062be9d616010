"""Operations on detail: clarity, sharpening and noise reduction."""

import torch
from torch import Tensor

from photoaesth.enhance.color import luminance
from photoaesth.enhance.operations.area import Analysis, Area
from photoaesth.enhance.operations.filters import blur, guided
from photoaesth.enhance.operations.light import per_image
from photoaesth.enhance.operations.operation import Encoding, LocalOperation, Parameter
from photoaesth.enhance.operations.tone import bend

_CLARITY_RADIUS = 10  # of the base layer's 256 pixels: 4 % of the longer side
_CLARITY_EDGE = 0.1  # sRGB values; steps well above it are no detail and get no halo
_SHARPENING_SIGMA = 0.00025  # of the longer side: 1.5 pixels of 6,000
_NOISE_SIGMA = 0.0004  # 2.4 pixels of 6,000
_PIVOT_MARGIN = 1e-3  # keeps the pivot off 0 and 1, where the curve has no two sides
_FLAT = 1e-8  # variance far below that of 8 bits' rounding


def clarity(area: Area, amount: Tensor) -> Tensor:
    """Raise the contrast of what stands out from its surroundings, edges left alone.

    Args:
        area: sRGB in [0, 1], with the analysis of `surroundings`.
        amount: `(B,)`, above −1; the slope at the mean of the surroundings, minus 1.
    """
    slope, offset = area.maps().unbind(dim=-3)
    luma = luminance(area.image)
    around = slope.unsqueeze(-3) * luma + offset.unsqueeze(-3)
    return _bend_detail(area.image, luma - around, amount)


def surroundings(base: Tensor) -> Analysis:
    """Return the coefficients of the guided filter that smooths luma up to its edges."""
    luma = luminance(base)
    coefficients = guided(luma, luma, _CLARITY_RADIUS, _CLARITY_EDGE)
    return Analysis(torch.cat(coefficients, dim=-3), base.new_empty(len(base), 0))


def sharpening(area: Area, amount: Tensor) -> Tensor:
    """Raise the contrast of the finest detail.

    Args:
        area: sRGB in [0, 1].
        amount: `(B,)`, above −1; the slope at the mean of the neighbours, minus 1.
    """
    luma = luminance(area.image)
    around = blur(luma, _SHARPENING_SIGMA * area.longer_side)
    return _bend_detail(area.image, luma - around, amount)


def noise_reduction(area: Area, level: Tensor) -> Tensor:
    """Smooth what varies less than noise of a given level does.

    A guided filter with Gaussian windows: each pixel goes toward the means around it, by the
    share that noise has of the variance there. The share is the same for all channels.

    Args:
        area: sRGB in [0, 1].
        level: `(B,)`, the standard deviation of the noise; 0 changes nothing.
    """
    sigma = _NOISE_SIGMA * area.longer_side
    mean = blur(area.image, sigma)
    squares = blur(area.image.square().mean(dim=-3, keepdim=True), sigma)
    variance = (squares - mean.square().mean(dim=-3, keepdim=True)).clamp_min(0)
    noise = per_image(level).square()
    share = noise / (variance + noise + _FLAT)
    return area.image * (1 - blur(share, sigma)) + blur(share * mean, sigma)


def _bend_detail(image: Tensor, detail: Tensor, amount: Tensor) -> Tensor:
    """Bend each channel around what it would be without the detail of luma.

    All channels get the same detail, so that noise in their colours is not raised with it.
    """
    pivot = (image - detail).clamp(_PIVOT_MARGIN, 1 - _PIVOT_MARGIN)
    return bend(image, pivot, 1 + per_image(amount))


CLARITY = LocalOperation(
    "clarity",
    "detail",
    (Parameter("clarity", "relative slope", -0.5, 1.0, 0.0, "more local contrast"),),
    Encoding.SRGB,
    clarity,
    "guided filter, He, Sun and Tang 2010; He and Sun 2015; curve as for contrast",
    surroundings,
)

SHARPENING = LocalOperation(
    "sharpening",
    "detail",
    (Parameter("sharpening", "relative slope", 0.0, 2.0, 0.0, "crisper fine detail"),),
    Encoding.SRGB,
    sharpening,
    "unsharp mask (Gonzalez and Woods, Digital Image Processing, 3.6.3); curve as for contrast",
    reach=3 * _SHARPENING_SIGMA,
)

NOISE_REDUCTION = LocalOperation(
    "noise_reduction",
    "detail",
    (Parameter("noise_reduction", "sRGB value", 0.0, 0.1, 0.0, "less noise"),),
    Encoding.SRGB,
    noise_reduction,
    "guided filter, He, Sun and Tang 2010, guided by the picture itself",
    reach=6 * _NOISE_SIGMA,  # it blurs twice
)
