"""What the compare page needs of a session; `photoaesth.workflows.compare` has one."""

from collections.abc import Sequence
from typing import Literal, Protocol, TypeVar

from PIL import Image

from photoaesth.domain import Photo

Reply = int | Literal["tie", "skip", "neither"]
"""The place of the preferred photo, from 0, or a word."""


class Side(Protocol):
    """One photo of a question."""

    @property
    def photo(self) -> Photo:
        """The library's record."""

    @property
    def name(self) -> str:
        """The file's name, printable."""

    @property
    def caption(self) -> str:
        """When and with what it was taken; may be empty."""

    def details(self) -> list[tuple[str, str]]:
        """Return what is known about it, as label and value; quick."""

    def image(self, pixels: int) -> Image.Image:
        """Return it upright in sRGB, the longer side at least `pixels` where it has them.

        Any thread may call; never raises.
        """

    def full(self) -> Image.Image:
        """Return every pixel of it; any thread may call.

        Raises:
            PhotoaesthError: the file cannot be read.
        """


class Question(Protocol):
    """Which of these photos is best?"""

    @property
    def sides(self) -> Sequence[Side]:
        """A pair, or 3 to 9 photos of a burst."""

    @property
    def number(self) -> int:
        """1 for the first of this sitting."""

    @property
    def of(self) -> int | None:
        """How many this sitting has; None when nobody has set an end."""

    @property
    def remark(self) -> str:
        """One line why it is asked; mostly empty."""


class Progress(Protocol):
    """How far a sitting has come."""

    @property
    def answered(self) -> int:
        """Answers of this sitting."""

    @property
    def choices(self) -> int:
        """Choices of the profile, all sittings."""

    @property
    def of(self) -> int | None:
        """How many there are to be; None when nobody has set an end."""

    @property
    def sentence(self) -> str:
        """What they are worth so far; empty before anything is known."""


Asked = TypeVar("Asked", bound=Question)


class Session(Protocol[Asked]):
    """A sitting. One thread calls it; `Side.image` and `Side.full` are for any."""

    pixels: int
    """The longer side that pictures are read ahead for."""

    @property
    def complete(self) -> bool:
        """Whether as many answers were given as were to be."""

    def next(self) -> Asked | None:
        """Return the question to answer now; None when the sitting is over."""

    def answer(self, question: Asked, reply: Reply) -> None:
        """Store an answer; durable on return."""

    def undo(self) -> Asked | None:
        """Take back the last answer and return its question; None when nothing is left."""

    def peek(self) -> Asked | None:
        """Return the question after this one if it is known by now; never waits."""

    def progress(self) -> Progress:
        """Return how far it has come; quick."""
