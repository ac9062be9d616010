"""The background thread of a sitting: it draws questions, reads their pictures, and learns."""

import contextlib
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from photoaesth.library import asking, photos
from photoaesth.library.database import Library, open_library
from photoaesth.workflows.compare.asker import Asker
from photoaesth.workflows.compare.questions import Drawn, Side
from photoaesth.workflows.compare.worker import Worker
from photoaesth.workflows.evidence import Statement
from photoaesth.workflows.pictures import photo_thumbnail

_READERS = 2  # threads that decode pictures: the two of a question


@dataclass(frozen=True, slots=True)
class Prepared:
    """A question whose pictures can be shown."""

    drawn: Drawn
    sides: Sequence[Side]


class Ahead:
    """Everything that a question needs, a little ahead of it. Use as a context manager.

    All that it calls an `Asker` for happens in one thread, with a connection of its own to the
    library, in the order in which it was asked for.

    Attributes:
        pixels: longer side in pixels that pictures are read at; 0 for thumbnails.
        sentence: how well the profile is known, as of a moment ago.
    """

    def __init__(
        self,
        library_path: Path,
        make_asker: Callable[[Library], Asker],
        sitting: str,
        *,
        in_step: bool,
    ) -> None:
        self.pixels = 0
        self.sentence = ""
        self._library_path = library_path
        self._make_asker = make_asker
        self._sitting = sitting
        self._in_step = in_step
        self._told = 0
        self._draws = 0
        self._notes: deque[Future[None]] = deque()
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> "Ahead":
        self._thread = Worker("compare")
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="picture")
        try:
            self._thread.submit(self._open).result()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._readers.shutdown(wait=False, cancel_futures=True)
        self._told = -1  # what is still to be thought is of no use any more
        self._thread.submit_later(self._stack.close)
        self._thread.finish()

    @property
    def depth(self) -> int:
        """How many questions may be drawn before the answer to the present one is known."""
        return 0 if self._in_step else self._asker.ahead

    def draw(self) -> Future[Prepared | None]:
        """Begin to draw a question; its result is None when nothing is left to ask.

        Raises:
            Exception: what went wrong when an earlier answer was learned from.
        """
        while self._notes and self._notes[0].done():
            self._notes.popleft().result()
        self._draws += 1
        question = self._thread.submit(self._draw)
        if self._draws == self.depth + 1:  # the first questions do not wait for it
            self._think_later()
        return question

    def tell(self, drawn: Drawn, statements: Sequence[Statement]) -> None:
        """Learn from an answer, soon."""
        self._then_think(self._asker.tell, drawn, statements)

    def forget(self, drawn: Drawn, statements: Sequence[Statement]) -> None:
        """Unlearn an answer, soon."""
        self._then_think(self._asker.forget, drawn, statements)

    def _then_think(
        self,
        note: Callable[[Drawn, Sequence[Statement]], None],
        drawn: Drawn,
        statements: Sequence[Statement],
    ) -> None:
        self._told += 1
        self._notes.append(self._thread.submit(note, drawn, statements))
        self._think_later()

    def _think_later(self) -> None:
        if self._in_step:
            self._notes.append(self._thread.submit(self._asker.think))
        else:
            self._notes.append(self._thread.submit_later(self._learn, self._told))
            self._notes.append(self._thread.submit_later(self._forecast, self._told))

    def _open(self) -> None:
        library = self._library = self._stack.enter_context(open_library(self._library_path))
        self._stack.callback(asking.release, library, self._sitting)
        self._asker = self._make_asker(library)

    # Both are passed over when more has been told meanwhile: whoever answers quickly never waits.

    def _learn(self, told: int) -> None:
        if told == self._told:
            self._asker.think()

    def _forecast(self, told: int) -> None:
        if told == self._told:
            self.sentence = self._asker.sentence()

    def _draw(self) -> Prepared | None:
        while (drawn := self._asker.draw()) is not None:
            sides = self._sides(drawn)
            if sides is not None:
                for side in sides if self.pixels else ():
                    self._readers.submit(side.image, self.pixels)
                return Prepared(drawn, sides)
        return None

    def _sides(self, drawn: Drawn) -> list[Side] | None:
        """Return what shows the photos; None when one cannot be shown."""
        found = photos.photos_by_id(self._library, drawn.photos)
        rated = self._asker.rated(drawn.photos)
        sides = []
        for number in drawn.photos:
            photo = found.get(number)  # it may have been forgotten in another terminal
            jpeg = photo_thumbnail(photo) if photo else None
            if photo is None or jpeg is None:
                self._asker.refuse(number)
            else:
                sides.append(Side(photo, jpeg, rated.get(number)))
        return sides if len(sides) == len(drawn.photos) else None
