"""`photoaesth index`."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from photoaesth.cli.console import (
    finish,
    note,
    note_skipped,
    plural,
    print_json,
    progress,
    skipped_json,
)
from photoaesth.cli.help import Command
from photoaesth.cli.options import Device, DeviceOption, Settings, global_options
from photoaesth.domain import Skipped
from photoaesth.errors import UsageError
from photoaesth.files import display_path

if TYPE_CHECKING:
    from photoaesth.workflows.index import IndexOptions, IndexReport


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
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on: index again whenever something changes.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only count what there is to do; change nothing.")
    ] = False,
    exclude: Annotated[
        list[str] | None,
        typer.Option(
            metavar="GLOB",
            help="Leave out what matches, this time; for good: a .photoaesthignore file.",
        ),
    ] = None,
    follow_symlinks: Annotated[
        bool,
        typer.Option("--follow-symlinks", help="Follow links that lead outside the folders, too."),
    ] = False,
    workers: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=1, help="Processes that read photos [default: one per core]."
        ),
    ] = None,
    device: DeviceOption = Device.AUTO,
) -> None:
    """Find photos, read EXIF, make thumbnails and embeddings.

    Run it again at any time: it reads what is new or changed only, and knows photos that were
    moved. Photos are never written to.

    Example: photoaesth index ~/Pictures
    """
    from photoaesth.workflows.index import IndexOptions, index

    if forget is not None:
        if folders or watch or dry_run:
            raise UsageError("--forget DIR stands alone, without folders, --watch or --dry-run")
        _forget(settings, forget)
        return
    if watch and dry_run:
        raise UsageError("give either --watch or --dry-run, not both")
    options = IndexOptions(
        device=device,
        workers=workers,
        exclude=tuple(exclude or ()),
        follow_symlinks=follow_symlinks,
        dry_run=dry_run,
    )
    with progress(settings, "Indexing") as on_progress:
        report = index(settings.library, folders or [], options, on_progress=on_progress)
    if watch:
        _tell(settings, report, report.skipped)
        _watch(settings, folders or [], options, report.skipped)
    elif settings.json:
        print_json(_as_json(report) | ({"dry_run": True} if dry_run else {}))
    elif dry_run:
        typer.echo(f"To read: {plural(report.indexed, 'file')}{_others(report)}.")
    else:
        typer.echo(_sentence(report))
        _advise(settings, report)
    finish(settings, report.skipped)


def _forget(settings: Settings, folder: Path) -> None:
    from photoaesth.workflows.index import forget

    count = forget(settings.library, folder)
    if settings.json:
        print_json({"forgotten": count})
    else:
        typer.echo(f"Forgot {plural(count, 'file')} below {display_path(folder)}.")


def _watch(
    settings: Settings, folders: list[Path], options: "IndexOptions", known: Sequence[Skipped]
) -> None:
    """Tell of each run that follows, and only once of a photo that it skips."""
    from photoaesth.workflows.watch import watch

    note(settings, "Watching for changes; Ctrl-C ends it.")
    told = set(known)
    for report in watch(settings.library, folders, options):
        _tell(settings, report, [each for each in report.skipped if each not in told])
        told.update(report.skipped)


def _tell(settings: Settings, report: "IndexReport", skipped: Sequence[Skipped]) -> None:
    """Print one run of several; as JSON, one object a line."""
    if settings.json:
        print_json(_as_json(report), one_line=True)
    else:
        typer.echo(_sentence(report))
        note_skipped(settings, skipped)


def _as_json(report: "IndexReport") -> dict[str, Any]:
    return {
        "indexed": report.indexed,
        "unchanged": report.unchanged,
        "moved": report.moved,
        "copies": report.copies,
        "paired": report.paired,
        "missing": report.missing,
        "ignored": report.ignored,
        "unsupported": report.unsupported,
        "skipped": skipped_json(report.skipped),
        "seconds": round(report.seconds, 3),
        "photos_per_s": round(report.photos_per_s, 2),
    }


def _sentence(report: "IndexReport") -> str:
    rate = f" ({report.photos_per_s:.1f} photos/s)" if report.indexed else ""
    photos = plural(report.indexed, "photo")
    return f"Indexed {photos} in {report.seconds:.1f} s{rate}{_others(report)}."


def _others(report: "IndexReport") -> str:
    counts = {
        "unchanged": report.unchanged,
        "moved": report.moved,
        "copied": report.copies,
        "paired with a RAW file": report.paired,
        "missing": report.missing,
        "ignored": report.ignored,
    }
    others = ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)
    return f"; {others}" if others else ""


def _advise(settings: Settings, report: "IndexReport") -> None:
    if report.unsupported:
        from photoaesth.imaging import missing_support

        ways = ", ".join(f"{suffix}: {way}" for suffix, way in missing_support().items())
        note(
            settings,
            f"Ignored photos that this installation cannot read: {report.unsupported:,} ({ways})",
        )
    if report.indexed:
        note(settings, "Next: photoaesth compare")
