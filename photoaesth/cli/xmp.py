"""`photoaesth xmp`: stars, labels and keywords to and from the sidecars of other programs."""

import re
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from photoaesth.cli.console import confirm, finish, note, plural, print_json, progress
from photoaesth.cli.help import Command, Group
from photoaesth.cli.options import Settings, YesOption, global_options
from photoaesth.cli.photo_filter import filter_options
from photoaesth.cli.xmp_report import (
    import_json,
    import_lines,
    plan_lines,
    undo_json,
    undo_line,
    write_json,
)
from photoaesth.errors import UsageError

if TYPE_CHECKING:
    from photoaesth.workflows.xmp import PhotoFilter

_PERCENTILE = "percentile"  # what --stars means when nothing follows it
_THRESHOLDS = re.compile(r"[\d.]+(,[\d.]+){3}")
_KEYWORDS = ("stars", "styles", "contents", "albums")

app = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    rich_markup_mode=None,
)


class Colour(StrEnum):
    """The colour labels that all programs have."""

    RED = "red"
    YELLOW = "yellow"
    GREEN = "green"
    BLUE = "blue"
    PURPLE = "purple"


class SidecarStyle(StrEnum):
    """How new sidecars are named."""

    ADOBE = "adobe"
    DARKTABLE = "darktable"
    BOTH = "both"


class WriteCommand(Command):
    """The command with an option, `--stars`, whose value may be left out."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the arguments; what follows `--stars` and is no list of scores is a path."""
        spelled_out = [
            f"{word}={_PERCENTILE}"
            if word == "--stars" and not (after == _PERCENTILE or _THRESHOLDS.fullmatch(after))
            else word
            for word, after in pairwise([*args, ""])
        ]
        return super().parse_args(ctx, spelled_out)


@app.callback()
@global_options
def _xmp(settings: Settings) -> None:
    """Exchange stars, labels and keywords with other programs.

    Lightroom, Capture One, darktable and digiKam keep them in sidecars: IMG.xmp or IMG.CR2.xmp.

    Sidecars of both kinds are read: IMG.xmp (Adobe, Capture One) and IMG.CR2.xmp (darktable,
    digiKam), and what is embedded in photos. Writing merges: what other programs keep in a
    sidecar stays as it is.

    Example: photoaesth xmp write --stars --dry-run
    """


@app.command("write", cls=WriteCommand)
@global_options
@filter_options
def _write(
    settings: Settings,
    *,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="PATH", help="Indexed photos, or folders with some."),
    ] = None,
    stars: Annotated[
        str | None,
        typer.Option(
            metavar="[9,8,7,5]",
            help="Give stars: alone by place in the whole library (5 % get five, 15 % four, 30 % "
            "three, 30 % two, 20 % one), with scores by the least ones of 5, 4, 3 and 2 stars.",
        ),
    ] = None,
    rejects: Annotated[
        float | None,
        typer.Option(
            min=0, max=100, metavar="PERCENT", help="Reject (-1) these of the lowest scores."
        ),
    ] = None,
    label: Annotated[
        Colour | None,
        typer.Option(
            metavar="COLOUR",
            case_sensitive=False,
            help="Label them red, yellow, green, blue or purple.",
        ),
    ] = None,
    keywords: Annotated[
        str | None,
        typer.Option(
            metavar="KINDS",
            help="Add keywords below photoaesth: stars, styles, contents, albums, or some of these "
            "with commas between.",
        ),
    ] = None,
    overwrite: Annotated[
        bool,
        typer.Option("--overwrite", help="Also replace stars and labels that somebody gave."),
    ] = False,
    chosen: "PhotoFilter",
    sidecar_style: Annotated[
        SidecarStyle,
        typer.Option(
            metavar="STYLE",
            help="Name new sidecars as adobe (IMG.xmp), darktable (IMG.CR2.xmp) or both do.",
        ),
    ] = SidecarStyle.ADOBE,
    embed: Annotated[
        bool,
        typer.Option(
            "--embed",
            help="Write into photos themselves, by exiftool, in place of new sidecars; never into "
            "RAW files, but for DNG.",
        ),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would be written and write nothing.")
    ] = False,
    yes: YesOption = False,
) -> None:
    """Write scores, stars, labels or keywords into sidecars.

    Every photo's score goes into a field of our own. Stars and labels are written only where
    nobody gave any; those that we wrote before follow the new scores. What is there already is
    updated, whichever kind it is. `photoaesth xmp undo` takes it all back.

    Example: photoaesth xmp write ~/Pictures/wedding --stars
    """
    from photoaesth.workflows.xmp import WriteOptions, plan_write, write

    options = WriteOptions(
        paths=tuple(paths or ()),
        chosen=chosen,
        stars=None if stars is None else _thresholds(stars),
        rejects=rejects,
        label=None if label is None else label.value.capitalize(),
        keywords=frozenset(_kinds(keywords)),
        overwrite=overwrite,
        style=sidecar_style.value,
        embed=embed,
    )
    with progress(settings, "Reading sidecars") as on_progress:
        plan = plan_write(settings.library, settings.profile, options, on_progress=on_progress)
    note(settings, f"Note: {plan.note}." if plan.note else "")
    if not settings.json:
        for line in plan_lines(plan, names=dry_run):
            typer.echo(line, err=not dry_run)
    if dry_run or not plan.writes:
        if settings.json:
            print_json(write_json(plan, None))
        finish(settings, plan.skipped)
        return
    confirm(f"Write {plural(len(plan.writes), 'file')}?", yes=yes)
    with progress(settings, "Writing") as on_progress:
        report = write(settings.library, plan, on_progress=on_progress)
    if settings.json:
        print_json(write_json(plan, report))
    else:
        typer.echo(
            f"Wrote {plural(len(report.written), 'file')}. Take it back: photoaesth xmp undo"
        )
    finish(settings, report.skipped)


