import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
import uuid

import pytest

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no pseudo-terminals that Python can open"
)

PROBE = """
import dataclasses, json, os, pathlib, sys
from photoaesth.cli.terminal.keys import raw_terminal, read_key
from photoaesth.cli.terminal.probe import probe
from photoaesth.errors import PhotoaesthError

def write(text):
    sys.stdout.write(text)
    sys.stdout.flush()

wish, result = sys.argv[1:]
with raw_terminal():
    try:
        seen = dataclasses.asdict(probe(wish, write))
    except PhotoaesthError as error:
        seen = {"error": str(error)}
    print("probed", end="", flush=True)
    keys = []
    while (key := read_key(20)) not in {"Q", "", "eof"}:
        keys.append(key)
whole = pathlib.Path(result)
part = whole.with_suffix(".part")
part.write_text(json.dumps(seen | {"keys": keys}))
part.rename(whole)
"""

NAME, NAME_BY_TMUX = b"\x1b[>0q", b"\x1b[>q"
FEATURES = b"\x1b]1337;Capabilities\x1b\\"
ITERM2_CELL = b"\x1b]1337;ReportCellSize\x1b\\"
CELL, AREA = b"\x1b[16t", b"\x1b[14t"
COLORS, LIMITS = b"\x1b[?1;1;0S", b"\x1b[?2;1;0S"
KITTY = b"\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\"
STATUS = b"\x1b[5n"
ATTRIBUTES = b"\x1b[c"
PAST_TMUX = re.compile(rb"\x1bPtmux;((?:[^\x1b]|\x1b\x1b)*)\x1b\\")


def name(text: str) -> bytes:
    return b"\x1bP>|" + text.encode() + b"\x1b\\"


OK = b"\x1b_Gi=31;OK\x1b\\"
FINE = b"\x1b[0n"

# xterm, kitty and tmux as recorded here; the others as their makers and users report them.
TERMINALS = {
    "old kitty": {NAME: name("kitty(0.26.5)"), KITTY: OK, ATTRIBUTES: b"\x1b[?62;c"},
    "kitty": {NAME: name("kitty(0.35.2)"), KITTY: OK, ATTRIBUTES: b"\x1b[?62;c"}
    | {CELL: b"\x1b[6;18;9t", AREA: b"\x1b[4;396;639t", STATUS: FINE},
    "ghostty": {NAME: name("ghostty 1.1.3"), KITTY: OK, ATTRIBUTES: b"\x1b[?62;22c"}
    | {CELL: b"\x1b[6;34;16t", AREA: b"\x1b[4;1360;1280t", STATUS: FINE},
    "wezterm": {NAME: name("WezTerm 20240203-110809-5046fc22"), KITTY: OK}
    | {ATTRIBUTES: b"\x1b[?65;4;6;18;22c", CELL: b"\x1b[6;17;8t", AREA: b"\x1b[4;408;640t"}
    | {ITERM2_CELL: b"\x1b]1337;ReportCellSize=17.0;8.0;1.0\x1b\\", STATUS: FINE},
    "iterm2": {
        NAME: name("iTerm2 3.6.9"),
        FEATURES: b"\x1b]1337;Capabilities=T3CwLrMSc7UUw9Sx2F\x07",
    }
    | {ATTRIBUTES: b"\x1b[?64;1;2;4;6;17;18;21;22;52c", CELL: b"\x1b[6;17;8t", KITTY: OK}
    | {ITERM2_CELL: b"\x1b]1337;ReportCellSize=17.0;8.0;2.0\x1b\\"},
    "mintty": {NAME: name("mintty 3.8.2"), FEATURES: b"\x1b]1337;Capabilities=T1CwMUBSxF\x1b\\"}
    | {ATTRIBUTES: b"\x1b[?64;1;2;4;6;9;11;15;21;22;28;29c"},
    "foot": {NAME: name("foot(1.13.1)"), ATTRIBUTES: b"\x1b[?62;4;22c", CELL: b"\x1b[6;19;9t"}
    | {COLORS: b"\x1b[?1;0;1024S", LIMITS: b"\x1b[?2;0;720;456S"},
    "xterm with sixel": {NAME: name("XTerm(379)"), ATTRIBUTES: b"\x1b[?63;1;2;4;6;9;15;16;22;28c"}
    | {COLORS: b"\x1b[?1;0;1024S", LIMITS: b"\x1b[?2;0;480;312S"},
    "vt340": {ATTRIBUTES: b"\x1b[?63;1;2;3;4;6;7;8;9;15c", COLORS: b"\x1b[?1;0;16S"},
    "xterm": {NAME: name("XTerm(379)"), ATTRIBUTES: b"\x1b[?64;1;2;6;9;15;16;17;18;21;22;28c"}
    | {COLORS: b"\x1b[?1;3S", LIMITS: b"\x1b[?2;3S"},
    "windows terminal": {ATTRIBUTES: b"\x1b[?61;4;6;7;14;21;22;23;24;28;32;42c"}
    | {CELL: b"\x1b[6;20;10t", AREA: b"\x1b[4;480;800t"},
    "gnome terminal": {NAME: name("VTE(7006)"), ATTRIBUTES: b"\x1b[?65;1;9c"}
    | {AREA: b"\x1b[4;432;720t"},
    "terminal that answers nothing": {},
}
TMUX = {NAME: name("tmux 3.3a"), ATTRIBUTES: b"\x1b[?1;2c", STATUS: FINE}
TMUX |= {CELL: b"\x1b[6;32;16t", AREA: b"\x1b[4;768;1280t"}
TMUX_SIXEL = TMUX | {NAME: name("tmux 3.5a"), ATTRIBUTES: b"\x1b[?1;2;4c"}


