"""The terminal as a surface that frames are shown on."""

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from photoaesth.cli.terminal.keys import raw_terminal
from photoaesth.graphics.memory import Memory
from photoaesth.graphics.picture import Picture, Upload

# xterm's names: alternate screen, cursor, wrapping at the right edge. Without wrapping, a name
# whose characters the terminal draws wider than we measure cannot push the picture down.
_ENTER_SCREEN = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J"
_LEAVE_SCREEN = "\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l"
_BEGIN_FRAME, _END_FRAME = "\x1b[?2026h", "\x1b[?2026l"  # shown at once, where understood


@dataclass(frozen=True, slots=True)
class Overlay:
    """A picture that is more than text.

    Attributes:
        row: of its upper left cell, from 0.
        column: of its upper left cell, from 0.
        picture: its overlay is written with the cursor in that cell.
    """

    row: int
    column: int
    picture: Picture


@dataclass(frozen=True, slots=True)
class Frame:
    """What the whole terminal shows.

    Attributes:
        lines: one per row, none wider than the window.
        overlays: pictures to be drawn over the lines.
    """

    lines: Sequence[str]
    overlays: Sequence[Overlay] = ()

    @property
    def uploads(self) -> list[Upload]:
        """What the terminal must have in its memory."""
        return [o.picture.upload for o in self.overlays if o.picture.upload]


class Display:
    """Shows frames; what has not changed since the last one is not written again.

    The terminal's memory holds the pictures of the frame that is shown, and of one that may be
    shown next.

    Args:
        erase: what takes pictures away that are content of cells; see `Canvas`.
    """

    def __init__(self, erase: str) -> None:
        self._erase = erase
        self._memory = Memory()
        self._shown: Frame | None = None

    def show(self, frame: Frame) -> None:
        """Show a frame of as many lines as the window has, at once where the terminal can."""
        before = self._shown
        self._shown = frame
        if before and len(before.lines) == len(frame.lines) and before.overlays == frame.overlays:
            written = _placed(frame.lines, before.lines)
        else:
            uploads = frame.uploads
            # Not within the frame: terminals wait only so long for its end.
            write(self._memory.bring(uploads))
            written = self._erase + _placed(frame.lines) + _drawn(frame.overlays)
            # Only now that the new pictures are on the screen; see `Memory.keep_only`.
            written += self._memory.keep_only(uploads)
        if written:
            write(_BEGIN_FRAME + written + _END_FRAME)

    def prepare(self, frame: Frame) -> bool:
        """Send some of the pictures of a frame that may be shown next.

        Returns:
            False when nothing was left to send.
        """
        part = self._memory.bring_some(frame.uploads)
        write(part)
        return bool(part)

    def take_pictures_away(self) -> None:
        """Leave no picture behind, on the screen or in the terminal's memory."""
        write(self._memory.keep_only(()) + self._erase)


def _placed(lines: Sequence[str], before: Sequence[str] | None = None) -> str:
    """Return what writes each line that is not the same as before into its row."""
    return "".join(
        f"\x1b[{row + 1};1H\x1b[2K{line}"
        for row, line in enumerate(lines)
        if before is None or line != before[row]
    )


def _drawn(overlays: Sequence[Overlay]) -> str:
    return "".join(f"\x1b[{o.row + 1};{o.column + 1}H{o.picture.overlay}" for o in overlays)


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
