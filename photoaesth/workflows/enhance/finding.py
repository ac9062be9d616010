"""The edit of each photo: found for a profile, or the same one from a file."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from photoaesth.enhance.copies import edited_image
from photoaesth.enhance.edits import Edit, Look
from photoaesth.enhance.geometry import Geometry, reframe, suggest
from photoaesth.enhance.lut import Cube, read_cube
from photoaesth.enhance.parameters import read_parameters
from photoaesth.imaging import DECODED_SIDE, decode
from photoaesth.library.database import Library
from photoaesth.workflows.enhance.options import Enhanced, EnhanceOptions, Preview


@dataclass(frozen=True, slots=True)
class Found:
    """An edit, and what it is worth.

    Attributes:
        edit: what to change.
        score_before: the profile's score of the photo as it is, on the small copy; None where the
            edit was given.
        score_after: the same of the edit.
    """

    edit: Edit
    score_before: float | None = None
    score_after: float | None = None

    def photo(self, source: Path, target: Path | None) -> Enhanced:
        """Return what is reported of a photo."""
        look = self.edit.look
        return Enhanced(
            source,
            target,
            look if isinstance(look, Mapping) else {},
            self.edit.geometry,
            self.score_before,
            self.score_after,
        )


class Finder:
    """Finds the edits of photos, one after the other.

    Attributes:
        note: one line for the user when the generic model speaks; empty otherwise.
    """

    def __init__(self, library: Library, profile: str, options: EnhanceOptions) -> None:
        """Load the profile's model, or the file that takes its place.

        Raises:
            PhotoaesthError: the file is damaged.
        """
        self._options = options
        self._proposer = None
        self._given: Look = {}
        self.note = ""
        if options.look is not None:
            self._given = _read_look(options.look)
            return
        # What is given needs no model, whose loading takes seconds.
        from photoaesth.workflows.enhance.proposing import Proposer

        self._proposer = Proposer(
            library,
            profile,
            task=options.task,
            method=options.method,
            strength=options.strength,
            device=options.device,
        )
        self.note = self._proposer.note

    def find(self, source: Path) -> Found:
        """Return the edit of a photo.

        Raises:
            UnreadableImageError: the photo cannot be decoded.
        """
        framed = self._options.straighten or self._options.crop
        if self._proposer is None and not framed:
            return Found(self._edit(self._given, Geometry()))
        return self._find(_small_copy(source))

    def preview(self, source: Path) -> Preview:
        """Return a photo and its edit, small.

        Raises:
            UnreadableImageError: the photo cannot be decoded.
        """
        small = _small_copy(source)
        found = self._find(small)
        return Preview(found.photo(source, None), small, edited_image(small, found.edit))

    def _find(self, small: Image.Image) -> Found:
        geometry = suggest(small, straighten=self._options.straighten, crop=self._options.crop)
        if self._proposer is None:
            return Found(self._edit(self._given, geometry))
        # What is cut off has no say in how the rest should look.
        proposal = self._proposer.propose(reframe(small, geometry))
        return Found(
            self._edit(proposal.parameters, geometry), proposal.score_before, proposal.score_after
        )

    def _edit(self, look: Look, geometry: Geometry) -> Edit:
        return Edit(look, geometry, self._options.longer_side)


def _small_copy(source: Path) -> Image.Image:
    return decode(source, min_side=DECODED_SIDE).image


def _read_look(file: Path) -> Look:
    if file.suffix.lower() == ".cube":
        return Cube(file.name, read_cube(file))
    return read_parameters(file)
