"""A round of retouching: photos one after the other, each edit on disk before the next one."""

import contextlib
import random
import uuid
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from photoaesth.errors import PhotoaesthError, UnreadableImageError
from photoaesth.library import comparisons, photos, ratings, retouches
from photoaesth.library.database import Library, open_library
from photoaesth.library.retouches import NewRetouch
from photoaesth.workflows.retouch.choice import photos_to_retouch
from photoaesth.workflows.retouch.controls import Control, changed, controls
from photoaesth.workflows.retouch.picture import Picture

ROUND_PHOTOS = 8
"""As many as one can put in order afterwards without losing track."""

_SPARE_PHOTOS = 50  # for those that are passed over or cannot be read


@dataclass(frozen=True, slots=True)
class Task:
    """A photo to be retouched.

    Attributes:
        picture: the photo.
        number: its place in the round, from 1.
        of: how many the round has.
        parameters: where the sliders stand at first.
        rating_before: of the original, 0–10; None while it has none.
        rating_after: of the edit, the same.
    """

    picture: Picture
    number: int
    of: int
    parameters: Mapping[str, float]
    rating_before: float | None = None
    rating_after: float | None = None


@dataclass(frozen=True, slots=True)
class _Kept:
    """An edit of this round, with what it takes to take it back."""

    task: Task
    retouch: int
    rating_known: float | None


class RetouchSession:
    """The photos of one round. `retouch_session` opens one; one thread may use it.

    Attributes:
        controls: the sliders.
        retouched: edits of this round that were not taken back.
    """

    def __init__(
        self, library: Library, profile: int, waiting: list[int], of: int, reader: Executor
    ) -> None:
        self.controls: tuple[Control, ...] = controls()
        self.retouched = 0
        self._library = library
        self._profile = profile
        self._round = uuid.uuid4().hex
        self._waiting = waiting[::-1]
        self._of = of
        self._reader = reader
        self._coming: dict[int, Future[Picture]] = {}  # read while the one before is retouched
        self._kept: list[_Kept] = []
        self._current: Task | None = None

    @property
    def altogether(self) -> int:
        """Edits of the profile, all rounds."""
        return len(retouches.retouches(self._library, self._profile))

    @property
    def complete(self) -> bool:
        """Whether the round has as many edits as it was to have."""
        return self.retouched >= self._of

    def next(self) -> Task | None:
        """Return the photo to be retouched now; None when the round is over."""
        if self._current is None and not self.complete:
            picture = self._next_picture()
            if picture is not None:
                self._current = Task(picture, self.retouched + 1, self._of, {})
        return self._current

    def keep(
        self,
        task: Task,
        parameters: Mapping[str, float],
        rating_before: float,
        rating_after: float,
    ) -> None:
        """Store an edit durably.

        The rating of the original counts as a rating of that photo as well.

        Args:
            task: what `next` returned.
            parameters: values by name.
            rating_before: of the original, 0–10.
            rating_after: of the edit, 0–10.
        """
        photo = task.picture.photo.id
        before = rating_before / 10
        edit = NewRetouch(photo, self._round, changed(dict(parameters)), before, rating_after / 10)
        (stored,) = retouches.add_retouches(self._library, self._profile, [edit], source="retouch")
        known = ratings.ratings(self._library, self._profile).get(photo)
        ratings.set_ratings(self._library, self._profile, {photo: before}, source="retouch")
        done = Task(task.picture, task.number, task.of, parameters, rating_before, rating_after)
        self._kept.append(_Kept(done, stored.id, known))
        self._current = None
        self.retouched += 1

    def skip(self) -> None:
        """Pass over the photo of now; nothing is stored."""
        self._current = None

    def undo(self) -> Task | None:
        """Take back the last edit and return its photo with the sliders as they were.

        Returns:
            None when there is nothing left to take back.
        """
        if not self._kept:
            return None
        last = self._kept.pop()
        retouches.retract_retouch(self._library, last.retouch)
        rated = {last.task.picture.photo.id: last.rating_known}
        ratings.set_ratings(self._library, self._profile, rated, source="retouch")
        if self._current is not None:
            self._waiting.append(self._current.picture.photo.id)
        self._current = last.task
        self.retouched -= 1
        return last.task

    def _next_picture(self) -> Picture | None:
        while self._waiting:
            coming = self._read(self._waiting.pop())
            if self._waiting:
                ahead = self._waiting[-1]
                self._coming[ahead] = self._read(ahead)
            with contextlib.suppress(UnreadableImageError):
                return coming.result()
        return None

    def _read(self, number: int) -> Future[Picture]:
        if (coming := self._coming.pop(number, None)) is not None:
            return coming
        return self._reader.submit(Picture, photos.photos_by_id(self._library, [number])[number])


@contextlib.contextmanager
def retouch_session(
    library_path: Path, profile: str, *, count: int = ROUND_PHOTOS, seed: int | None = None
) -> Iterator[RetouchSession]:
    """Open a round.

    Args:
        library_path: the library.
        profile: who retouches.
        count: how many photos.
        seed: makes the choice of photos repeatable.

    Raises:
        PhotoaesthError: there is no photo left to retouch.
    """
    rng = random.Random(seed)  # noqa: S311  # chance, not cryptography
    with open_library(library_path) as library, ThreadPoolExecutor(1) as reader:
        number = comparisons.profile_id(library, profile)
        waiting = photos_to_retouch(library, profile, number, count + _SPARE_PHOTOS, rng)
        if not waiting:
            raise PhotoaesthError(
                "there is no photo left to retouch; index more with: photoaesth index DIR"
            )
        yield RetouchSession(library, number, waiting, min(count, len(waiting)), reader)
