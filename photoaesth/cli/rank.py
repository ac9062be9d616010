"""`photoaesth rank`."""

from pathlib import Path
from typing import Annotated

import typer

from photoaesth.cli.console import note, plural
from photoaesth.cli.help import Command
from photoaesth.cli.options import Settings, global_options
from photoaesth.cli.photo_filter import (
    CameraOption,
    OnePerBurstOption,
    SinceOption,
    UnderOption,
    UntilOption,
)
from photoaesth.cli.photo_list import FormatOption, NullOption, chosen_format, print_photos
from photoaesth.errors import UsageError
from photoaesth.files import display_path

_DEFAULT_COUNT = 20


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("rank", cls=Command)(_rank)


@global_options
def _rank(
    settings: Settings,
    top: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help=f"The N best [default: {_DEFAULT_COUNT}]."),
    ] = None,
    bottom: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="The N worst, the worst first.")
    ] = None,
    under: UnderOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    camera: CameraOption = None,
    one_per_burst: OnePerBurstOption = False,
    contact_sheet: Annotated[
        Path | None,
        typer.Option(metavar="FILE.html", help="Write a page with the pictures as well."),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an existing contact sheet.")
    ] = False,
    format_: FormatOption = None,
    null: NullOption = False,
) -> None:
    """List your photos by your taste, best or worst first.

    Example: photoaesth rank --top 50 --contact-sheet best.html
    """
    from photoaesth.workflows.rank import PhotoFilter, rank, write_contact_sheet

    if top is not None and bottom is not None:
        raise UsageError("give either --top or --bottom, not both")
    format_ = chosen_format(settings, format_, null=null)
    chosen = PhotoFilter(
        under=under,
        since=since,
        until=until,
        camera=camera,
        one_per_burst=one_per_burst,
    )
    report = rank(
        settings.library,
        settings.profile,
        limit=top or bottom or _DEFAULT_COUNT,
        best_first=bottom is None,
        chosen=chosen,
    )
    note(settings, f"Note: {report.note}." if report.note else "")
    if not report.photos:
        filtered = any((under, since, until, camera))
        note(
            settings,
            "No photo passes these filters."
            if filtered
            else "No photo is indexed; start with: photoaesth index DIR",
        )
    if contact_sheet is not None:
        end = "worst" if bottom is not None else "best"
        title = f"The {plural(len(report.photos), f'{end} photo')} for {settings.profile}"
        write_contact_sheet(report, contact_sheet, title=title, overwrite=overwrite)
        note(settings, f"Wrote {display_path(contact_sheet.absolute())}")
    print_photos(report.photos, format_, null=null)
