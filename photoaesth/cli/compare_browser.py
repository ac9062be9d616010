"""The browser face of `compare`: a local page until the sitting is over."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from photoaesth.cli.local_page import serve_page
from photoaesth.cli.options import Settings

if TYPE_CHECKING:
    from photoaesth.web.compare import ComparePage
    from photoaesth.web.contract import Session
    from photoaesth.web.one_thread import OneThread


@dataclass(frozen=True, slots=True)
class Sitting:
    """What a sitting in the browser came to.

    Attributes:
        answered: answers of this sitting.
        choices: choices of the profile, all sittings.
        exhausted: the pairs ran out before the user stopped.
    """

    answered: int
    choices: int
    exhausted: bool


def compare_in_browser(
    settings: Settings, session: "AbstractContextManager[Session[Any]]", *, port: int | None = None
) -> Sitting:
    """Ask on a local page; arguments, and what is raised, as for `serve_page`."""
    page: ComparePage

    def make_page(session: "OneThread[Session[Any]]", stop: Callable[[], None]) -> "ComparePage":
        from photoaesth.web.compare import ComparePage

        nonlocal page
        page = ComparePage(session, stop)
        return page

    def summary(session: "Session[Any]") -> Sitting:
        progress = session.progress()
        return Sitting(progress.answered, progress.choices, page.sitting.exhausted)

    return serve_page(settings, session, make_page, summary, doing="Comparing", port=port)
