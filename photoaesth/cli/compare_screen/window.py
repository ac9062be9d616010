"""Questions on the whole terminal, with pictures."""

import contextlib
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, Self

from photoaesth.cli.compare_screen.display import Display, Frame, full_screen, window_size, write
from photoaesth.cli.compare_screen.frame import compose
from photoaesth.cli.compare_screen.gallery import Gallery
from photoaesth.cli.compare_screen.job import stop_job
from photoaesth.cli.compare_screen.keys import UNKNOWN_KEY, Answer, answer_to
from photoaesth.cli.compare_screen.layout import pair_room
from photoaesth.cli.compare_screen.look import Look
from photoaesth.cli.compare_screen.viewer import open_files
from photoaesth.cli.terminal.keys import read_key
from photoaesth.cli.terminal.probe import probe
from photoaesth.errors import PhotoaesthError
from photoaesth.graphics.picture import View

if TYPE_CHECKING:
    from photoaesth.workflows.compare import Progress, Question, Side

_POLL_S = 0.05  # between two looks at the window's size and at what is drawn by now


class Window:
    """The alternate screen of a terminal; see `CompareScreen`."""

    def __init__(self, view: View | Literal["auto"], *, color: bool) -> None:
        self._view = view
        self._color = color
        self._coming: Future[Frame] | None = None
        self._last_sides: Sequence[Side] = ()  # undo shows them again
        self._details = False  # stays from question to question until it is switched off

    def __enter__(self) -> Self:
        if not sys.stdout.isatty():
            raise PhotoaesthError(
                "cannot show pictures: standard output is not a terminal; run this command in one"
            )
        with contextlib.ExitStack() as stack:
            stack.enter_context(full_screen())
            self._measure()
            stack.callback(self._take_pictures_away)
            self._background = ThreadPoolExecutor(1)
            stack.callback(self._background.shutdown, wait=False, cancel_futures=True)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def pixels(self) -> int:
        """Longer side in pixels that each photo of a pair has room for."""
        return max(self._canvas.room_px(*pair_room(*self._size)))

    def ask(
        self,
        question: "Question",
        progress: "Progress",
        notice: str,
        ahead: "Callable[[], Question | None]",
    ) -> Answer:
        """Show a question until it is answered; see `CompareScreen.ask`."""
        self._gallery.keep_only([*self._last_sides, *question.sides])
        self._last_sides = question.sides
        self._expect_nothing()
        look = Look(notice, details=self._details)
        drawn: tuple[Look, Gallery] | None = None
        drawn_ahead: tuple[bool, Gallery] | None = None
        while True:
            self._follow_size()
            if drawn != (look, self._gallery):
                if look.zoomed and not (drawn and drawn[0].zoomed):
                    first = replace(look, zoomed=False, notice="reading every pixel …")
                    self._show(question, progress, first)
                self._show(question, progress, look)
                drawn = look, self._gallery
            if drawn_ahead != (look.details, self._gallery) and (coming := ahead()):
                self._draw_ahead(coming, progress, Look(details=look.details))
                drawn_ahead = look.details, self._gallery
            key = read_key(0 if self._prepare() else _POLL_S)
            if key == "eof":
                return "quit"
            if key == "suspend":
                self._suspend()
            elif key and look.help:
                look = replace(look, help=False)
            elif key:
                answer = answer_to(key, len(question.sides))
                if answer is not None:
                    return answer
                look = self._look_otherwise(key, look, question)

    def _look_otherwise(self, key: str, look: Look, question: "Question") -> Look:
        look = replace(look, notice="")
        match key:
            case "?":
                return replace(look, help=True)
            case "z":
                return replace(look, zoomed=not look.zoomed)
            case "i":
                self._details = not look.details
                return replace(look, details=self._details)
            case "escape":
                self._details = False
                return replace(look, zoomed=False, details=False)
            case "o":
                return replace(look, notice=open_files([s.photo.path for s in question.sides]))
            case _:
                return replace(look, notice=UNKNOWN_KEY)

    def _show(self, question: "Question", progress: "Progress", look: Look) -> None:
        frame = compose(question, progress, look, self._gallery, self._size)
        self._display.show(frame)

    def _draw_ahead(self, question: "Question", progress: "Progress", look: Look) -> None:
        """Draw the pictures of a question in the background; its frame is not shown yet."""
        self._expect_nothing()
        self._coming = self._background.submit(
            compose, question, progress, look, self._gallery, self._size
        )

    def _prepare(self) -> bool:
        """Send a little of what was drawn ahead; return whether there was any."""
        coming = self._coming
        if coming is None or not coming.done() or coming.exception():
            return False  # if it failed, it fails again when it is to be shown
        return self._display.prepare(coming.result())

    def _expect_nothing(self) -> None:
        if self._coming is not None:
            self._coming.cancel()  # if it has not begun, the user was quicker
        self._coming = None

    def _follow_size(self) -> None:
        if window_size() != self._size:
            self._take_pictures_away()
            self._measure()

    def _measure(self) -> None:
        """Learn what the window can show now: its size, and that of its characters."""
        from photoaesth.graphics.canvas import Canvas

        self._expect_nothing()
        self._size = window_size()
        terminal = probe(self._view, write)
        self._view = terminal.view  # from now on only its size is in question
        self._canvas = Canvas(terminal, color=self._color)
        self._gallery = Gallery(self._canvas)
        self._display = Display(self._canvas.erase)

    def _take_pictures_away(self) -> None:
        self._display.take_pictures_away()

    def _suspend(self) -> None:
        self.__exit__()
        stop_job()
        self.__enter__()
