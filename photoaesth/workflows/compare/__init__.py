"""Ask A/B questions; every answer is on disk before the next question."""

import contextlib
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from photoaesth.domain import Outcome, Photo
from photoaesth.errors import PhotoaesthError
from photoaesth.files import display_path
from photoaesth.graphics.halfblocks import TextPicture, halfblocks
from photoaesth.imaging import decode
from photoaesth.library import comparisons, photos
from photoaesth.library.comparisons import NewComparison
from photoaesth.library.database import Library, open_library
from photoaesth.ranking.sampling import next_pair
from photoaesth.workflows.pictures import caption, photo_thumbnail

_POOL = 2000  # photos that questions are drawn from: all of them, or a sample
_REFRESH_AFTER = 20  # questions; then others get their turn, and those indexed meanwhile


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two photos of a question."""

    photo: Photo
    image: Image.Image
    color: bool

    @property
    def name(self) -> str:
        """The file's name, printable."""
        return display_path(Path(self.photo.path.name))

    @property
    def caption(self) -> str:
        """When and with what it was taken."""
        return caption(self.photo.exif)

    def picture(self, columns: int, rows: int) -> TextPicture:
        """Return the photo as text of at most this many character cells."""
        return halfblocks(self.image, columns, rows, color=self.color)


@dataclass(frozen=True, slots=True)
class Question:
    """Two photos to choose between.

    Attributes:
        left: one photo.
        right: the other.
        number: the question's place in this session, from 1.
        of: how many questions the session has; None without a limit.
        choices: how many choices the profile has made altogether.
    """

    left: Side
    right: Side
    number: int
    of: int | None
    choices: int


class CompareSession:
    """The questions of one sitting. `compare_session` opens one.

    Attributes:
        answered: answers given in this sitting and not taken back, skips included.
        choices: choices and ties of the profile altogether.
    """

    def __init__(
        self, library: Library, profile: str, *, pairs: int | None, color: bool, seed: int | None
    ) -> None:
        self.answered = 0
        self._library = library
        self._profile = comparisons.profile_id(library, profile)
        self._pairs = pairs
        self._color = color
        self._rng = random.Random(seed)  # noqa: S311  # chance, not cryptography
        self._given: list[tuple[int, Question]] = []
        self._pool: dict[int, int | None] = {}  # with the group that each is in
        self._unshowable = set[int]()  # neither thumbnail nor file can be read
        earlier = comparisons.comparisons(library, self._profile)
        self.choices = sum(answer.outcome is not Outcome.SKIP for answer in earlier)
        self._asked = {frozenset((answer.left, answer.right)) for answer in earlier}
        self._shown = Counter(photo for answer in earlier for photo in (answer.left, answer.right))
        self._refresh()
        if len(self._pool) < 2:
            raise PhotoaesthError(
                f"comparing needs two photos, and the library has {len(self._pool)} that can be "
                "shown; index more with: photoaesth index DIR"
            )

    @property
    def complete(self) -> bool:
        """Whether as many answers were given as the sitting was to have."""
        return self._pairs is not None and self.answered >= self._pairs

    def next(self) -> Question | None:
        """Return the next question, or None when the session is over."""
        if self.complete:
            return None
        if self.answered and self.answered % _REFRESH_AFTER == 0:
            self._refresh()
        question = self._draw()
        if question is None:  # of a large library, a sample is used up; others may have come
            self._refresh()
            question = self._draw()
        return question

    def answer(self, question: Question, outcome: Outcome) -> None:
        """Store an answer durably."""
        left, right = question.left.photo.id, question.right.photo.id
        new = NewComparison(left, right, outcome)
        (number,) = comparisons.add_comparisons(
            self._library, self._profile, [new], source="compare"
        )
        self._given.append((number, question))
        self.answered += 1
        self.choices += outcome is not Outcome.SKIP
        self._asked.add(frozenset((left, right)))
        self._shown.update((left, right))

    def undo(self) -> Question | None:
        """Take back the last answer of this sitting and return its question, to be asked again.

        Returns:
            None when there is nothing left to take back.
        """
        if not self._given:
            return None
        number, question = self._given.pop()
        comparisons.retract(self._library, [number])
        self._shown.subtract((question.left.photo.id, question.right.photo.id))
        self.answered -= 1
        self.choices = question.choices
        return question

    def _refresh(self) -> None:
        drawn = photos.comparable_photos(self._library, at_most=_POOL, rng=self._rng)
        self._pool = {p: group for p, group in drawn.items() if p not in self._unshowable}

    def _draw(self) -> Question | None:
        while (pair := self._draw_pair()) is not None:
            found = photos.photos_by_id(self._library, pair)
            left, right = (self._side(photo, found.get(photo)) for photo in pair)
            if left is not None and right is not None:
                self._asked.add(frozenset(pair))
                return Question(left, right, self.answered + 1, self._pairs, self.choices)
        return None

    def _draw_pair(self) -> tuple[int, int] | None:
        return next_pair(
            list(self._pool),
            shown=self._shown,
            asked=self._asked,
            groups=self._pool,
            rng=self._rng,
        )

    def _side(self, number: int, photo: Photo | None) -> Side | None:
        jpeg = photo_thumbnail(photo) if photo else None
        if photo is None or jpeg is None:  # it may have been forgotten in another terminal
            self._unshowable.add(number)
            self._pool.pop(number, None)
            return None
        return Side(photo, decode(jpeg).image, self._color)


@contextlib.contextmanager
def compare_session(
    library_path: Path,
    profile: str,
    *,
    pairs: int | None = None,
    color: bool = True,
    seed: int | None = None,
) -> Iterator[CompareSession]:
    """Open a sitting.

    Args:
        library_path: the library.
        profile: whose taste is asked for.
        pairs: how many questions; None goes on until the user stops.
        color: whether pictures may use colour.
        seed: makes the choice of pairs repeatable.

    Raises:
        PhotoaesthError: the library has fewer than two photos to show.
    """
    with open_library(library_path) as library:
        yield CompareSession(library, profile, pairs=pairs, color=color, seed=seed)
