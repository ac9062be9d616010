"""The browser face of `compare`: starts the local page and waits until the sitting is over."""

import os
import sys
import threading
import webbrowser
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import typer

from photoaesth.cli.console import note
from photoaesth.cli.options import Settings
from photoaesth.errors import PhotoaesthError

if TYPE_CHECKING:
    from photoaesth.web.contract import Session


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
    """Ask on a local page until the user finishes there or presses Ctrl-C here.

    Args:
        settings: whether to be quiet.
        session: not opened yet; it is opened, called and closed in a thread of its own.
        port: where on 127.0.0.1; None for any free one.

    Raises:
        PhotoaesthError: the extra `web` is not installed, the port is taken, or the session
            fails.
    """
    try:
        from photoaesth.web.compare import ComparePage
        from photoaesth.web.one_thread import OneThread
        from photoaesth.web.server import LocalServer
    except ModuleNotFoundError as error:
        if error.name not in {"starlette", "uvicorn"}:
            raise
        raise PhotoaesthError(
            "comparing in a browser needs Starlette and uvicorn; pip install 'photoaesth[web]'"
        ) from error
    server = LocalServer(port)
    with OneThread(session) as thread:
        page = ComparePage(thread, server.stop)
        server.run(page.app, started=lambda: _announce(settings, server.address, server.port))
        if page.failure is not None:
            raise page.failure
        progress = thread.do(lambda open_session: open_session.progress())
        exhausted = thread.do(lambda _: page.sitting.exhausted)
    return Sitting(progress.answered, progress.choices, exhausted)


def _announce(settings: Settings, address: str, port: int) -> None:
    """Print the address and open it where a person sits before a screen of this machine."""
    typer.echo(f"Comparing at {address}", err=True)
    note(settings, "Finish there with q, or here with Ctrl-C.")
    if _is_remote():
        note(settings, f"From your own machine: ssh -L {port}:127.0.0.1:{port} …, then open it.")
    elif _has_screen():  # a browser for terminals would take this one
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()


def _is_remote() -> bool:
    return "SSH_CONNECTION" in os.environ and "BROWSER" not in os.environ


def _has_screen() -> bool:
    asked_for = {"BROWSER", "DISPLAY", "WAYLAND_DISPLAY"}
    return sys.platform in {"darwin", "win32"} or not asked_for.isdisjoint(os.environ)
