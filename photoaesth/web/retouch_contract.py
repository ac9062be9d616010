"""What the pages of retouching and reranking need; `photoaesth.workflows.retouch` has it."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from PIL import Image

from photoaesth.domain import Photo


class Picture(Protocol):
    """A photo. Any thread may call."""

    @property
    def photo(self) -> Photo:
        """The library's record."""

    @property
    def name(self) -> str:
        """The file's name, printable."""

    @property
    def caption(self) -> str:
        """When and with what it was taken; may be empty."""

    def image(self, pixels: int) -> Image.Image:
        """Return it upright in sRGB, its longer side `pixels` or what there is."""

    def edited(self, parameters: Mapping[str, float], pixels: int) -> Image.Image:
        """Return what an edit makes of it.

        Raises:
            ValueError: a parameter is unknown or out of its range.
        """


class Control(Protocol):
    """One slider."""

    @property
    def name(self) -> str:
        """Of the parameter."""

    @property
    def family(self) -> str:
        """What it changes, light or color for instance."""

    @property
    def unit(self) -> str:
        """What one unit of it means."""

    @property
    def low(self) -> float:
        """The least value."""

    @property
    def high(self) -> float:
        """The greatest."""

    @property
    def identity(self) -> float:
        """The value at which it changes nothing."""

    @property
    def description(self) -> str:
        """What raising it does."""


class Task(Protocol):
    """A photo to be retouched."""

    @property
    def picture(self) -> Picture:
        """The photo."""

    @property
    def number(self) -> int:
        """Its place in the round, from 1."""

    @property
    def of(self) -> int:
        """How many the round has."""

    @property
    def parameters(self) -> Mapping[str, float]:
        """Where the sliders stand at first."""

    @property
    def rating_before(self) -> float | None:
        """Of the original, 0–10; None while it has none."""

    @property
    def rating_after(self) -> float | None:
        """Of the edit, the same."""


class RetouchSession(Protocol):
    """A round of retouching. One thread calls it."""

    @property
    def controls(self) -> Sequence[Control]:
        """The sliders."""

    @property
    def retouched(self) -> int:
        """Edits of this round."""

    @property
    def altogether(self) -> int:
        """Edits of the profile, all rounds."""

    @property
    def complete(self) -> bool:
        """Whether the round has as many edits as it was to have."""

    def next(self) -> Any:
        """Return the `Task` of now; None when the round is over."""

    def keep(
        self, task: Any, parameters: Mapping[str, float], rating_before: float, rating_after: float
    ) -> None:
        """Store the edit of a task; durable on return."""

    def skip(self) -> None:
        """Pass over the photo of now."""

    def undo(self) -> Any:
        """Take back the last edit and return its `Task`; None when nothing is left."""


class RerankSession(Protocol):
    """Photos to be rated anew and put in order. One thread calls it."""

    @property
    def pictures(self) -> Sequence[Any]:
        """The photos, each a `Picture`."""

    @property
    def stored(self) -> bool:
        """Whether their order is stored."""

    @property
    def altogether(self) -> int:
        """Orders of the profile, all rounds."""

    def store(self, order: Sequence[Any], rated: Mapping[int, float]) -> None:
        """Store an order and ratings, 0–10, by photo id; durable on return."""

    def undo(self) -> bool:
        """Take the order and its ratings back; return whether there was one."""
