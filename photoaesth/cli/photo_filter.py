"""The words in which photos are asked for by folder, time, camera and more."""

from collections.abc import Callable, Sequence
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from photoaesth.cli.bundles import bundle
from photoaesth.cli.options import Settings
from photoaesth.errors import UsageError

if TYPE_CHECKING:
    from photoaesth.library.filters import PhotoFilter, Span


class Stands(StrEnum):
    """How a photo stands, seen upright."""

    LANDSCAPE = "landscape"
    PORTRAIT = "portrait"
    SQUARE = "square"


def day(text: str) -> date:
    """Read a day as it is typed.

    Raises:
        BadParameter: it is none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not a day; write it as 2026-01-31") from error


def span(text: str) -> "Span":
    """Read a number or a range as it is typed: `24`, `24-70`, `85-` or `-35`.

    Raises:
        BadParameter: it is neither.
    """
    from photoaesth.library.filters import Span

    low, dash, high = text.partition("-")
    try:
        bounds = [float(bound) if bound else None for bound in (low, high if dash else low)]
    except ValueError:
        bounds = [None, None]
    least, most = bounds
    if bounds == [None, None] or (least is not None and most is not None and not least <= most):
        raise typer.BadParameter(f"{text!r} is not a range; write it as 24, 24-70, 24- or -70")
    return Span(least, most)


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
LensOption = Annotated[
    str | None, typer.Option(metavar="TEXT", help="Only lenses with this in their name.")
]
FocalOption = Annotated[
    Any,
    typer.Option(
        parser=span,
        metavar="RANGE",
        help="Only these focal lengths in mm: 24, 24-70, 85- or -35.",
    ),
]
IsoOption = Annotated[
    Any,
    typer.Option(
        parser=span, metavar="RANGE", help="Only these sensitivities: 100, 100-400 or 3200-."
    ),
]
OrientationOption = Annotated[
    Stands | None,
    typer.Option(metavar="SHAPE", help="Only photos that are landscape, portrait or square."),
]
MinScoreOption = Annotated[
    float | None,
    typer.Option(
        min=1, max=10, metavar="SCORE", help="Only photos with at least this score, 1 to 10."
    ),
]
RatedOption = Annotated[bool, typer.Option("--rated", help="Only photos that you have rated.")]
UnratedOption = Annotated[
    bool, typer.Option("--unrated", help="Only photos that you have not rated.")
]
HasGpsOption = Annotated[
    bool, typer.Option("--has-gps", help="Only photos that say where they were taken.")
]
TagOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="TEXT",
        help="Only photos with this keyword, style or content (macro, people); give it again for "
        "photos that have both.",
    ),
]
OnePerBurstOption = Annotated[
    bool,
    typer.Option("--one-per-burst", help="Only the first of each burst and of near-duplicates."),
]

_OPTIONS: dict[str, tuple[Any, Any]] = {
    "under": (UnderOption, None),
    "since": (SinceOption, None),
    "until": (UntilOption, None),
    "camera": (CameraOption, None),
    "lens": (LensOption, None),
    "focal": (FocalOption, None),
    "iso": (IsoOption, None),
    "orientation": (OrientationOption, None),
    "min_score": (MinScoreOption, None),
    "rated": (RatedOption, False),
    "unrated": (UnratedOption, False),
    "has_gps": (HasGpsOption, False),
    "tag": (TagOption, None),
    "one_per_burst": (OnePerBurstOption, False),
}


def _photo_filter(
    _settings: Settings | None = None,
    *,
    focal: "Span | None" = None,
    orientation: str | None = None,
    rated: bool = False,
    unrated: bool = False,
    tag: Sequence[str] | None = None,
    **others: Any,
) -> "PhotoFilter":
    from photoaesth.library.filters import Orientation, PhotoFilter

    if rated and unrated:
        raise UsageError("no photo is both rated and unrated; leave out one of the two")
    return PhotoFilter(
        focal_mm=focal,
        orientation=Orientation(orientation) if orientation else None,
        rated=rated if rated or unrated else None,
        tags=tuple(tag or ()),
        **others,
    )


filter_options = bundle("chosen", _OPTIONS, _photo_filter)
"""Gives a command the options that say which photos, in place of its parameter `chosen`."""


# --- the same in one word each, for `--among`

AMONG_HELP = (
    "Only photos that pass: under=DIR, since=DATE, until=DATE, camera=TEXT, lens=TEXT, "
    "focal=RANGE, iso=RANGE, orientation=SHAPE, tag=TEXT, rated, unrated or has-gps; give it "
    "again for another filter."
)
_READERS: dict[str, Callable[[str], Any]] = {
    "under": Path,
    "since": day,
    "until": day,
    "camera": str,
    "lens": str,
    "focal": span,
    "iso": span,
    "orientation": str,
    "tag": str,
}
_FLAGS = ("rated", "unrated", "has-gps")


def photo_filter(among: Sequence[str]) -> "PhotoFilter":
    """Read filters as they are typed, such as `since=2026-01-31` or `rated`.

    Raises:
        BadParameter: one has another form, or the same is given twice, other than a tag.
        UsageError: two contradict each other.
    """
    values: dict[str, Any] = {}
    tags = list[str]()
    for text in among:
        name, _, value = text.partition("=")
        if text in _FLAGS:
            values[text.replace("-", "_")] = True
        elif name not in _READERS or not value:
            raise typer.BadParameter(f"{text!r} is no filter; --help lists them")
        elif name == "tag":
            tags.append(value)
        elif name in values:
            raise typer.BadParameter(f"{name} is given twice")
        elif name == "orientation" and value not in list(Stands):
            raise typer.BadParameter(f"{value!r} is none of {', '.join(Stands)}")
        else:
            values[name] = _READERS[name](value)
    return _photo_filter(tag=tags, **values)
