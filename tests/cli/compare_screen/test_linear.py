"""Questions for screen readers: plain lines on a pseudo-terminal."""

import sys

import pytest

needs_pty = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no pseudo-terminals that Python can open"
)


@needs_pty
def test_without_pictures_a_question_is_lines_of_text(terminal):
    """Names, metadata and scores are printed, every answer is confirmed, no byte is a code."""
    shown = terminal(view="none")
    shown.wait_for_output("which is better?")
    shown.child.send("h=yzi?o")
    shown.wait_for_output("left.jpg is not there now")
    shown.child.send("\x1a")  # what is typed before the question is told again would be dropped
    shown.wait_for_output("question 3 of 20", times=3)
    shown.child.send("3q")
    shown.wait_for_end()

    assert b"\x1b" not in shown.output
    lines = shown.output.decode().splitlines()
    first = lines.index("question 1 of 20 · 43 choices so far")
    assert lines[first + 1 : first + 9] == [
        "about 25 more",
        "left: left.jpg",
        "  2019 · Canon",
        "  Lens: 50 mm of left.jpg",
        "right: right.jpg",
        "  2020 · Nikon",
        "  Lens: 50 mm of right.jpg",
        "which is better?",
    ]
    assert "left: left.jpg" in lines[first + 9 :]  # the confirmation
    for said in (
        "tie",
        "? shows the keys",
        "zoom needs pictures; o opens the files",
        "quit",
    ):
        assert said in lines
    assert lines.count("question 3 of 20 · 45 choices so far") == 3  # asked, i, and after Ctrl-Z
    assert sum("neither is any good" in line for line in lines) == 2  # at first, and when asked
    assert "answers 0 tie quit.pixels 0 0 0 0 0 0." in lines[-1]
    assert "restored True." in lines[-1]


@needs_pty
def test_without_pictures_a_burst_is_a_numbered_list(terminal):
    """Numbers stand before the names, and one of them is the answer."""
    shown = terminal("question(len(answers) + 1, 4)", view="none")
    shown.wait_for_output("which is the keeper?")
    shown.child.send("3q")

    assert "answers 2 quit." in shown.wait_for_end()
    lines = shown.output.decode().splitlines()
    assert lines.count("3: 2.jpg") == 3  # of two questions, and confirmed
