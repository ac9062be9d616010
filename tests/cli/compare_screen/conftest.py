"""Asks questions on a pseudo-terminal."""

import contextlib
import os
import sys
import time
from collections.abc import Callable

import pytest

END_FRAME = b"\x1b[?2026l"

SESSION = """
import sys, termios, threading
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from PIL import Image
from photoaesth.cli.compare_screen import CompareScreen

drawn_by = []

class Side:
    def __init__(self, name, caption, size, color):
        self.name, self.caption = name, caption
        self.photo = SimpleNamespace(width=size[0], height=size[1], path=Path("/gone") / name)
        self.full = lambda: Image.new("RGB", size, color)

    def details(self):
        return [("Lens", "50 mm of " + self.name)]

    def image(self, pixels):
        drawn_by.append(threading.current_thread() is threading.main_thread())
        return self.full()

class Noise(Side):
    def image(self, pixels):
        return Image.effect_noise((1000, 1000), 90)

def question(number, count=2):
    sides = [
        Side("left.jpg", "2019 · Canon", (300, 200), "#ff0000"),
        Side("right.jpg", "2020 · Nikon", (200, 300), "#0000ff"),
        *(Side(f"{n}.jpg", "", (300, 200), "#00ff00") for n in range(2, count)),
    ]
    return SimpleNamespace(
        sides=sides, number=number, of=20, choices=42 + number, remark=""
    )

def noise(number):
    sides = [Noise(name, "", (1000, 1000), "red") for name in ("left.jpg", "right.jpg")]
    return SimpleNamespace(**vars(question(number)) | {"sides": sides})

same_question = cache(question)
before = termios.tcgetattr(0)
answers = []
pixels = []
progress = SimpleNamespace(sentence="about 25 more")
try:
    with CompareScreen(VIEW) as screen:
        while not answers or answers[-1] != "quit":
            notice = f"noted: {answers[-1]}" if answers else ""
            pixels.append(screen.pixels)
            answers.append(screen.ask(QUESTION, progress, notice, lambda: AHEAD))
            pixels.append(screen.pixels)
except (KeyboardInterrupt, ZeroDivisionError) as error:
    print("caught", type(error).__name__)
print("answers", *answers, end=".")
print("pixels", *pixels, end=".")
print("drawn by main", *drawn_by, end=".")
print("restored", termios.tcgetattr(0) == before, end=".")
"""


class Terminal:
    """A program on a pseudo-terminal and the screen its user would see."""

    def __init__(self, question: str, ahead: str, columns: int, rows: int, view: str):
        import pexpect
        import pyte

        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.output = b""
        self._nothing_yet = (pexpect.EOF, pexpect.TIMEOUT)
        code = SESSION.replace("QUESTION", question).replace("AHEAD", ahead)
        self.child = pexpect.spawn(
            sys.executable,
            ["-c", code.replace("VIEW", f"view={view!r}")],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            dimensions=(rows, columns),
        )
        self.child.delaybeforesend = None

    @property
    def text(self) -> str:
        return "\n".join(self.screen.display)

    def wait_for(self, text: str, frames: int = 1) -> None:
        """Read until the screen shows `text` and at least so many whole frames have come."""
        self.read_until(
            lambda: (
                text in self.text
                and self.output.endswith(END_FRAME)
                and self.output.count(END_FRAME) >= frames
            )
        )

    def press(self, key: str, then: str) -> None:
        """Press a key and wait for the frame after it."""
        frames = self.output.count(END_FRAME)
        self.child.send(key)
        self.wait_for(then, frames + 1)

    def wait_for_output(self, text: str, times: int = 1) -> None:
        self.read_until(lambda: self.output.count(text.encode()) >= times)

    def wait_for_end(self) -> str:
        """Read to the end of the program and return what it printed after the screen was left."""
        self.read_until(lambda: b"restored" in self.output and self.output.endswith(b"."))
        return self.output.rpartition(b"\x1b[?1049l")[2].decode()

    def read_until(self, done: Callable[[], bool]) -> None:
        """Take in what is written until something is the case."""
        deadline = time.monotonic() + 20
        while not done():
            assert time.monotonic() < deadline, self.screen.display
            with contextlib.suppress(*self._nothing_yet):
                received = self.child.read_nonblocking(100_000, timeout=0.1)
                self.output += received
                self._stream.feed(received)

    def resize(self, columns: int, rows: int) -> None:
        self.screen.resize(rows, columns)
        self.child.setwinsize(rows, columns)

    def row_of(self, text: str) -> int:
        return next(y for y, line in enumerate(self.screen.display) if text in line)

    def cells(self, color: str) -> tuple[range, range]:
        """Return the columns and rows that a colour covers."""
        found = [(x, y) for y, row in self.screen.buffer.items() for x in row if row[x].fg == color]
        columns, rows = zip(*found, strict=True)
        box = range(min(columns), max(columns) + 1), range(min(rows), max(rows) + 1)
        assert len(found) == len(box[0]) * len(box[1])  # no hole, nothing elsewhere
        return box


@pytest.fixture
def terminal():
    """Ask questions on a terminal of the given size."""
    started = []

    def start(
        question: str = "question(len(answers) + 1)",
        ahead: str = "None",
        columns: int = 100,
        rows: int = 30,
        view: str = "blocks",
    ) -> Terminal:
        started.append(Terminal(question, ahead, columns, rows, view))
        return started[-1]

    yield start
    for each in started:
        each.child.close(force=True)
