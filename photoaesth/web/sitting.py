"""A sitting as the compare page sees it: turns, and photos under numbers that say nothing."""

import itertools
import operator
from collections.abc import Sequence
from typing import Any

from photoaesth.web.contract import Question, Reply, Session, Side

_FIRST_PIXELS = 2048  # until the page has said how large it shows pictures
_RECENT_QUESTIONS = 4  # whose photos are served: this, the next, and for tabs that are behind


class StaleTurnError(Exception):
    """The page answers a question that is not asked any more; another tab was quicker."""


class NoSuchAnswerError(Exception):
    """The question cannot be answered so; the page would not ask for it."""


class Sitting:
    """What is asked now. Every change begins a new turn, so that nothing is answered twice.

    One thread calls it, that of the session; only `side` and `pixels` are for all.

    Args:
        session: asks the questions and stores the answers.

    Attributes:
        pixels: the longer side in which the page last asked for pictures.
    """

    def __init__(self, session: Session[Any]) -> None:
        self.pixels = _FIRST_PIXELS
        self._session = session
        self._turn = 0
        self._question: Question | None = None
        self._current: dict[str, Side] = {}
        self._recent: tuple[dict[str, Side], ...] = ()  # replaced, not changed: others read it
        self._numbers = itertools.count(1)

    @property
    def exhausted(self) -> bool:
        """Whether there is no question left although more were to be asked."""
        return self._turn > 0 and self._question is None and not self._session.complete

    def state(self) -> dict[str, Any]:
        """Return all that the page shows, as JSON."""
        if self._turn == 0:
            self._ask_next()
        progress = self._session.progress()
        return {
            "turn": self._turn,
            "question": self._question and self._shown(self._question),
            "progress": {
                "answered": progress.answered,
                "of": progress.of,
                "choices": progress.choices,
                "sentence": progress.sentence,
            },
        }

    def answer(self, turn: object, reply: object) -> None:
        """Store the answer to the question of a turn and go on to the next.

        Args:
            turn: as the page's JSON has it, and so of any type.
            reply: a `Reply`, or anything else.

        Raises:
            StaleTurnError: that turn is over.
            NoSuchAnswerError: the question has no such answer.
        """
        self._check(turn)
        if self._question is None:
            raise NoSuchAnswerError
        known = _reply(reply, len(self._question.sides))
        self._turn += 1  # even if this fails: nothing is answered twice
        self._session.answer(self._question, known)
        self._ask_next()

    def undo(self, turn: object) -> None:
        """Take back the last answer and ask again; nothing changes when there is none.

        Raises:
            StaleTurnError: that turn is over.
        """
        self._check(turn)
        question = self._session.undo()
        if question is not None:
            self._begin(question)

    def ahead(self) -> list[str]:
        """Return the numbers of the photos asked about next; none while that is not known."""
        question = self._session.peek()
        return list(self._numbered(question.sides)) if question else []

    def side(self, number: str) -> Side | None:
        """Return the photo of a number that a recent state named; None for any other."""
        return next((sides[number] for sides in self._recent if number in sides), None)

    def _check(self, turn: object) -> None:
        if turn != self._turn:
            raise StaleTurnError

    def _ask_next(self) -> None:
        self._session.pixels = self.pixels
        self._begin(self._session.next())

    def _begin(self, question: Question | None) -> None:
        self._turn += 1
        self._question = question
        self._current = self._numbered(question.sides) if question else {}

    def _numbered(self, sides: Sequence[Side]) -> dict[str, Side]:
        """Return photos by number: the one each had lately, or a new one."""
        for known in self._recent:
            if len(known) == len(sides) and all(map(operator.is_, known.values(), sides)):
                break
        else:
            known = {str(next(self._numbers)): side for side in sides}
        others = (each for each in self._recent if each is not known)
        self._recent = (*others, known)[-_RECENT_QUESTIONS:]
        return known

    def _shown(self, question: Question) -> dict[str, Any]:
        sides = [
            {
                "photo": number,
                "name": side.name,
                "caption": side.caption,
                "width": side.photo.width,
                "height": side.photo.height,
                "details": side.details(),
            }
            for number, side in self._current.items()
        ]
        return {
            "number": question.number,
            "of": question.of,
            "remark": question.remark,
            "sides": sides,
        }


def _reply(given: object, photos: int) -> Reply:
    match given:
        case "tie" | "skip" | "neither":
            return given
        case int() if not isinstance(given, bool) and 0 <= given < photos:
            return given
    raise NoSuchAnswerError
