"""What can be measured of a picture without knowing what it shows."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from PIL import Image

from photoaesth.samples.paint import Array

TRAITS = ("brightness", "contrast", "warmth", "colourfulness", "sharpness", "simplicity")

_COLOUR_SIDE = 256  # pixels of the longer side for tones and colours
_DETAIL_SIDE = 512  # and for sharpness, which depends on the size it is measured at
_EDGE = 0.05  # luminance step between neighbours, of 1, that counts as an edge


def measure(image: Image.Image) -> Mapping[str, float]:
    """Return the six traits of an upright RGB picture.

    - brightness: mean CIELAB L* / 100, in [0, 1];
    - contrast: standard deviation of L* / 100;
    - warmth: mean CIELAB b* / 100; positive is yellow, negative blue;
    - colourfulness: Hasler & Süsstrunk, "Measuring colourfulness in natural images" (2003),
      equation for M³, divided by 100;
    - sharpness: natural logarithm of the variance of the 4-neighbour Laplacian of the sRGB
      luma in [0, 255], at 512 pixels on the longer side;
    - simplicity: 1 − the share of pixels whose luma gradient, at 256 pixels, exceeds 0.05.
    """
    small = np.asarray(_fitted(image, _COLOUR_SIDE), np.float32) / 255
    lightness, yellow = _lab(small)
    luma = small @ np.array([0.299, 0.587, 0.114], np.float32)
    edges = np.hypot(*np.gradient(luma)) > _EDGE
    detail = np.asarray(_fitted(image, _DETAIL_SIDE).convert("L"), np.float32)
    return {
        "brightness": float(lightness.mean()) / 100,
        "contrast": float(lightness.std()) / 100,
        "warmth": float(yellow.mean()) / 100,
        "colourfulness": _colourfulness(small * 255) / 100,
        "sharpness": float(np.log(_laplacian(detail).var() + 1e-3)),
        "simplicity": 1 - float(edges.mean()),
    }


def _fitted(image: Image.Image, side: int) -> Image.Image:
    scale = side / max(image.size)
    size = (max(3, round(image.width * scale)), max(3, round(image.height * scale)))
    return image.resize(size, Image.Resampling.BOX if scale < 1 else Image.Resampling.BILINEAR)


def _lab(srgb: Array) -> tuple[Array, Array]:
    """Return CIELAB L* and b* (D65) of sRGB in [0, 1], by CIE 15:2004."""
    light = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    y = light @ np.array([0.2126, 0.7152, 0.0722])
    z = light @ np.array([0.0193, 0.1192, 0.9505]) / 1.0890
    fy, fz = (np.where(t > 216 / 24389, np.cbrt(t), (24389 / 27 * t + 16) / 116) for t in (y, z))
    return (116 * fy - 16).astype(np.float32), (200 * (fy - fz)).astype(np.float32)


def _colourfulness(rgb: Array) -> float:
    red_green = rgb[..., 0] - rgb[..., 1]
    yellow_blue = (rgb[..., 0] + rgb[..., 1]) / 2 - rgb[..., 2]
    spread = np.hypot(red_green.std(), yellow_blue.std())
    offset = np.hypot(red_green.mean(), yellow_blue.mean())
    return float(spread + 0.3 * offset)


def _laplacian(image: Array) -> npt.NDArray[np.float32]:
    inner = image[1:-1, 1:-1]
    around = image[:-2, 1:-1] + image[2:, 1:-1] + image[1:-1, :-2] + image[1:-1, 2:]
    return np.asarray(around - 4 * inner, np.float32)
