"""`photoaesth rank`."""

import shlex
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from photoaesth.cli.console import confirm, note, progress
from photoaesth.cli.help import Command
from photoaesth.cli.options import Settings, YesOption, global_options
from photoaesth.cli.photo_filter import filter_options
from photoaesth.cli.query_words import in_words
from photoaesth.cli.rank_outputs import Outputs, output_options, write_outputs
from photoaesth.errors import UsageError

if TYPE_CHECKING:
    from photoaesth.workflows.query import PhotoFilter, Query

_DEFAULT_COUNT = 20


class Each(StrEnum):
    """What a list can be divided by."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    FOLDER = "folder"


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("rank", cls=Command)(_rank)


@global_options
@filter_options
@output_options
def _rank(
    settings: Settings,
    *,
    top: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help=f"The N best [default: {_DEFAULT_COUNT}]."),
    ] = None,
    bottom: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="The N worst, the worst first.")
    ] = None,
    per: Annotated[
        tuple[Each, int] | None,
        typer.Option(
            metavar="PERIOD N", help="The N best of each day, week, month or folder, in its order."
        ),
    ] = None,
    diverse: Annotated[
        bool, typer.Option("--diverse", help="Each photo good and unlike those before it.")
    ] = False,
    uncertain: Annotated[
        bool,
        typer.Option("--uncertain", help="First those whose score the model is least sure of."),
    ] = False,
    chosen: "PhotoFilter",
    save: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Save what is asked for as an album; see photoaesth albums."
        ),
    ] = None,
    yes: YesOption = False,
    explain: Annotated[
        Path | None,
        typer.Option(metavar="PHOTO", help="Say why this photo has its score, and list nothing."),
    ] = None,
    outputs: Outputs,
) -> None:
    """List your photos by your taste, best or worst first.

    Filters narrow the list, and a photo must pass all that you give. --diverse lists the best that
    are unlike each other, so that the top 50 is not fifty sunsets.

    Example: photoaesth rank --top 50 --contact-sheet best.html
    """
    query = _query(chosen, top, bottom, per, diverse=diverse, uncertain=uncertain)
    if explain is None:
        _list(settings, query, save, outputs, yes=yes)
    else:
        _explain(settings, explain, query, outputs, about_list=bool(top or save))


def _query(
    chosen: "PhotoFilter",
    top: int | None,
    bottom: int | None,
    per: tuple[Each, int] | None,
    *,
    diverse: bool,
    uncertain: bool,
) -> "Query":
    """Return what is asked for.

    Raises:
        UsageError: options contradict each other.
    """
    from photoaesth.workflows.query import Order, Period, Query

    for one, other, reason in (
        (top, bottom, "give either --top or --bottom, not both"),
        (top, per, "--per says how many of each; leave out --top"),
        (bottom, per, "--per lists the best of each; leave out --bottom"),
        (bottom, uncertain, "--uncertain has an order of its own; give --top, not --bottom"),
        (diverse, uncertain, "--diverse is about the best; leave out --uncertain"),
    ):
        if one and other:
            raise UsageError(reason)
    if per is not None and per[1] < 1:
        raise UsageError(f"--per lists at least one photo of each {per[0]}, not {per[1]}")
    return Query(
        chosen,
        count=per[1] if per else top or bottom or _DEFAULT_COUNT,
        order=Order.UNCERTAIN if uncertain else Order.WORST if bottom else Order.BEST,
        diverse=diverse,
        period=Period(per[0]) if per else None,
    )


def _explain(
    settings: Settings, photo: Path, query: "Query", outputs: Outputs, *, about_list: bool
) -> None:
    from photoaesth.cli.explain import explain
    from photoaesth.workflows.query import Query

    files = (outputs.album, outputs.contact_sheet)
    if about_list or query != Query() or any(files) or outputs.null:
        raise UsageError("--explain is about one photo; leave out the options about lists")
    explain(settings, photo, outputs.format)


def _list(
    settings: Settings, query: "Query", save: str | None, outputs: Outputs, *, yes: bool
) -> None:
    from photoaesth.workflows.albums import checked_name, is_taken, save_album
    from photoaesth.workflows.query import PhotoFilter
    from photoaesth.workflows.rank import rank

    name = None if save is None else checked_name(save)
    if name is not None and is_taken(settings.library, settings.profile, name, query):
        confirm(f"Album {name!r} asks for something else. Replace it?", yes=yes)
    # Only tags may need minutes, for the looks of photos that an older version indexed.
    shown = settings if query.chosen.tags else replace(settings, quiet=True)
    with progress(shown, "Looking at photos") as on_progress:
        report = rank(settings.library, settings.profile, query, on_progress=on_progress)
    note(settings, f"Note: {report.note}." if report.note else "")
    if not report.photos:
        note(
            settings,
            "No photo passes these filters."
            if query.chosen != PhotoFilter()
            else "No photo is indexed; start with: photoaesth index DIR",
        )
    if name is not None:
        save_album(settings.library, settings.profile, name, query)
        note(settings, f"Saved. See it again with: photoaesth albums show {shlex.quote(name)}")
    title = f"For {settings.profile}: {in_words(query)}"
    extra = {} if name is None else {"album": name}
    write_outputs(settings, report, outputs, title=title, extra=extra)
