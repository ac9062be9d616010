"""`enhance --preview` in a real terminal."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

if sys.platform == "win32":
    pytest.skip("pseudo-terminals are POSIX's", allow_module_level=True)

import termios

import pexpect
import pyte

from photoaesth.enhance.parameters import write_parameters

_COLUMNS, _ROWS = 100, 40


def test_a_preview_stays_on_the_screen_as_lines(
    program: Any, draw_photo: Callable[..., Path], tmp_path: Path
) -> None:
    """Both pictures side by side in half blocks, the words below, and the terminal as it was."""
    photo = draw_photo(program.photos / "a.png", 3, size=(300, 200))
    write_parameters(tmp_path / "look.json", {"exposure": 1.0})
    command = program.command("enhance", photo, "--preview", "--apply", tmp_path / "look.json")
    child = pexpect.spawn(
        command[0],
        command[1:],
        env=program.environment(),
        cwd=str(program.home),
        dimensions=(_ROWS, _COLUMNS),
        timeout=120,
    )
    before = termios.tcgetattr(child.child_fd)
    received = child.read()
    child.wait()
    assert child.exitstatus == 0, received
    screen = pyte.Screen(_COLUMNS, _ROWS)
    pyte.ByteStream(screen).feed(received)
    lines = [line.rstrip() for line in screen.display]
    pictures = [row for row, line in enumerate(lines) if "▀" in line]
    # 300 × 200 in at most 49 columns and 35 lines, two pixels to a line
    assert len(pictures) == 17
    assert all(lines[row] == "▀" * 49 + "  " + "▀" * 49 for row in pictures)
    words = "".join(lines[pictures[-1] + 1 :])
    assert "a.png" in words
    assert "exposure +1.00" in words
    middle = screen.buffer[pictures[8]]
    brightness = [sum(int(middle[x].fg[i : i + 2], 16) for i in (0, 2, 4)) for x in (24, 24 + 51)]
    assert brightness[1] > brightness[0]
    assert not list(program.home.rglob("*-enhanced*"))
    assert termios.tcgetattr(child.child_fd)[3] == before[3]
