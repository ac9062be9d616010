"""What the terminal sees: results on stdout, progress and notes on stderr."""

import contextlib
import io
import json
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import typer

from photoaesth.cli.options import Settings
from photoaesth.domain import Skipped
from photoaesth.errors import UsageError
from photoaesth.files import display_path

SOME_SKIPPED = 3
_SHOWN_SKIPPED = 10
_PATH_COLUMNS = frozenset({"photo", "left", "right", "winner", "loser"})


def print_json(value: Any, *, one_line: bool = False) -> None:
    """Print a result as JSON, on one line where more results follow."""
    indent = None if one_line else 2
    typer.echo(json.dumps(value, indent=indent, ensure_ascii=False, allow_nan=False))


def note(settings: Settings, text: str) -> None:
    """Tell the user something that is not the result."""
    if text and not settings.quiet:
        typer.echo(text, err=True)


def confirm(question: str, *, yes: bool) -> None:
    """Ask whether to go on, unless that was said already.

    Args:
        question: what is going to happen, ended by a question mark.
        yes: whether `--yes` was given.

    Raises:
        UsageError: there is no terminal to ask on.
        Exit: the answer is no.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError(f"{question} There is nobody to ask; add --yes")
    if not typer.confirm(question, err=True):
        typer.echo("Nothing was changed.", err=True)
        raise typer.Exit(1)


def skipped_json(skipped: Sequence[Skipped]) -> list[dict[str, str]]:
    """Return the JSON shape of what was skipped."""
    return [{"path": display_path(item.path), "reason": item.reason} for item in skipped]


def finish(settings: Settings, skipped: Sequence[Skipped]) -> None:
    """Name what was skipped and end with exit code 3, if anything was."""
    if skipped:
        note_skipped(settings, skipped)
        raise typer.Exit(SOME_SKIPPED)


def note_skipped(settings: Settings, skipped: Sequence[Skipped]) -> None:
    """Name what was skipped, with the reasons."""
    if not skipped:
        return
    shown = skipped if settings.verbose else skipped[:_SHOWN_SKIPPED]
    note(settings, f"{len(skipped)} skipped:")
    for item in shown:
        note(settings, f"  {display_path(item.path)}: {item.reason}")
    if len(shown) < len(skipped):
        note(settings, f"  … and {len(skipped) - len(shown)} more; --verbose names them all")


def plural(count: int, noun: str) -> str:
    """Return `1 photo`, `1,200 photos`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


@contextlib.contextmanager
def progress(settings: Settings, task: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar with rate and time left on a terminal; yield what moves it."""
    if settings.quiet or not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        Task,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(f"{task.speed or 0:.1f}/s")

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        Rate(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        number = bar.add_task(task, total=None)
        yield lambda done, total: bar.update(number, completed=done, total=total)


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]], *, right: str = "") -> None:
    """Print a table; without a terminal, columns are padded and nothing is cut off.

    Args:
        header: names of the columns.
        rows: cells; they hold printable text only.
        right: names of the columns to align right, space separated.
    """
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in header:
        side = "right" if name in right.split() else "left"
        # A path is the one thing that must survive copying from the screen.
        is_path = name in _PATH_COLUMNS
        overflow = "fold" if is_path else "ellipsis"
        table.add_column(name, justify=side, overflow=overflow, no_wrap=not is_path)  # type: ignore[arg-type]  # literals
    for row in rows:
        table.add_row(*row)
    console = Console(
        file=io.StringIO(),
        width=terminal_columns(),
        force_terminal=sys.stdout.isatty(),
        color_system=None,
        markup=False,
        emoji=False,
        highlight=False,
    )
    console.print(table)
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]  # a StringIO
    typer.echo("\n".join(line.rstrip() for line in lines))


def terminal_columns() -> int:
    """Return the width to print tables in: the terminal's, or no limit without one."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 10_000
