"""What a terminal can show, and a picture ready for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

View = Literal["kitty", "iterm2", "sixel", "blocks", "none"]

CELL_PX = (10, 20)  # of the VT340, and of Windows Terminal whatever its font


@dataclass(frozen=True, slots=True)
class Terminal:
    """What a terminal can show.

    Attributes:
        view: the best way it has to show pictures.
        cell_px: width and height of a character cell in pixels.
        in_tmux: tmux stands between us and the terminal.
        colors: colours that one sixel picture may have.
        max_px: width and height at which it cuts sixel pictures off; None when it does not.
    """

    view: View
    cell_px: tuple[int, int] = CELL_PX
    in_tmux: bool = False
    colors: int = 256
    max_px: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Upload:
    """A picture's pixels on their way into the terminal's memory.

    Attributes:
        pieces: commands, to be written in this order. Text may be written in between, but no
            command about another picture.
        cancel: ends it early, after any piece but the last.
        delete: removes the picture from memory, and from the screen. It may remove any other
            picture that is not on the screen, too: kitty did until 2024.
    """

    pieces: Sequence[str]
    cancel: str
    delete: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that covers a rectangle of character cells.

    Attributes:
        columns: width in cells.
        lines: top to bottom; every line is `columns` cells wide, the escape codes not counted.
        overlay: to be written after all lines, with the cursor on the first cell of the first
            line; it may move the cursor. "" where the lines are the whole picture.
        upload: what the terminal must have received before; None where it is all in the rest.
    """

    columns: int
    lines: tuple[str, ...]
    overlay: str = ""
    upload: Upload | None = None
