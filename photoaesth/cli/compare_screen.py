"""One A/B question at a time, on the whole terminal."""

import contextlib
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from typing import Literal, Protocol, Self

from photoaesth.cli.terminal.keys import raw_terminal, read_key
from photoaesth.domain import Outcome
from photoaesth.errors import PhotoaesthError
from photoaesth.files import display_path

Answer = Outcome | Literal["undo", "quit"]

_ANSWERS: dict[str, Answer] = {
    "left": Outcome.LEFT,
    "h": Outcome.LEFT,
    "1": Outcome.LEFT,
    "right": Outcome.RIGHT,
    "l": Outcome.RIGHT,
    "2": Outcome.RIGHT,
    "=": Outcome.TIE,
    "s": Outcome.SKIP,
    "u": "undo",
    "q": "quit",
    "eof": "quit",
}
_HELP = (("←", "left"), ("→", "right"), ("=", "tie"), ("s", "skip"), ("u", "undo"), ("q", "quit"))

# xterm's names: alternate screen, cursor, wrapping at the right edge. Without wrapping, a name
# whose characters the terminal draws wider than we measure cannot push the picture down.
_ENTER_SCREEN = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J"
_LEAVE_SCREEN = "\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l"
_BEGIN_FRAME, _END_FRAME = "\x1b[?2026h", "\x1b[?2026l"  # shown at once, where understood
_BOLD, _DIM, _PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[0m"

_MIN_COLUMNS, _MIN_ROWS = 40, 10  # below, pictures would be unrecognisable
_TEXT_ROWS = 6  # title, blank, name, caption, notice, keys
_GAP = 2  # columns between the pictures
_RESIZE_POLL_S = 0.2


class Picture(Protocol):
    """A picture as text, escape codes included; see `photoaesth.graphics.halfblocks`."""

    @property
    def lines(self) -> Sequence[str]:
        """Top to bottom, every one of them `columns` cells wide."""

    @property
    def columns(self) -> int:
        """Width in character cells."""


class Side(Protocol):
    """One of the two photos."""

    @property
    def name(self) -> str:
        """The file's name."""

    @property
    def caption(self) -> str:
        """When and with what it was taken."""

    def picture(self, columns: int, rows: int) -> Picture:
        """Draw the photo in at most that many cells.

        Raises:
            PhotoaesthError: the photo cannot be read; the reason is shown in its place.
        """


class Question(Protocol):
    """Which of two photos is better?"""

    @property
    def left(self) -> Side:
        """The photo on the left."""

    @property
    def right(self) -> Side:
        """The photo on the right."""

    @property
    def number(self) -> int:
        """1 for the first question of this session."""

    @property
    def of(self) -> int | None:
        """How many this session has; None when nobody has set an end."""

    @property
    def choices(self) -> int:
        """Choices the profile has made so far, in all sessions."""


class CompareScreen:
    """The terminal while questions are asked; a context manager.

    Inside, the alternate screen is shown, the cursor is hidden and keys arrive unechoed; all of
    that is undone however the block ends.

    Raises:
        PhotoaesthError: standard input or output is not a terminal.
    """

    def __enter__(self) -> Self:
        if not sys.stdout.isatty():
            raise PhotoaesthError(
                "cannot show pictures: standard output is not a terminal; run this command in one"
            )
        with contextlib.ExitStack() as stack:
            stack.enter_context(_full_screen())
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def ask(self, question: Question, notice: str = "") -> Answer:
        """Show a question until it is answered; it is redrawn when the window changes size.

        Args:
            question: the two photos and how far the session has come.
            notice: one line to say below them, such as what was undone.

        Raises:
            KeyboardInterrupt: Ctrl-C.
        """
        drawn_size = None
        while True:
            size = _window_size()
            if size != drawn_size:
                _write(_frame(question, notice, *size))
                drawn_size = size
            key = read_key(_RESIZE_POLL_S)
            if key in _ANSWERS:
                return _ANSWERS[key]
            if key == "suspend":
                self._suspend()
                drawn_size = None

    def _suspend(self) -> None:
        self.__exit__()
        if sys.platform != "win32":
            os.kill(0, signal.SIGTSTP)  # the whole job, as Ctrl-Z does; returns after `fg`
        self.__enter__()


@contextlib.contextmanager
def _full_screen() -> Iterator[None]:
    with raw_terminal():
        try:
            _write(_ENTER_SCREEN)
            yield
        finally:
            _write(_LEAVE_SCREEN)


def _write(text: str) -> None:
    """Write in one go; what the terminal's encoding lacks becomes a question mark."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode(sys.stdout.encoding, "replace"))
    sys.stdout.buffer.flush()


def _window_size() -> tuple[int, int]:
    """Return columns and rows; serial lines and some containers report 0 for "unknown"."""
    size = os.get_terminal_size(sys.stdout.fileno())
    return size.columns or 80, size.lines or 24


def _frame(question: Question, notice: str, columns: int, rows: int) -> str:
    title = _title(question)
    if columns < _MIN_COLUMNS or rows < _MIN_ROWS:
        lines = _text_only(question, title, notice, columns, rows)
    else:
        half = (columns - _GAP) // 2
        blocks = _blocks((question.left, question.right), half, rows - _TEXT_ROWS)
        body = [left + " " * _GAP + right for left, right in zip(*blocks, strict=True)]
        spare = rows - 4 - len(body)  # title, blank, notice, keys
        lines = [
            _centred(title, columns, _DIM),
            *[""] * (1 + spare // 2),
            *body,
            *[""] * (spare - spare // 2),
            _centred(notice, columns, _BOLD),
            _keys(columns),
        ]
    placed = "".join(f"\x1b[{row};1H\x1b[2K{line}" for row, line in enumerate(lines, start=1))
    return _BEGIN_FRAME + placed + _END_FRAME


def _title(question: Question) -> str:
    end = "" if question.of is None else f" of {question.of}"
    choices = "1 choice" if question.choices == 1 else f"{question.choices} choices"
    return f"question {question.number}{end} · {choices} so far"


def _text_only(question: Question, title: str, notice: str, columns: int, rows: int) -> list[str]:
    """Return the lines that matter most in a window too small for pictures."""
    left, right = question.left, question.right
    ranked = [  # the smaller the number, the longer it stays as the window shrinks
        (3, _shorten(title, columns)),
        (0, _shorten(f"← {left.name}", columns, tail=columns // 3)),
        (4, _shorten(f"  {left.caption}", columns)),
        (0, _shorten(f"→ {right.name}", columns, tail=columns // 3)),
        (4, _shorten(f"  {right.caption}", columns)),
        (2, _shorten(notice, columns)),
        (1, _keys(columns)),
    ]
    kept = sorted(range(len(ranked)), key=lambda i: ranked[i][0])[:rows]
    return [ranked[i][1] for i in sorted(kept)] + [""] * (rows - len(kept))


def _blocks(sides: Sequence[Side], columns: int, rows: int) -> list[list[str]]:
    """Return for each side its lines, all `columns` wide and equally many."""
    pictures = [_picture_lines(side, columns, rows) for side in sides]
    height = max(map(len, pictures))
    blocks = []
    for side, lines in zip(sides, pictures, strict=True):
        above = (height - len(lines)) // 2
        blank = " " * columns
        blocks.append(
            [blank] * above
            + lines
            + [blank] * (height - len(lines) - above)
            + [
                _centred(side.name, columns, _BOLD, tail=columns // 3),
                _centred(side.caption, columns, _DIM),
            ]
        )
    return blocks


def _picture_lines(side: Side, columns: int, rows: int) -> list[str]:
    try:
        picture = side.picture(columns, rows)
    except PhotoaesthError as error:
        return [_centred(str(error), columns, _DIM)]
    left = (columns - picture.columns) // 2
    right = columns - picture.columns - left
    return [" " * left + line + " " * right for line in picture.lines]


def _keys(columns: int) -> str:
    """Return the line of keys, as wordy as the window is wide."""
    for gap in ("   ", "  ", " "):
        plain = gap.join(f"{key} {label}" for key, label in _HELP)
        if len(plain) <= columns:
            styled = gap.join(f"{_BOLD}{key}{_PLAIN}{_DIM} {label}{_PLAIN}" for key, label in _HELP)
            return " " * ((columns - len(plain)) // 2) + styled
    return _shorten(" ".join(key for key, _ in _HELP), columns)


def _centred(text: str, columns: int, style: str, tail: int = 0) -> str:
    """Return `text` in the middle of exactly `columns` cells."""
    from rich.cells import cell_len

    text = _shorten(text, columns, tail)
    spare = columns - cell_len(text)
    return " " * (spare // 2) + f"{style}{text}{_PLAIN}" + " " * (spare - spare // 2)


def _shorten(text: str, columns: int, tail: int = 0) -> str:
    """Return printable text of at most `columns` cells; "…" stands for what is cut out.

    Args:
        text: anything, also what would command the terminal.
        columns: cells to fit into.
        tail: cells kept of the end: files are told apart by the end of their names.
    """
    from rich.cells import cell_len, set_cell_size

    text = display_path(text.encode("utf-8", "surrogatepass"))
    if cell_len(text) <= columns:
        return text
    end = text[-tail:] if tail else ""
    while cell_len(end) > tail:
        end = end[1:]
    return set_cell_size(text, max(0, columns - 1 - cell_len(end))) + "…" + end
