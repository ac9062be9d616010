"""`photoaesth index`."""

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
    app.command("index", cls=Command)(_index)


@global_options
def _index(
    settings: Settings,
    folders: Annotated[
        list[Path] | None,
        typer.Argument(metavar="DIR", help="Folders with photos [default: those indexed before]."),
    ] = None,
    forget: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Drop a folder from the library; choices are kept."),
    ] = None,
    device: DeviceOption = Device.AUTO,
) -> None:
    """Find photos, read EXIF, make thumbnails and embeddings.

    Run it again at any time: it reads what is new or changed only, and knows photos that were
    moved. Photos are never written to.

    Example: photoaesth index ~/Pictures
    """
    from photoaesth.workflows.index import forget as forget_folder
    from photoaesth.workflows.index import index

    if forget is not None:
        if folders:
            raise UsageError("give either folders to index or --forget DIR, not both")
        count = forget_folder(settings.library, forget)
        if settings.json:
            print_json({"forgotten": count})
        else:
            typer.echo(f"Forgot {plural(count, 'file')} below {display_path(forget)}.")
        return
    with progress(settings, "Indexing") as on_progress:
        report = index(settings.library, folders or [], device=device, on_progress=on_progress)
    if settings.json:
        print_json(
            {
                "indexed": report.indexed,
                "unchanged": report.unchanged,
                "moved": report.moved,
                "copies": report.copies,
                "missing": report.missing,
                "ignored": report.ignored,
                "unsupported": report.unsupported,
                "skipped": skipped_json(report.skipped),
                "seconds": round(report.seconds, 3),
                "photos_per_s": round(report.photos_per_s, 2),
            }
        )
    else:
        counts = {
            "unchanged": report.unchanged,
            "moved": report.moved,
            "copied": report.copies,
            "missing": report.missing,
            "ignored": report.ignored,
        }
        others = ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)
        rate = f" ({report.photos_per_s:.1f} photos/s)" if report.indexed else ""
        typer.echo(
            f"Indexed {plural(report.indexed, 'photo')} in {report.seconds:.1f} s{rate}"
            + (f"; {others}." if others else ".")
        )
        if report.unsupported:
            note(
                settings,
                "Ignored photos in formats that are not read yet (RAW, HEIC, JPEG XL): "
                f"{report.unsupported:,}",
            )
        if report.indexed:
            note(settings, "Next: photoaesth compare")
    finish(settings, report.skipped)
