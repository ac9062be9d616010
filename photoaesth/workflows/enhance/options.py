"""What can be asked of `enhance`, and what it tells."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from photoaesth.domain import Skipped
from photoaesth.library.filters import PhotoFilter

if TYPE_CHECKING:  # they load torch
    from PIL import Image

    from photoaesth.enhance.geometry import Geometry
    from photoaesth.workflows.enhance.proposing import Method, Task


@dataclass(frozen=True, slots=True)
class EnhanceOptions:
    """What to do with which photos.

    Attributes:
        top: without paths, how many of the profile's best photos; None takes all.
        chosen: without paths, which photos of the library.
        task: what may be changed; see `Proposer`.
        method: how edits are found; see `Proposer`.
        strength: share of the edit that is made, in [0, 1].
        look: a file of parameters or a `.cube` file that is applied instead of finding an edit.
        straighten: level what is tilted.
        crop: crop by the rule of thirds where that pays.
        least_gain: photos that gain less than so many points of score get no copy; None for all.
        format: of the copies, a key of `naming.SUFFIXES`; None keeps each photo's.
        quality: of JPEG and WebP, 1 to 100.
        longer_side: pixels that a copy's longer side has at the most; None keeps all.
        cube: where to write the average look as a `.cube` file.
        parameters: where to write it as a file of parameters.
        overwrite: replace files that exist; where copies go, only what an earlier run wrote.
            A photo of the library, or one of those to be enhanced, is never replaced.
        resume: pass over photos that have their copy from an earlier run.
        dry_run: find edits, write nothing.
        jobs: how many copies are made at once.
        device: where scores are computed.
    """

    top: int | None = None
    chosen: PhotoFilter = field(default_factory=PhotoFilter)
    task: "Task" = "auto"
    method: "Method" = "auto"
    strength: float = 1.0
    look: Path | None = None
    straighten: bool = False
    crop: bool = False
    least_gain: float | None = None
    format: str | None = None
    quality: int = 92
    longer_side: int | None = None
    cube: Path | None = None
    parameters: Path | None = None
    overwrite: bool = False
    resume: bool = False
    dry_run: bool = False
    jobs: int = 2
    device: str = "auto"

    def gains_enough(self, photo: "Enhanced") -> bool:
        """Return whether an edit gains as much as was asked for."""
        return self.least_gain is None or photo.gain >= self.least_gain


@dataclass(frozen=True, slots=True)
class Enhanced:
    """A photo with its edit.

    Attributes:
        source: the photo.
        output: its copy, written or planned; None where none was asked for.
        parameters: values of the image operations by name; empty for a table of colours.
        geometry: how it is turned and cropped.
        score_before: the profile's score of the photo as it is, on the small copy; None where the
            edit was given.
        score_after: the same of the edit.
    """

    source: Path
    output: Path | None
    parameters: Mapping[str, float]
    geometry: "Geometry"
    score_before: float | None
    score_after: float | None

    @property
    def gain(self) -> float:
        """Points of score that the edit gains; 0 where that is not known."""
        return (self.score_after or 0) - (self.score_before or 0)


@dataclass(frozen=True, slots=True)
class Preview:
    """A photo and its edit, small.

    Attributes:
        photo: what is done to it.
        before: mode RGB, sRGB, upright.
        after: the same of the edit.
    """

    photo: Enhanced
    before: "Image.Image"
    after: "Image.Image"


@dataclass(slots=True)
class EnhanceReport:
    """What was done.

    Attributes:
        enhanced: photos with their edits, in the order in which they were asked for.
        skipped: photos without a copy, and why.
        resumed: how many had their copy from an earlier run.
        not_better: how many gained too little.
        note: one line for the user when the generic model guided the search; empty otherwise.
    """

    enhanced: list[Enhanced] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    resumed: int = 0
    not_better: int = 0
    note: str = ""
