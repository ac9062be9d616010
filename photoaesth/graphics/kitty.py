"""kitty's graphics protocol: kitty, Ghostty, WezTerm, Konsole.

https://sw.kovidgoyal.net/kitty/graphics-protocol/
"""

import base64
import math
from collections.abc import Callable

from PIL import Image

from photoaesth.graphics.diacritics import DIACRITICS
from photoaesth.graphics.picture import Picture, Upload
from photoaesth.graphics.png import png
from photoaesth.graphics.tmux import past_tmux

MAX_CELLS = len(DIACRITICS)  # the most rows or columns that placeholders can number

_CHUNK = 4096  # characters of base64 in one command; the protocol's limit
_PLACEHOLDER = "\U0010eeee"
_QUIET = "q=2"  # no answers, which would look like keys


def direct(image: Image.Image, image_id: int, cell_px: tuple[int, int]) -> Picture:
    """Return a picture that the terminal draws, pixel by pixel, from the cursor on.

    Args:
        image: RGB, in the pixels of the screen.
        image_id: 1 to 2³² - 1.
        cell_px: width and height of a cell in pixels.
    """
    columns = math.ceil(image.width / cell_px[0])
    rows = math.ceil(image.height / cell_px[1])
    only_one, keep_cursor = "p=1", "C=1"
    place = _command(f"a=p,i={image_id},{only_one},{keep_cursor}")
    upload = _upload(image, image_id, "a=t")
    return Picture(columns, (" " * columns,) * rows, place, upload)


def placeholders(image: Image.Image, image_id: int, columns: int, rows: int) -> Picture:
    """Return a picture made of text, which tmux can move and clip; its pixels are sent past tmux.

    The text's colour is the lowest byte of the picture's number, as one of 256 colours, since
    tmux may not be allowed more; the highest byte is a diacritic, like row and column. The two
    between are zero.

    Args:
        image: RGB; it is scaled into the rectangle, its aspect kept.
        image_id: 1 to 2³² - 1, without the two bytes in the middle.
        columns: 1 to `MAX_CELLS`.
        rows: 1 to `MAX_CELLS`.
    """
    upload = _upload(image, image_id, f"a=T,U=1,c={columns},r={rows}", past_tmux)
    color, last = image_id & 0xFF, DIACRITICS[image_id >> 24]
    lines = tuple(
        f"\x1b[38;5;{color}m"
        + "".join(_PLACEHOLDER + row + column + last for column in DIACRITICS[:columns])
        + "\x1b[39m"
        for row in DIACRITICS[:rows]
    )
    return Picture(columns, lines, upload=upload)


def _upload(
    image: Image.Image, image_id: int, action: str, wrap: Callable[[str], str] = str
) -> Upload:
    data = base64.b64encode(png(image)).decode()
    pieces = []
    for start in range(0, len(data), _CHUNK):
        more = int(start + _CHUNK < len(data))
        control = f"{action},f=100,i={image_id},m={more}" if start == 0 else f"m={more}"
        pieces.append(wrap(_command(control, data[start : start + _CHUNK])))
    delete = wrap(_command(f"a=d,d=I,i={image_id}"))
    cut_short = wrap(_command("m=0"))  # what came so far is no picture, and is dropped
    return Upload(pieces, cut_short + delete, delete)


def _command(control: str, payload: str = "") -> str:
    return f"\x1b_G{control},{_QUIET}" + (f";{payload}" if payload else "") + "\x1b\\"
