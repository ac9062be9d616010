"""Lists of photos in every format that a person or a program may want."""

import csv
import io
import json
import os
import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any

import typer

from photoaesth.cli.console import print_json, print_table, terminal_columns
from photoaesth.cli.options import Settings
from photoaesth.domain import Exif, ScoredPhoto
from photoaesth.errors import UsageError
from photoaesth.files import display_path

_WIDE_COLUMNS = 120  # narrower terminals need the room for paths
_CSV_COLUMNS = ("rank", "score", "sd", "generic", "path", "taken_at", "camera", "period")


class ListFormat(StrEnum):
    """How a list of photos is printed."""

    TABLE = "table"
    JSON = "json"
    NDJSON = "ndjson"
    CSV = "csv"
    PATHS = "paths"


FormatOption = Annotated[
    ListFormat | None,
    typer.Option(
        "--format",
        metavar="FORMAT",
        help="Print the list as table, json, ndjson, csv or paths [default: table].",
    ),
]
NullOption = Annotated[
    bool,
    typer.Option("-0", "--null", help="Print raw paths separated by NUL, for xargs -0."),
]


def photo_json(photo: ScoredPhoto) -> dict[str, Any]:
    """Return the JSON shape of a scored photo."""
    exif = photo.photo.exif if photo.photo else Exif()
    return {
        "path": display_path(photo.path),
        "rank": photo.rank,
        "score": round(photo.score, 4),
        "sd": round(photo.sd, 4),
        "generic": round(photo.generic, 4),
        "distribution": [round(share, 5) for share in photo.distribution],
        "taken_at": exif.taken_at.isoformat() if exif.taken_at else None,
        "camera": exif.camera,
        **({"period": photo.period} if photo.period is not None else {}),
    }


def chosen_format(settings: Settings, format_: ListFormat | None, *, null: bool) -> ListFormat:
    """Return the one format that the options agree on.

    Raises:
        UsageError: they contradict each other.
    """
    wanted = {format_} if format_ else set()
    wanted |= {ListFormat.JSON} if settings.json else set()
    wanted |= {ListFormat.PATHS} if null else set()
    if len(wanted) > 1:
        raise UsageError(f"choose one of {', '.join(sorted(wanted))}: one list has one format")
    return wanted.pop() if wanted else ListFormat.TABLE


def print_photos(
    photos: Sequence[ScoredPhoto],
    format_: ListFormat,
    *,
    null: bool = False,
    extra: dict[str, Any] | None = None,
) -> None:
    """Print a list of photos to stdout.

    Args:
        photos: what to list.
        format_: how.
        null: raw paths, each ended by NUL; with `ListFormat.PATHS` only.
        extra: further keys of the JSON object.
    """
    match format_:
        case ListFormat.TABLE:
            if photos:
                _print_table(photos)
        case ListFormat.JSON:
            print_json({"photos": [photo_json(photo) for photo in photos], **(extra or {})})
        case ListFormat.NDJSON:
            for photo in photos:
                typer.echo(json.dumps(photo_json(photo), ensure_ascii=False))
        case ListFormat.CSV:
            typer.echo(_csv(photos), nl=False)
        case ListFormat.PATHS if null:
            sys.stdout.buffer.write(b"".join(os.fsencode(p.path) + b"\0" for p in photos))
            sys.stdout.buffer.flush()
        case ListFormat.PATHS:
            for photo in photos:
                typer.echo(display_path(photo.path))


def _print_table(photos: Sequence[ScoredPhoto]) -> None:
    cells = [_cells(photo) for photo in photos]
    left_out = {"taken", "camera"} if terminal_columns() < _WIDE_COLUMNS else set()
    left_out |= {"period"} if all(photo.period is None for photo in photos) else set()
    header = [name for name in cells[0] if name not in left_out]
    rows = [[row[name] for name in header] for row in cells]
    print_table(header, rows, right="rank score ± generic")


def _cells(photo: ScoredPhoto) -> dict[str, str]:
    exif = photo.photo.exif if photo.photo else Exif()
    return {
        "period": photo.period or "",
        "rank": str(photo.rank),
        "score": f"{photo.score:.2f}",
        "±": f"{photo.sd:.2f}",
        "generic": f"{photo.generic:.2f}",
        "taken": exif.taken_at.strftime("%Y-%m-%d") if exif.taken_at else "",
        "camera": exif.camera or "",
        "photo": display_path(photo.path),
    }


def _csv(photos: Sequence[ScoredPhoto]) -> str:
    from photoaesth.workflows.csv_rows import guarded

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_CSV_COLUMNS)
    for photo in photos:
        exif = photo.photo.exif if photo.photo else Exif()
        writer.writerow(
            (
                photo.rank,
                *(f"{number:.4f}" for number in (photo.score, photo.sd, photo.generic)),
                guarded(display_path(photo.path)),
                exif.taken_at.isoformat() if exif.taken_at else "",
                guarded(exif.camera or ""),
                guarded(photo.period or ""),
            )
        )
    return text.getvalue()
