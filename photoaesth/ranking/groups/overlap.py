"""How far the camera turned between two frames: where they overlap, from small grey pictures."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_MIN_OVERLAP = 0.2  # of the frame's area; matches of less are chance


@dataclass(frozen=True, slots=True)
class Shift:
    """Where one picture lies over another.

    Attributes:
        right: how far right of the first the second lies, in widths of a frame.
        down: how far down, in heights of a frame.
        correlation: of the pixels in the overlap, in [-1, 1].
    """

    right: float
    down: float
    correlation: float


def find_shift(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> Shift:
    """Return the shift at which the overlap of two pictures correlates best.

    Normalised correlation of the overlapping pixels at every shift that leaves an overlap of at
    least a fifth of the frame, by Fourier transforms: D. Padfield, "Masked object registration in
    the Fourier domain" (2012), equation 20, with masks of ones. Phase correlation, which does not
    normalise by the overlap, loses frames that share less than half.

    Args:
        first: `(h, w)` grey levels.
        second: the same size.

    Returns:
        The best; its correlation is 0 where the pictures differ in size or are flat.
    """
    if first.shape != second.shape or first.std() == 0 or second.std() == 0:
        return Shift(0.0, 0.0, 0.0)
    height, width = first.shape
    size = (2 * height, 2 * width)
    one, two = (_standardised(picture) for picture in (first, second))
    ones = np.ones(first.shape)

    def transformed(picture: NDArray[np.float64]) -> NDArray[np.complex128]:
        return np.fft.rfft2(picture, size)

    def at_all_shifts(
        left: NDArray[np.complex128], right: NDArray[np.complex128]
    ) -> NDArray[np.float64]:
        return np.fft.irfft2(left * right.conj(), size)

    one_f, two_f, ones_f = transformed(one), transformed(two), transformed(ones)
    count = np.maximum(np.rint(at_all_shifts(ones_f, ones_f)), 1)
    one_sum, two_sum = at_all_shifts(one_f, ones_f), at_all_shifts(ones_f, two_f)
    products = at_all_shifts(one_f, two_f) - one_sum * two_sum / count
    one_squares = at_all_shifts(transformed(one**2), ones_f) - one_sum**2 / count
    two_squares = at_all_shifts(ones_f, transformed(two**2)) - two_sum**2 / count
    # Overlaps without contrast, as of skies, correlate by chance: their variance counts as less
    # than a tenth of the whole picture's, and so their correlation as small.
    least = 0.1 * count
    scale = np.sqrt(np.maximum(one_squares, least) * np.maximum(two_squares, least))
    correlation = np.where(count >= _MIN_OVERLAP * height * width, products / scale, -1.0)
    down, right = np.unravel_index(np.argmax(correlation), size)
    return Shift(
        right=_signed(int(right), width) / width,
        down=_signed(int(down), height) / height,
        correlation=float(correlation[down, right]),
    )


def _standardised(picture: NDArray[np.uint8]) -> NDArray[np.float64]:
    return np.asarray((picture - picture.mean()) / picture.std())


def _signed(place: int, side: int) -> int:
    """Return a shift in (-side, side) from its place in a circle of two sides."""
    return place if place < side else place - 2 * side
