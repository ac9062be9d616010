"""Colours: how many, how strong, how warm."""

import math

import numpy as np

from photoaesth.attributes.picture import Picture

_FAINT = 10.0  # chroma C* below which a pixel is taken for grey
_TONES = 12  # steps of lightness in which a toned picture has one colour each
_SECTORS = {  # of the hue angle in the plane of a* and b*, degrees
    "reds": (-15, 50),
    "yellows": (50, 110),
    "greens": (110, 190),
    "blues": (190, 300),
    "purples": (300, 345),
}


def warmth(picture: Picture) -> float:
    """Return how warm the colours feel on average; negative is cool.

    L.-C. Ou, M. R. Luo, A. Woodcock and A. Wright, "A study of colour emotion and colour
    preference, part I" (2004): WC = −0.5 + 0.02 C^1.07 cos(h − 50°) of CIELAB chroma and hue.
    """
    # The cosine of a difference, without an angle; and C^1.07 / C is all but constant.
    toward = picture.a * np.float32(np.cos(np.radians(50))) + picture.b * np.float32(
        np.sin(np.radians(50))
    )
    chroma = np.hypot(picture.a, picture.b)
    return float((0.02 * toward * (chroma + 1e-3) ** 0.07).mean() - 0.5)


def colourfulness(picture: Picture) -> float:
    """Return how colourful people find it: 0 is grey, 33 moderately, 109 extremely.

    D. Hasler and S. Süsstrunk, "Measuring colourfulness in natural images" (2003), eq. for M³.
    """
    red, green, blue = np.moveaxis(picture.rgb.astype(np.float32), 2, 0)
    red_green, yellow_blue = red - green, (red + green) / 2 - blue
    spread = np.hypot(red_green.std(), yellow_blue.std())
    return float(spread + 0.3 * np.hypot(red_green.mean(), yellow_blue.mean()))


def saturation(picture: Picture) -> float:
    """Return the mean saturation C* / √(C*² + L*²), 0 to 1.

    E. Lübbe, "Colours in the Mind – Colour Systems in Reality" (2010).
    """
    chroma = np.hypot(picture.a, picture.b)
    return float((chroma / np.hypot(chroma, picture.lightness + 1)).mean())


def hue_shares(picture: Picture) -> dict[str, float]:
    """Return which share of the picture is visibly red, yellow, green, blue, purple."""
    angle = np.degrees(np.arctan2(picture.b, picture.a))
    coloured = np.hypot(picture.a, picture.b) > _FAINT
    edges = [low for low, _ in _SECTORS.values()]
    sector = np.searchsorted(edges, (angle[coloured] + 15) % 360 - 15, side="right") - 1
    counts = np.bincount(sector, minlength=len(edges) + 1)[: len(edges)]
    # Between purple and red, hues count as red.
    beyond = int(((angle[coloured] + 15) % 360 - 15 >= 345).sum())
    counts[-1] -= beyond
    counts[0] += beyond
    return dict(zip(_SECTORS, (counts / picture.a.size).tolist(), strict=True))


def colour_freedom(picture: Picture) -> float:
    """Return how far colours are from following lightness, in units of a* and b*.

    The root mean square of a* and b* about their means in each of twelve steps of lightness. Black
    and white has next to none, nor has a picture in one tone, or in two inks.
    """
    step = np.clip(picture.lightness * (_TONES / 100), 0, _TONES - 1).astype(np.intp).ravel()
    count = np.maximum(np.bincount(step, minlength=_TONES), 1)
    left = 0.0
    for plane in (picture.a.ravel(), picture.b.ravel()):
        means = np.bincount(step, plane, _TONES) / count
        left += float(((plane - means[step]) ** 2).mean())
    return math.sqrt(left)
