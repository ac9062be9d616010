"""Operations on tones, each a curve with black and white fixed."""

import torch
from torch import Tensor

from photoaesth.enhance.operations.light import per_image
from photoaesth.enhance.operations.operation import Encoding, Operation, Parameter

MID_GREY = 0.4613561295
"""The 18 % grey card in sRGB: the pivot of the contrast curve."""

_REGIONS_DEGREE = 6


def bend(image: Tensor, pivot: Tensor, slope: Tensor) -> Tensor:
    """Bend values into an S around a pivot, with 0 and 1 fixed.

    On either side of the pivot it is Schlick's bias, t / (k + (1 − k)·t): monotone for every
    k > 0, its slope k at the pivot and 1/k at black and white.

    Args:
        image: `(B, C, H, W)` in [0, 1].
        pivot: within (0, 1), broadcastable to `image`.
        slope: k, above 0, broadcastable to `image`; 1 changes nothing.
    """
    dark = image < pivot
    # From the pivot on, what is bright runs down to white as what is dark runs down to black.
    way = torch.where(dark, image, 1 - image)
    share = way / torch.where(dark, pivot, 1 - pivot)
    bent = way / (slope + (1 - slope) * share)
    return torch.where(dark, bent, 1 - bent)


def contrast(image: Tensor, amount: Tensor) -> Tensor:
    """Bend each channel into an S around mid-grey.

    Args:
        image: `(B, 3, H, W)` sRGB in [0, 1].
        amount: `(B,)`, above −1; the slope at mid-grey minus 1.
    """
    return bend(image, torch.tensor(MID_GREY).to(image), 1 + per_image(amount))


def tone_regions(
    image: Tensor, highlights: Tensor, shadows: Tensor, whites: Tensor, blacks: Tensor
) -> Tensor:
    """Raise or lower four regions of tones, keeping the ratios of the channels.

    A pixel's tone v is its greatest channel, so that none can clip. Each region is a Bernstein
    polynomial of degree 6, scaled to a height of 1: blacks, shadows, highlights and whites have
    their peaks at v = ⅙, ⅓, ⅔ and ⅚. The slope of the curve is linear in the parameters and so
    least at a corner of their ranges, where it is above 0 (tested).

    Args:
        image: `(B, 3, H, W)` sRGB in [0, 1].
        highlights: `(B,)`, by how much tones at ⅔ rise.
        shadows: `(B,)`, the same at ⅓.
        whites: `(B,)`, the same at ⅚.
        blacks: `(B,)`, the same at ⅙.
    """
    tone = image.amax(dim=-3, keepdim=True)
    rest = 1 - tone
    black, shadow, highlight, white = (
        per_image(rise) / _peak(place)
        for place, rise in ((1, blacks), (2, shadows), (4, highlights), (5, whites))
    )
    # The sum of the four over v, with what they have in common taken out.
    dark = rest.pow(3) * (black * rest + shadow * tone)
    bright = tone.pow(3) * (highlight * rest + white * tone)
    return image * (1 + rest * (dark + bright))


def _peak(place: int) -> float:
    """Return the greatest value of v^place · (1 − v)^(6 − place), a region before scaling."""
    peak = place / _REGIONS_DEGREE
    return peak**place * (1 - peak) ** (_REGIONS_DEGREE - place)


def tone_curve(image: Tensor, shadows: Tensor, midtones: Tensor, highlights: Tensor) -> Tensor:
    """Add a curve of three smooth humps, one per handle, with black and white fixed.

    It is the Bernstein polynomial of degree 4 whose ordinates at ¼, ½ and ¾ are moved by the
    handles. Its slope is linear in them, so it is least at a corner of their ranges; at all
    eight corners of ±0.2 it is at least 0.2, so the curve is monotone.

    Args:
        image: `(B, 3, H, W)` sRGB in [0, 1].
        shadows: `(B,)`, how far the ordinate at ¼ moves.
        midtones: `(B,)`, the same at ½.
        highlights: `(B,)`, the same at ¾.
    """
    rest = 1 - image
    humps = (
        4 * per_image(shadows) * rest.square()
        + 6 * per_image(midtones) * image * rest
        + 4 * per_image(highlights) * image.square()
    )
    return image + humps * image * rest


CONTRAST = Operation(
    "contrast",
    "tone",
    (Parameter("contrast", "relative slope", -0.6, 0.6, 0.0, "steeper around mid-grey"),),
    Encoding.SRGB,
    contrast,
    "Schlick, Fast alternatives to Perlin's bias and gain functions, Graphics Gems IV, 1994",
)

TONE_REGIONS = Operation(
    "tone_regions",
    "tone",
    (
        Parameter("highlights", "sRGB value", -0.12, 0.12, 0.0, "brighter bright tones"),
        Parameter("shadows", "sRGB value", -0.12, 0.12, 0.0, "brighter dark tones"),
        Parameter("whites", "sRGB value", -0.06, 0.06, 0.0, "brighter tones next to white"),
        Parameter("blacks", "sRGB value", -0.06, 0.06, 0.0, "brighter tones next to black"),
    ),
    Encoding.SRGB,
    tone_regions,
    "Bernstein polynomials of degree 6 (Farin, Curves and Surfaces for CAGD, ch. 6)",
)

TONE_CURVE = Operation(
    "tone_curve",
    "tone",
    (
        Parameter("curve_shadows", "ordinate", -0.2, 0.2, 0.0, "brighter shadows"),
        Parameter("curve_midtones", "ordinate", -0.2, 0.2, 0.0, "brighter midtones"),
        Parameter("curve_highlights", "ordinate", -0.2, 0.2, 0.0, "brighter highlights"),
    ),
    Encoding.SRGB,
    tone_curve,
    "Bernstein polynomial of degree 4 (Farin, Curves and Surfaces for CAGD, ch. 6)",
)
