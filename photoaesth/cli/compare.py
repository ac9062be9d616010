"""`photoaesth compare`."""

import os
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from photoaesth.cli.console import note, plural, print_json
from photoaesth.cli.help import Command
from photoaesth.cli.options import Settings, global_options
from photoaesth.cli.photo_filter import AMONG_HELP, photo_filter
from photoaesth.errors import UsageError

if TYPE_CHECKING:
    from photoaesth.cli.compare_screen import CompareScreen
    from photoaesth.workflows.compare import CompareOptions, CompareSession


class View(StrEnum):
    """How pictures are shown in the terminal."""

    AUTO = "auto"
    KITTY = "kitty"
    ITERM2 = "iterm2"
    SIXEL = "sixel"
    BLOCKS = "blocks"
    NONE = "none"


class Within(StrEnum):
    """Groups whose photos are set against each other."""

    BURSTS = "bursts"


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("compare", cls=Command)(_compare)


@global_options
def _compare(
    settings: Settings,
    pairs: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Stop after N answers.")
    ] = None,
    among: Annotated[
        list[str] | None,
        typer.Option(metavar="FILTER", help=AMONG_HELP),
    ] = None,
    within: Annotated[
        Within | None,
        typer.Option(
            metavar="GROUPS", help="bursts: choose the keeper of each burst, the latest first."
        ),
    ] = None,
    review: Annotated[
        bool, typer.Option("--review", help="Decide about choices that contradict the others.")
    ] = False,
    repeat: Annotated[
        bool,
        typer.Option(
            "--repeat", help="Ask about some pairs again, to learn how sure your own eye is."
        ),
    ] = False,
    view: Annotated[
        View,
        typer.Option(
            metavar="VIEW",
            help="Show pictures as auto, kitty, iterm2, sixel, blocks or none; none prints names "
            "and data, for screen readers.",
        ),
    ] = View.AUTO,
    browser: Annotated[
        bool, typer.Option("--browser", help="Ask on a local page instead of in the terminal.")
    ] = False,
    port: Annotated[
        int | None,
        typer.Option(
            min=1, max=65535, metavar="N", help="Port of the local page [default: any free one]."
        ),
    ] = None,
) -> None:
    """Choose between two photos, as often as you like.

    Keys: ← or → for the photo you prefer (also h and l, or 1 and 2), = for a tie, x when neither
    is any good, s to skip, u to undo, z to zoom, i for EXIF and scores, o to open the files, ? for
    help, q to quit. Every answer is stored before the next question.

    Example: photoaesth compare --pairs 20 --among since=2026-05-01
    """
    from photoaesth.workflows.compare import CompareOptions

    if review and (within or among or repeat):
        raise UsageError("--review asks about what you chose; it goes without other choices")
    if within and repeat:
        raise UsageError("--repeat is about pairs; it does not go with --within")
    if port is not None and not browser:
        raise UsageError("--port belongs to --browser")
    options = CompareOptions(
        about="review" if review else "bursts" if within else "pairs",
        among=photo_filter(among or []),
        repeat=repeat,
        pairs=pairs,
    )
    if browser:
        _in_browser(settings, options, port)
    else:
        _in_terminal(settings, options, view)


def _in_terminal(settings: Settings, options: "CompareOptions", view: View) -> None:
    from photoaesth.cli.compare_screen import CompareScreen
    from photoaesth.workflows.compare import compare_session

    color = not os.environ.get("NO_COLOR")
    with compare_session(settings.library, settings.profile, options) as session:
        with CompareScreen(view=view.value, color=color) as screen:
            exhausted = _ask_all(session, screen)
        progress = session.progress()
    _summarise(settings, options, progress.answered, progress.choices, exhausted=exhausted)


def _in_browser(settings: Settings, options: "CompareOptions", port: int | None) -> None:
    from photoaesth.cli.compare_browser import compare_in_browser
    from photoaesth.workflows.compare import compare_session

    session = compare_session(settings.library, settings.profile, options)
    sitting = compare_in_browser(settings, session, port=port)
    _summarise(settings, options, sitting.answered, sitting.choices, exhausted=sitting.exhausted)


def _ask_all(session: "CompareSession", screen: "CompareScreen") -> bool:
    """Ask until the user stops; return whether the questions ran out instead."""
    notice = ""
    session.pixels = screen.pixels
    while (question := session.next()) is not None:
        answer = screen.ask(question, session.progress(), notice, session.peek)
        session.pixels = screen.pixels
        notice = ""
        if answer == "quit":
            return False
        if answer == "undo":
            undone = session.undo()
            notice = "took the last answer back" if undone else "nothing to undo in this sitting"
        else:
            session.answer(question, answer)
    return not session.complete


def _summarise(
    settings: Settings, options: "CompareOptions", answered: int, choices: int, *, exhausted: bool
) -> None:
    from photoaesth.workflows.profile_model import ENOUGH_CHOICES

    if settings.json:
        print_json({"answered": answered, "choices": choices})
        return
    if exhausted:
        note(settings, _NOTHING_LEFT[options.about])
    typer.echo(f"{plural(answered, 'answer')} now, {plural(choices, 'choice')} altogether.")
    if choices >= ENOUGH_CHOICES:
        note(settings, "Next: photoaesth train")
    elif choices:
        more = ENOUGH_CHOICES - choices
        note(settings, f"Next: photoaesth train ({more} more and it can judge itself)")


_NOTHING_LEFT = {
    "pairs": "There is no pair left to ask; index more photos for more questions.",
    "bursts": "There is no burst left without a keeper.",
    "review": "There is no choice left that contradicts the others.",
}
