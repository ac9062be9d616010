"""`compare` in a real terminal: every answer is kept, and the terminal comes back as it was."""

import contextlib
import re
import signal
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

if sys.platform == "win32":
    pytest.skip("pseudo-terminals are POSIX's", allow_module_level=True)

import termios

import pexpect
import pyte

_COLUMNS, _ROWS = 90, 28
_PATIENCE_S = 30
_COLOR = re.compile(rb"\x1b\[[0-9;]*(?:[34]8;|\b[349][0-7]\b)[0-9;]*m")


class Terminal:
    """A program in a terminal: what it shows, and keys for it."""

    def __init__(self, program: Any, *arguments: str, **extra: str) -> None:
        command = program.command(*arguments)
        self.child = pexpect.spawn(
            command[0],
            command[1:],
            env=program.environment(**extra),
            cwd=str(program.home),
            dimensions=(_ROWS, _COLUMNS),
            timeout=_PATIENCE_S,
        )
        self.received = b""
        self._screen = pyte.Screen(_COLUMNS, _ROWS)
        self._stream = pyte.ByteStream(self._screen)

    @property
    def text(self) -> str:
        return "\n".join(self._screen.display)

    def settle(self, seconds: float) -> None:
        """Take in what is written during some time."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self._read()

    def wait_for(self, text: str) -> None:
        """Wait until the screen shows something, with all that is drawn along with it."""
        deadline = time.monotonic() + _PATIENCE_S
        while text not in self.text or not self._is_drawn():
            assert time.monotonic() < deadline, self.text
            self._read()

    def press(self, key: str, then: str) -> None:
        """Press a key and wait for what the screen shows next."""
        self.child.send(key)
        self.wait_for(then)

    def end(self) -> int:
        """Wait for the program to end; return its exit code."""
        with contextlib.suppress(pexpect.EOF):
            while True:
                self._feed(self.child.read_nonblocking(4096, _PATIENCE_S))
        self.child.wait()
        return -1 if self.child.exitstatus is None else int(self.child.exitstatus)

    def modes(self) -> int:
        """Return the local modes of the terminal: echo, lines, signals."""
        return int(termios.tcgetattr(self.child.child_fd)[3])

    def _is_drawn(self) -> bool:
        """Whether the frame that was begun last has been ended (synchronised output)."""
        return self.received.rfind(b"\x1b[?2026l") > self.received.rfind(b"\x1b[?2026h")

    def _read(self) -> None:
        with contextlib.suppress(pexpect.TIMEOUT):
            self._feed(self.child.read_nonblocking(4096, 0.05))

    def _feed(self, data: bytes) -> None:
        self.received += data
        self._stream.feed(data)


LEFT, RIGHT = "\x1b[D", "\x1b[C"


@pytest.fixture
def terminal() -> Iterator[Callable[..., Terminal]]:
    """Starts `compare` in a terminal; nothing is left running."""
    started: list[Terminal] = []

    def start(program: Any, *options: str, **extra: str) -> Terminal:
        started.append(Terminal(program, "compare", *options, **extra))
        return started[-1]

    yield start
    for each in started:
        each.child.close(force=True)


def _outcomes(program: Any) -> list[str]:
    rows = program.sql("SELECT outcome FROM comparisons WHERE retracted_at IS NULL ORDER BY id")
    return [row[0] for row in rows]


def test_a_sitting_stores_every_answer(indexed: Any, terminal: Callable[..., Terminal]) -> None:
    """Left, right, tie and skip are in the library as given; undo takes the last one back."""
    screen = terminal(indexed, "--pairs", "5")
    screen.wait_for("question 1 of 5 · 0 choices so far")
    assert any(photo.name in screen.text for photo in indexed.photos.iterdir())
    expected = []
    for number, (key, outcome, choices) in enumerate(
        [(LEFT, "left", "1 choice"), (RIGHT, "right", "2 choices"), ("=", "tie", "3 choices")],
        start=2,
    ):
        screen.press(key, f"question {number} of 5 · {choices} so far")
        expected.append(outcome)
        assert _outcomes(indexed) == expected
    screen.press("s", "question 5 of 5 · 3 choices so far")
    assert _outcomes(indexed) == [*expected, "skip"]
    screen.press("u", "question 4 of 5 · 3 choices so far")
    assert "took the last answer back" in screen.text
    assert _outcomes(indexed) == expected
    screen.press(LEFT, "question 5 of 5 · 4 choices so far")
    screen.child.send(RIGHT)
    assert screen.end() == 0
    assert _outcomes(indexed) == [*expected, "left", "right"]
    assert b"5 answers now, 5 choices altogether." in screen.received


def test_the_next_question_waits_for_the_answer_to_be_stored(
    indexed: Any, terminal: Callable[..., Terminal]
) -> None:
    """While the library cannot be written, the question stays; then the answer is not lost."""
    screen = terminal(indexed)
    screen.wait_for("question 1 ")
    other = sqlite3.connect(indexed.library, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    screen.child.send(LEFT)
    screen.settle(1)
    assert "question 1 " in screen.text
    other.execute("ROLLBACK")
    other.close()
    screen.wait_for("question 2 ")
    assert _outcomes(indexed) == ["left"]


def test_kill_loses_no_answer_and_the_next_sitting_continues(
    indexed: Any, terminal: Callable[..., Terminal]
) -> None:
    """After kill -9, all answers given are there, and none of their pairs is asked again."""
    screen = terminal(indexed)
    screen.wait_for("question 1 ")
    for number in (2, 3, 4):
        screen.press(RIGHT, f"question {number} ")
    screen.child.kill(signal.SIGKILL)
    screen.end()
    assert _outcomes(indexed) == ["right"] * 3
    assert indexed.is_sound()

    screen = terminal(indexed)
    screen.wait_for("question 1 · 3 choices so far")
    screen.press(LEFT, "question 2 · 4 choices so far")
    screen.child.send("q")
    assert screen.end() == 0
    pairs = indexed.sql("SELECT left_photo, right_photo FROM comparisons")
    assert len({frozenset(pair) for pair in pairs}) == 4


@pytest.mark.parametrize(("key", "code"), [("q", 0), ("\x03", 130), (signal.SIGTERM, 143)])
def test_the_terminal_comes_back_as_it_was(
    indexed: Any, terminal: Callable[..., Terminal], key: str | signal.Signals, code: int
) -> None:
    """Quit, Ctrl-C and kill leave the alternate screen, show the cursor and restore the modes."""
    screen = terminal(indexed)
    before = screen.modes()
    screen.wait_for("question 1 ")
    canonical = termios.ECHO | termios.ICANON
    assert before & canonical == canonical
    assert screen.modes() & canonical == 0
    screen.press(LEFT, "question 2 ")
    if isinstance(key, signal.Signals):
        screen.child.kill(key)
    else:
        screen.child.send(key)
    assert screen.end() == code
    assert screen.modes() == before
    for shown, hidden in ((b"\x1b[?25h", b"\x1b[?25l"), (b"\x1b[?1049l", b"\x1b[?1049h")):
        assert screen.received.rfind(shown) > screen.received.rfind(hidden) >= 0
    assert b"Traceback" not in screen.received
    assert _outcomes(indexed) == ["left"]


def test_no_color_is_honoured(indexed: Any, terminal: Callable[..., Terminal]) -> None:
    """With NO_COLOR the pictures are grey characters; without it they have colours."""
    for extra, colored in (({}, True), ({"NO_COLOR": "1"}, False)):
        screen = terminal(indexed, **extra)
        screen.wait_for("question 1 ")
        assert bool(_COLOR.search(screen.received)) is colored
        screen.child.send("q")
        assert screen.end() == 0


def test_answers_and_an_index_at_the_same_time(
    indexed: Any, terminal: Callable[..., Terminal], draw_small: Callable[..., Any], tmp_path: Path
) -> None:
    """While another process indexes, choices are taken; both end well."""
    draw_small(tmp_path / "more", 10, first=100)
    index = indexed.start("index", tmp_path / "more", "--json")
    screen = terminal(indexed)
    screen.wait_for("question 1 ")
    assert index.poll() is None
    given = 0
    while index.poll() is None and given < 25:  # of 28 pairs
        given += 1
        screen.press(RIGHT, f"question {given + 1} ")
        screen.settle(0.4)
    stdout, stderr = index.communicate(timeout=_PATIENCE_S)
    assert (index.returncode, b"Traceback" in stderr) == (0, False), stderr
    assert b'"indexed": 10' in stdout
    screen.child.send("q")
    assert screen.end() == 0
    assert given > 2
    assert _outcomes(indexed) == ["right"] * given
    assert indexed.json("status")["photos"] == 18
    assert indexed.is_sound()
