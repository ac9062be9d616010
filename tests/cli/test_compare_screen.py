import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from photoaesth.cli import compare_screen
from photoaesth.cli.compare_screen import CompareScreen
from photoaesth.errors import PhotoaesthError

needs_pty = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no pseudo-terminals that Python can open"
)
RED, BLUE = "ff0000", "0000ff"
END_FRAME = b"\x1b[?2026l"

SESSION = """
import sys, termios
from types import SimpleNamespace
from PIL import Image
from photoaesth.cli.compare_screen import CompareScreen
from photoaesth.errors import PhotoaesthError
from photoaesth.graphics.halfblocks import halfblocks

def side(name, caption, size, color):
    image = Image.new("RGB", size, color)
    return SimpleNamespace(
        name=name, caption=caption, picture=lambda columns, rows: halfblocks(image, columns, rows)
    )

def question(number, left=("left.jpg", "2019 · Canon"), right=("right.jpg", "2020 · Nikon")):
    return SimpleNamespace(
        left=side(*left, (300, 200), "#ff0000"), right=side(*right, (200, 300), "#0000ff"),
        number=number, of=20, choices=42 + number,
    )

before = termios.tcgetattr(0)
answers = []
try:
    with CompareScreen() as screen:
        while not answers or answers[-1] != "quit":
            notice = f"noted: {answers[-1]}" if answers else ""
            answers.append(screen.ask(QUESTION, notice))
except (KeyboardInterrupt, ZeroDivisionError) as error:
    print("caught", type(error).__name__)
print("answers", *answers, end=".")
print("restored", termios.tcgetattr(0) == before, end=".")
"""
PLAIN = "question(len(answers) + 1)"


class Terminal:
    """A program on a pseudo-terminal and the screen its user would see."""

    def __init__(self, question: str, columns: int, rows: int):
        import pexpect
        import pyte

        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.output = b""
        self._nothing_yet = (pexpect.EOF, pexpect.TIMEOUT)
        self.child = pexpect.spawn(
            sys.executable,
            ["-c", SESSION.replace("QUESTION", question)],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            dimensions=(rows, columns),
        )
        self.child.delaybeforesend = None

    def wait_for(self, text: str, frames: int = 1) -> None:
        """Read until the screen shows `text` and at least so many whole frames have come."""
        self._read_until(
            lambda: (
                text in "\n".join(self.screen.display)
                and self.output.endswith(END_FRAME)
                and self.output.count(END_FRAME) >= frames
            )
        )

    def wait_for_end(self) -> str:
        """Read to the end of the program and return what it printed after the screen was left."""
        self._read_until(lambda: b"restored" in self.output and self.output.endswith(b"."))
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
        found = [(x, y) for y, row in self.screen.buffer.items() for x in row if row[x].fg == color]
        columns, rows = zip(*found, strict=True)
        box = range(min(columns), max(columns) + 1), range(min(rows), max(rows) + 1)
        assert len(found) == len(box[0]) * len(box[1])  # no hole, nothing elsewhere
        return box


@pytest.fixture
def terminal():
    """Ask questions on a terminal of the given size."""
    started = []

    def start(question: str = PLAIN, columns: int = 100, rows: int = 30) -> Terminal:
        started.append(Terminal(question, columns, rows))
        return started[-1]

    yield start
    for each in started:
        each.child.close(force=True)


@needs_pty
def test_a_question_fills_the_screen(terminal):
    """Title, both pictures with names and captions below, and the keys in the last row."""
    shown = terminal()
    shown.wait_for("q quit")

    title = "question 1 of 20 · 43 choices so far"
    assert shown.screen.display[0].rstrip() == " " * ((100 - len(title)) // 2) + title
    keys = "← left   → right   = tie   s skip   u undo   q quit"
    assert shown.screen.display[29].strip() == keys
    names = shown.row_of("left.jpg")
    assert shown.screen.display[names].split() == ["left.jpg", "right.jpg"]
    assert shown.screen.display[names + 1].split("  ")[0] == ""
    assert "2019 · Canon" in shown.screen.display[names + 1][:49]
    assert "2020 · Nikon" in shown.screen.display[names + 1][51:]
    assert shown.screen.cursor.hidden


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


@needs_pty
def test_every_key_gives_its_answer(terminal):
    """Arrows, letters and digits answer; other keys change nothing."""
    shown = terminal()
    shown.wait_for("q quit")
    shown.child.send("\x1b[Dh1" + "x\x1b[A\r" + "\x1b[Cl2" + "=su" + "q")

    answers = "left left left right right right tie skip undo quit"
    assert f"answers {answers}." in shown.wait_for_end()


@needs_pty
def test_the_next_question_brings_its_notice(terminal):
    """After an answer the title counts on and the notice stands above the keys."""
    shown = terminal()
    shown.wait_for("question 1 of 20")
    shown.child.send("=")
    shown.wait_for("question 2 of 20 · 44 choices")

    assert shown.screen.display[28].strip() == "noted: tie"


@needs_pty
def test_the_screen_is_drawn_once_per_question(terminal):
    """Keys without meaning and waiting redraw nothing; a frame is one whole."""
    shown = terminal()
    shown.wait_for("question 1")
    shown.child.send("xyz")
    time.sleep(0.5)  # longer than the wait between two looks at the window's size
    shown.child.send("s")
    shown.wait_for("question 2")

    assert shown.output.count(END_FRAME) == 2


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
        "  2019 · Canon",  # the six rows have room for one caption
        "→ right.jpg",
        "",  # the notice
        "← → = s u q",
    ]


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
    shown.child.send("s")
    shown.wait_for("question 2")


