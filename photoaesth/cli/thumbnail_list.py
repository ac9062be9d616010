"""A list of photos with small pictures, where the terminal can draw them."""

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from photoaesth.cli.compare_screen.display import window_size, write
from photoaesth.cli.compare_screen.text import BOLD, PLAIN, shorten
from photoaesth.cli.terminal.keys import raw_terminal
from photoaesth.cli.terminal.probe import probe
from photoaesth.domain import ScoredPhoto
from photoaesth.errors import PhotoaesthError
from photoaesth.files import display_path

if TYPE_CHECKING:
    from photoaesth.graphics.canvas import Canvas
    from photoaesth.graphics.picture import Picture

_MOST_UNASKED = 20  # photos; a longer list is there to be searched
_ROWS, _COLUMNS = 4, 12  # of a picture: 3 to 2 where cells are twice as high as wide
_GAP = 2
_FEWEST_COLUMNS = 60  # of a window; a narrower one needs them for paths
_CLEAN_LINE = "\r\x1b[K"  # a few terminals print questions that they do not understand


def drawing_canvas(wish: bool | None, count: int) -> "Canvas | None":
    """Return what to draw thumbnails on; None where there shall be none.

    Args:
        wish: True draws them in characters where the terminal has nothing better; None draws real
            pictures only, and only beside a short list.
        count: how many photos the list has.

    Raises:
        PhotoaesthError: they are wished for and there is no terminal.
    """
    if wish is False or not (wish or (count <= _MOST_UNASKED and _can_be_asked())):
        return None
    if not sys.stdout.isatty():
        raise PhotoaesthError(
            "cannot draw thumbnails: standard output is not a terminal; "
            "--contact-sheet FILE.html writes a page"
        )
    from photoaesth.graphics.canvas import Canvas
    from photoaesth.graphics.picture import Terminal

    terminal = Terminal("blocks")
    if _can_be_asked():
        with raw_terminal():
            terminal = probe("auto", write)
            write(_CLEAN_LINE)
    canvas = Canvas(terminal, color=not os.environ.get("NO_COLOR"))
    return canvas if wish or canvas.real else None


def print_with_thumbnails(photos: Sequence[ScoredPhoto], canvas: "Canvas") -> None:
    """Print photos one below the other: the picture, and beside it what the table says.

    Of more than 240 photos, kitty forgets the pictures of the first.
    """
    for photo in photos:
        picture = _draw(photo, canvas)
        columns, _ = window_size()
        texts = _texts(photo, max(1, columns - _COLUMNS - _GAP - 1))
        write(_beside(picture, texts) + "\n")


def _can_be_asked() -> bool:
    """Whether the terminal would answer: there is a wide one, and it is ours to use now."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()) or os.environ.get("TERM") == "dumb":
        return False
    if window_size()[0] < _FEWEST_COLUMNS:
        return False
    # A program in the background that changes the terminal is stopped.
    return sys.platform == "win32" or os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()


def _draw(photo: ScoredPhoto, canvas: "Canvas") -> "Picture":
    """Return the photo's picture; an empty one where there is none to be had."""
    from photoaesth.graphics.picture import Picture
    from photoaesth.imaging import decode
    from photoaesth.workflows.pictures import photo_thumbnail

    jpeg = photo_thumbnail(photo.photo) if photo.photo else None
    if jpeg is None:
        return Picture(0, ())
    return canvas.draw(decode(jpeg).image, _COLUMNS, _ROWS)


def _texts(photo: ScoredPhoto, columns: int) -> list[str]:
    """Return what is said of a photo, in lines of at most so many cells."""
    from rich.cells import chop_cells

    from photoaesth.workflows.pictures import caption

    score = f"{photo.rank:>3}  {photo.score:.2f}"
    doubt = f" ± {photo.sd:.2f}   generic {photo.generic:.2f}"
    taken = caption(photo.photo.exif) if photo.photo else ""
    said = shorten(" · ".join(filter(None, (photo.period, taken))), columns - 5)
    path = chop_cells(display_path(photo.path), columns - 5)
    return [f"{BOLD}{score}{PLAIN}{doubt}", *(f"     {line}" for line in [said, *path] if line)]


def _beside(picture: "Picture", texts: Sequence[str]) -> str:
    """Return a picture and lines of text to the right of it, the cursor left below both."""
    rows = max(_ROWS, len(texts))
    lines = []
    for row in range(rows):
        drawn, blank = "", _COLUMNS
        if row < len(picture.lines):
            drawn, blank = picture.lines[row], _COLUMNS - picture.columns
        text = texts[row] if row < len(texts) else ""
        lines.append(f"{drawn}{' ' * (blank + _GAP)}{text}".rstrip(" "))
    height = len(picture.lines)
    upload = "".join(picture.upload.pieces) if picture.upload else ""
    overlay = ""
    if picture.overlay:
        # Once its lines have made room, which may scroll the window.
        overlay = f"\x1b7\x1b[{height}A\r{picture.overlay}\x1b8"
    above, below = lines[:height], lines[height:]
    return upload + _written(above) + overlay + _written(below)


def _written(lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
