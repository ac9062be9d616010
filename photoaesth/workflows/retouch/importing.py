"""Take over retouches that were made elsewhere: from a hand-over file, or from a CSV file."""

import hashlib
import json
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from photoaesth.domain import Skipped
from photoaesth.enhance.operations import to_vector
from photoaesth.errors import PhotoaesthError, UsageError
from photoaesth.files import display_path
from photoaesth.library import comparisons, photos, ratings, retouches
from photoaesth.library.database import Library, open_library
from photoaesth.library.retouches import NewOrder, NewRetouch
from photoaesth.workflows.csv_rows import Row, not_found, photo_of, read_rows, utc
from photoaesth.workflows.retouch.archive import Archive, read_archive
from photoaesth.workflows.retouch.controls import changed, controls
from photoaesth.workflows.retouch.export import RETOUCH_COLUMNS
from photoaesth.workflows.retouch.recovery import Recovered, recover

_PAIR = {"original", "edited"}


@dataclass(slots=True)
class ImportReport:
    """What an import took over.

    Attributes:
        imported: retouches that count from now on and did not before.
        known: retouches that the library had already.
        orders: orders that are new.
        recovered: retouches of which only pictures were given, and how well they are met.
        skipped: what could not be used: the file, with its line where it has lines, and why.
    """

    imported: int = 0
    known: int = 0
    orders: int = 0
    recovered: list[Recovered] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)


