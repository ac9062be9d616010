"""A sitting of questions: every answer is on disk before the next one is shown."""

import itertools
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from photoaesth.domain import Outcome
from photoaesth.library import comparisons, ratings
from photoaesth.library.comparisons import NewComparison
from photoaesth.library.database import Library
from photoaesth.ranking.implied import NO_GOOD
from photoaesth.workflows.compare.ahead import Ahead, Prepared
from photoaesth.workflows.compare.questions import Progress, Question, Reply
from photoaesth.workflows.evidence import OUTCOME_VALUES, Statement


@dataclass(frozen=True, slots=True)
class _Given:
    """An answer of this sitting, with what it takes to take it back."""

    question: Question
    ids: Sequence[int]
    ratings_before: dict[int, float | None]
    statements: Sequence[Statement]
    choices: int


class CompareSession:
    """The questions of one sitting. `compare_session` opens one; one thread may use it.

    Attributes:
        answered: answers given in this sitting and not taken back, skips included.
        choices: choices and ties of the profile altogether.
    """

    def __init__(self, library: Library, profile: int, ahead: Ahead, *, pairs: int | None) -> None:
        self.answered = 0
        self.choices = comparisons.count(library, profile)[0]
        self._library = library
        self._profile = profile
        self._ahead = ahead
        self._pairs = pairs
        self._given: list[_Given] = []
        self._current: Question | None = None
        self._put_off: list[Prepared] = []  # shown when an answer was taken back; asked after it
        self._upcoming: deque[Future[Prepared | None]] = deque()

    @property
    def pixels(self) -> int:
        """Longer side in pixels that pictures are read at ahead of time; 0 for thumbnails."""
        return self._ahead.pixels

    @pixels.setter
    def pixels(self, pixels: int) -> None:
        self._ahead.pixels = pixels

    @property
    def complete(self) -> bool:
        """Whether as many answers were given as the sitting was to have."""
        return self._pairs is not None and self.answered >= self._pairs

    def next(self) -> Question | None:
        """Return the question to be answered now, or None when the session is over."""
        if self.complete:
            return None
        if self._current is None:
            prepared = self._put_off.pop() if self._put_off else self._take()
            if prepared is not None:
                self._current = self._question(prepared, self.answered + 1)
        self._draw_ahead()
        return self._current

    def peek(self) -> Question | None:
        """Return the question after this one, if it is drawn by now; never waits.

        Its sides are those that `next` will return, unless the answer leads elsewhere.
        """
        prepared = None
        if self._put_off:
            prepared = self._put_off[-1]
        elif self._upcoming and self._upcoming[0].done():
            prepared = self._upcoming[0].result()
        return None if prepared is None else self._question(prepared, self.answered + 2)

    def answer(self, question: Question, reply: Reply) -> None:
        """Store an answer durably, then think about it in the background."""
        photos = [side.photo.id for side in question.sides]
        answers = _comparisons(photos, reply)
        before: dict[int, float | None] = {}
        if reply == "neither":
            known = ratings.ratings(self._library, self._profile)
            before = {photo: known.get(photo) for photo in photos}
            low = dict.fromkeys(photos, NO_GOOD)
            ratings.set_ratings(self._library, self._profile, low, source="compare")
        drawn = question.drawn
        ids = comparisons.add_comparisons(
            self._library, self._profile, answers, source=drawn.source
        )
        if drawn.supersedes and reply != "skip":
            comparisons.retract(self._library, drawn.supersedes)
        statements = [
            Statement(new.left, new.right, OUTCOME_VALUES[new.outcome])
            for new in answers
            if new.outcome is not Outcome.SKIP
        ]
        self._given.append(_Given(question, ids, before, statements, self.choices))
        self._current = None
        self.answered += 1
        self.choices = comparisons.count(self._library, self._profile)[0]
        self._ahead.tell(drawn, statements)

    def undo(self) -> Question | None:
        """Take back the last answer of this sitting and return its question, to be asked again.

        Returns:
            None when there is nothing left to take back.
        """
        if not self._given:
            return None
        given = self._given.pop()
        comparisons.retract(self._library, given.ids)
        comparisons.reinstate(self._library, given.question.drawn.supersedes)
        if given.ratings_before:
            ratings.set_ratings(
                self._library, self._profile, given.ratings_before, source="compare"
            )
        self._ahead.forget(given.question.drawn, given.statements)
        if self._current is not None:
            self._put_off.append(Prepared(self._current.drawn, self._current.sides))
        self._current = given.question
        self.answered -= 1
        self.choices = given.choices
        return given.question

    def progress(self) -> Progress:
        """Return how far the sitting, and the model, has come."""
        return Progress(self.answered, self._pairs, self.choices, self._ahead.sentence)

    def _take(self) -> Prepared | None:
        """Return what was drawn ahead, or draw now."""
        while self._upcoming:
            prepared = self._upcoming.popleft().result()
            if prepared is not None:
                return prepared
        # Nothing was left when it was drawn; by the answers given since, something may be.
        return self._ahead.draw().result()

    def _question(self, prepared: Prepared, number: int) -> Question:
        return Question(prepared.sides, prepared.drawn, number, self._pairs, self.choices)

    def _draw_ahead(self) -> None:
        left = self._ahead.depth
        if self._pairs is not None:
            left = min(left, self._pairs - self.answered - 1)
        while self._current is not None and len(self._upcoming) < left:
            self._upcoming.append(self._ahead.draw())


def _comparisons(photos: Sequence[int], reply: Reply) -> list[NewComparison]:
    """Return what a reply says of each two photos; the sides stay what they were."""
    if isinstance(reply, int):
        return [
            NewComparison(photos[reply], other, Outcome.LEFT)
            if place > reply
            else NewComparison(other, photos[reply], Outcome.RIGHT)
            for place, other in enumerate(photos)
            if place != reply
        ]
    outcome = Outcome.TIE if reply == "tie" else Outcome.SKIP
    return [NewComparison(*pair, outcome) for pair in itertools.pairwise(photos)]
