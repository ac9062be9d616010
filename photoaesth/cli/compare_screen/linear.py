"""Questions as plain lines of text: for screen readers, braille and terminals without pictures."""

import contextlib
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Self

from photoaesth.cli.compare_screen.display import write
from photoaesth.cli.compare_screen.frame import title
from photoaesth.cli.compare_screen.job import stop_job
from photoaesth.cli.compare_screen.keys import UNKNOWN_KEY, Answer, answer_to, explained
from photoaesth.cli.compare_screen.text import printable
from photoaesth.cli.compare_screen.viewer import open_files
from photoaesth.cli.terminal.keys import raw_terminal, read_key

if TYPE_CHECKING:
    from photoaesth.workflows.compare import Progress, Question

_FOR_PICTURES = frozenset({"z", "Esc"})


class Linear:
    """Prints one question after the other, without one escape code; see `CompareScreen`."""

    pixels = 0

    def __init__(self) -> None:
        self._keys_are_known = False

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            stack.enter_context(raw_terminal())
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def ask(
        self,
        question: "Question",
        progress: "Progress",
        notice: str,
        ahead: Callable[[], "Question | None"],
    ) -> Answer:
        """Print a question and wait for its answer; see `CompareScreen.ask`.

        Nothing is drawn, and so nothing is drawn ahead.
        """
        photos = len(question.sides)
        _print([notice] if notice else [])
        _print(_told(question, progress))
        if not self._keys_are_known:
            _print(_keys(photos))
            self._keys_are_known = True
        while True:
            key = read_key()
            if key == "eof":
                return "quit"
            answer = answer_to(key, photos)
            if answer is not None:
                _print([_confirmation(answer, question)])
                return answer
            match key:
                case "suspend":
                    self._suspend()
                    _print(_told(question, progress))
                case "i":
                    _print(_told(question, progress))
                case "?":
                    _print(_keys(photos))
                case "o":
                    _print([open_files([side.photo.path for side in question.sides])])
                case "z":
                    _print(["zoom needs pictures; o opens the files"])
                case _:
                    _print([UNKNOWN_KEY])

    def _suspend(self) -> None:
        self.__exit__()
        stop_job()
        self.__enter__()


def _told(question: "Question", progress: "Progress") -> Iterable[str]:
    """Return the lines that stand for a question, pictures and all."""
    yield ""
    yield title(question)
    yield from filter(None, (progress.sentence, question.remark))
    for place, side in enumerate(question.sides):
        yield f"{_called(place, len(question.sides))}: {side.name}"
        yield from (f"  {text}" for text in (side.caption,) if text)
        yield from (f"  {label}: {value}" for label, value in side.details())
    yield "which is better?" if len(question.sides) == 2 else "which is the keeper?"


def _keys(photos: int) -> Iterable[str]:
    """Return what the keys do, in words where a key is drawn; without those for pictures."""
    for key, text in explained(photos):
        if key not in _FOR_PICTURES:
            yield f"  {key.replace('←', 'left arrow').replace('→', 'right arrow')}: {text}"


def _confirmation(answer: Answer, question: "Question") -> str:
    """Return what was understood: "left: IMG_1.jpg"."""
    if isinstance(answer, int):
        return f"{_called(answer, len(question.sides))}: {question.sides[answer].name}"
    return answer


def _called(place: int, photos: int) -> str:
    return ("left", "right")[place] if photos == 2 else str(place + 1)


def _print(lines: Iterable[str]) -> None:
    write("".join(f"{printable(line)}\n" for line in lines))
