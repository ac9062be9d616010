"""The words in which photos are asked for by folder, time and camera."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from photoaesth.library.filters import PhotoFilter

_NAMES = ("under", "since", "until", "camera")


def day(text: str) -> date:
    """Read a day as it is typed.

    Raises:
        BadParameter: it is none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not a day; write it as 2026-01-31") from error


UnderOption = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Only photos in or below this folder.")
]
SinceOption = Annotated[
    date | None,
    typer.Option(
        parser=day, metavar="DATE", help="Only photos taken on this day (YYYY-MM-DD) or later."
    ),
]
UntilOption = Annotated[
    date | None,
    typer.Option(
        parser=day, metavar="DATE", help="Only photos taken on this day (YYYY-MM-DD) or earlier."
    ),
]
CameraOption = Annotated[
    str | None, typer.Option(metavar="TEXT", help="Only cameras with this in their name.")
]
OnePerBurstOption = Annotated[
    bool,
    typer.Option("--one-per-burst", help="Only the first of each burst and of near-duplicates."),
]


def photo_filter(among: Sequence[str]) -> "PhotoFilter":
    """Read filters as they are typed, such as `since=2026-01-31`.

    Raises:
        BadParameter: one has another form, or the same is given twice.
    """
    from photoaesth.workflows.compare import PhotoFilter

    values: dict[str, Any] = {}
    for text in among:
        name, _, value = text.partition("=")
        if name not in _NAMES or not value:
            raise typer.BadParameter(
                f"{text!r} is none of under=DIR, since=DATE, until=DATE, camera=TEXT"
            )
        if name in values:
            raise typer.BadParameter(f"{name} is given twice")
        values[name] = Path(value) if name == "under" else value if name == "camera" else day(value)
    return PhotoFilter(**values)
