"""`photoaesth retouch`: edits in the photographer's own hand."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from photoaesth.cli.console import (
    finish,
    note,
    plural,
    print_json,
    progress,
    skipped_json,
)
from photoaesth.cli.help import Command, Group
from photoaesth.cli.local_page import serve_page
from photoaesth.cli.options import Settings, global_options
from photoaesth.files import display_path

if TYPE_CHECKING:
    from photoaesth.workflows.retouch.importing import ImportReport

_PAGE = "page"


class _Retouch(Group):
    """Opens the page when no subcommand is named."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Take a line without a subcommand for one about the page."""
        if self.commands.keys().isdisjoint(args) and {"-h", "--help"}.isdisjoint(args):
            args = [_PAGE, *args]
        return super().parse_args(ctx, args)


app = typer.Typer(cls=_Retouch, rich_markup_mode=None)


@app.callback()
@global_options
def _retouch(settings: Settings) -> None:
    """Edit photos yourself, on a local page.

    Your edits teach what enhancing should do. Without a subcommand, the page is opened.

    Example: photoaesth retouch
    """


@app.command(_PAGE, cls=Command)
@global_options
def _open_page(
    settings: Settings,
    photos: Annotated[
        int, typer.Option(min=1, metavar="N", help="How many photos the round has.")
    ] = 8,
    port: Annotated[
        int | None,
        typer.Option(
            min=1, max=65535, metavar="N", help="Port of the page [default: any free one]."
        ),
    ] = None,
) -> None:
    """Retouch a round of photos; retouch alone does so.

    On a local page, you rate photos, edit them, and rate your edits. The photos differ as much
    as possible, and none was retouched before. Every edit is stored before the next photo;
    originals are only read.

    Example: photoaesth retouch page --photos 12
    """
    from photoaesth.workflows.retouch import RetouchSession, retouch_session

    def make_page(session: Any, stop: Any) -> Any:
        from photoaesth.web.retouch import RetouchPage

        return RetouchPage(session, stop)

    def summary(session: RetouchSession) -> tuple[int, int]:
        return session.retouched, session.altogether

    session = retouch_session(settings.library, settings.profile, count=photos)
    retouched, altogether = serve_page(
        settings, session, make_page, summary, doing="Retouching", port=port
    )
    if settings.json:
        print_json({"retouched": retouched, "altogether": altogether})
        return
    typer.echo(f"{retouched:,} retouched now, {altogether:,} altogether.")
    if retouched >= 2:
        note(settings, "Next: photoaesth rerank")


@app.command("export", cls=Command)
@global_options
def _export(
    settings: Settings,
    file: Annotated[Path, typer.Argument(metavar="FILE.zip", help="The file to write.")],
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the file if it exists.")
    ] = False,
) -> None:
    """Write your edits to a file that import reads back.

    It holds the edited copies at full size; parameters, ratings and orders as JSON and CSV; and
    of the originals their checksums.

    Example: photoaesth retouch export retouches.zip
    """
    from photoaesth.workflows.retouch.export import export_retouches

    with progress(settings, "Writing copies") as on_progress:
        report = export_retouches(
            settings.library,
            settings.profile,
            file,
            overwrite=overwrite,
            on_progress=on_progress,
        )
    if settings.json:
        print_json(
            {
                "retouches": report.retouches,
                "orders": report.orders,
                "path": display_path(file.absolute()),
                "skipped": skipped_json(report.skipped),
            }
        )
    else:
        counted = f"{report.retouches:,} retouched and {plural(report.orders, 'order')}"
        typer.echo(f"Wrote {counted} to {display_path(file)}.")
    finish(settings, report.skipped)


@app.command("import", cls=Command)
@global_options
def _import(
    settings: Settings,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to read: .zip or .csv.")],
) -> None:
    """Take over edits from a file, also those made with another program.

    A .zip is one that export wrote. The first line of a .csv names the columns: photo and
    parameters (exposure, contrast and so on), or original,edited, the paths of a photo and of
    what another program made of it. Of such pairs, the parameters are found that come nearest.
    Both may have rating_before and rating_after, 0 to 10. What was imported before is passed
    over.

    Example: photoaesth retouch import edits.csv
    """
    from photoaesth.workflows.retouch.importing import import_retouches

    with progress(settings, "Recovering edits") as on_progress:
        report = import_retouches(settings.library, settings.profile, file, on_progress=on_progress)
    if settings.json:
        print_json(_import_json(report))
    else:
        for found in report.recovered:
            name = display_path(found.edited)
            typer.echo(f"{name}  (ΔE {found.before:.1f} to {found.after:.1f})")
        orders = f" and {plural(report.orders, 'order')}" if report.orders else ""
        known = f"; {report.known:,} known already" if report.known else ""
        typer.echo(f"Imported {report.imported:,} retouched{orders}{known}.")
    finish(settings, report.skipped)


def _import_json(report: "ImportReport") -> dict[str, object]:
    return {
        "imported": report.imported,
        "known": report.known,
        "orders": report.orders,
        "recovered": [
            {
                "original": display_path(found.original),
                "edited": display_path(found.edited),
                "parameters": {k: round(v, 4) for k, v in found.parameters.items()},
                "delta_e_before": round(found.before, 2),
                "delta_e_after": round(found.after, 2),
            }
            for found in report.recovered
        ],
        "skipped": skipped_json(report.skipped),
    }
