"""`photoaesth backup` and `photoaesth restore`."""

from pathlib import Path
from typing import Annotated

import typer

from photoaesth.cli.console import confirm, print_json
from photoaesth.cli.help import Command
from photoaesth.cli.options import Settings, YesOption, global_options
from photoaesth.files import display_path


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command("backup", cls=Command)(_backup)
    app.command("restore", cls=Command)(_restore)


@global_options
def _backup(
    settings: Settings,
    file: Annotated[Path, typer.Argument(metavar="FILE.db", help="The file to write.")],
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the file if it exists.")
    ] = False,
) -> None:
    """Write a verified copy of the library.

    All choices, ratings and models are in it, and which photos are known; the photos themselves
    and their thumbnails are not. It may run while other commands do.

    Example: photoaesth backup /media/drive/photoaesth.db
    """
    from photoaesth.workflows.backup import backup

    backup(settings.library, file, overwrite=overwrite)
    if settings.json:
        print_json({"backup": display_path(file.absolute())})
    else:
        typer.echo(f"Wrote {display_path(file.absolute())}; it was checked and is sound.")


@global_options
def _restore(
    settings: Settings,
    file: Annotated[Path, typer.Argument(metavar="FILE.db", help="What `backup` wrote.")],
    yes: YesOption = False,
) -> None:
    """Put a copy in the library's place.

    The library that stood there is kept beside it.

    Example: photoaesth restore /media/drive/photoaesth.db
    """
    from photoaesth.workflows.backup import restore

    if settings.library.exists():
        confirm(f"Replace the library {display_path(settings.library.absolute())}?", yes=yes)
    kept = restore(file, settings.library)
    if settings.json:
        print_json(
            {
                "library": display_path(settings.library.absolute()),
                "replaced": display_path(kept.absolute()) if kept else None,
            }
        )
        return
    typer.echo(f"Restored {display_path(settings.library.absolute())}.")
    if kept:
        typer.echo(f"The library before it is kept as {display_path(kept.absolute())}.")
