"""Sixel pictures: foot, xterm, Windows Terminal, WezTerm, mlterm, tmux.

DEC STD 070, chapter 9, or https://vt100.net/docs/vt3xx-gp/chapter14.html: the picture is sent in
bands of six rows. Within a band every colour has a pass from left to right; a character stands
for a column of six pixels and says which of them have the colour.
"""

import math
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photoaesth.graphics.picture import Picture

_BAND = 6  # rows
_BANDS_AT_ONCE = 16  # their arrays fit the processor's cache
_PALETTE_SIDE = 80  # pixels; colours are chosen from a copy so small
_ZERO = ord("?")  # the character for "none of the six"
_WORD = np.dtype("<u8")


def sixel(image: Image.Image, cell_px: tuple[int, int], colors: int = 256) -> Picture:
    """Return a picture that the terminal draws, pixel by pixel, from the cursor on.

    The palette is chosen for the picture, and errors are diffused (Floyd and Steinberg): smooth
    skies stay smooth.

    Args:
        image: RGB, in the pixels of the screen.
        cell_px: width and height of a cell in pixels.
        colors: the most colours that the terminal can show at once, 2 to 256.
    """
    columns = math.ceil(image.width / cell_px[0])
    rows = math.ceil(image.height / cell_px[1])
    indices, palette = _quantized(image, colors)
    pixels_stay = 1  # those of the last band that are below the picture
    raster = f'"1;1;{image.width};{image.height}'
    registers = "".join(
        f"#{number};2;{red};{green};{blue}"
        for number, (red, green, blue) in enumerate((palette * 100 + 127) // 255)
    )
    body = b"-".join(_bands(indices, len(palette))).decode("ascii")
    overlay = f"\x1bP0;{pixels_stay};0q{raster}{registers}{body}\x1b\\"
    return Picture(columns, (" " * columns,) * rows, overlay)


def _quantized(image: Image.Image, colors: int) -> tuple[NDArray[np.uint8], NDArray[np.int_]]:
    """Return the pixels as numbers of colours, (H, W) uint8, and the colours, (N, 3) in 0-255."""
    small = image.reduce(max(1, max(image.size) // _PALETTE_SIDE))
    chosen = small.quantize(colors, Image.Quantize.MAXCOVERAGE)
    indices = np.asarray(image.quantize(palette=chosen, dither=Image.Dither.FLOYDSTEINBERG))
    palette = np.array(chosen.getpalette("RGB")).reshape(-1, 3)
    return indices, palette[: int(indices.max()) + 1]


def _bands(indices: NDArray[np.uint8], colors: int) -> Iterator[bytes]:
    """Yield the picture's bands, several at once, from the top.

    A pixel becomes a number that tells band, colour, column and row, in this order; when the
    numbers are sorted, those of one character stand together, and those of one pass.
    """
    height, width = indices.shape
    tokens = _Tokens(width, colors)
    column = np.arange(width, dtype=np.uint32)
    for top in range(0, height, _BAND * _BANDS_AT_ONCE):
        part = indices[top : top + _BAND * _BANDS_AT_ONCE]
        band, row = np.divmod(np.arange(len(part), dtype=np.uint32)[:, None], np.uint32(_BAND))
        places = (band * np.uint32(colors) + part) * np.uint32(width) + column
        yield tokens.write(np.sort((places * np.uint32(8) + row).ravel()))


class _Tokens:
    """Turns sorted pixels into bytes, with arrays all the way.

    Every run of equal characters becomes three words of eight bytes: how to get to its pass, how
    far to go in it, and the run. Bytes that are not needed are zero and dropped at the end.
    """

    def __init__(self, width: int, colors: int) -> None:
        self._width = width
        self._colors = colors
        self._select = _words(b"\0#%d" % color for color in range(colors))
        lengths = range(width + 1)
        self._gap = _words(b"?" * n if n < 4 else b"!%d?" % n for n in lengths)
        self._repeat = _words(b"" if n < 3 else b"!%d" % n for n in lengths)

    def write(self, pixels: NDArray[np.uint32]) -> bytes:
        """Return bands, with "-" between them and "$" between the passes of one.

        Args:
            pixels: (N,), ascending, each ((band * colors + color) * width + column) * 8 + row.
        """
        place, row = pixels >> 3, pixels & 7
        first = np.flatnonzero(_changes(place))  # one character each
        bits = np.bitwise_or.reduceat(np.left_shift(1, row, dtype=np.uint8), first)
        place = place[first]

        apart = np.diff(place, prepend=place[:1] - 1) != 1
        starts = np.flatnonzero(apart | _changes(bits) | (place % self._width == 0))
        length = np.diff(starts, append=len(place))
        passes, column = np.divmod(place[starts], np.uint32(self._width))
        character = (bits[starts] + np.uint8(_ZERO)).astype(_WORD)

        words = np.zeros((len(starts), 3), _WORD)
        new = np.flatnonzero(_changes(passes))
        separator = np.where(_changes(passes[new] // self._colors), ord("-"), ord("$"))
        separator[0] = 0  # nothing stands before the first
        words[new, 0] = self._select[passes[new] % self._colors] | separator.astype(_WORD)
        gap = column.astype(np.intp)
        gap[1:] -= column[:-1] + length[:-1]
        gap[new] = column[new]
        words[:, 1] = self._gap[gap]
        twice = np.where(length == 2, character, 0)
        words[:, 2] = self._repeat[length] | character << 48 | twice << 56
        return words.tobytes().translate(None, b"\0")


def _words(strings: Iterable[bytes]) -> NDArray[np.uint64]:
    """Return strings of at most eight bytes as numbers whose low byte is the first character."""
    return np.array(list(strings), "S8").view(_WORD)


def _changes(values: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Return where a value differs from the one before it; the first one does."""
    return np.concatenate(([True], values[1:] != values[:-1]))
