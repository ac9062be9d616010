"""Serving a local page until the user finishes there, or here with Ctrl-C."""

import os
import sys
import threading
import webbrowser
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, TypeVar

import typer

from photoaesth.cli.console import note
from photoaesth.cli.options import Settings
from photoaesth.errors import PhotoaesthError

if TYPE_CHECKING:
    from photoaesth.web.one_thread import OneThread
    from photoaesth.web.page import Page

Held = TypeVar("Held")
Result = TypeVar("Result")


def serve_page(
    settings: Settings,
    session: AbstractContextManager[Held],
    make_page: "Callable[[OneThread[Held], Callable[[], None]], Page[Held]]",
    summary: Callable[[Held], Result],
    *,
    doing: str,
    port: int | None = None,
) -> Result:
    """Show a page about a session; return what it came to.

    Args:
        settings: whether to be quiet.
        session: not opened yet; it is opened, called and closed in a thread of its own.
        make_page: takes the session, and what ends the server.
        summary: called with the session at the end.
        doing: what the user does there, for the line that prints the address.
        port: where on 127.0.0.1; None for any free one.

    Raises:
        PhotoaesthError: the extra `web` is not installed, the port is taken, or the session
            fails.
    """
    try:
        from photoaesth.web.one_thread import OneThread
        from photoaesth.web.server import LocalServer
    except ModuleNotFoundError as error:
        if error.name not in {"starlette", "uvicorn"}:
            raise
        raise PhotoaesthError(
            f"{doing.lower()} in a browser needs Starlette and uvicorn; "
            "pip install 'photoaesth[web]'"
        ) from error
    server = LocalServer(port)
    with OneThread(session) as thread:
        page = make_page(thread, server.stop)
        server.run(
            page.app, started=lambda: _announce(settings, doing, server.address, server.port)
        )
        if page.failure is not None:
            raise page.failure
        return thread.do(summary)


def _announce(settings: Settings, doing: str, address: str, port: int) -> None:
    """Print the address and open it where a person sits before a screen of this machine."""
    typer.echo(f"{doing} at {address}", err=True)
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
