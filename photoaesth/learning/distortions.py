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


def blur(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Return a copy blurred by a Gaussian of σ = 1 % of the long side."""
    return image.filter(ImageFilter.GaussianBlur(0.01 * max(image.size)))


def noise(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Return a copy with independent Gaussian noise of σ = 25 / 255 on every channel."""
    pixels = np.asarray(image) + rng.normal(0, 25, (image.height, image.width, 3))
    return Image.fromarray(np.clip(pixels + 0.5, 0, 255).astype(np.uint8))


def overexpose(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Return a copy overexposed by 2 EV, clipped."""
    light = np.minimum(to_linear(np.asarray(image) / 255) * 4, 1)
    return Image.fromarray((to_display(light) * 255 + 0.5).astype(np.uint8))


def to_linear(display: Pixels) -> Pixels:
    """Return scene-referred light of sRGB values in [0, 1] (IEC 61966-2-1)."""
    return np.where(display <= 0.04045, display / 12.92, ((display + 0.055) / 1.055) ** 2.4)


def to_display(light: Pixels) -> Pixels:
    """Return sRGB values of scene-referred light in [0, 1] (IEC 61966-2-1)."""
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


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
