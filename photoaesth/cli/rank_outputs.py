"""What becomes of a ranking: a list on the screen, a page, a folder."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from photoaesth.cli.bundles import bundle
from photoaesth.cli.console import finish, note, plural, progress, skipped_json
from photoaesth.cli.options import Settings
from photoaesth.cli.photo_list import (
    FormatOption,
    ListFormat,
    NullOption,
    chosen_format,
    print_photos,
)
from photoaesth.cli.thumbnail_list import drawing_canvas, print_with_thumbnails
from photoaesth.errors import UsageError
from photoaesth.files import display_path

if TYPE_CHECKING:
    from photoaesth.domain import Skipped
    from photoaesth.workflows.album_folder import AlbumReport
    from photoaesth.workflows.rank import RankReport

AlbumOption = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Put the photos into this folder, as links."),
]
LinkOption = Annotated[
    bool, typer.Option("--link", help="Put symbolic links into the album (the default).")
]
CopyOption = Annotated[bool, typer.Option("--copy", help="Put copies into the album.")]
HardlinkOption = Annotated[bool, typer.Option("--hardlink", help="Put hard links into the album.")]
ContactSheetOption = Annotated[
    Path | None,
    typer.Option(metavar="FILE.html", help="Write a page with the pictures as well."),
]
OverwriteOption = Annotated[
    bool, typer.Option("--overwrite", help="Replace an existing contact sheet.")
]
ThumbnailsOption = Annotated[
    bool,
    typer.Option(
        "--thumbnails",
        help="Draw the photos beside the list, in characters where the terminal has no pictures.",
    ),
]
NoThumbnailsOption = Annotated[
    bool,
    typer.Option(
        "--no-thumbnails",
        help="Draw none; otherwise a terminal with pictures shows up to 20 photos.",
    ),
]


@dataclass(frozen=True, slots=True)
class Outputs:
    """What the options say that a ranking shall become.

    Attributes:
        format: of the list.
        null: raw paths, each ended by NUL.
        thumbnails: whether to draw the photos; None leaves it to the terminal.
        contact_sheet: the page to write.
        overwrite: whether it may replace a file.
        album: the folder for the photos.
        placement: how they get there; a value of `Placement`.
    """

    format: ListFormat
    null: bool
    thumbnails: bool | None
    contact_sheet: Path | None
    overwrite: bool
    album: Path | None
    placement: str


def write_outputs(
    settings: Settings,
    report: "RankReport",
    outputs: Outputs,
    *,
    title: str,
    extra: dict[str, Any] | None = None,
) -> None:
    """Write a ranking wherever it is asked for; end with exit code 3 if photos were left out.

    Args:
        settings: the global options.
        report: the ranking.
        outputs: what it shall become.
        title: of the page.
        extra: further keys of the JSON object.

    Raises:
        PhotoaesthError: the page or the album cannot be written, or the album's folder is one of
            the library's photos.
    """
    told: dict[str, Any] = dict(extra or {})
    skipped: Sequence[Skipped] = ()
    if outputs.album is not None:
        from photoaesth.workflows.album_folder import refuse_originals

        refuse_originals(settings.library, outputs.album)
    if outputs.contact_sheet is not None:
        from photoaesth.workflows.contact_sheet import write_contact_sheet

        with progress(settings, "Drawing the page") as on_progress:
            write_contact_sheet(
                settings.library,
                settings.profile,
                report.photos,
                outputs.contact_sheet,
                title=title,
                overwrite=outputs.overwrite,
                on_progress=on_progress,
            )
        told["contact_sheet"] = display_path(outputs.contact_sheet.absolute())
        note(settings, f"Wrote {told['contact_sheet']}")
    if outputs.album is not None:
        from photoaesth.workflows.album_folder import Placement, export_album

        with progress(settings, "Filling the album") as on_progress:
            album = export_album(
                [photo.path for photo in report.photos],
                outputs.album,
                how=Placement(outputs.placement),
                on_progress=on_progress,
            )
        skipped = album.skipped
        told["album_folder"] = _album_json(album)
        note(settings, _album_note(album))
    _print(report, outputs, told)
    finish(settings, skipped)


def _outputs(
    settings: Settings,
    *,
    album: Path | None,
    link: bool,
    copy: bool,
    hardlink: bool,
    contact_sheet: Path | None,
    overwrite: bool,
    thumbnails: bool,
    no_thumbnails: bool,
    format_: ListFormat | None,
    null: bool,
) -> Outputs:
    ways = [
        name
        for name, wanted in {"link": link, "copy": copy, "hardlink": hardlink}.items()
        if wanted
    ]
    if len(ways) > 1:
        raise UsageError(f"choose one of {', '.join(f'--{way}' for way in ways)}")
    if ways and album is None:
        raise UsageError(f"--{ways[0]} is about an album; add --album DIR")
    chosen = chosen_format(settings, format_, null=null)
    if thumbnails and no_thumbnails:
        raise UsageError("give either --thumbnails or --no-thumbnails, not both")
    if thumbnails and chosen is not ListFormat.TABLE:
        raise UsageError(f"--thumbnails draws beside a table, not beside {chosen}")
    return Outputs(
        format=chosen,
        null=null,
        thumbnails=thumbnails or (False if no_thumbnails else None),
        contact_sheet=contact_sheet,
        overwrite=overwrite,
        album=album,
        placement=ways[0] if ways else "link",
    )


_OPTIONS: dict[str, tuple[Any, Any]] = {
    "album": (AlbumOption, None),
    "link": (LinkOption, False),
    "copy": (CopyOption, False),
    "hardlink": (HardlinkOption, False),
    "contact_sheet": (ContactSheetOption, None),
    "overwrite": (OverwriteOption, False),
    "thumbnails": (ThumbnailsOption, False),
    "no_thumbnails": (NoThumbnailsOption, False),
    "format_": (FormatOption, None),
    "null": (NullOption, False),
}

output_options = bundle("outputs", _OPTIONS, _outputs)


def _print(report: "RankReport", outputs: Outputs, told: dict[str, Any]) -> None:
    if outputs.format is ListFormat.TABLE and report.photos:
        canvas = drawing_canvas(outputs.thumbnails, len(report.photos))
        if canvas is not None:
            print_with_thumbnails(report.photos, canvas)
            return
    print_photos(report.photos, outputs.format, null=outputs.null, extra=told)


def _album_json(album: "AlbumReport") -> dict[str, Any]:
    return {
        "path": display_path(album.folder),
        "made": album.made,
        "known": album.known,
        "others": album.others,
        "skipped": skipped_json(album.skipped),
    }


def _album_note(album: "AlbumReport") -> str:
    known = f"; {album.known:,} were there" if album.known else ""
    others = f"; {plural(album.others, 'other file')} left as they are" if album.others else ""
    return f"Put {plural(album.made, 'photo')} into {display_path(album.folder)}{known}{others}"
