"""The screen of compare on a pseudo-terminal: keys, redrawing, and giving the terminal back."""

import re
import sys
import time
from types import SimpleNamespace

import pytest

from photoaesth.cli.compare_screen import CompareScreen
from photoaesth.errors import PhotoaesthError

needs_pty = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no pseudo-terminals that Python can open"
)
RED, BLUE = "ff0000", "0000ff"
END_FRAME = b"\x1b[?2026l"
PLAIN = "question(len(answers) + 1)"


@needs_pty
def test_pictures_stand_side_by_side_each_in_the_middle_of_its_half(terminal):
    """The wide one is limited by 49 columns, the high one by 24 rows; neither is cropped."""
    shown = terminal()
    shown.wait_for("q quit")

    # 300x200 in 49 x 48 pixels: 49 x 33, 17 rows, seven rows less than the other, 3 above
    assert shown.cells(RED) == (range(49), range(5, 22))
    # 200x300 in 49 x 48 pixels: 32 x 48, 17 columns to spare, 8 of them left
    assert shown.cells(BLUE) == (range(51 + 8, 51 + 8 + 32), range(2, 26))
    assert shown.row_of("left.jpg") == 26
    assert shown.screen.cursor.hidden


@needs_pty
def test_every_key_gives_its_answer(terminal):
    """Arrows, letters and digits answer; other keys answer nothing."""
    shown = terminal()
    shown.wait_for("q quit")
    shown.child.send("\x1b[Dh1" + "y\x1b[A\r" + "\x1b[Cl2" + "=sxu" + "q")

    assert "answers 0 0 0 1 1 1 tie skip neither undo quit." in shown.wait_for_end()


@needs_pty
def test_a_burst_is_answered_by_number(terminal):
    """Five photos have five keys, and no arrow."""
    shown = terminal("question(len(answers) + 1, 5)")
    shown.wait_for("1…5 keep")
    shown.child.send("\x1b[D" + "516" + "xq")

    assert "answers 4 0 neither quit." in shown.wait_for_end()


@needs_pty
def test_the_next_question_brings_its_notice(terminal):
    """After an answer the title counts on and the notice stands above the keys."""
    shown = terminal()
    shown.wait_for("question 1 of 20")
    shown.press("=", "question 2 of 20 · 44 choices")

    assert shown.screen.display[28].strip() == "noted: tie"


@needs_pty
def test_only_what_changes_is_drawn(terminal):
    """Waiting draws nothing, and an unknown key writes its hint and no picture."""
    shown = terminal()
    shown.wait_for("question 1")
    time.sleep(0.5)  # longer than the wait between two looks at the window's size
    assert shown.output.count(END_FRAME) == 1
    before = len(shown.output)
    shown.press("y", "? shows the keys")
    shown.child.send("yyy")
    shown.press("s", "question 2")

    assert shown.output.count(END_FRAME) == 3
    assert shown.output[before:].count("▀".encode()) == 0  # the pictures are the same ones


@needs_pty
def test_a_resized_window_is_redrawn(terminal):
    """Everything is laid out anew, and a window too small for pictures keeps names and keys."""
    shown = terminal()
    shown.wait_for("q quit")

    shown.resize(60, 20)
    shown.wait_for(" " * 12 + "question 1 of 20 · 43 choices so far")
    assert shown.cells(RED)[0] == range(29)
    assert "q quit" in shown.screen.display[19]

    shown.resize(30, 6)
    shown.wait_for("→ right.jpg")
    lines = [line.rstrip() for line in shown.screen.display]
    assert lines == [
        "question 1 of 20 · 43 choices…",
        "← left.jpg",
        "→ right.jpg",
        "",  # the remark
        "",  # the notice
        "← → = s u x z i o ? q",
    ]
    shown.child.send("q")
    assert "pixels 49 14." in shown.wait_for_end()


