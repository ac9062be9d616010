"""Tables as CSV, for people and other programs: rows with their lines, cells, photos by path."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from photoaesth.domain import Photo
from photoaesth.errors import PhotoaesthError
from photoaesth.files import display_path
from photoaesth.library import photos
from photoaesth.library.database import Library

Row = tuple[int, Mapping[str, str]]
"""A line's number and its cells by column."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def read_rows(file: Path, check_header: Callable[[Sequence[str]], None]) -> Iterator[Row]:
    """Read a CSV file; bytes that are not UTF-8 are kept as surrogates.

    Args:
        file: which.
        check_header: raises a `PhotoaesthError` for columns that are not wanted.

    Raises:
        PhotoaesthError: the file cannot be read, or is no CSV.
    """
    name = display_path(file)
    try:
        text = file.read_bytes().decode("utf-8-sig", "surrogateescape")
    except OSError as error:
        raise PhotoaesthError(
            f"cannot read {name}: {(error.strerror or str(error)).lower()}"
        ) from error
    # Line ends as they are: a quoted name may hold any of them.
    reader = csv.DictReader(io.StringIO(text, newline=""), skipinitialspace=True)
    try:
        header = [column.strip() for column in reader.fieldnames or ()]
        reader.fieldnames = header
        check_header(header)
        for row in reader:
            yield reader.line_num, {k: _from_cell(value or "") for k, value in row.items() if k}
    except csv.Error as error:
        raise PhotoaesthError(f"{name}, line {reader.reader.line_num}: {error}") from error


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[str | float]]) -> bytes:
    """Return a table that `read_rows` reads back, its numbers to six digits."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([_to_cell(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8", "surrogateescape")


def guarded(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula; `read_rows` gives the text again."""
    return f"'{text}" if _is_formula(text) else text


def photo_of(library: Library, file: Path, text: str) -> Photo | None:
    """Return the photo at a path that a file names; absolute, or relative to that file."""
    if not text or "\0" in text:
        return None
    path = file.parent / text
    return photos.photo_by_path(library, path.absolute()) or photos.photo_by_path(
        library, path.resolve()
    )


def not_found(text: str) -> str:
    """Return why a row with such a path cannot be used."""
    name = display_path(Path(text)) if text else "an empty path"
    return f"{name} is not in the library; index its folder first"


def utc(text: str) -> str | None:
    """Return a time as the library stores it; None for what is no time with its zone."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if moment.tzinfo is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def _to_cell(value: str | float) -> str:
    return guarded(value) if isinstance(value, str) else f"{value:.6g}"


def _from_cell(text: str) -> str:
    return text[1:] if text.startswith("'") and _is_formula(text) else text


def _is_formula(text: str) -> bool:
    return text.lstrip("'").startswith(_FORMULA)
