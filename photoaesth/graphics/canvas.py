"""One way to draw for all terminals."""

import itertools
import math
import os

from PIL import Image

from photoaesth.graphics import iterm2, kitty
from photoaesth.graphics.halfblocks import halfblocks
from photoaesth.graphics.picture import Picture, Terminal
from photoaesth.graphics.sixel import sixel

# A picture's number is a colour, too: those below 16 are shown as the terminal likes.
_FIRST_ID, _LAST_ID = 16, 255
_ERASE_SCREEN = "\x1b[2J"


class Canvas:
    """Draws pictures for one terminal.

    A frame is `erase`, then the lines of everything, then each picture's overlay at its place.
    The uploads of its pictures come before all that; see `Memory`.

    Args:
        terminal: what it can show.
        color: False draws blocks without colour; real pictures keep theirs.
    """

    def __init__(self, terminal: Terminal, *, color: bool = True) -> None:
        self._terminal = terminal
        self._color = color
        # Several programs share the terminal's pictures; processes differ in the highest byte.
        process = (os.getpid() % 0xFF + 1) << 24
        self._ids = itertools.cycle(range(process | _FIRST_ID, (process | _LAST_ID) + 1))

    @property
    def real(self) -> bool:
        """Whether pictures are pixels of the screen, not characters."""
        return self._terminal.view in {"kitty", "iterm2", "sixel"}

    def room_px(self, columns: int, rows: int) -> tuple[int, int]:
        """Return width and height in pixels that a picture of so many cells can have at most."""
        terminal = self._terminal
        if not self.real:
            return columns, 2 * rows
        width, height = columns * terminal.cell_px[0], rows * terminal.cell_px[1]
        if terminal.view == "sixel":
            height -= height % 6  # some terminals draw whole bands
            if terminal.max_px is not None:
                return min(width, terminal.max_px[0]), min(height, terminal.max_px[1])
        return width, height

    @property
    def erase(self) -> str:
        """What takes away all that was drawn, text too, where pictures are content of cells."""
        return _ERASE_SCREEN if self._terminal.view in {"sixel", "iterm2"} else ""

    def draw(self, image: Image.Image, columns: int, rows: int) -> Picture:
        """Return a picture as large as it fits, its aspect kept.

        At most 240 pictures of one canvas can be in the terminal's memory at once.

        Args:
            image: sRGB.
            columns: the most cells it may take, >= 1.
            rows: the most lines, >= 1.
        """
        view = self._terminal.view
        if view == "none":
            return Picture(0, ())
        if view == "blocks":
            return halfblocks(image, columns, rows, color=self._color)
        fitted = _fit(image, *self.room_px(columns, rows))
        if view == "sixel":
            return sixel(fitted, self._terminal.cell_px, self._terminal.colors)
        if view == "iterm2":
            return iterm2.inline(fitted, *self._cells(fitted))
        image_id = next(self._ids)
        if self._terminal.in_tmux:
            return kitty.placeholders(fitted, image_id, *self._cells(fitted))
        return kitty.direct(fitted, image_id, self._terminal.cell_px)

    def _cells(self, image: Image.Image) -> tuple[int, int]:
        width, height = self._terminal.cell_px
        return math.ceil(image.width / width), math.ceil(image.height / height)


def _fit(image: Image.Image, width: int, height: int) -> Image.Image:
    """Return an RGB picture that fills the room one way; if it does already, it stays as it is."""
    image = image.convert("RGB")
    scale = min(width / image.width, height / image.height)
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    smaller = Image.Resampling.HAMMING  # half the time of LANCZOS, nearly as sharp
    return image.resize(size, smaller if scale < 1 else Image.Resampling.BICUBIC)
