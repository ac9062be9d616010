"""The program that shows a real browser a page."""

import os
import re
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

_TIMEOUT_MS = 30_000  # for what a busy machine does late


@dataclass
class Sitting:
    """A running `photoaesth compare --browser`.

    Attributes:
        process: the program.
        address: where its page is, as printed.
        opened: what the program gave to the browser of the user.
        context: the browser's; its pages share a cookie.
        requests: the addresses of all that its pages asked for.
        complaints: what its pages wrote to the console, and their errors.
    """

    process: "subprocess.Popen[str]"
    address: str
    opened: Path
    context: Any
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self) -> Any:
        """Return a tab with the page, its first photos shown."""
        page = self.context.new_page()
        page.set_default_timeout(_TIMEOUT_MS)
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(self.address)
        page.locator(".preview").first.wait_for()
        return page

    def end(self, *, interrupt: bool = False) -> str:
        """Wait until the program ends by itself, or by Ctrl-C; return what it printed."""
        if interrupt:
            self.process.send_signal(signal.SIGINT)
        out, err = self.process.communicate(timeout=60)
        assert self.process.returncode == 0, err
        return out


@pytest.fixture
def sit_down(chromium: Any, album: Any, tmp_path: Path) -> Iterator[Callable[..., Sitting]]:
    """Starts a sitting about the album, with options of `compare` and a window of its own."""
    sittings: list[Sitting] = []
    opened, opener = tmp_path / "opened", tmp_path / "opener"
    opener.write_text(f'#!/bin/sh\nprintf %s "$1" >"{opened}"\n')
    opener.chmod(opener.stat().st_mode | stat.S_IXUSR)

    def start(*options: str, **window: Any) -> Sitting:
        process = subprocess.Popen(
            [sys.executable, "-m", "photoaesth", "compare", "--browser", *options],
            env=os.environ | {"BROWSER": str(opener), "OMP_NUM_THREADS": "1"},
            cwd=album.library.parent,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr is not None
        said = process.stderr.readline()
        address = re.search(r"http://127\.0\.0\.1:\d+/\?token=\S+", said)
        assert address, said + process.stderr.read()
        context = chromium.new_context(**({"viewport": {"width": 1200, "height": 800}} | window))
        sittings.append(Sitting(process, address[0], opened, context))
        return sittings[-1]

    yield start
    for sitting in sittings:
        sitting.context.close()
        sitting.process.kill()
        sitting.process.communicate()
