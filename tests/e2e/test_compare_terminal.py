"""`compare` in a real terminal: every answer is kept, and the terminal comes back as it was."""

import contextlib
import itertools
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
_BEGIN_FRAME, _END_FRAME = b"\x1b[?2026h", b"\x1b[?2026l"
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

    def resize(self, columns: int, rows: int) -> None:
        self._screen.resize(rows, columns)
        self.child.setwinsize(rows, columns)

    def settle(self, seconds: float) -> None:
        """Take in what is written during some time."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self._read()

    def wait_for(self, text: str, frames: int = 0) -> None:
        """Wait until the screen shows something, in that many frames, and the last one whole."""
        deadline = time.monotonic() + _PATIENCE_S
        while text not in self.text or not self._is_drawn(frames):
            assert time.monotonic() < deadline, self.text
            self._read()

    def press(self, key: str, then: str) -> None:
        """Press a key and wait for the next frame, and for what it is to show."""
        shown = self.received.count(_END_FRAME)
        self.child.send(key)
        self.wait_for(then, shown + 1)

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

    def _is_drawn(self, frames: int) -> bool:
        """Whether all frames that were begun have been ended (synchronised output)."""
        ended = self.received.count(_END_FRAME)
        return ended >= frames and ended == self.received.count(_BEGIN_FRAME)

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


def _pairs(program: Any) -> list[frozenset[int]]:
    rows = program.sql("SELECT left_photo, right_photo FROM comparisons WHERE retracted_at IS NULL")
    return [frozenset(row) for row in rows]


def test_two_sittings_of_a_photographer(indexed: Any, terminal: Callable[..., Terminal]) -> None:
    """Twenty answers, undo, a resized window, quit and resume: all is stored, nothing asked twice.

    The eight photos make 28 pairs.
    """
    screen = terminal(indexed)
    screen.wait_for("question 1 · 0 choices so far")
    assert any(photo.name in screen.text for photo in indexed.photos.iterdir())
    keys = {LEFT: "left", "h": "left", "1": "left", RIGHT: "right", "l": "right", "2": "right"}
    keys |= {"=": "tie", "s": "skip"}
    expected: list[str] = []
    for number, key in zip(range(2, 14), itertools.cycle(keys), strict=False):
        screen.press(key, f"question {number} ")
        expected.append(keys[key])
        assert _outcomes(indexed) == expected

    for number in (12, 11, 10):
        screen.press("u", f"question {number} ")
        assert "took the last answer back" in screen.text
        del expected[-1]
        assert _outcomes(indexed) == expected

    screen.resize(60, 20)
    screen.wait_for("question 10 ")
    assert "q quit" in screen.text.splitlines()[19]
    screen.resize(120, 40)
    screen.wait_for("o open")
    for number in range(11, 22):
        screen.press(RIGHT, f"question {number} ")
        expected.append("right")
    assert _outcomes(indexed) == expected
    assert len(expected) == 20
    screen.child.send("q")
    assert screen.end() == 0
    choices = 20 - expected.count("skip")
    assert f"20 answers now, {choices} choices altogether.".encode() in screen.received

    screen = terminal(indexed)
    screen.wait_for(f"question 1 · {choices} choices so far")
    screen.press("u", "nothing to undo in this sitting")  # the first sitting is over
    for number in range(2, 9):
        screen.press(LEFT, f"question {number} ")
    screen.child.send(LEFT)
    assert screen.end() == 0
    assert b"There is no pair left to ask" in screen.received
    assert _outcomes(indexed) == expected + ["left"] * 8
    assert len(set(_pairs(indexed))) == 28


def test_a_sitting_ends_after_as_many_answers_as_it_was_to_have(
    indexed: Any, terminal: Callable[..., Terminal]
) -> None:
    """With --pairs, the title counts down, and the program ends by itself."""
    screen = terminal(indexed, "--pairs", "2")
    screen.wait_for("question 1 of 2 · 0 choices so far")
    screen.press(LEFT, "question 2 of 2 · 1 choice so far")
    screen.child.send(RIGHT)
    assert screen.end() == 0
    assert b"2 answers now, 2 choices altogether." in screen.received
    assert _outcomes(indexed) == ["left", "right"]


def test_looking_closer_and_pressing_wrong_keys_answer_nothing(
    indexed: Any, terminal: Callable[..., Terminal]
) -> None:
    """Help, details, zoom and unknown keys leave the question as it is."""
    screen = terminal(indexed)
    screen.wait_for("question 1 ")
    screen.press("?", "neither is any good")
    screen.press("?", "question 1 ")
    screen.press("i", "96 × 64")
    assert "Score" in screen.text
    screen.press("z", "% · 96 × 64 of 96 × 64 pixels")  # they are small
    screen.press("\x1b", "question 1 ")
    screen.press("y", "? shows the keys")
    assert "of 96 × 64 pixels" not in screen.text
    assert _outcomes(indexed) == []
    screen.press(LEFT, "question 2 ")
    assert _outcomes(indexed) == ["left"]


def test_neither_rates_both_low_and_can_be_undone(
    indexed: Any, terminal: Callable[..., Terminal]
) -> None:
    """After x, both photos of the question have the lowest rating; after u, none has any."""
    ratings = "SELECT photo_id FROM ratings WHERE value <= 0.2 AND retracted_at IS NULL"
    screen = terminal(indexed)
    screen.wait_for("question 1 ")
    screen.press("x", "question 2 ")
    assert len(indexed.sql(ratings)) == 2
    assert {photo for (photo,) in indexed.sql(ratings)} == set(_pairs(indexed)[0])
    screen.press("u", "question 1 ")
    assert indexed.sql(ratings) == []


def test_without_pictures_there_is_no_escape_code(
    indexed: Any, terminal: Callable[..., Terminal]
) -> None:
    """For a screen reader, all is plain lines: questions, confirmations, the summary."""
    screen = terminal(indexed, "--view", "none")
    screen.wait_for("which is better?")
    names = [photo.name for photo in indexed.photos.iterdir()]
    lines = screen.received.decode().splitlines()
    (left,) = [line for line in lines if line.startswith("left: ")]
    assert left.removeprefix("left: ") in names
    assert any(line.startswith("  Score: ") for line in lines)
    screen.child.send(LEFT)
    screen.wait_for("question 2 · 1 choice so far")
    screen.child.send("=u")
    screen.wait_for("took the last answer back")
    screen.child.send("q")
    assert screen.end() == 0
    assert screen.received.decode().splitlines().count(left) >= 2  # asked, and confirmed
    assert b"\x1b" not in screen.received
    assert b"1 answer now, 1 choice altogether." in screen.received
    assert _outcomes(indexed) == ["left"]


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


def test_kitty_gets_the_next_pictures_while_one_looks_at_these(
    indexed: Any, terminal: Callable[..., Terminal]
) -> None:
    """After the answer nothing large is sent: the two pictures are there, and only placed."""
    child = terminal(indexed, "--view", "kitty").child
    sent = b""
    while sent.count(b"\x1b_Ga=t") < 4 or not sent.endswith(b"\x1b\\"):
        sent += child.read_nonblocking(1 << 16, _PATIENCE_S)
    assert sent.count(_END_FRAME) == 1
    child.send(LEFT)
    child.expect_exact(_END_FRAME)
    after = child.before[child.before.index(_BEGIN_FRAME) :]
    assert b"question 2 " in after
    assert (after.count(b"\x1b_Ga=p"), after.count(b"\x1b_Ga=t")) == (2, 0)
    assert b"\x1b_Ga=t" not in child.before


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
    assert given >= 1
    assert _outcomes(indexed) == ["right"] * given
    assert indexed.json("status")["photos"] == 18
    assert indexed.is_sound()
