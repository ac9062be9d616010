"""Perceptual hashes: 64 bits that stay nearly the same when a picture is saved again or edited."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

UNTELLING = 0
"""The hash of a picture too flat to be known by one; no other picture has it."""

_SIDE = 32  # pixels of the grey square that is transformed
_BITS_PER_SIDE = 8
_ALL_BITS = (1 << 64) - 1
_MIN_DEVIATION = 2.0  # of the grey levels; below, the bits are noise


def perceptual_hash(image: Image.Image) -> int:
    """Return the DCT hash of a picture.

    Each bit says whether one of the 8 × 8 lowest frequencies of a 32 × 32 grey copy lies above
    their median: C. Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions"
    (2010), 3.2.1, but with the frequencies of rows and columns alone, which crops disturb least.
    Two hashes compare by the number of bits in which they differ, see `bits_apart`.

    Args:
        image: any mode that converts to grey, of any size.

    Returns:
        A signed 64-bit integer; `UNTELLING` for a flat picture.
    """
    small = image.resize((_SIDE, _SIDE), Image.Resampling.BOX, reducing_gap=2.0)
    grey = np.asarray(small.convert("L"), np.float32)
    if grey.std() < _MIN_DEVIATION:
        return UNTELLING
    frequencies = (_COSINES @ grey @ _COSINES.T).ravel()
    bits = np.packbits(frequencies > np.median(frequencies))
    return int(bits.view(">i8")[0])


def bits_apart(left: int, right: int) -> int:
    """Return in how many of 64 bits two hashes differ; 64 if one of them is `UNTELLING`."""
    if UNTELLING in {left, right}:
        return 64
    return ((left ^ right) & _ALL_BITS).bit_count()


def _cosines() -> NDArray[np.float32]:
    """Return the lowest rows of the DCT-II, `(8, 32)`, each of the same norm but the first."""
    frequency = np.arange(_BITS_PER_SIDE)[:, None]
    place = np.arange(_SIDE)[None, :]
    return np.cos(np.pi * frequency * (2 * place + 1) / (2 * _SIDE)).astype(np.float32)


_COSINES = _cosines()
