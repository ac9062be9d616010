"""Two `compare` runs at once on one library."""

import sys
from typing import Any

import pytest

if sys.platform == "win32":
    pytest.skip("pseudo-terminals are POSIX's", allow_module_level=True)

import pexpect

_PATIENCE_S = 60


def _sitting(program: Any) -> Any:
    command = program.command("compare", "--view", "none", "--pairs", "12")
    return pexpect.spawn(
        command[0],
        command[1:],
        env=program.environment(),
        cwd=str(program.home),
        encoding="utf-8",
        timeout=_PATIENCE_S,
    )


def test_two_sittings_at_once_ask_different_pairs(indexed: Any) -> None:
    """Answers given in turn to two programs are all stored, and no pair came twice."""
    sittings = [_sitting(indexed) for _ in range(2)]
    for number in range(1, 13):
        for sitting in sittings:
            sitting.expect(f"(?i)question {number} of 12")
            sitting.expect("which is better")
            sitting.send("1")
    for sitting in sittings:
        sitting.expect(pexpect.EOF)
        sitting.wait()
        assert sitting.exitstatus == 0
    pairs = indexed.sql("SELECT left_photo, right_photo FROM comparisons")
    assert len(pairs) == 24
    assert len({frozenset(pair) for pair in pairs}) == 24
    assert indexed.sql("SELECT count(*) FROM asking") == [(0,)]
    assert indexed.is_sound()
