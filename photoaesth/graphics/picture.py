"""What a terminal can show, and a picture ready for it."""

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


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that covers a rectangle of character cells.

    Attributes:
        columns: width in cells.
        lines: top to bottom; every line is `columns` cells wide, the escape codes not counted.
        overlay: to be written after all lines, with the cursor on the first cell of the first
            line; it may move the cursor. "" where the lines are the whole picture.
    """

    columns: int
    lines: tuple[str, ...]
    overlay: str = ""
