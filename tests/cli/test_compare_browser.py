"""What `compare --browser` says in the terminal, and when it opens a browser."""

import contextlib
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from photoaesth.cli import local_page
from photoaesth.cli.compare_browser import compare_in_browser
from photoaesth.cli.options import Settings
from photoaesth.errors import PhotoaesthError

_ADDRESS = "http://127.0.0.1:4711/?token=x"
_WITHOUT = """
import sys

class Without:
    def find_spec(self, name, *_):
        if name == "starlette":
            raise ModuleNotFoundError(name=name)

sys.meta_path.insert(0, Without())
from photoaesth.__main__ import main
sys.argv = ["photoaesth", "compare", "--browser"]
main()
"""


@pytest.fixture
def announce(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[str, bool]]:
    """Announces an address under some environment; tells what was said, and whether it opened."""

    def run(*, quiet: bool = False, **environment: str) -> tuple[str, bool]:
        for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY", "SSH_CONNECTION"):
            monkeypatch.delenv(name, raising=False)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr("sys.platform", "linux")
        opened = threading.Event()
        monkeypatch.setattr("webbrowser.open", lambda _: opened.set())
        settings = Settings(Path("lib.db"), "me", json=False, quiet=quiet, verbose=False)
        local_page._announce(settings, "Comparing", _ADDRESS, 4711)
        for thread in threading.enumerate():
            if thread.daemon and thread is not threading.current_thread():
                thread.join(timeout=1)
        return capsys.readouterr().err, opened.is_set()

    return run


@pytest.mark.parametrize("where", ["DISPLAY", "WAYLAND_DISPLAY", "BROWSER"])
def test_a_browser_is_opened_before_a_screen(announce: Any, where: str) -> None:
    """With a screen, or a browser that the user named, the page is opened there."""
    said, opened = announce(**{where: ":0"})
    assert said.splitlines()[0] == f"Comparing at {_ADDRESS}"
    assert opened


def test_without_a_screen_the_address_is_printed(announce: Any) -> None:
    """No browser for terminals takes the terminal; the address is there even when quiet."""
    assert announce(quiet=True) == (f"Comparing at {_ADDRESS}\n", False)


def test_over_ssh_the_way_is_shown(announce: Any) -> None:
    """A browser on the machine far away is of no use, even with a screen; a tunnel is."""
    said, opened = announce(SSH_CONNECTION="a 1 b 2", DISPLAY=":10")
    assert "ssh -L 4711:127.0.0.1:4711" in said
    assert not opened


def test_what_is_missing_is_named() -> None:
    """Without the extra, one line says what to install."""
    result = subprocess.run(
        [sys.executable, "-c", _WITHOUT], capture_output=True, text=True, check=False, timeout=60
    )
    assert result.returncode == 1
    assert result.stderr == (
        "photoaesth: comparing in a browser needs Starlette and uvicorn; "
        "pip install 'photoaesth[web]'\n"
    )


def test_a_session_that_cannot_open_shows_no_page(capsys: pytest.CaptureFixture[str]) -> None:
    """The session's own line comes out, and no address was printed."""

    @contextlib.contextmanager
    def closed() -> Iterator[Any]:
        raise PhotoaesthError("there is no library")
        yield

    settings = Settings(Path("lib.db"), "me", json=False, quiet=False, verbose=False)
    with pytest.raises(PhotoaesthError, match="there is no library"):
        compare_in_browser(settings, closed())
    assert capsys.readouterr().err == ""
