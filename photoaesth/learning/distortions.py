"""Random changes of light, colour and sharpness: what edits and accidents do to a photo."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Pixels = NDArray[np.floating[Any]]

_GAMMA = 2.2  # near enough to sRGB's curve for a random change
_LUMA = np.array([0.2126, 0.7152, 0.0722])  # ITU-R BT.709


def distort(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Return a copy with one random distortion.

    Args:
        image: RGB, 8 bit.
        rng: decides which distortion and how strong.
    """
    change = _CHANGES[rng.integers(len(_CHANGES))]
    return change(image, rng)


def _on_pixels(
    change: Callable[[Pixels, np.random.Generator], Pixels],
) -> Callable[[Image.Image, np.random.Generator], Image.Image]:
    def run(image: Image.Image, rng: np.random.Generator) -> Image.Image:
        pixels = np.asarray(image) / 255
        return Image.fromarray((np.clip(change(pixels, rng), 0, 1) * 255 + 0.5).astype(np.uint8))

    return run


@_on_pixels
def _exposure(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    return np.asarray(pixels * 2 ** (rng.uniform(-1.5, 1.5) / _GAMMA))


@_on_pixels
def _cast(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    return np.asarray(pixels * np.exp(rng.normal(0, 0.15, 3) / _GAMMA))


@_on_pixels
def _saturation(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    luma = (pixels @ _LUMA)[..., None]
    return np.asarray(luma + (pixels - luma) * rng.uniform(0, 1.8))


@_on_pixels
def _contrast(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    return np.asarray(0.45 + (pixels - 0.45) * rng.uniform(0.4, 1.6))


@_on_pixels
def _noise(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    return pixels + rng.normal(0, rng.uniform(5, 30) / 255, pixels.shape)


def _blur(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    long_side = max(image.size)
    return image.filter(ImageFilter.GaussianBlur(rng.uniform(0.002, 0.012) * long_side))


_CHANGES = (_exposure, _cast, _saturation, _contrast, _noise, _blur)