def import_retouches(
    library_path: Path,
    profile: str,
    file: Path,
    *,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> ImportReport:
    """Take over retouches; importing the same file again adds nothing.

    A `.zip` is one that `export_retouches` wrote; photos are found by their content. A `.csv` has
    the columns `photo` and parameters of the registry, or `original` and `edited`, the paths of
    two pictures of which the first is in the library; both may have `rating_before` and
    `rating_after`, 0–10. Paths are absolute or relative to the file.

    The rating of an original becomes a rating of that photo, if its retouch is new.

    Args:
        library_path: the library.
        profile: whose retouches they are.
        file: the file to read.
        on_progress: told about every pair of pictures.

    Raises:
        PhotoaesthError: the file cannot be read, or holds something else.
    """
    suffix = file.suffix.lower()
    if suffix not in {".zip", ".csv"}:
        raise UsageError(f"{display_path(file)} is neither a .zip nor a .csv file")
    with open_library(library_path) as library:
        number = comparisons.profile_id(library, profile)
        if suffix == ".zip":
            return _import_archive(library, number, file, read_archive(file))
        rows = list(read_rows(file, lambda header: _check_header(file, header)))
        if rows and rows[0][1].keys() >= _PAIR:
            return _import_pairs(library, number, file, rows, on_progress)
        return _import_parameters(library, number, file, rows)


# --- hand-over files


def _import_archive(library: Library, profile: int, file: Path, archive: Archive) -> ImportReport:
    report = ImportReport()
    edits: list[NewRetouch] = []
    for edit in archive.retouches:
        photo = photos.photo_by_content(library, edit.photo)
        trouble = _trouble(edit.parameters)
        if photo is None or trouble:
            name = display_path(Path(edit.name))
            report.skipped.append(Skipped(file, trouble or not_found(name)))
            continue
        edits.append(
            NewRetouch(
                photo=photo,
                round=edit.round,
                parameters=edit.parameters,
                rating_before=_of_one(edit.rating_before),
                rating_after=_of_one(edit.rating_after),
                uid=edit.uid,
                created_at=utc(edit.created_at),
            )
        )
    about = _store(library, profile, edits, report)
    orders: list[NewOrder] = []
    for order in archive.orders:
        found = [photos.photo_by_content(library, content) for content in order.photos]
        known = list(dict.fromkeys(photo for photo in found if photo is not None))
        if len(known) < 2:
            report.skipped.append(Skipped(file, "of an order, fewer than two photos are here"))
            continue
        orders.append(NewOrder(known, order.round, order.uid, utc(order.created_at)))
    new_orders = retouches.add_orders(library, profile, orders, source="import")
    report.orders = len(new_orders)
    about |= {photo for order in new_orders for photo in order.photos}
    newest = {
        photo: value / 10
        for content, value in archive.ratings.items()
        if (photo := photos.photo_by_content(library, content)) in about and photo is not None
    }
    ratings.set_ratings(library, profile, newest, source="import")
    return report


# --- parameters as CSV


def _import_parameters(
    library: Library, profile: int, file: Path, rows: Sequence[Row]
) -> ImportReport:
    report = ImportReport()
    edits: list[NewRetouch] = []
    this_import = uuid.uuid4().hex
    for line, row in rows:
        edit = _edit(library, file, row, this_import)
        if isinstance(edit, str):
            report.skipped.append(Skipped(Path(f"{file}:{line}"), edit))
        else:
            edits.append(edit)
    _store(library, profile, edits, report)
    return report


def _edit(library: Library, file: Path, row: Mapping[str, str], round_: str) -> NewRetouch | str:
    """Return the retouch of a row, or why it has none."""
    photo = photo_of(library, file, row["photo"])
    if photo is None:
        return not_found(row["photo"])
    names = [control.name for control in controls()]
    try:
        given = {name: float(row[name]) for name in names if row.get(name, "").strip()}
        before, after = _rated(row)
    except ValueError as error:
        return str(error)
    if trouble := _trouble(given):
        return trouble
    parameters = changed(given)
    return NewRetouch(
        photo=photo.id,
        round=row.get("round") or round_,
        parameters=parameters,
        rating_before=before,
        rating_after=after,
        uid=row.get("uid") or _uid(library, photo.id, json.dumps(parameters, sort_keys=True)),
        created_at=utc(row.get("created_at", "")),
    )


# --- pairs of pictures as CSV


def _import_pairs(
    library: Library,
    profile: int,
    file: Path,
    rows: Sequence[Row],
    on_progress: Callable[[int, int], None],
) -> ImportReport:
    report = ImportReport()
    this_import = uuid.uuid4().hex
    on_progress(0, len(rows))
    for done, (line, row) in enumerate(rows, start=1):
        trouble = _import_pair(library, profile, file, row, this_import, report)
        if trouble:
            report.skipped.append(Skipped(Path(f"{file}:{line}"), trouble))
        on_progress(done, len(rows))
    return report


def _import_pair(
    library: Library,
    profile: int,
    file: Path,
    row: Mapping[str, str],
    round_: str,
    report: ImportReport,
) -> str:
    """Recover an edit and store it at once, for it took seconds; return what is wrong, if so."""
    photo = photo_of(library, file, row["original"])
    if photo is None:
        return not_found(row["original"])
    edited = file.parent / row["edited"]
    try:
        before, after = _rated(row)
        # Known by its content, so that it need not be recovered again.
        content = hashlib.blake2b(edited.read_bytes(), digest_size=16).hexdigest()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        return f"cannot read {display_path(edited)}: {reason}"
    except ValueError as error:  # or a path that no system takes
        return str(error)
    uid = _uid(library, photo.id, content)
    if retouches.knows_retouch(library, profile, uid):
        report.known += 1
        return ""
    found = recover(photo.path, edited)
    if isinstance(found, str):
        return found
    edit = NewRetouch(photo.id, round_, changed(dict(found.parameters)), before, after, uid)
    _store(library, profile, [edit], report)
    report.recovered.append(found)
    return ""


# --- all of them


def _check_header(file: Path, header: Sequence[str]) -> None:
    columns = set(header)
    names = {control.name for control in controls()}
    if columns >= _PAIR:
        return
    if "photo" not in columns or not columns & names:
        raise PhotoaesthError(
            f"{display_path(file)} does not start with the header original,edited, nor with photo "
            f"and one of: {', '.join(sorted(names))}"
        )
    # A name that is misspelt must not be taken for a parameter that nobody moved.
    unknown = columns - names - {"photo", *RETOUCH_COLUMNS}
    if unknown:
        raise PhotoaesthError(
            f"{display_path(file)} has a column that is no parameter: {', '.join(sorted(unknown))}"
        )


def _store(
    library: Library, profile: int, edits: Iterable[NewRetouch], report: ImportReport
) -> set[int]:
    """Store retouches and what they say of originals; return the photos with new ones."""
    given = list(edits)
    new = retouches.add_retouches(library, profile, given, source="import")
    report.imported += len(new)
    report.known += len(given) - len(new)
    values = {edit.photo: edit.rating_before for edit in new if edit.rating_before is not None}
    ratings.set_ratings(library, profile, values, source="import")
    return {edit.photo for edit in new}


def _trouble(parameters: Mapping[str, float]) -> str:
    try:
        to_vector(parameters)
    except ValueError as error:
        return str(error)
    return ""


def _rated(row: Mapping[str, str]) -> tuple[float | None, float | None]:
    """Return the ratings before and after, in [0, 1]."""
    found: list[float | None] = []
    for column in ("rating_before", "rating_after"):
        text = row.get(column, "").strip()
        value = float(text) if text else None
        if value is not None and not 0 <= value <= 10:
            raise ValueError(f"{column} {text!r} is not from 0 to 10")
        found.append(_of_one(value))
    return found[0], found[1]


def _of_one(rating: float | None) -> float | None:
    return None if rating is None else rating / 10


def _uid(library: Library, photo: int, content: str) -> str:
    """Return a uid for an edit without one, the same whenever it is imported into this library."""
    identity = f"{library.made_at}\n{photo}\n{content}"
    return hashlib.blake2b(identity.encode(), digest_size=16).hexdigest()
