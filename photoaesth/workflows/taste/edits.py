"""A profile's edits as pictures: retouches rendered anew, and enhanced copies of its photos."""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from photoaesth.domain import Photo
from photoaesth.enhance.origin import origin_of
from photoaesth.enhance.preview import Preview
from photoaesth.errors import UnreadableImageError
from photoaesth.files import display_path
from photoaesth.imaging import DECODED_SIDE, decode, thumbnail
from photoaesth.library import excluded, photos, retouches
from photoaesth.library.database import Library
from photoaesth.workflows.pictures import photo_thumbnail

_MOST = 500  # the newest of each kind; every one is rendered and measured


@dataclass(frozen=True, slots=True)
class Edit:
    """An edit of a photo, not rendered yet.

    Attributes:
        photo: the original.
        parameters: of a retouch; None for an enhanced copy.
        copy: where an enhanced copy stands; None for a retouch.
        rating: of the edit, in [0, 1]; None if it was not rated.
        place: of the photo in the profile's newest order that has it, from 1 for the first to
            1 / n for the last of n; None if it is in none.
    """

    photo: Photo
    parameters: Mapping[str, float] | None = None
    copy: Path | None = None
    rating: float | None = None
    place: float | None = None

    def pictures(self) -> tuple[Image.Image, Image.Image]:
        """Return small copies of the original and of the edit, mode RGB.

        Raises:
            UnreadableImageError: one of them cannot be read now.
        """
        jpeg = photo_thumbnail(self.photo)
        if jpeg is None:
            raise UnreadableImageError(f"{display_path(self.photo.path)} cannot be read")
        before = decode(jpeg).image
        if self.copy is None:
            return before, Preview(before).render(self.parameters or {})
        # Through a JPEG like the original's, which is not without traces.
        return before, decode(thumbnail(decode(self.copy, min_side=DECODED_SIDE).image)).image


def edits_of(library: Library, profile: int) -> list[Edit]:
    """Return the newest retouch of every photo that a profile retouched, then enhanced copies.

    Which profile a copy was enhanced for is not recorded. Those count whose photo the profile
    retouched or put in an order: in DRL, the copies that a user judges are of such photos.

    Args:
        library: where.
        profile: whose retouches and orders.
    """
    newest = {edit.photo: edit for edit in retouches.retouches(library, profile)}
    stored = sorted(newest.values(), key=lambda edit: edit.id)[-_MOST:]
    places = {
        photo: 1 - place / len(order.photos)
        for order in retouches.orders(library, profile)
        for place, photo in enumerate(order.photos)
    }
    copies = _copies(library, newest.keys() | places.keys())
    records = photos.photos_by_id(library, [*(edit.photo for edit in stored), *copies])
    own = [
        Edit(
            photo=records[edit.photo],
            parameters=edit.parameters,
            rating=edit.rating_after,
            place=places.get(edit.photo),
        )
        for edit in stored
    ]
    enhanced = [
        Edit(photo=records[photo], copy=path, place=places.get(photo))
        for photo, path in copies.items()
    ]
    return own + enhanced


def _copies(library: Library, of: Container[int]) -> dict[int, Path]:
    """Return the newest copy that still exists of each of some photos, the newest of all first."""
    there = [path for path in excluded.output_paths(library) if path.is_file()]
    found: dict[int, Path] = {}
    for path in sorted(there, key=lambda file: (-file.stat().st_mtime, file)):
        try:
            origin = origin_of(path)
        except OSError:
            continue
        photo = photos.photo_by_content(library, origin) if origin else None
        if photo is not None and photo in of:
            found.setdefault(photo, path)
        if len(found) == _MOST:
            break
    return found