@needs_pty
def test_names_cannot_command_the_terminal(terminal):
    """Control characters in names and captions are shown as what they are."""
    shown = terminal(r"question(1, ('\x1b[2Jevil\n.jpg', 'c\x07'), ('\u202egpj.exe', '\x9b2J'))")
    shown.wait_for("q quit")

    row = shown.row_of("evil")
    assert shown.screen.display[row].split() == [r"\x1b[2Jevil\x0a.jpg", r"\xe2\x80\xaegpj.exe"]
    assert shown.screen.display[row + 1].split() == [r"c\x07", r"\xc2\x9b2J"]
    assert b"\x1b[2Jevil" not in shown.output


@needs_pty
def test_wide_characters_take_two_cells(terminal):
    """Chinese and Japanese names stand in the middle of their half and move nothing else."""
    name = "山の写真" * 20 + "_0042.jpg"
    shown = terminal(f"question(1, ({name!r}, '富士フイルム'), ('right.jpg', 'c'))")
    shown.wait_for("q quit")

    row = shown.row_of("山")
    cells = shown.screen.buffer[row]
    left_half = "".join(cells[x].data for x in range(49))
    assert left_half.startswith("山の写真山の")
    assert "…" in left_half
    assert left_half.rstrip().endswith("_0042.jpg")  # files are told apart by the end
    assert "".join(cells[x].data for x in range(51, 100)).strip() == "right.jpg"
    caption = "".join(shown.screen.buffer[row + 1][x].data for x in range(49))
    assert caption.index("富") == (49 - 12) // 2


def fake_side(name="a.jpg", caption="c", lines=("▀" * 10,)):
    picture = SimpleNamespace(lines=lines, columns=10)
    return SimpleNamespace(name=name, caption=caption, picture=lambda columns, rows: picture)


def fake_question(left=None, **changes):
    values = {"left": left or fake_side(), "right": fake_side(), "number": 1, "of": 20}
    return SimpleNamespace(**(values | {"choices": 0} | changes))


def rows_of(frame: str) -> list[str]:
    """Return the text of a frame by rows, its styles taken out."""
    import pyte

    screen = pyte.Screen(200, 60)
    pyte.Stream(screen).feed(frame)
    return [line.rstrip() for line in screen.display]


@pytest.mark.parametrize("rows", [1, 2, 3, 5, 6, 7, 9, 10, 11, 24])
def test_no_window_is_too_small(rows):
    """Any size from one cell upward is filled with exactly its rows, none of them too long."""
    from rich.cells import cell_len

    question = fake_question(fake_side("長い名前" * 9, "caption " * 9))
    for columns in range(1, 60):
        frame = compare_screen._frame(question, "a notice that is long", columns, rows)
        shown = rows_of(frame)
        assert max(map(cell_len, shown)) <= columns
        assert not any(shown[rows:])
        assert frame.count("\x1b[2K") == rows


def test_in_a_tiny_window_names_and_keys_stay_longest():
    """Three rows are enough to choose by name."""
    shown = rows_of(compare_screen._frame(fake_question(), "", 30, 3))

    assert shown[:3] == ["← a.jpg", "→ a.jpg", "← → = s u q"]


@pytest.mark.parametrize(
    ("number", "of", "choices", "title"),
    [
        (3, 20, 43, "question 3 of 20 · 43 choices so far"),
        (1, None, 1, "question 1 · 1 choice so far"),
    ],
)
def test_the_title_says_how_far_one_is(number, of, choices, title):
    """A session without an end counts its questions only."""
    question = fake_question(number=number, of=of, choices=choices)

    assert rows_of(compare_screen._frame(question, "", 80, 24))[0].strip() == title


def test_a_photo_that_cannot_be_read_is_named_with_the_reason():
    """The question can still be skipped, so the other picture and the keys are there."""

    def unreadable(columns, rows):
        raise PhotoaesthError("the file is cut off")

    broken = SimpleNamespace(name="a.jpg", caption="c", picture=unreadable)

    shown = "\n".join(rows_of(compare_screen._frame(fake_question(broken), "", 80, 24)))

    assert "the file is cut off" in shown
    assert "▀" * 10 in shown
    assert "s skip" in shown


def test_without_a_terminal_the_error_says_so(monkeypatch):
    """Pictures are not written into files and pipes."""
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(isatty=lambda: False))

    with pytest.raises(PhotoaesthError, match="standard output is not a terminal"), CompareScreen():
        pass


def test_importing_it_loads_nothing_heavy():
    """Rich and Pillow are needed only once there is something to draw."""
    code = (
        "import photoaesth.cli.compare_screen, sys; "
        "print({'rich', 'PIL', 'numpy', 'typer'} & set(sys.modules))"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}

    result = subprocess.run(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=environment, check=True
    )

    assert result.stdout == "set()\n"