@needs_pty
def test_pictures_of_pixels_are_drawn_over_the_text_and_only_when_they_change(terminal):
    """Sixel pictures follow their frame's lines, each at its cell, on an erased screen."""
    shown = terminal(view="sixel")  # it answers nothing: cells of 10 × 20 pixels are assumed
    shown.wait_for_output("q\x1b[0m\x1b[2m quit")
    shown.press("y", "")
    shown.press("?", "")
    shown.press("?", "")
    shown.child.send("q")
    shown.wait_for_end()

    first, hint, explained, again = shown.output.split(b"\x1b[?2026h")[1:]
    picture = re.compile(rb"\x1b\[(\d+);(\d+)H\x1bP[^\x1b]+\x1b\\")
    for frame in (first, again):
        assert frame.startswith(b"\x1b[2J")
        # 300x200 in 490x480 pixels take 17 rows of 24; 200x300 take 32 columns of 49
        places = [(int(row), int(column)) for row, column in picture.findall(frame)]
        assert places == [(1 + 2 + 3, 1), (1 + 2, 1 + 51 + 8)]
        assert frame.index(b"quit") < frame.index(b"\x1bP")
    assert explained.startswith(b"\x1b[2J")
    assert b"\x1b[2J" not in hint
    assert not picture.search(hint + explained)


KITTY = re.compile(rb"\x1b_G(?:a=(?P<action>\w)[^;\x1b]*?i=(?P<id>\d+))?[^\x1b]*\x1b\\")


def kitty_commands(output: bytes) -> list[tuple[str, int]]:
    """Return which action is to be done with which picture; "" carries on with the last."""
    return [
        (match["action"].decode() if match["action"] else "", int(match["id"] or 0))
        for match in KITTY.finditer(output)
    ]


def held_by_kitty(output: bytes) -> dict[int, str]:
    """Return the pictures that a terminal holds afterwards: placed ("p"), or not ("t").

    Like kitty until 2024: a picture that is not placed is deleted with any other.
    """
    held = {}
    for action, number in kitty_commands(output):
        if action == "d":
            held = {other: how for other, how in held.items() if other != number and how == "p"}
        elif action == "p":
            assert number in held
            held[number] = "p"
        elif action == "t":
            held[number] = "t"
    return held


@needs_pty
def test_kitty_is_left_without_our_pictures(terminal):
    """Shown or sent ahead, they are taken away before the screen is left: nothing piles up."""
    shown = terminal(
        "same_question(len(answers) + 1)", "same_question(len(answers) + 2)", view="kitty"
    )
    shown.wait_for_output("\x1b_Ga=t", times=4)
    time.sleep(0.2)
    shown.child.send("q")
    shown.wait_for_end()

    inside = shown.output[: shown.output.index(b"\x1b[?1049l")]
    assert len([number for action, number in kitty_commands(inside) if action == "t"]) == 4
    assert held_by_kitty(inside) == {}


@needs_pty
def test_kitty_has_the_pictures_of_the_next_question_before_the_answer(terminal):
    """After the key they are only placed; before, none was shown but those of the question."""
    shown = terminal(
        "same_question(len(answers) + 1)", "same_question(len(answers) + 2)", view="kitty"
    )
    for answers in range(3):
        shown.read_until(
            lambda: sorted(held_by_kitty(shown.output).values()) == ["p", "p", "t", "t"]
        )
        before = len(shown.output)
        shown.child.send("=")
        shown.wait_for_output("\x1b[?2026l", times=answers + 2)
        frame = shown.output[before:].partition(END_FRAME)[0]
        actions = [action for action, _ in kitty_commands(frame)]
        assert actions == ["p", "p", "d", "d"]


@needs_pty
def test_pictures_sent_in_vain_are_deleted(terminal):
    """When another question comes than the one expected, its pictures alone remain."""
    shown = terminal(
        "question(len(answers) + 1)", "question(77) if not answers else None", view="kitty"
    )
    shown.wait_for_output("\x1b_Ga=t", times=4)
    shown.child.send("u")
    shown.wait_for_output("question 2 of")
    shown.wait_for_output("\x1b[?2026l", times=2)

    sent = [number for action, number in kitty_commands(shown.output) if action == "t"]
    assert len(set(sent)) == 6
    assert held_by_kitty(shown.output) == dict.fromkeys(sent[4:], "p")


