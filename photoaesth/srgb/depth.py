"""Pictures of any mode and depth in 8 bits, at full size or smaller."""

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
from PIL import Image, TiffImagePlugin

_STRIP_PIXELS = 1 << 20
_BITS_PER_SAMPLE, _PHOTOMETRIC = 0x0102, 0x0106
_WHITE_IS_ZERO = 0


def to_8bit(image: Image.Image) -> Image.Image:
    """Return a picture of any Pillow mode in the nearest 8-bit one that can be resized.

    The values stay in the file's own colour space; `to_srgb` is the second half of the way. What
    lies between, resizing, is then cheap and lets no transparent colour bleed in.

    Returns:
        Mode L, LA, RGB, RGBA or CMYK; `image` itself if it is one of them.
    """
    return _converter(image)(image)


def shrink(image: Image.Image, factor: int) -> Image.Image:
    """Return what `to_8bit` would, with sides divided by a whole number and rounded up.

    Each pixel is the mean of those it stands for. Works through strips, so that it takes little
    memory beside the picture's own.
    """
    if factor == 1:
        return to_8bit(image)
    convert = _converter(image)
    width, height = image.size
    rows = max(1, _STRIP_PIXELS // (width * factor)) * factor
    small: Image.Image | None = None
    for top in range(0, height, rows):
        strip = convert(image.crop((0, top, width, min(top + rows, height)))).reduce(factor)
        if small is None:
            small = Image.new(strip.mode, (strip.width, -(-height // factor)))
        small.paste(strip, (0, top // factor))
    assert small is not None
    return small


def deep_to_8bit(values: npt.NDArray[np.generic], *, alpha: bool) -> npt.NDArray[np.uint8]:
    """Return a picture of any kind of number in 8 bits.

    What stands for white is found as `to_8bit` does, once for all colours.

    Args:
        values: `(H, W)` or `(H, W, C)`.
        alpha: the last channel is opacity, of the same range as the colours.
    """
    colours = values[..., :-1] if alpha else values
    finite = (row[np.isfinite(row)] for row in colours)
    low = high = 0.0
    for row in finite:
        low, high = float(row.min(initial=low)), float(row.max(initial=high))
    white = _white(high)
    levels = np.empty(values.shape, np.uint8)
    for number, row in enumerate(values):
        levels[number] = _levels(row, low, white)
    return levels


def _converter(image: Image.Image) -> Callable[[Image.Image], Image.Image]:
    """Return the way to 8 bits for a picture and parts of it."""
    if image.mode == "F" or image.mode.startswith("I"):
        black, white = _gray_range(image)
        return lambda part: _gray_8bit(part, black, white)
    return _8bit


def _8bit(image: Image.Image) -> Image.Image:
    if image.mode in {"LA", "RGBA"}:
        return image
    if image.has_transparency_data:  # also a palette entry or one colour, named in `info`
        return image.convert("LA" if image.mode == "La" else "RGBA")
    if image.mode == "1":
        return image.convert("L")
    return image if image.mode in {"L", "RGB", "CMYK"} else image.convert("RGB")


def _gray_8bit(image: Image.Image, black: float, white: float) -> Image.Image:
    """Return a 16-bit, 32-bit or float picture as L; Pillow's own conversion clips it to white."""
    gray = Image.new("L", image.size)
    for top, strip in _strips(image):
        gray.paste(Image.fromarray(_levels(strip, black, white)), (0, top))
    return gray


def _levels(values: npt.NDArray[np.generic], black: float, white: float) -> npt.NDArray[np.uint8]:
    levels = np.nan_to_num(values.astype(np.float64), nan=black, posinf=white, neginf=black)
    return np.rint((levels - black) * (255 / (white - black))).clip(0, 255).astype(np.uint8)


def _white(high: float) -> float:
    """Return what stands for white in a picture whose greatest value is `high`."""
    return next((level for level in (1.0, 255.0, 65_535.0) if high <= level), high)


def _gray_range(image: Image.Image) -> tuple[float, float]:
    """Return the values that stand for black and white.

    For 32-bit and float pictures the file does not tell: white is taken to be the least of 1,
    255, 65535 and their maximum that holds all of their values. Nor does one tell that keeps
    12-bit values in 16 bits; it stays dark, for guessing would brighten every night shot.
    """
    if not image.mode.startswith("I;16"):
        black, high = _extrema(image)
        return black, _white(high)
    tags = image.tag_v2 if isinstance(image, TiffImagePlugin.TiffImageFile) else {}
    white = 2.0 ** tags.get(_BITS_PER_SAMPLE, (16,))[0] - 1  # 12 bits are not scaled up to 16
    return (white, 0.0) if tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO else (0.0, white)


def _extrema(image: Image.Image) -> tuple[float, float]:
    """Return the least and greatest finite value, the range widened to hold 0."""
    low = high = 0.0
    for _, strip in _strips(image):
        finite = strip[np.isfinite(strip)]
        low, high = float(finite.min(initial=low)), float(finite.max(initial=high))
    return low, high


def _strips(image: Image.Image) -> Iterator[tuple[int, npt.NDArray[np.float64]]]:
    """Yield (top row, values) of strips small enough that memory stays the picture's own."""
    width, height = image.size
    rows = max(1, _STRIP_PIXELS // width)
    for top in range(0, height, rows):
        strip = image.crop((0, top, width, min(top + rows, height)))
        yield top, np.asarray(strip).astype(np.float64)
