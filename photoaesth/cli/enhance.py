"""`photoaesth enhance`."""

from pathlib import Path
from typing import Annotated

import typer

from photoaesth.cli.console import finish, note, plural, print_json, progress, skipped_json
from photoaesth.cli.help import Command
from photoaesth.cli.options import Device, DeviceOption, Settings, global_options
from photoaesth.errors import UsageError
from photoaesth.files import display_path


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("enhance", cls=Command)(_enhance)


@global_options
def _enhance(
    settings: Settings,
    output: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the copies.")],
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="PATH", help="Photos or folders.")
    ] = None,
    top: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="N", help="The N best photos of the library, in place of paths."
        ),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace copies that exist already.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would be done and write nothing.")
    ] = False,
    device: DeviceOption = Device.AUTO,
) -> None:
    """Write enhanced copies of photos, to your taste.

    Light and colour are changed as far as the model expects you to prefer the result. Originals
    are only read. Copies keep EXIF and colour profile and are never indexed.

    Example: photoaesth enhance --top 10 --output ~/Pictures/enhanced
    """
    from photoaesth.workflows.enhance import enhance

    if bool(paths) == (top is not None):
        raise UsageError("say which photos: either paths or --top N")
    with progress(settings, "Enhancing") as on_progress:
        report = enhance(
            settings.library,
            settings.profile,
            paths or [],
            output,
            top=top,
            overwrite=overwrite,
            dry_run=dry_run,
            device=device,
            on_progress=on_progress,
        )
    note(settings, f"Note: {report.note}." if report.note else "")
    if settings.json:
        print_json(
            {
                "written": [
                    {
                        "source": display_path(copy.source),
                        "output": display_path(copy.output),
                        "parameters": {k: round(v, 4) for k, v in copy.parameters.items()},
                        "score_before": round(copy.score_before, 4),
                        "score_after": round(copy.score_after, 4),
                    }
                    for copy in report.written
                ],
                "skipped": skipped_json(report.skipped),
                "dry_run": dry_run,
            }
        )
    else:
        for copy in report.written:
            gain = f"{copy.score_before:.2f} to {copy.score_after:.2f}"
            typer.echo(f"{display_path(copy.output)}  ({gain})")
            changed = (f"{k} {v:+.2f}" for k, v in copy.parameters.items() if abs(v) >= 0.005)
            typer.echo(f"  {', '.join(changed) or 'nothing to improve'}")
        verb = "Would write" if dry_run else "Wrote"
        note(settings, f"{verb} {plural(len(report.written), 'enhanced photo')}.")
    finish(settings, report.skipped)
