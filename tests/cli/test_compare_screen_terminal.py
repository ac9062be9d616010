"""The screen of compare on a pseudo-terminal: keys, redrawing, and giving the terminal back."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from photoaesth.cli.compare_screen import CompareScreen
from photoaesth.errors import PhotoaesthError

needs_pty = pytest.mark.skipif(
    sys.platform == "win32",
    reason="Windows has no pseudo-terminals that Python can open",
)
RED, BLUE = "ff0000", "0000ff"
END_FRAME = b"\x1b[?2026l"

SESSION = """
import sys, termios
from pathlib import Path
from types import SimpleNamespace
from PIL import Image
from photoaesth.cli.compare_screen import CompareScreen

def side(name, caption, size, color):
    image = Image.new("RGB", size, color)
    return SimpleNamespace(
        name=name, caption=caption, details=lambda: [("Lens", "50 mm of " + name)],
        image=lambda pixels: image, full=lambda: image,
        photo=SimpleNamespace(width=size[0], height=size[1], path=Path("/gone") / name),
    )

def question(number, count=2):
    sides = [
        side("left.jpg", "2019 · Canon", (300, 200), "#ff0000"),
        side("right.jpg", "2020 · Nikon", (200, 300), "#0000ff"),
        *(side(f"{n}.jpg", "", (300, 200), "#00ff00") for n in range(2, count)),
    ]
    return SimpleNamespace(
        sides=sides, number=number, of=20, choices=42 + number, remark=""
    )

before = termios.tcgetattr(0)
answers = []
pixels = []
progress = SimpleNamespace(sentence="about 25 more")
try:
    with CompareScreen(VIEW) as screen:
        while not answers or answers[-1] != "quit":
            notice = f"noted: {answers[-1]}" if answers else ""
            pixels.append(screen.pixels)
            answers.append(screen.ask(QUESTION, progress, notice))
            pixels.append(screen.pixels)
except (KeyboardInterrupt, ZeroDivisionError) as error:
    print("caught", type(error).__name__)
print("answers", *answers, end=".")
print("pixels", *pixels, end=".")
print("restored", termios.tcgetattr(0) == before, end=".")
"""
PLAIN = "question(len(answers) + 1)"


class Terminal:
    """A program on a pseudo-terminal and the screen its user would see."""

    def __init__(self, question: str, columns: int, rows: int, view: str):
        import pexpect
        import pyte

        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.output = b""
        self._nothing_yet = (pexpect.EOF, pexpect.TIMEOUT)
        self.child = pexpect.spawn(
            sys.executable,
            [
                "-c",
                SESSION.replace("QUESTION", question).replace("VIEW", f"view={view!r}"),
            ],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            dimensions=(rows, columns),
        )
        self.child.delaybeforesend = None

    @property
    def text(self) -> str:
        return "\n".join(self.screen.display)

    def wait_for(self, text: str, frames: int = 1) -> None:
        """Read until the screen shows `text` and at least so many whole frames have come."""
        self._read_until(
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

    def wait_for_output(self, text: str) -> None:
        self._read_until(lambda: text.encode() in self.output)

    def wait_for_end(self) -> str:
        """Read to the end of the program and return what it printed after the screen was left."""
        self._read_until(
            lambda: b"restored" in self.output and self.output.endswith(b".")
        )
        return self.output.rpartition(b"\x1b[?1049l")[2].decode()

    def _read_until(self, done: Callable[[], bool]) -> None:
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
        found = [
            (x, y)
            for y, row in self.screen.buffer.items()
            for x in row
            if row[x].fg == color
        ]
        columns, rows = zip(*found, strict=True)
        box = range(min(columns), max(columns) + 1), range(min(rows), max(rows) + 1)
        assert len(found) == len(box[0]) * len(box[1])  # no hole, nothing elsewhere
        return box


@pytest.fixture
def terminal():
    """Ask questions on a terminal of the given size."""
    started = []

    def start(
        question: str = PLAIN, columns: int = 100, rows: int = 30, view: str = "blocks"
    ) -> Terminal:
        started.append(Terminal(question, columns, rows, view))
        return started[-1]

    yield start
    for each in started:
        each.child.close(force=True)


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
    assert (
        shown.output[before:].count("▀".encode()) == 0
    )  # the pictures are the same ones


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
    shown.child.send(
        "\x1a"
    )  # without a shell above it, nothing really stops the program
    shown.wait_for("question 1", frames=2)

    leave, enter = b"\x1b[?1049l", b"\x1b[?1049h"
    assert shown.output.count(leave) == 1
    assert shown.output.index(leave) < shown.output.rindex(enter)
    assert shown.cells(RED) == (range(49), range(5, 22))
    shown.press("s", "question 2")


@needs_pty
def test_without_pictures_a_question_is_lines_of_text(terminal):
    """Names, metadata and scores are printed, every answer is confirmed, no byte is a code."""
    shown = terminal(view="none")
    shown.wait_for_output("which is better?")
    shown.child.send("h=yzi?o\x1a3")
    shown.wait_for_output("left.jpg is not there now")
    shown.child.send("q")
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
    assert (
        lines.count("question 3 of 20 · 45 choices so far") == 3
    )  # asked, i, and after Ctrl-Z
    assert (
        sum("neither is any good" in line for line in lines) == 2
    )  # at first, and when asked
    assert "answers 0 tie quit.pixels 0 0 0 0 0 0.restored True." in lines[-1]


@needs_pty
def test_without_pictures_a_burst_is_a_numbered_list(terminal):
    """Numbers stand before the names, and one of them is the answer."""
    shown = terminal("question(len(answers) + 1, 4)", view="none")
    shown.wait_for_output("which is the keeper?")
    shown.child.send("3q")

    assert "answers 2 quit." in shown.wait_for_end()
    lines = shown.output.decode().splitlines()
    assert lines.count("3: 2.jpg") == 3  # of two questions, and confirmed


def test_without_a_terminal_the_error_says_so(monkeypatch):
    """Pictures are not written into files and pipes."""
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(isatty=lambda: False))

    with (
        pytest.raises(PhotoaesthError, match="standard output is not a terminal"),
        CompareScreen(view="blocks"),
    ):
        pass


def test_importing_it_loads_nothing_heavy():
    """Rich and Pillow are needed only once there is something to draw."""
    code = (
        "from photoaesth.cli.compare_screen import CompareScreen; import sys; "
        "print({'rich', 'PIL', 'numpy', 'typer'} & set(sys.modules))"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}

    result = subprocess.run(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
        check=True,
    )

    assert result.stdout == "set()\n"
