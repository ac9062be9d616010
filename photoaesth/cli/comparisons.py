"""`photoaesth comparisons`: choices as data."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from photoaesth.cli.console import (
    finish,
    plural,
    print_json,
    print_table,
    skipped_json,
)
from photoaesth.cli.help import Command, Group
from photoaesth.cli.options import Settings, global_options
from photoaesth.files import display_path

if TYPE_CHECKING:
    from photoaesth.workflows.comparisons import Choice

app = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.callback()
@global_options
def _comparisons(settings: Settings) -> None:
    """Import, export, list and take back your choices.

    Example: photoaesth comparisons list
    """


@app.command("import", cls=Command)
@global_options
def _import(
    settings: Settings,
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="The file to read.")],
) -> None:
    """Take over choices, stars or ratings from a CSV file.

    The first line names the columns: winner,loser (and perhaps outcome: tie or skip);
    left,right,outcome with left, right, tie or skip; photo,stars with 1 to 5, -1 for a rejected
    photo; or photo,rating with 0 to 10. Paths are absolute or relative to the file. Rows that
    were imported before are passed over; a photo's newest rating counts.

    Example: photoaesth comparisons import choices.csv
    """
    from photoaesth.workflows.comparisons import import_comparisons

    report = import_comparisons(settings.library, settings.profile, file)
    if settings.json:
        print_json(
            {
                "kind": report.kind,
                "imported": report.imported,
                "known": report.known,
                "skipped": skipped_json(report.skipped),
            }
        )
    else:
        known = f"; {report.known:,} known already" if report.known else ""
        typer.echo(f"Imported {plural(report.imported, report.kind[:-1])}{known}.")
    finish(settings, report.skipped)


@app.command("export", cls=Command)
@global_options
def _export(
    settings: Settings,
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="The file to write.")],
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the file if it exists.")
    ] = False,
) -> None:
    """Write your choices to a CSV file that import reads back.

    Example: photoaesth comparisons export choices.csv
    """
    from photoaesth.workflows.comparisons import export_comparisons

    count = export_comparisons(settings.library, settings.profile, file, overwrite=overwrite)
    if settings.json:
        print_json({"exported": count, "path": display_path(file.absolute())})
    else:
        typer.echo(f"Wrote {plural(count, 'choice')} to {display_path(file)}.")


@app.command("list", cls=Command)
@global_options
def _list(settings: Settings) -> None:
    """List your choices, the first one first.

    Example: photoaesth comparisons list
    """
    from photoaesth.workflows.comparisons import list_comparisons

    choices = list_comparisons(settings.library, settings.profile)
    if settings.json:
        print_json({"comparisons": [_choice_json(choice) for choice in choices]})
        return
    rows = [
        (str(c.id), _minute(c.created_at), c.outcome, display_path(c.left), display_path(c.right))
        for c in choices
    ]
    print_table(("id", "when", "outcome", "left", "right"), rows, right="id")


@app.command("undo", cls=Command)
@global_options
def _undo(
    settings: Settings,
    last: Annotated[int, typer.Option(min=1, metavar="N", help="How many of them.")] = 1,
) -> None:
    """Take back your latest choices. They stay in the library, marked as retracted.

    Example: photoaesth comparisons undo --last 3
    """
    from photoaesth.workflows.comparisons import undo_comparisons

    taken = undo_comparisons(settings.library, settings.profile, last)
    if settings.json:
        print_json({"undone": len(taken)})
        return
    typer.echo(f"Took back {plural(len(taken), 'choice')}.")
    for choice in taken:
        names = f"{display_path(choice.left)} | {display_path(choice.right)}"
        typer.echo(f"  {choice.outcome}: {names}", err=True)


@app.command("conflicts", cls=Command)
@global_options
def _conflicts(settings: Settings) -> None:
    """List the pairs of photos that your choices disagree about.

    Direct: you chose both ways. Inferred: what follows from some choices contradicts others; such
    an inferred ranking is not used.

    Example: photoaesth comparisons conflicts
    """
    from photoaesth.workflows.comparisons import list_conflicts

    conflicts = list_conflicts(settings.library, settings.profile)
    rows = [(c.kind, display_path(c.winner), display_path(c.loser)) for c in conflicts]
    header = ("kind", "winner", "loser")
    if settings.json:
        print_json({"conflicts": [dict(zip(header, row, strict=True)) for row in rows]})
    elif rows:
        print_table(header, rows)
    else:
        typer.echo("Your choices contradict each other nowhere.")


def _choice_json(choice: "Choice") -> dict[str, object]:
    return {
        "id": choice.id,
        "created_at": choice.created_at,
        "outcome": choice.outcome,
        "left": display_path(choice.left),
        "right": display_path(choice.right),
    }


def _minute(utc: str) -> str:
    """Return a stored time as the user's clock shows it."""
    return datetime.fromisoformat(utc).astimezone().strftime("%Y-%m-%d %H:%M")