QUESTIONS = re.compile(
    PAST_TMUX.pattern
    + b"".join(b"|" + re.escape(question) for question in (NAME, NAME_BY_TMUX, FEATURES))
    + b"".join(b"|" + re.escape(question) for question in (ITERM2_CELL, CELL, AREA, COLORS))
    + b"".join(b"|" + re.escape(question) for question in (LIMITS, KITTY, STATUS, ATTRIBUTES))
)


class Dialogue:
    """A program on a pseudo-terminal that the test plays."""

    def __init__(self, command, folder, environment=None, window_px=(0, 0)):
        import fcntl
        import struct
        import termios

        import pexpect

        self.result = folder / "result.json"
        clean = {
            key: value for key, value in os.environ.items() if not key.startswith(("SSH", "TMUX"))
        }
        clean["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
        self.child = pexpect.spawn(
            command[0], command[1:], env=clean | (environment or {}), timeout=20
        )
        self.child.delaybeforesend = None
        size = struct.pack("HHHH", 24, 80, *window_px)
        fcntl.ioctl(self.child.child_fd, termios.TIOCSWINSZ, size)

    def play(self, answers, outer=None, *, before=b"", after=b"Q", pause_s=0.0, by_bytes=False):
        """Answer until the program has ended; return what it saw.

        Args:
            answers: what to say to which question.
            outer: the same for what tmux passes on; None if it passes nothing on.
            before: typed before the first answer.
            after: typed when the program has probed.
            pause_s: thinking time before every answer.
            by_bytes: whether answers are sent byte by byte.
        """
        import pexpect

        pending = b""
        while not self.result.exists():
            try:
                pending += self.child.read_nonblocking(4096, timeout=0.05)
            except pexpect.TIMEOUT:
                continue
            except pexpect.EOF:
                break
            while match := QUESTIONS.search(pending):
                pending = pending[match.end() :]
                if reply := reply_to(match[0], answers, outer):
                    time.sleep(pause_s)
                    reply, before = before + reply, b""
                for piece in re.findall(rb"(?s)." if by_bytes else rb"(?s).+", reply):
                    self.child.send(piece)
            if b"probed" in pending:
                pending = b""
                self.child.send(after)
        self.child.close(force=True)
        return json.loads(self.result.read_text())


def reply_to(question, answers, outer):
    if passed_on := PAST_TMUX.fullmatch(question):
        inner = passed_on[1].replace(b"\x1b\x1b", b"\x1b")
        return b"".join(reply_to(q[0], outer or {}, None) for q in QUESTIONS.finditer(inner))
    return answers.get(question, b"")


@pytest.fixture
def probe(tmp_path):
    """Start the program; `probe(wish).play(...)` is the conversation."""

    def start(wish="auto", **options):
        result = tmp_path / "result.json"
        return Dialogue([sys.executable, "-c", PROBE, wish, str(result)], tmp_path, **options)

    return start


@pytest.mark.parametrize(
    ("terminal", "view", "cell_px"),
    [
        ("kitty", "kitty", [9, 18]),
        ("ghostty", "kitty", [16, 34]),
        ("wezterm", "kitty", [8, 17]),
        ("iterm2", "iterm2", [16, 34]),  # 8 by 17 points on a Retina screen
        ("mintty", "iterm2", [10, 20]),
        ("foot", "sixel", [9, 19]),
        ("xterm with sixel", "sixel", [10, 20]),
        ("vt340", "sixel", [10, 20]),
        ("windows terminal", "sixel", [10, 20]),
        ("xterm", "blocks", [10, 20]),
        ("gnome terminal", "blocks", [9, 18]),
        ("terminal that answers nothing", "blocks", [10, 20]),
    ],
)
def test_a_terminal_is_known_by_its_answers(probe, terminal, view, cell_px):
    """The best of what it says it can do is taken, and the size of its cells."""
    seen = probe().play(TERMINALS[terminal])

    assert (seen["view"], seen["cell_px"], seen["in_tmux"]) == (view, cell_px, False)


@pytest.mark.parametrize(
    ("terminal", "colors", "max_px"),
    [
        ("xterm with sixel", 256, [480, 312]),
        ("vt340", 16, None),
        ("windows terminal", 256, None),
        ("foot", 256, [720, 456]),
    ],
)
def test_the_limits_of_sixel_are_known(probe, terminal, colors, max_px):
    """Colours and size are those that the terminal reports; else what all of them manage."""
    seen = probe().play(TERMINALS[terminal])

    assert (seen["colors"], seen["max_px"]) == (colors, max_px)


@pytest.mark.parametrize(
    ("inner", "outer", "view"),
    [
        (TMUX, "kitty", "kitty"),
        (TMUX, "old kitty", "blocks"),
        (TMUX, "ghostty", "kitty"),
        (TMUX, "wezterm", "blocks"),  # neither of the two has placeholders
        (TMUX, "foot", "blocks"),
        (TMUX, None, "blocks"),  # allow-passthrough is off
        (TMUX_SIXEL, "kitty", "kitty"),
        (TMUX_SIXEL, None, "blocks"),  # built with sixel, but nobody says its terminal has it
    ],
)
def test_inside_tmux_the_terminal_around_it_is_asked(probe, inner, outer, view):
    """Placeholders need a terminal that knows them and a tmux that lets pictures through."""
    no_tmux_to_run = {"PATH": ""}
    answers = TERMINALS[outer] | {STATUS: FINE} if outer else None

    seen = probe(environment=no_tmux_to_run).play(inner, answers)

    assert (seen["view"], seen["in_tmux"]) == (view, True)


def test_tmux_says_whether_its_terminal_has_sixel(probe, tmp_path):
    """Its attributes only tell what it was built with; the features of its client decide."""
    tmux = tmp_path / "tmux"
    tmux.write_text("#!/bin/sh\necho 256,RGB,sixel,title\n")
    tmux.chmod(0o755)

    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    seen = probe(environment={"PATH": path}).play(TMUX_SIXEL)

    assert (seen["view"], seen["in_tmux"]) == ("sixel", True)


@pytest.mark.parametrize("view", ["kitty", "iterm2", "sixel", "blocks", "none"])
def test_a_wish_is_followed_whatever_the_terminal_says(probe, view):
    """Who names a view gets it, even from a terminal that answers nothing."""
    assert probe(view).play({})["view"] == view


def test_a_wish_still_asks_for_the_size_of_a_cell(probe):
    """A picture needs pixels, whoever chose how it is sent."""
    seen = probe("sixel").play(TERMINALS["kitty"])

    assert (seen["view"], seen["cell_px"]) == ("sixel", [9, 18])


def test_iterm2_pictures_are_refused_inside_tmux(probe):
    """tmux would not know where they are; the message says what to do instead."""
    seen = probe("iterm2").play(TMUX)

    assert "--view auto" in seen["error"]


def test_the_window_in_pixels_gives_the_cell(probe):
    """xterm answers no question about cells, but the kernel knows its size; the rest is border."""
    seen = probe(window_px=(484, 316)).play(TERMINALS["xterm with sixel"])

    assert seen["cell_px"] == [6, 13]


def test_keys_typed_meanwhile_are_not_lost(probe):
    """What is no answer goes to `read_key`, before what is typed later."""
    seen = probe().play(TERMINALS["kitty"], before="=\x1b[Dé".encode(), after=b"sQ")

    assert (seen["view"], seen["keys"]) == ("kitty", ["=", "left", "é", "s"])


def test_answers_may_come_in_pieces(probe):
    """A slow line delivers them byte by byte."""
    assert probe().play(TERMINALS["ghostty"], by_bytes=True)["view"] == "kitty"


def test_an_answer_that_comes_too_late_is_no_key(probe):
    """The wait ends without it; what arrives afterwards is swallowed, and keys count."""
    seen = probe().play(TERMINALS["foot"], pause_s=0.1, after=b"sQ")

    assert (seen["view"], seen["keys"]) == ("blocks", ["s"])


def test_over_ssh_the_wait_is_longer(probe):
    """Answers that cross a network are waited for."""
    seen = probe(environment={"SSH_TTY": "/dev/pts/0"}).play(TERMINALS["foot"], pause_s=0.1)

    assert seen["view"] == "sixel"


REAL_TMUX = pytest.mark.skipif(not shutil.which("tmux"), reason="tmux is not installed")


@pytest.fixture
def real_tmux(tmp_path):
    """Start the program in a tmux of its own, around which the test plays the terminal."""
    socket = f"photoaesth-{uuid.uuid4().hex}"

    def start(passthrough, wish="auto"):
        settings = tmp_path / "tmux.conf"
        settings.write_text(f"set -g allow-passthrough {passthrough}\nset -g escape-time 0\n")
        program = [sys.executable, "-c", PROBE, wish, str(tmp_path / "result.json")]
        command = ["tmux", "-L", socket, "-f", str(settings), "new-session", shlex.join(program)]
        return Dialogue(command, tmp_path, environment={"TERM": "xterm-256color"})

    yield start
    subprocess.run(["tmux", "-L", socket, "kill-server"], check=False, capture_output=True)


@REAL_TMUX
@pytest.mark.parametrize(("passthrough", "view"), [("on", "kitty"), ("off", "blocks")])
def test_a_real_tmux_passes_questions_on_if_allowed(real_tmux, passthrough, view):
    """Through tmux the questions arrive, the answers come back, and keys still count."""
    kitty = TERMINALS["kitty"] | {NAME_BY_TMUX: name("kitty(0.35.2)")}

    seen = real_tmux(passthrough).play(kitty, after=b"sQ")

    assert (seen["view"], seen["in_tmux"], seen["keys"]) == (view, True, ["s"])
