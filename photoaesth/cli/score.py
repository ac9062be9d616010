"""`photoaesth score`."""

from pathlib import Path
from typing import Annotated

import typer

from photoaesth.cli.console import finish, note, progress, skipped_json
from photoaesth.cli.help import Command
from photoaesth.cli.options import Device, DeviceOption, Settings, global_options
from photoaesth.cli.photo_list import FormatOption, NullOption, chosen_format, print_photos


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("score", cls=Command)(_score)


@global_options
def _score(
    settings: Settings,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="PATH", help="Photos or folders [default: the library]."),
    ] = None,
    device: DeviceOption = Device.AUTO,
    format_: FormatOption = None,
    null: NullOption = False,
) -> None:
    """Score photos, indexed or not, with how sure the model is.

    Example: photoaesth score ~/Desktop/*.jpg
    """
    from photoaesth.workflows.score import score

    format_ = chosen_format(settings, format_, null=null)
    with progress(settings, "Scoring") as on_progress:
        report = score(
            settings.library,
            settings.profile,
            paths or [],
            device=device,
            on_progress=on_progress,
        )
    note(settings, f"Note: {report.note}." if report.note else "")
    print_photos(report.photos, format_, null=null, extra={"skipped": skipped_json(report.skipped)})
    finish(settings, report.skipped)
