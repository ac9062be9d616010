"""`photoaesth compare`."""

import os
from typing import TYPE_CHECKING, Annotated

import typer

from photoaesth.cli.console import note, plural, print_json
from photoaesth.cli.help import Command
from photoaesth.cli.options import Settings, global_options
from photoaesth.domain import Outcome

if TYPE_CHECKING:
    from photoaesth.cli.compare_screen import CompareScreen
    from photoaesth.workflows.compare import CompareSession


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("compare", cls=Command)(_compare)


@global_options
def _compare(
    settings: Settings,
    pairs: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Stop after N answers.")
    ] = None,
) -> None:
    """Choose between two photos, as often as you like.

    Keys: ← or → for the photo you prefer (also h and l, or 1 and 2), = for a tie, s to skip, u to
    undo, q to quit. Every answer is stored before the next question.

    Example: photoaesth compare --pairs 20
    """
    from photoaesth.cli.compare_screen import CompareScreen
    from photoaesth.workflows.compare import compare_session
    from photoaesth.workflows.profile_model import ENOUGH_CHOICES

    color = not os.environ.get("NO_COLOR")
    with compare_session(settings.library, settings.profile, pairs=pairs, color=color) as session:
        with CompareScreen() as screen:
            exhausted = _ask_all(session, screen)
        answered, choices = session.answered, session.choices
    if settings.json:
        print_json({"answered": answered, "choices": choices})
        return
    if exhausted:
        note(settings, "There is no pair left to ask; index more photos for more questions.")
    typer.echo(f"{plural(answered, 'answer')} now, {plural(choices, 'choice')} altogether.")
    if choices >= ENOUGH_CHOICES:
        note(settings, "Next: photoaesth train")
    elif choices:
        more = ENOUGH_CHOICES - choices
        note(settings, f"Next: photoaesth train ({more} more and it can judge itself)")


def _ask_all(session: "CompareSession", screen: "CompareScreen") -> bool:
    """Ask until the user stops; return whether the pairs ran out instead."""
    question = session.next()
    notice = ""
    while question is not None:
        answer = screen.ask(question, notice)
        notice = ""
        if answer == "quit":
            return False
        if answer == "undo":
            earlier = session.undo()
            notice = "took the last answer back" if earlier else "nothing to undo in this sitting"
            question = earlier or question
        else:
            assert isinstance(answer, Outcome)
            session.answer(question, answer)
            question = session.next()
    return not session.complete
