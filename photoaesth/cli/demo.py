"""`photoaesth demo`."""

import contextlib
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from photoaesth.cli.console import print_json, progress
from photoaesth.cli.help import Command
from photoaesth.cli.options import Settings, global_options
from photoaesth.errors import PhotoaesthError
from photoaesth.files import display_path

if TYPE_CHECKING:
    from photoaesth.workflows.demo import Agreement, DemoFolder

_PAIRS_OF_A_USER = 20


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("demo", cls=Command)(_demo)


@global_options
def _demo(
    settings: Settings,
    photos: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Use these photos, and ask you. They are only read."),
    ] = None,
    output: Annotated[Path, typer.Option(metavar="DIR", help="Where everything goes.")] = Path(
        "photoaesth-demo"
    ),
) -> None:
    """See the whole path: index, choices, train, rank, enhance.

    Draws an album, lets a simulated photographer judge it, and runs the real commands on it. With
    --photos it runs them on your photos and asks you. Your
    own library stays as it is.

    Example: photoaesth demo --photos ~/Pictures/2026
    """
    from photoaesth.workflows.demo import prepare_folder

    started = time.monotonic()
    folder = prepare_folder(output)
    if photos is None:
        agreement = _simulated(settings, folder)
    else:
        _with_own_photos(settings, folder, photos)
        agreement = None
    if settings.json:
        places = {
            "enhanced": display_path(folder.enhanced),
            "contact_sheet": display_path(folder.contact_sheet),
        }
        print_json(places | _agreement_json(agreement))
        return
    typer.echo(f"\nDone in {time.monotonic() - started:.0f} s. Look at:")
    if photos is None:
        typer.echo(f"  the photos       {display_path(folder.album)}")
    typer.echo(f"  the best of them {display_path(folder.contact_sheet)}")
    typer.echo(f"  enhanced copies  {display_path(folder.enhanced)}")
    typer.echo("Your own photos: photoaesth index ~/Pictures, then photoaesth compare")


def _simulated(settings: Settings, folder: "DemoFolder") -> "Agreement":
    from photoaesth.samples.photographer import DEMO_PHOTOGRAPHER
    from photoaesth.workflows.demo import answer_questions, draw, unseen_agreement

    library, profile = folder.simulated_library, DEMO_PHOTOGRAPHER.name.lower()
    with progress(settings, "Drawing") as on_progress:
        album = draw(folder, on_progress=on_progress)
    _say(settings, f"Drew {len(album)} photos in {display_path(folder.album)}")
    run = _Runner(settings, library, profile)
    run("index", str(folder.album))
    asked = answer_questions(library, profile, album)
    _say(
        settings,
        f"\n{DEMO_PHOTOGRAPHER.name}, a simulated photographer, answered {asked} questions. "
        f"Their taste:\n  {DEMO_PHOTOGRAPHER.statement}",
    )
    run("train")
    agreement = unseen_agreement(library, profile, album)
    _say(
        settings,
        f"Agreement with {DEMO_PHOTOGRAPHER.name} on {agreement.pairs} further pairs, never asked:"
        f"\n  generic   {agreement.generic:6.1%}\n  personal  {agreement.personal:6.1%}",
    )
    _show_results(run, folder)
    return agreement


def _with_own_photos(settings: Settings, folder: "DemoFolder", photos: Path) -> None:
    if not sys.stdin.isatty():
        raise PhotoaesthError("demo --photos asks you questions; run it in a terminal")
    run = _Runner(settings, folder.own_library, settings.profile)
    run("index", str(photos))
    run("compare", "--pairs", str(_PAIRS_OF_A_USER))
    run("train")
    _show_results(run, folder)


def _show_results(run: "_Runner", folder: "DemoFolder") -> None:
    sheet = str(folder.contact_sheet)
    run("rank", "--top", "5", "--contact-sheet", sheet, "--overwrite")
    run("rank", "--bottom", "5")
    run("enhance", "--top", "3", "--output", str(folder.enhanced), "--overwrite")


class _Runner:
    """Runs the program's own commands, shown as the user would type them."""

    def __init__(self, settings: Settings, library: Path, profile: str) -> None:
        self._settings = settings
        self._options = ["--library", str(library), "--profile", profile]
        if settings.quiet or settings.json:
            self._options.append("--quiet")

    def __call__(self, command: str, *arguments: str) -> None:
        from photoaesth.cli.app import app

        shown = (f'"{word}"' if " " in word else word for word in (command, *arguments))
        _say(self._settings, f"\n$ photoaesth {' '.join(shown)}")
        # With --json, stdout is for the demo's own result.
        with contextlib.redirect_stdout(sys.stderr if self._settings.json else sys.stdout):
            ending = app([*self._options, command, *arguments], standalone_mode=False)
        if ending not in (None, 0, 3):
            raise typer.Exit(ending)


def _say(settings: Settings, text: str) -> None:
    if not settings.json:
        typer.echo(text)


def _agreement_json(agreement: "Agreement | None") -> dict[str, object]:
    if agreement is None:
        return {}
    return {
        "pairs": agreement.pairs,
        "generic": round(agreement.generic, 4),
        "personal": round(agreement.personal, 4),
    }
