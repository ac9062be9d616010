"""Hand over what was retouched: one zip with edited copies, and the facts as JSON and CSV."""

import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from photoaesth.domain import Photo, Skipped
from photoaesth.enhance.copies import output_path, write_copy
from photoaesth.errors import PhotoaesthError, UnreadableImageError
from photoaesth.files import display_path, write_error, write_result
from photoaesth.library import comparisons, photos, ratings, retouches
from photoaesth.library.database import Library, open_library
from photoaesth.workflows.csv_rows import csv_bytes
from photoaesth.workflows.retouch.archive import (
    DOCUMENT,
    Archive,
    ArchivedOrder,
    ArchivedRetouch,
    as_json,
)
from photoaesth.workflows.retouch.controls import controls


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was handed over.

    Attributes:
        retouches: how many.
        orders: how many.
        skipped: originals of which there is no edited copy in the file, and why.
    """

    retouches: int
    orders: int
    skipped: list[Skipped]


def export_retouches(
    library_path: Path,
    profile: str,
    target: Path,
    *,
    overwrite: bool = False,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> ExportReport:
    """Write a profile's retouches and orders, with edited copies at full size.

    Args:
        library_path: the library.
        profile: whose.
        target: the zip.
        overwrite: replace a file that exists.
        on_progress: told about every copy.

    Raises:
        PhotoaesthError: there is nothing to hand over, the target exists and `overwrite` is
            false, or it cannot be written.
    """
    with open_library(library_path) as library:
        number = comparisons.profile_id(library, profile)
        archive, records = _gather(library, number)
    if not archive.retouches and not archive.orders:
        raise PhotoaesthError(
            f"profile {profile!r} has retouched nothing yet; begin with: photoaesth retouch"
        )
    skipped: list[Skipped] = []
    with (
        write_result(target, ".zip", overwrite=overwrite) as file,
        zipfile.ZipFile(file, "w") as zipped,  # pictures are compressed already
    ):
        edits = []
        for done, edit in enumerate(archive.retouches, start=1):
            edits.append(_add_copy(zipped, edit, done, records[edit.photo], target, skipped))
            on_progress(done, len(archive.retouches))
        whole = replace(archive, retouches=edits)
        for name, content in _tables(whole, records).items():
            zipped.writestr(name, content, zipfile.ZIP_DEFLATED)
    return ExportReport(len(archive.retouches), len(archive.orders), skipped)


def _gather(library: Library, profile: int) -> tuple[Archive, dict[str, Photo]]:
    """Return the facts, and the photos they are about by content hash."""
    edits = retouches.retouches(library, profile)
    orders = retouches.orders(library, profile)
    about = {edit.photo for edit in edits} | {photo for o in orders for photo in o.photos}
    records = photos.photos_by_id(library, sorted(about))
    content = {number: photo.content_hash for number, photo in records.items()}
    rated = ratings.ratings(library, profile)
    archive = Archive(
        [
            ArchivedRetouch(
                uid=edit.uid,
                photo=content[edit.photo],
                name=display_path(Path(records[edit.photo].path.name)),
                round=edit.round,
                parameters=edit.parameters,
                rating_before=_of_ten(edit.rating_before),
                rating_after=_of_ten(edit.rating_after),
                created_at=edit.created_at,
                edited="",
            )
            for edit in edits
        ],
        [
            ArchivedOrder(
                order.uid, order.round, [content[p] for p in order.photos], order.created_at
            )
            for order in orders
        ],
        {content[photo]: round(10 * rated[photo], 6) for photo in sorted(about & rated.keys())},
    )
    return archive, {photo.content_hash: photo for photo in records.values()}


def _add_copy(
    zipped: zipfile.ZipFile,
    edit: ArchivedRetouch,
    number: int,
    photo: Photo,
    target: Path,
    skipped: list[Skipped],
) -> ArchivedRetouch:
    """Add an edited copy; return the retouch with its name."""
    try:
        # Beside the target: there has to be room there anyway, and a folder for temporary files
        # may be memory.
        with tempfile.TemporaryDirectory(prefix=".photoaesth-", dir=target.parent) as folder:
            copy = output_path(photo.path, Path(folder), suffix="")
            write_copy(photo.path, copy, edit.parameters)
            name = f"edited/{number:04}-{display_path(Path(copy.name))}"
            zipped.write(copy, name)
    except (UnreadableImageError, ValueError) as error:  # or edited by another version
        skipped.append(Skipped(photo.path, f"no edited copy: {error}"))
        return edit
    except OSError as error:
        raise write_error(target, error) from error
    return replace(edit, edited=name)


def _tables(archive: Archive, records: Mapping[str, Photo]) -> dict[str, bytes]:
    """Return the documents of the zip by name; the first CSV can be imported by itself."""
    names = [control.name for control in controls()]
    identity = {control.name: control.identity for control in controls()}
    retouch_rows = [
        [
            str(records[edit.photo].path),
            *(edit.parameters.get(name, identity[name]) for name in names),
            _cell(edit.rating_before),
            _cell(edit.rating_after),
            edit.created_at,
            edit.uid,
            edit.round,
            edit.photo,
            edit.edited,
        ]
        for edit in archive.retouches
    ]
    order_rows = [
        [
            order.uid,
            order.round,
            place,
            str(records[photo].path),
            _cell(archive.ratings.get(photo)),
            order.created_at,
            photo,
        ]
        for order in archive.orders
        for place, photo in enumerate(order.photos, start=1)
    ]
    return {
        DOCUMENT: as_json(archive),
        "retouches.csv": csv_bytes(["photo", *names, *RETOUCH_COLUMNS], retouch_rows),
        "orders.csv": csv_bytes(_ORDER_COLUMNS, order_rows),
    }


RETOUCH_COLUMNS: Sequence[str] = (
    "rating_before",
    "rating_after",
    "created_at",
    "uid",
    "round",
    "hash",
    "edited",
)
"""What `retouches.csv` has beside the photo and the parameters."""

_ORDER_COLUMNS = ("uid", "round", "place", "photo", "rating", "created_at", "hash")


def _of_ten(rating: float | None) -> float | None:
    return None if rating is None else round(10 * rating, 6)


def _cell(value: float | None) -> str | float:
    return "" if value is None else value
