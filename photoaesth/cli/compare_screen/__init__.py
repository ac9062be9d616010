"""One question at a time, on the whole terminal or as lines of text."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, Self

from photoaesth.cli.compare_screen.keys import Answer
from photoaesth.cli.compare_screen.linear import Linear
from photoaesth.cli.compare_screen.window import Window
from photoaesth.graphics.picture import View

if TYPE_CHECKING:
    from photoaesth.workflows.compare import Progress, Question

__all__ = ["Answer", "CompareScreen"]


class CompareScreen:
    """The terminal while questions are asked; a context manager.

    Inside, the alternate screen is shown, the cursor is hidden and keys arrive unechoed; all of
    that is undone however the block ends. With the view "none", questions are printed as lines
    of text without any escape code, and only the keys are read one by one.

        with CompareScreen(view="auto") as screen:
            session.pixels = screen.pixels
            answer = screen.ask(session.next(), session.progress(), "", session.peek)

    Args:
        view: how pictures are shown; "auto" asks the terminal what it can.
        color: whether pictures may use colour.

    Raises:
        PhotoaesthError: on entering, standard input or output is not a terminal.
    """

    def __init__(self, *, view: View | Literal["auto"] = "auto", color: bool = True) -> None:
        self._face: Linear | Window = Linear() if view == "none" else Window(view, color=color)

    def __enter__(self) -> Self:
        self._face.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._face.__exit__()

    @property
    def pixels(self) -> int:
        """Longer side in pixels that photos can be shown at now; 0 for no pictures."""
        return self._face.pixels

    def ask(
        self,
        question: "Question",
        progress: "Progress",
        notice: str = "",
        ahead: "Callable[[], Question | None]" = lambda: None,
    ) -> Answer:
        """Show a question until it is answered; it is drawn anew when the window changes.

        Args:
            question: the photos and how far the sitting has come.
            progress: what the choices so far are good for.
            notice: one line to say below the photos, such as what was undone.
            ahead: returns at once the question that probably comes next, None while it is not
                known. Its pictures are drawn in the background while the user looks at this one.

        Returns:
            The place of the preferred photo, "tie", "skip" or "neither"; or "undo" or "quit".

        Raises:
            KeyboardInterrupt: Ctrl-C.
        """
        return self._face.ask(question, progress, notice, ahead)
