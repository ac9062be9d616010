"""What an eye makes of a picture: what it is known by, and where it looks for sharpness.

A perceptual hash is 64 bits that stay nearly the same when a picture is saved again or edited.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

UNTELLING = 0
"""The hash of a picture too flat to be known by one; no other picture has it."""

_SIDE = 32  # pixels of the grey square that is transformed
_BITS_PER_SIDE = 8
_ALL_BITS = (1 << 64) - 1
_MIN_DEVIATION = 2.0  # of the grey levels; below, the bits are noise

_DETAIL_SIDE = 1024  # pixels of the longer side in which detail is sought
_DETAIL_NOISE = 10.0  # grey levels; a modified Laplacian below says nothing about focus
_DETAIL_WINDOW = 12  # windows side by side along the longer side
_DETAIL_BORDER = 10  # a tenth of each side is left out on either end


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


def sharpest_detail(image: Image.Image) -> tuple[float, float]:
    """Return where a picture has most fine detail: the place to judge its sharpness by.

    The window with the greatest sum-modified Laplacian (S. K. Nayar and Y. Nakagawa, "Shape from
    Focus", 1994) of a grey copy. The border is left out: what matters is rarely there, and a frame
    or a hard edge often is.

    Args:
        image: any mode that converts to grey, of any size.

    Returns:
        The window's centre from the left and from the top, as fractions in (0, 1); the middle of
        a picture without detail.
    """
    small = image.convert("L").reduce(-(-max(image.size) // _DETAIL_SIDE))
    sharpness = _modified_laplacian(np.asarray(small, np.float32))

    height, width = sharpness.shape
    top, left = height // _DETAIL_BORDER, width // _DETAIL_BORDER
    inner = sharpness[top : height - top, left : width - left]
    side = max(1, min(max(height, width) // _DETAIL_WINDOW, *inner.shape))
    sums = _window_sums(inner, side)
    if not sums.max() > 0:
        return 0.5, 0.5
    row, column = np.unravel_index(sums.argmax(), sums.shape)
    return (
        float(left + column + side / 2) / width,
        float(top + row + side / 2) / height,
    )


def _modified_laplacian(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how much each pixel `(H, W)` differs from its neighbours; 0 where it may be noise."""
    padded = np.pad(grey, 1, mode="edge")
    across = np.abs(2 * grey - padded[1:-1, :-2] - padded[1:-1, 2:])
    down = np.abs(2 * grey - padded[:-2, 1:-1] - padded[2:, 1:-1])
    both = across + down
    return np.where(both >= _DETAIL_NOISE, both, 0)


def _window_sums(values: NDArray[np.float32], side: int) -> NDArray[np.float64]:
    """Return the sums over all windows of `side` × `side` that lie inside, by upper left corner."""
    sums = np.pad(values.cumsum(0, np.float64).cumsum(1), ((1, 0), (1, 0)))
    rows: NDArray[np.float64] = sums[side:] - sums[:-side]
    windows: NDArray[np.float64] = rows[:, side:] - rows[:, :-side]
    return windows


def _cosines() -> NDArray[np.float32]:
    """Return the lowest rows of the DCT-II, `(8, 32)`, each of the same norm but the first."""
    frequency = np.arange(_BITS_PER_SIDE)[:, None]
    place = np.arange(_SIDE)[None, :]
    return np.cos(np.pi * frequency * (2 * place + 1) / (2 * _SIDE)).astype(np.float32)


_COSINES = _cosines()
