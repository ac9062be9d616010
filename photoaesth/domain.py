"""The things the program talks about, as frozen values without behaviour of their own."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path


class Outcome(StrEnum):
    """The answer to one pairwise comparison."""

    LEFT = "left"
    RIGHT = "right"
    TIE = "tie"
    SKIP = "skip"


class Source(StrEnum):
    """How a choice came about."""

    RANDOM = "random"
    ACTIVE = "active"
    REPEAT = "repeat"
    REVIEW = "review"
    BURST = "burst"
    IMPORT = "import"


class GroupKind(StrEnum):
    """Why photos are grouped."""

    BRACKET = "bracket"
    PANORAMA = "panorama"
    BURST = "burst"
    NEAR_DUPLICATES = "near-duplicates"


@dataclass(frozen=True, slots=True)
class Exif:
    """What the camera wrote about a photo; None where it wrote nothing usable.

    Attributes:
        taken_at: capture time as the camera's clock showed it (naive: cameras of most files
            do not say their time zone).
        camera: make and model, the make not repeated.
        lens: lens model.
        focal_length_mm: focal length in mm, not the 35 mm equivalent.
        aperture_f: f-number.
        exposure_time_s: shutter time in seconds.
        iso: sensitivity.
        latitude: degrees north, in [-90, 90].
        longitude: degrees east, in [-180, 180].
        exposure_bias_ev: exposure compensation or step of a bracketed series, in EV.
    """

    taken_at: datetime | None = None
    camera: str | None = None
    lens: str | None = None
    focal_length_mm: float | None = None
    aperture_f: float | None = None
    exposure_time_s: float | None = None
    iso: int | None = None
    latitude: float | None = None
    longitude: float | None = None
    exposure_bias_ev: float | None = None


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo of the library: a record, not pixels.

    Attributes:
        id: the library's number for it.
        path: one file that holds it, present before missing.
        content_hash: hex BLAKE2b-160 of the file's bytes.
        width: upright width in pixels.
        height: upright height in pixels.
        exif: what the camera wrote.
    """

    id: int
    path: Path
    content_hash: str
    width: int
    height: int
    exif: Exif = field(default_factory=Exif)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One answered question; a fact that is retracted by undo, never deleted.

    Attributes:
        id: the library's number for it.
        left: photo id shown on the left.
        right: photo id shown on the right.
        outcome: the answer.
        created_at: UTC time of the answer, ISO 8601.
        uid: identifies the answer in exports and imports.
        source: why this pair was asked about.
    """

    id: int
    left: int
    right: int
    outcome: Outcome
    created_at: str
    uid: str
    source: Source

    @property
    def preference(self) -> tuple[int, int] | None:
        """The preferred photo and the other; None for ties and skips."""
        if self.outcome is Outcome.LEFT:
            return self.left, self.right
        if self.outcome is Outcome.RIGHT:
            return self.right, self.left
        return None


@dataclass(frozen=True, slots=True)
class Skipped:
    """A photo that could not be used, and why."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class ScoredPhoto:
    """A photo with what the model thinks of it.

    Attributes:
        path: the file.
        rank: 1 for the first of the list it stands in.
        score: the profile's mean score, in [1, 10].
        sd: standard deviation of the score: the model's doubt, not the spread of opinions.
        generic: mean score by the generic model, in [1, 10].
        distribution: probabilities of the scores 1 to 10; they sum to 1.
        photo: the library's record; None for a photo that is not indexed.
        period: the day, week, month or folder that it is one of the foremost of; None in a list
            of all.
    """

    path: Path
    rank: int
    score: float
    sd: float
    generic: float
    distribution: tuple[float, ...]
    photo: Photo | None = None
    period: str | None = None
