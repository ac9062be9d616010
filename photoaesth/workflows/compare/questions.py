"""What compare asks, and what can be answered."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PIL import Image

from photoaesth.domain import Outcome, Photo, Source
from photoaesth.errors import UnreadableImageError
from photoaesth.files import display_path
from photoaesth.imaging import decode
from photoaesth.workflows.pictures import caption, photo_facts

Reply = int | Literal["tie", "skip", "neither"]
"""The place of the photo that is preferred, from 0, or that none is.

`tie`: all are as good. `skip`: no answer. `neither`: none is any good, and all are rated low.
"""


REPLIES: dict[Outcome, Reply] = {
    Outcome.LEFT: 0,
    Outcome.RIGHT: 1,
    Outcome.TIE: "tie",
    Outcome.SKIP: "skip",
}
"""What to reply to a question about a pair."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """Photos to ask about.

    Attributes:
        photos: their ids; the first two of a pair are left and right.
        source: why these.
        remark: the same for the user, where it concerns them; empty otherwise.
        supersedes: answers that are retracted once this question has its own.
    """

    photos: tuple[int, ...]
    source: Source
    remark: str = ""
    supersedes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Rated:
    """What the model says of a photo, in points on 1–10."""

    score: float
    sd: float
    generic: float


class Side:
    """One photo of a question. Its pictures may be asked for from any thread.

    Attributes:
        photo: the library's record.
    """

    def __init__(self, photo: Photo, thumbnail: bytes, rated: Rated | None) -> None:
        self.photo = photo
        self._rated = rated
        self._image: Image.Image = decode(thumbnail).image
        self._is_best = max(self._image.size) >= max(photo.width, photo.height)
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """The file's name, printable."""
        return display_path(Path(self.photo.path.name))

    @property
    def caption(self) -> str:
        """When and with what it was taken."""
        return caption(self.photo.exif)

    def details(self) -> list[tuple[str, str]]:
        """Return what is known of the photo, as labels and values."""
        facts = photo_facts(self.photo)
        if self._rated is not None:
            facts.append(("Score", f"{self._rated.score:.1f} ± {self._rated.sd:.1f}"))
            facts.append(("Generic score", f"{self._rated.generic:.1f}"))
        return facts

    def image(self, pixels: int) -> Image.Image:
        """Return the photo upright in sRGB.

        Args:
            pixels: what its longer side should have at the least. It has fewer when the photo has
                fewer, or only the thumbnail can be read.
        """
        with self._lock:
            if max(self._image.size) < pixels and not self._is_best:
                self._enlarge(pixels)
            return self._image

    def full(self) -> Image.Image:
        """Return every pixel.

        Raises:
            UnreadableImageError: the file cannot be read now.
        """
        return decode(self.photo.path).image

    def _enlarge(self, pixels: int) -> None:
        try:
            image = decode(self.photo.path, min_side=pixels).image
        except UnreadableImageError:  # an absent drive: the thumbnail has to do
            self._is_best = True
            return
        if max(image.size) > max(self._image.size):
            self._image = image
        self._is_best = max(image.size) < pixels


@dataclass(frozen=True, slots=True)
class Question:
    """Photos to choose between.

    Attributes:
        sides: two photos, left and right; more where the keeper of a burst is asked for.
        drawn: why these.
        number: the question's place in this sitting, from 1.
        of: how many questions the sitting has; None without a limit.
        choices: how many choices the profile has made altogether.
    """

    sides: Sequence[Side]
    drawn: Drawn
    number: int
    of: int | None
    choices: int

    @property
    def remark(self) -> str:
        """Why this is asked, where it concerns the user."""
        return self.drawn.remark


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the sitting, and the model, has come.

    Attributes:
        answered: answers given in this sitting and not taken back, skips included.
        of: how many it was to have; None without a limit.
        choices: choices and ties of the profile altogether.
        sentence: what the model knows by now; empty while that is not known.
    """

    answered: int
    of: int | None
    choices: int
    sentence: str