@needs_pty
def test_a_key_is_obeyed_while_pictures_are_being_sent(terminal):
    """A large picture sent ahead is cut short by an answer that leads elsewhere."""
    shown = terminal("question(len(answers) + 1)", "noise(77)", view="kitty")
    shown.wait_for_output("\x1b_Ga=t", times=3)  # a megabyte; it stands still while we do not read
    shown.child.send("q")
    shown.wait_for_end()

    inside = shown.output[: shown.output.index(b"\x1b[?1049l")]
    assert b"\x1b_Gm=0,q=2\x1b\\" in inside
    assert held_by_kitty(inside) == {}


@needs_pty
def test_pictures_of_the_next_question_are_drawn_while_the_user_looks(terminal):
    """After the answer nothing is left to draw: only the first pictures are waited for."""
    shown = terminal("same_question(len(answers) + 1)", "same_question(len(answers) + 2)")
    shown.wait_for("question 1")
    time.sleep(1)
    shown.press("=", "question 2")
    time.sleep(1)
    shown.child.send("q")

    drawn_by_main = shown.wait_for_end().partition("drawn by main ")[2].partition(".")[0].split()
    assert drawn_by_main == ["True"] * 2 + ["False"] * 4


@needs_pty
def test_looking_closer_answers_nothing(terminal):
    """Zoom, details and help come and go, and the question stays."""
    shown = terminal()
    shown.wait_for("question 1")
    shown.press("z", "16% · 200 × 300 of 200 × 300 pixels")
    shown.press("i", "50 mm of left.jpg")
    assert "50 mm of right.jpg" in shown.text
    shown.press("\x1b", "2019 · Canon")
    assert "50 mm" not in shown.text
    assert "%" not in shown.text
    shown.press("?", "neither is any good")
    assert "2019 · Canon" not in shown.text
    shown.press("q", "2019 · Canon")  # any key goes back, and does nothing else
    shown.press("o", "left.jpg is not there now")
    shown.child.send("q")

    assert "answers quit." in shown.wait_for_end()


@needs_pty
def test_details_stay_until_they_are_switched_off_zoom_does_not(terminal):
    """Who wants to see scores wants them with every question; a detail is of one photo."""
    shown = terminal()
    shown.wait_for("question 1")
    shown.press("i", "50 mm")
    shown.press("z", "% · ")
    shown.press("=", "question 2")
    assert "50 mm of left.jpg" in shown.text
    assert "% · " not in shown.text
    shown.press("i", "question 2")
    shown.press("=", "question 3")

    assert "50 mm" not in shown.text


@needs_pty
@pytest.mark.parametrize(
    ("key", "question", "end"),
    [
        ("q", PLAIN, "answers quit"),
        ("\x04", PLAIN, "answers quit"),
        ("\x03", PLAIN, "caught KeyboardInterrupt"),
        ("s", "1 / 0 if answers else question(1)", "caught ZeroDivisionError"),
    ],
)
def test_the_terminal_is_given_back(terminal, key, question, end):
    """Quitting, Ctrl-C and a crash leave screen, cursor and keyboard as they were."""
    shown = terminal(question)
    shown.wait_for("q quit")
    shown.child.send(key)

    printed = shown.wait_for_end()
    assert end in printed
    assert "restored True." in printed
    assert shown.output.count(b"\x1b[?1049h") == shown.output.count(b"\x1b[?1049l") == 1
    assert not shown.screen.cursor.hidden
    assert shown.output.rindex(b"\x1b[?7h") > shown.output.rindex(b"\x1b[?7l")


@needs_pty
def test_ctrl_z_gives_the_terminal_back_for_the_time_being(terminal):
    """The screen is left before the program stops, and drawn again when it goes on."""
    shown = terminal()
    shown.wait_for("q quit")
    shown.child.send("\x1a")  # without a shell above it, nothing really stops the program
    shown.wait_for("question 1", frames=2)

    leave, enter = b"\x1b[?1049l", b"\x1b[?1049h"
    assert shown.output.count(leave) == 1
    assert shown.output.index(leave) < shown.output.rindex(enter)
    assert shown.cells(RED) == (range(49), range(5, 22))
    shown.press("s", "question 2")


def test_without_a_terminal_the_error_says_so(monkeypatch):
    """Pictures are not written into files and pipes."""
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(isatty=lambda: False))

    with (
        pytest.raises(PhotoaesthError, match="standard output is not a terminal"),
        CompareScreen(view="blocks"),
    ):
        pass
