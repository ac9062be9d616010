"""Pairs of any photos of the library, those first of which the answer tells most."""

import random
from collections import Counter, deque
from collections.abc import Iterable, Sequence

from photoaesth.domain import Comparison, Outcome, Source
from photoaesth.errors import PhotoaesthError
from photoaesth.library import asking, comparisons
from photoaesth.library.database import Library
from photoaesth.library.filters import PhotoFilter
from photoaesth.ranking import sampling
from photoaesth.workflows.compare.pool import QuestionPool, choose_pool
from photoaesth.workflows.compare.questions import Drawn, Rated
from photoaesth.workflows.compare.taste import LiveTaste
from photoaesth.workflows.evidence import Statement

REFRESH_AFTER = 50  # questions; then other photos get their turn, and those indexed meanwhile
# Drawn evenly, whatever the model thinks: what it is judged by must not be chosen by it.
RANDOM_SHARE = 0.2
REPEATED_SHARE = 0.1
_REST = 20  # questions between a pair and its repetition: nobody remembers it then


class PairAsker:
    """Asks about pairs. See `asker.Asker`.

    Raises:
        PhotoaesthError: there are fewer than two photos to ask about.
    """

    ahead = 2

    def __init__(
        self,
        library: Library,
        profile: int,
        taste: LiveTaste,
        sitting: str,
        *,
        chosen: PhotoFilter,
        repeat: bool,
        rng: random.Random,
    ) -> None:
        self._library = library
        self._profile = profile
        self._taste = taste
        self._sitting = sitting
        self._chosen = chosen
        self._rng = rng
        self._unshowable = set[int]()
        self._pending: list[Drawn] = []
        self._drawn = 0
        earlier = comparisons.comparisons(library, profile)
        self._asked = {frozenset((answer.left, answer.right)) for answer in earlier}
        self._shown = Counter(photo for answer in earlier for photo in (answer.left, answer.right))
        self._repeatable = _repeatable(earlier) if repeat else None
        self._pool = self._choose_pool()
        if len(self._pool.photos) < 2:
            raise PhotoaesthError(self._too_few())

    def draw(self) -> Drawn | None:
        """Return a pair that no sitting has asked about, unless it is repeated on purpose."""
        if self._drawn and self._drawn % REFRESH_AFTER == 0:
            self._pool = self._choose_pool()
        drawn = self._draw()
        if drawn is None:  # a sample of a large library is used up; others may have come
            self._pool = self._choose_pool()
            drawn = self._draw()
        if drawn is not None:
            self._drawn += 1
            self._pending.append(drawn)
            self._pool.expect(drawn.photos)
        return drawn

    def refuse(self, photo: int) -> None:
        """Leave a photo out that cannot be shown."""
        self._unshowable.add(photo)
        self._pending = [drawn for drawn in self._pending if photo not in drawn.photos]
        self._pool.forbid(photo)

    def tell(self, drawn: Drawn, statements: Sequence[Statement]) -> None:
        """Take note of an answer."""
        self._shown.update(drawn.photos)
        self._pending.remove(drawn)
        asking.release(self._library, self._sitting, drawn.photos)
        self._taste.add(statements)
        if self._repeatable is not None and statements and drawn.source is not Source.REPEAT:
            self._repeatable.append((drawn.photos[0], drawn.photos[1]))

    def forget(self, drawn: Drawn, statements: Sequence[Statement]) -> None:
        """Take an answer back; its question is asked again."""
        self._shown.subtract(drawn.photos)
        self._pending.append(drawn)
        self._taste.remove(statements)
        pair = (drawn.photos[0], drawn.photos[1])
        if self._repeatable is not None and pair in self._repeatable:
            self._repeatable.remove(pair)

    def think(self) -> None:
        """Learn from what was told since the last time."""
        self._taste.learn()
        self._pool.learn(self._taste)
        for drawn in self._pending:
            self._pool.expect(drawn.photos)

    def rated(self, photos: Sequence[int]) -> dict[int, Rated]:
        """Return what the model says of photos."""
        return self._taste.rated(photos)

    def sentence(self) -> str:
        """Return how well the profile is known by now."""
        return self._pool.sentence(self._taste.choices, self._shown)

    def _draw(self) -> Drawn | None:
        while (drawn := self._propose()) is not None:
            pair = (drawn.photos[0], drawn.photos[1])
            again = drawn.source is Source.REPEAT
            self._asked.add(frozenset(pair))
            self._pool.note_asked(pair)
            if asking.claim(self._library, self._profile, pair, self._sitting, again=again):
                return drawn
        return None

    def _propose(self) -> Drawn | None:
        waiting = self._repeatable
        if waiting and len(waiting) > _REST and self._rng.random() < REPEATED_SHARE:
            left, right = waiting.popleft()
            if not {left, right} & self._unshowable:
                return Drawn((right, left), Source.REPEAT)
        if self._rng.random() < RANDOM_SHARE:
            pair = sampling.next_pair(
                self._pool.photos,
                shown=self._shown,
                asked=self._asked,
                groups=self._pool.groups,
                rng=self._rng,
            )
            if pair is not None:
                return Drawn(pair, Source.RANDOM)
        pair = self._pool.next_pair(self._shown, self._rng)
        return None if pair is None else Drawn(pair, Source.ACTIVE)

    def _choose_pool(self) -> QuestionPool:
        pool = choose_pool(
            self._library, self._chosen, self._taste, self._unshowable, self._asked, self._rng
        )
        for drawn in self._pending:
            pool.expect(drawn.photos)
        return pool

    def _too_few(self) -> str:
        found = len(self._pool.photos)
        if self._chosen != PhotoFilter():
            return f"comparing needs two photos, and these filters leave {found}; widen them"
        return (
            f"comparing needs two photos, and the library has {found} that can be shown; index "
            "more with: photoaesth index DIR"
        )


def _repeatable(answers: Iterable[Comparison]) -> deque[tuple[int, int]]:
    """Return pairs that were answered once, in the order of the answers."""
    times = Counter[frozenset[int]]()
    once: dict[frozenset[int], tuple[int, int]] = {}
    for answer in answers:
        if answer.outcome is not Outcome.SKIP:
            pair = frozenset((answer.left, answer.right))
            times[pair] += 1
            once[pair] = (answer.left, answer.right)
    return deque(sides for pair, sides in once.items() if times[pair] == 1)
