"""A ranking as a contact sheet: pictures, captions, and why each photo stands where it does."""

from collections.abc import Callable, Sequence
from pathlib import Path

from photoaesth.domain import Photo, ScoredPhoto
from photoaesth.errors import UnreadableImageError
from photoaesth.files import write_result
from photoaesth.imaging import decode, thumbnail
from photoaesth.library.database import open_library
from photoaesth.report.contact_sheet import SheetPhoto, contact_sheet
from photoaesth.workflows.pictures import caption, photo_thumbnail
from photoaesth.workflows.profile_model import profile_model
from photoaesth.workflows.why import why

_FEW = 40  # photos; so many fit onto a page large enough to be looked at closely
_LARGE_SIDE = 1600  # pixels
_LARGE_QUALITY = 80


def write_contact_sheet(
    library_path: Path,
    profile: str,
    photos: Sequence[ScoredPhoto],
    target: Path,
    *,
    title: str,
    overwrite: bool = False,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> None:
    """Write photos as one self-contained HTML page with their pictures.

    Few photos have large pictures, read anew; more have their thumbnails. Photos that cannot be
    read and whose thumbnail is gone are left out.

    Args:
        library_path: the library.
        profile: whose taste gave them their scores.
        photos: of the library, in the order to show them.
        target: the page.
        title: of the page.
        overwrite: whether the page may be there.
        on_progress: called with the photos done and all of them.

    Raises:
        PhotoaesthError: the target exists and `overwrite` is false, or cannot be written.
    """
    records = [(scored, scored.photo) for scored in photos if scored.photo is not None]
    with open_library(library_path) as library:
        ids = [photo.id for _, photo in records]
        reasons = why(library, profile_model(library, profile), ids) if ids else {}
    shown = []
    for done, (scored, photo) in enumerate(records, start=1):
        jpeg = (_large(photo) if len(records) <= _FEW else None) or photo_thumbnail(photo)
        if jpeg is not None:
            shown.append(_on_sheet(scored, photo, jpeg, reasons.get(photo.id, "")))
        on_progress(done, len(records))
    page = contact_sheet(shown, title=title).encode()
    with write_result(target, ".html", ".htm", overwrite=overwrite) as file:
        file.write(page)


def _large(photo: Photo) -> bytes | None:
    """Return a picture to look at closely; None where the photo cannot be read."""
    try:
        image = decode(photo.path, min_side=_LARGE_SIDE).image
    except UnreadableImageError:
        return None
    return thumbnail(image, _LARGE_SIDE, _LARGE_QUALITY)


def _on_sheet(scored: ScoredPhoto, photo: Photo, jpeg: bytes, reason: str) -> SheetPhoto:
    return SheetPhoto(
        path=scored.path,
        thumbnail=jpeg,
        width=photo.width,
        height=photo.height,
        score=scored.score,
        sd=scored.sd,
        generic=scored.generic,
        rank=scored.rank,
        caption=caption(photo.exif),
        distribution=scored.distribution,
        why=reason,
    )
