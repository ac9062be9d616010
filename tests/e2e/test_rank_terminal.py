"""`rank` on a real terminal: pictures beside the list where there can be any."""

import re
import sys
from typing import Any

import pytest

if sys.platform == "win32":
    pytest.skip("pseudo-terminals are POSIX's", allow_module_level=True)

import termios

import pexpect
import pyte

_COLUMNS, _ROWS = 100, 60
_WHAT_ARE_YOU = b"\x1b[c"
_SIXEL = b"\x1bP0;1;0q"


def _start(program: Any, *words: str, **environment: str) -> Any:
    command = program.command("rank", "--top", "3", *words)
    return pexpect.spawn(
        command[0],
        command[1:],
        env=program.environment(**environment),
        cwd=str(program.home),
        dimensions=(_ROWS, _COLUMNS),
        timeout=120,
    )


def _lines(received: bytes) -> list[str]:
    screen = pyte.Screen(_COLUMNS, _ROWS)
    pyte.ByteStream(screen).feed(re.sub(rb"\x1b[P_].*?\x1b\\", b"", received, flags=re.DOTALL))
    return [line.rstrip() for line in screen.display]


def _end(child: Any) -> bytes:
    """Return what else is written; the terminal is left as shells want it."""
    received = child.read()
    child.wait()
    assert child.exitstatus == 0, received
    usual = termios.ECHO | termios.ICANON
    assert termios.tcgetattr(child.child_fd)[3] & usual == usual
    return received


def test_a_terminal_without_pictures_shows_the_table(indexed: Any) -> None:
    """It answers that it has none: nothing but the table is on the screen."""
    child = _start(indexed)
    child.expect_exact(_WHAT_ARE_YOU)
    child.send(b"\x1b[?62c")
    child.expect_exact(_WHAT_ARE_YOU)  # with the question for kitty's protocol
    child.send(b"\x1b[?62c")
    lines = _lines(_end(child))
    header = next(row for row, line in enumerate(lines) if line.startswith("rank  score"))
    assert [line.split()[0] for line in lines[header + 1 : header + 4]] == ["1", "2", "3"]
    assert not any("▀" in line for line in lines)


def test_a_terminal_with_sixel_shows_the_photos(indexed: Any) -> None:
    """One picture each, drawn where the lines have left room for it, and words beside it."""
    child = _start(indexed)
    child.expect_exact(_WHAT_ARE_YOU)
    child.send(b"\x1b[6;20;10t\x1b[?62;4c")  # a cell has 20 by 10 pixels
    child.expect_exact(_WHAT_ARE_YOU)
    child.send(b"\x1b[?62;4c")
    received = _end(child)
    # 96 × 64 pixels in at most 120 × 78
    assert re.findall(_SIXEL + rb'"1;1;(\d+);(\d+)', received) == [(b"117", b"78")] * 3
    lines = _lines(received)
    ranked = [row for row, line in enumerate(lines) if "generic" in line and "±" in line]
    assert [lines[row].split()[0] for row in ranked] == ["1", "2", "3"]
    assert all(lines[row].startswith(" " * 14) for row in ranked)


def test_pictures_of_characters_are_drawn_when_asked_for(indexed: Any) -> None:
    """`--thumbnails` on a terminal that cannot even be asked, and without colour where asked."""
    received = _end(_start(indexed, "--thumbnails", TERM="dumb", NO_COLOR="1"))
    ranked = [line for line in _lines(received) if "±" in line]
    assert [line[14:].split()[0] for line in ranked] == ["1", "2", "3"]
    assert all(len(line[:12].strip()) > 5 for line in ranked)
    assert b"\x1b[38" not in received


@pytest.mark.parametrize("words", [["--no-thumbnails"], ["--format", "csv"], ["--json"], ["-0"]])
def test_whoever_wants_none_is_not_kept_waiting(indexed: Any, words: list[str]) -> None:
    """The terminal is asked nothing."""
    assert _WHAT_ARE_YOU not in _end(_start(indexed, *words))
