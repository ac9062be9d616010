"""The copies of a picture that attributes are measured on."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Plane = NDArray[np.float32]

_REDUCTION = 4  # colour and layout need fewer pixels than detail does
_HUE_BINS = 72
_WHITE = np.array([0.95047, 1.0, 1.08883], np.float32)  # D65
_FROM_SRGB = np.array(  # IEC 61966-2-1, linear sRGB to XYZ
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]], np.float32
)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in the forms that formulas want.

    H × W is what was given, about 384 × 288 pixels; h × w a quarter of either.

    Attributes:
        grey: `(H, W)` luma, 0 to 255.
        luminance: `(h, w)` CIE Y in [0, 1].
        lightness: `(h, w)` CIE L* in [0, 100].
        a: `(h, w)` CIE a*.
        b: `(h, w)` CIE b*.
        rgb: `(h, w, 3)` uint8 sRGB.
        hues: `(72,)` how much colour (saturation × value of HSV) has a hue of HSV, in steps of
            5 degrees; a picture all in one pure colour has a sum of 1.
    """

    grey: Plane
    luminance: Plane
    lightness: Plane
    a: Plane
    b: Plane
    rgb: NDArray[np.uint8]
    hues: Plane


def picture(pixels: NDArray[np.uint8]) -> Picture:
    """Return the copies of `(H, W, 3)` sRGB pixels; H and W from 128 to some 600."""
    image = Image.fromarray(pixels)
    small = image.reduce(_REDUCTION)
    rgb = np.asarray(small)
    linear = _LINEAR[rgb]
    relative = _root(linear @ (_FROM_SRGB.T / _WHITE))
    x, y, z = relative[..., 0], relative[..., 1], relative[..., 2]
    hue, saturation, value = (np.asarray(band) for band in small.convert("HSV").split())
    strength = saturation.astype(np.float32) * value
    hues = np.bincount(hue.ravel(), strength.ravel(), 256)
    places = np.arange(256) * _HUE_BINS // 256
    return Picture(
        grey=np.asarray(image.convert("L"), np.float32),
        luminance=linear @ _FROM_SRGB[1],
        lightness=116 * y - 16,
        a=500 * (x - y),
        b=200 * (y - z),
        rgb=rgb,
        hues=(np.bincount(places, hues, _HUE_BINS) / (255**2 * hue.size)).astype(np.float32),
    )


def reduced(plane: Plane, factor: int) -> Plane:
    """Return the means of `factor` × `factor` pixels; what is left over at two edges is cut off."""
    height, width = (side // factor * factor for side in plane.shape)
    # Pillow does this eight times as fast as sums over short axes.
    return np.asarray(Image.fromarray(plane[:height, :width]).reduce(factor))


def _root(relative: Plane) -> Plane:
    """Return CIELAB's f(t): the cube root, and a straight line near black."""
    line = relative * np.float32(841 / 108) + np.float32(4 / 29)
    return np.where(relative > (6 / 29) ** 3, np.cbrt(relative), line)


def _linear() -> Plane:
    """Return the linear light of each of the 256 codes of sRGB, IEC 61966-2-1."""
    code = np.arange(256) / 255
    light = np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)
    return light.astype(np.float32)


_LINEAR = _linear()
