"""kitty's graphics protocol: kitty, Ghostty, WezTerm, Konsole.

https://sw.kovidgoyal.net/kitty/graphics-protocol/
"""

import base64
import math

from PIL import Image

from photoaesth.graphics.diacritics import DIACRITICS
from photoaesth.graphics.picture import Picture
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
        image_id: 1 to 2³² - 1; a picture that was shown under it before disappears.
        cell_px: width and height of a cell in pixels.
    """
    columns = math.ceil(image.width / cell_px[0])
    rows = math.ceil(image.height / cell_px[1])
    keep_cursor = "C=1"
    commands = _transmission(image, f"a=T,f=100,i={image_id},{keep_cursor}")
    return Picture(columns, (" " * columns,) * rows, "".join(commands))


def placeholders(image: Image.Image, image_id: int, columns: int, rows: int) -> Picture:
    """Return a picture made of text, which tmux can move and clip; it is sent past tmux.

    The text's colour is the lowest byte of the picture's number, as one of 256 colours, since
    tmux may not be allowed more; the highest byte is a diacritic, like row and column. The two
    between are zero.

    Args:
        image: RGB; it is scaled into the rectangle, its aspect kept.
        image_id: 1 to 2³² - 1, without the two bytes in the middle.
        columns: 1 to `MAX_CELLS`.
        rows: 1 to `MAX_CELLS`.
    """
    keys = f"a=T,U=1,f=100,i={image_id},c={columns},r={rows}"
    sent = map(past_tmux, _transmission(image, keys))
    color, last = image_id & 0xFF, DIACRITICS[image_id >> 24]
    lines = tuple(
        f"\x1b[38;5;{color}m"
        + "".join(_PLACEHOLDER + row + column + last for column in DIACRITICS[:columns])
        + "\x1b[39m"
        for row in DIACRITICS[:rows]
    )
    return Picture(columns, lines, "".join(sent))


def delete(image_id: int) -> str:
    """Return what removes a picture from the screen and from the terminal's memory."""
    return _command(f"a=d,d=I,i={image_id}")


def _transmission(image: Image.Image, keys: str) -> list[str]:
    data = base64.b64encode(png(image)).decode()
    commands = []
    for start in range(0, len(data), _CHUNK):
        more = int(start + _CHUNK < len(data))
        control = f"{keys},m={more}" if start == 0 else f"m={more}"
        commands.append(_command(control, data[start : start + _CHUNK]))
    return commands


def _command(control: str, payload: str = "") -> str:
    return f"\x1b_G{control},{_QUIET}" + (f";{payload}" if payload else "") + "\x1b\\"
