"""What makes a copy differ from its photo, and what the copy says of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from photoaesth import __version__
from photoaesth.enhance.geometry import Geometry
from photoaesth.enhance.lut import Cube
from photoaesth.enhance.operations import PARAMETERS, to_mapping, to_vector
from photoaesth.enhance.origin import origin_note
from photoaesth.enhance.pixel_size import exif_with_size, xmp_with_size
from photoaesth.imaging import with_edit, with_software

Look = Mapping[str, float] | Cube
"""What changes light and colour: parameters by name (those left out change nothing) or a table."""

_SOFTWARE = f"photoaesth {__version__}"


@dataclass(frozen=True, slots=True)
class Edit:
    """All that makes a copy differ from its photo.

    Attributes:
        look: what changes light and colour.
        geometry: which part to keep and how to turn it, before anything else.
        longer_side: pixels that the copy's longer side has at the most; None keeps all.
    """

    look: Look
    geometry: Geometry = field(default_factory=Geometry)
    longer_side: int | None = None


class EditNote:
    """What a copy says of its making: the program in EXIF, the edit in XMP's history.

    Neither is a place where people write; descriptions and comments stay as they are. A copy in
    which nothing was changed names no program, and without an origin it says nothing.

    Args:
        edit: what was done.
        origin: what the photo is known by: hex, its content hash.
    """

    def __init__(self, edit: Edit, origin: str) -> None:
        self._changed = ", ".join([*_look_in_words(edit.look), *_geometry_in_words(edit.geometry)])
        self._origin = origin_note(origin) if origin else ""

    def on_exif(self, exif: bytes, size: tuple[int, int]) -> bytes:
        """Return the photo's EXIF block as the copy's, whose width and height are given."""
        block = exif_with_size(exif, *size)
        return with_software(block, _SOFTWARE) if self._changed else block

    def on_xmp(self, xmp: bytes, size: tuple[int, int]) -> bytes:
        """Return the photo's XMP packet as the copy's."""
        packet = xmp_with_size(xmp, *size)
        text = ", ".join(part for part in (self._changed, self._origin) if part)
        return with_edit(packet, software=_SOFTWARE, parameters=text) if text else packet


def _look_in_words(look: Look) -> list[str]:
    if isinstance(look, Cube):
        return [f"colours by {look.name}"]
    values = to_mapping(to_vector(look))
    return [
        f"{p.name} {values[p.name]:+.4g} {p.unit}"
        for p in PARAMETERS
        if values[p.name] != p.identity
    ]


def _geometry_in_words(geometry: Geometry) -> list[str]:
    words = []
    if geometry.degrees:
        words.append(f"turned {geometry.degrees:+.4g} degrees counterclockwise")
    if geometry != Geometry(degrees=geometry.degrees):
        words.append(f"cropped to {geometry.scale:.4g} of the sides")
    return words