@app.command("import", cls=Command)
@global_options
def _import(
    settings: Settings,
    folders: Annotated[
        list[Path] | None,
        typer.Argument(metavar="DIR", help="Indexed folders or photos; all if none is named."),
    ] = None,
    labels: Annotated[
        str | None,
        typer.Option(
            metavar="LABEL=STARS,…",
            help="Stars that colour labels stand for, where there are no others: Green=5,Red=1.",
        ),
    ] = None,
) -> None:
    """Take over stars, picks and keywords given in other programs.

    Stars become ratings, from which train learns: a rated library needs no questions. Rejected
    photos count as the lowest, picked ones without stars as four stars. Where programs disagree,
    the newest word counts, and all are listed. Stars that photoaesth wrote itself are passed
    over, and newer ratings given in photoaesth stay. Keywords can be asked for with --tag.

    Example: photoaesth xmp import ~/Pictures --labels Green=5,Red=1
    """
    from photoaesth.workflows.xmp import import_xmp

    with progress(settings, "Reading sidecars") as on_progress:
        report = import_xmp(
            settings.library,
            settings.profile,
            folders or [],
            labels=_label_stars(labels),
            on_progress=on_progress,
        )
    if settings.json:
        print_json(import_json(report))
    else:
        lines, conflicts = import_lines(report, all_conflicts=settings.verbose)
        for line in lines:
            typer.echo(line)
        for line in conflicts:
            note(settings, line)
        note(settings, "Next: photoaesth train" if report.imported else "")
    finish(settings, report.skipped)


@app.command("undo", cls=Command)
@global_options
def _undo(settings: Settings, yes: YesOption = False) -> None:
    """Take back the last write; again, the one before it.

    A sidecar that nobody touched since becomes what it was, byte for byte, or goes if photoaesth
    made it. In one that another program changed since, only what photoaesth wrote goes back.

    Example: photoaesth xmp undo
    """
    from photoaesth.workflows.xmp import UndoReport, last_write, undo

    last = last_write(settings.library, settings.profile)
    if last is None:
        if settings.json:
            print_json(undo_json(None, UndoReport(complete=True)))
        else:
            typer.echo(f"Nothing to undo: no write of profile {settings.profile!r} stands.")
        return
    when = datetime.fromisoformat(last.created_at).astimezone().strftime("%Y-%m-%d %H:%M")
    confirm(f"Take back what was written into {plural(last.files, 'file')} on {when}?", yes=yes)
    with progress(settings, "Undoing") as on_progress:
        report = undo(settings.library, last, on_progress=on_progress)
    if settings.json:
        print_json(undo_json(last, report))
    else:
        typer.echo(undo_line(report))
    finish(settings, report.skipped)


def _thresholds(text: str) -> tuple[float, ...]:
    """Read the least scores of 5, 4, 3 and 2 stars; none where stars go by percentile."""
    if text == _PERCENTILE:
        return ()
    try:
        least = tuple(float(number) for number in text.split(","))
    except ValueError:
        least = ()
    if len(least) != 4 or list(least) != sorted(least, reverse=True):
        raise UsageError(
            f"--stars {text!r} is not four falling scores, for 5, 4, 3 and 2 stars; "
            "write them as 9,8,7,5"
        )
    return least


def _kinds(text: str | None) -> Sequence[Any]:
    kinds = [kind.strip() for kind in (text or "").split(",") if kind.strip()]
    for kind in kinds:
        if kind not in _KEYWORDS:
            raise UsageError(f"--keywords {kind!r} is none of {', '.join(_KEYWORDS)}")
    return kinds


def _label_stars(text: str | None) -> dict[str, int]:
    """Read `Green=5,Red=1`."""
    found: dict[str, int] = {}
    for pair in (text or "").split(",") if text else []:
        name, _, stars = pair.rpartition("=")
        if not name.strip() or stars.strip() not in {"-1", "1", "2", "3", "4", "5"}:
            raise UsageError(
                f"--labels {pair!r} does not say which stars a label stands for; write Green=5"
            )
        found[name.strip()] = int(stars)
    return found
