"""What decides about the next question; it lives in the session's background thread."""

from collections.abc import Sequence
from typing import Protocol

from photoaesth.workflows.compare.questions import Drawn, Rated
from photoaesth.workflows.evidence import Statement


class Asker(Protocol):
    """Draws questions one after the other, and hears what was answered.

    Attributes:
        ahead: how many questions may be drawn before the answer to the present one is known.
    """

    ahead: int

    def draw(self) -> Drawn | None:
        """Return what to ask next; None when nothing is left."""

    def refuse(self, photo: int) -> None:
        """Note that a photo cannot be shown: no question with it is drawn any more."""

    def tell(self, drawn: Drawn, statements: Sequence[Statement]) -> None:
        """Take note of an answer; one that says nothing of taste has no statements."""

    def forget(self, drawn: Drawn, statements: Sequence[Statement]) -> None:
        """Take an answer back that was told."""

    def think(self) -> None:
        """Learn from what was told since the last time."""

    def rated(self, photos: Sequence[int]) -> dict[int, Rated]:
        """Return what the model says of photos, as far as it knows them."""

    def sentence(self) -> str:
        """Return how well the profile is known by now; it may take a moment."""
