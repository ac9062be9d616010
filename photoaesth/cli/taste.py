"""`photoaesth taste`: the profile's aesthetic distribution and what drives it."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from photoaesth.cli.console import finish, note, print_json, progress
from photoaesth.cli.help import Command, Group
from photoaesth.cli.options import Settings, global_options
from photoaesth.cli.taste_json import as_json
from photoaesth.files import display_path

_SHOW = "show"

HtmlOption = Annotated[
    Path | None,
    typer.Option("--html", metavar="FILE.html", help="Write a page with pictures as well."),
]
OverwriteOption = Annotated[bool, typer.Option("--overwrite", help="Replace an existing page.")]


class From(StrEnum):
    """What a taste is read from."""

    SCORES = "scores"
    RETOUCHES = "retouches"


class _Taste(Group):
    """Describes one taste when no subcommand is named."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Take a line without a subcommand for one about one profile."""
        if self.commands.keys().isdisjoint(args) and {"-h", "--help"}.isdisjoint(args):
            args = [_SHOW, *args]
        return super().parse_args(ctx, args)


app = typer.Typer(cls=_Taste, rich_markup_mode=None)


@app.callback()
@global_options
def _taste(settings: Settings) -> None:
    """Describe your taste, and how it differs from the crowd.

    Without a subcommand, your own is shown; diff compares two profiles.

    Example: photoaesth taste
    """


@app.command(_SHOW, cls=Command)
@global_options
def _show(
    settings: Settings,
    from_: Annotated[
        From,
        typer.Option(
            "--from",
            metavar="WHAT",
            help="scores (of all photos), or retouches: what your own edits do to photos.",
        ),
    ] = From.SCORES,
    html: HtmlOption = None,
    overwrite: OverwriteOption = False,
) -> None:
    """Describe the taste of one profile; taste alone does so.

    Shows how its scores are spread over styles and contents, and where the crowd's differ; what
    raises and lowers them; how the taste moved over time; and the photos that tell most. With
    --from retouches, what your retouched and enhanced copies have that their originals have not.

    Example: photoaesth taste show --html taste.html
    """
    if from_ is From.RETOUCHES:
        _show_retouches(settings, html, overwrite=overwrite)
        return
    from photoaesth.cli.taste_report import print_taste
    from photoaesth.workflows.taste import taste

    with progress(settings, "Looking at photos") as bar:
        report = taste(
            settings.library, settings.profile, on_progress=lambda _, done, total: bar(done, total)
        )
    note(settings, f"Note: {report.note}." if report.note else "")
    if html is not None:
        from photoaesth.workflows.taste.page import write_taste_page

        write_taste_page(report, html, overwrite=overwrite)
        _tell_of_page(settings, html)
    if settings.json:
        print_json(as_json(report))
    else:
        print_taste(report)


def _show_retouches(settings: Settings, html: Path | None, *, overwrite: bool) -> None:
    from photoaesth.cli.taste_retouches import print_retouches
    from photoaesth.workflows.taste.retouches import taste_of_retouches

    with progress(settings, "Looking at edits") as bar:
        report = taste_of_retouches(settings.library, settings.profile, on_progress=bar)
    note(settings, f"Note: {report.note}." if report.note else "")
    if html is not None:
        from photoaesth.workflows.taste.retouch_page import write_retouch_page

        write_retouch_page(settings.library, report, html, overwrite=overwrite)
        _tell_of_page(settings, html)
    if settings.json:
        print_json(as_json(report))
    else:
        print_retouches(report)
    finish(settings, report.skipped)


@app.command("diff", cls=Command)
@global_options
def _diff(
    settings: Settings,
    first: Annotated[str, typer.Argument(metavar="PROFILE_A", help="The one profile.")],
    second: Annotated[str, typer.Argument(metavar="PROFILE_B", help="The other profile.")],
    html: HtmlOption = None,
    overwrite: OverwriteOption = False,
) -> None:
    """Compare the tastes of two profiles on your photos.

    Shows how far both agree, in which attributes, styles and contents they differ, and photos
    that one likes and the other does not.

    Example: photoaesth taste diff me anna
    """
    from photoaesth.cli.taste_difference import print_difference
    from photoaesth.workflows.taste.difference import taste_diff

    with progress(settings, "Looking at photos") as bar:
        report = taste_diff(
            settings.library, first, second, on_progress=lambda _, done, total: bar(done, total)
        )
    for line in report.notes:
        note(settings, f"Note: {line}.")
    if html is not None:
        from photoaesth.workflows.taste.difference_page import write_difference_page

        write_difference_page(report, html, overwrite=overwrite)
        _tell_of_page(settings, html)
    if settings.json:
        print_json(as_json(report))
    else:
        print_difference(report)


def _tell_of_page(settings: Settings, html: Path) -> None:
    note(settings, f"Wrote {display_path(html.absolute())}")
