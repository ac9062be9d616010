"""The terminal as a surface that frames are shown on."""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from photoaesth.cli.terminal.keys import raw_terminal

# xterm's names: alternate screen, cursor, wrapping at the right edge. Without wrapping, a name
# whose characters the terminal draws wider than we measure cannot push the picture down.
_ENTER_SCREEN = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J"
_LEAVE_SCREEN = "\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l"
_BEGIN_FRAME, _END_FRAME = "\x1b[?2026h", "\x1b[?2026l"  # shown at once, where understood


@dataclass(frozen=True, slots=True)
class Overlay:
    """What draws a picture that is not text.

    Attributes:
        row: of its upper left cell, from 0.
        column: of its upper left cell, from 0.
        codes: what draws it when it is written with the cursor in that cell.
    """

    row: int
    column: int
    codes: str


@dataclass(frozen=True, slots=True)
class Frame:
    """What the whole terminal shows.

    Attributes:
        lines: one per row, none wider than the window.
        overlays: pictures to be drawn over the lines.
    """

    lines: Sequence[str]
    overlays: Sequence[Overlay] = ()


class Display:
    """Shows frames; what has not changed since the last one is not written again."""

    def __init__(self) -> None:
        self._shown: Frame | None = None

    def show(self, frame: Frame, clear: Callable[[], str]) -> None:
        """Show a frame, at once where the terminal can.

        Args:
            frame: as many lines as the window has.
            clear: returns what takes pictures away that are not text.
        """
        before = self._shown
        self._shown = frame
        if before and len(before.lines) == len(frame.lines) and before.overlays == frame.overlays:
            written = _placed(frame.lines, before.lines)
        else:
            written = clear() + _placed(frame.lines) + _drawn(frame.overlays)
        if written:
            write(_BEGIN_FRAME + written + _END_FRAME)

    def forget(self) -> None:
        """Draw everything next time: the terminal shows something else now."""
        self._shown = None


def _placed(lines: Sequence[str], before: Sequence[str] | None = None) -> str:
    """Return what writes each line that is not the same as before into its row."""
    return "".join(
        f"\x1b[{row + 1};1H\x1b[2K{line}"
        for row, line in enumerate(lines)
        if before is None or line != before[row]
    )


def _drawn(overlays: Sequence[Overlay]) -> str:
    return "".join(f"\x1b[{o.row + 1};{o.column + 1}H{o.codes}" for o in overlays)


@contextlib.contextmanager
def full_screen() -> Iterator[None]:
    """Show the alternate screen, hide the cursor and let keys arrive unechoed.

    Raises:
        PhotoaesthError: standard input is not a terminal.
    """
    with raw_terminal():
        try:
            write(_ENTER_SCREEN)
            yield
        finally:
            write(_LEAVE_SCREEN)


def window_size() -> tuple[int, int]:
    """Return columns and rows; serial lines and some containers report 0 for "unknown"."""
    size = os.get_terminal_size(sys.stdout.fileno())
    return size.columns or 80, size.lines or 24


def write(text: str) -> None:
    """Write in one go; what the terminal's encoding lacks becomes a question mark."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode(sys.stdout.encoding, "replace"))
    sys.stdout.buffer.flush()
