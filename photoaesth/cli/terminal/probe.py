"""What the terminal can show, by asking it.

It is asked for much in one go. Every terminal answers in the order it was asked, skips what it
does not know, and all but the dumbest answer "what are you?" (DA1): that question comes last, its
answer ends the wait.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Literal

from photoaesth.cli.terminal.keys import answers_readable, read_raw, unread
from photoaesth.errors import PhotoaesthError
from photoaesth.graphics.picture import CELL_PX, Terminal, View
from photoaesth.graphics.tmux import past_tmux

_WAIT_S = 0.3
_WAIT_REMOTE_S = 1.0  # the answers cross a network

# xterm's names, from ctlseqs; OSC 1337 is iTerm2's.
_NAME = "\x1b[>0q"  # XTVERSION
_ITERM2_FEATURES = "\x1b]1337;Capabilities\x1b\\"
_ITERM2_CELL = "\x1b]1337;ReportCellSize\x1b\\"
_CELL, _AREA = "\x1b[16t", "\x1b[14t"  # XTWINOPS
_SIXEL_COLORS, _SIXEL_AREA = "\x1b[?1;1;0S", "\x1b[?2;1;0S"  # XTSMGRAPHICS
_KITTY = "\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\"  # "could you show this pixel?"
_STATUS = "\x1b[5n"  # DSR: any terminal answers "fine"
_ATTRIBUTES = "\x1b[c"  # DA1

_ANSWERS = re.compile(
    r"""
      \x1bP>\|(?P<name>[^\x1b]*)\x1b\\
    | \x1b\]1337;Capabilities=(?P<features>[^\x07\x1b]*)(?:\x07|\x1b\\)
    | \x1b\]1337;ReportCellSize=(?P<iterm2_cell>[\d.;]+)(?:\x07|\x1b\\)
    | \x1b\[6;(?P<cell>\d+;\d+)t
    | \x1b\[4;(?P<area>\d+;\d+)t
    | \x1b\[\?1;(?P<sixel_colors>[\d;]+)S
    | \x1b\[\?2;(?P<sixel_area>[\d;]+)S
    | \x1b_Gi=31;(?P<kitty>[^\x1b]*)\x1b\\
    | \x1b\[(?P<status>0)n
    | \x1b\[\?(?P<attributes>[\d;]*)c
    """,
    re.VERBOSE,
)
_SIXEL_ATTRIBUTE = "4"
_ITERM2_FILE = re.compile("F(?![a-z])")  # the feature "inline files"
_KITTY_VERSION = re.compile(r"kitty\((\d+)\.(\d+)")


def probe(wish: View | Literal["auto"], write: Callable[[str], object]) -> Terminal:
    """Ask the terminal what it can show, inside `raw_terminal` and before the first frame.

    A few terminals print questions that they do not understand; draw on a cleared screen. Keys
    that are typed meanwhile are found by `read_key`. A terminal that answers nothing takes 0.3 s,
    over SSH 1 s.

    Args:
        wish: what to show whether it is known to work or not; "auto" takes the best that works.
        write: writes to the terminal at once.

    Raises:
        PhotoaesthError: iTerm2's pictures are wished for in tmux.
    """
    if wish == "blocks" or wish == "none":  # noqa: PLR1714 (a set would not narrow the type)
        return Terminal(wish)
    asked = _NAME + _ITERM2_FEATURES + _ITERM2_CELL + _CELL + _AREA + _SIXEL_COLORS + _SIXEL_AREA
    answers = _ask(asked + _ATTRIBUTES, "attributes", write)
    in_tmux = answers.get("name", "").startswith("tmux ")
    view = _best_view(answers, in_tmux, write) if wish == "auto" else wish
    if view == "iterm2" and in_tmux:
        raise PhotoaesthError(
            "cannot show iTerm2's pictures inside tmux; leave tmux, or use --view auto"
        )
    return Terminal(
        view,
        _cell_px(answers, view),
        in_tmux,
        _sixel_colors(answers),
        _pair(answers.get("sixel_area", "").removeprefix("0;")),
    )


def _best_view(answers: dict[str, str], in_tmux: bool, write: Callable[[str], object]) -> View:
    if "attributes" not in answers:
        return "blocks"
    sixel = _SIXEL_ATTRIBUTE in answers["attributes"].split(";")[1:]
    if in_tmux:
        outer = _ask(past_tmux(_NAME + _KITTY + _STATUS), "status", write)
        if outer.get("kitty") == "OK" and _has_placeholders(outer.get("name", "")):
            return "kitty"
        return "sixel" if sixel and _tmux_shows_sixel() else "blocks"
    # Before kitty's protocol: iTerm2 understands that as well, but not as reliably.
    is_iterm2 = answers.get("name", "").startswith("iTerm2 ")
    if is_iterm2 or _ITERM2_FILE.search(answers.get("features", "")):
        return "iterm2"
    if _ask(_KITTY + _ATTRIBUTES, "attributes", write).get("kitty") == "OK":
        return "kitty"
    return "sixel" if sixel else "blocks"


def _has_placeholders(name: str) -> bool:
    """Return whether a terminal of this name knows kitty's placeholders: it cannot be asked."""
    version = _KITTY_VERSION.match(name)
    if version:
        return (int(version[1]), int(version[2])) >= (0, 28)
    return name.startswith("ghostty ")


def _ask(questions: str, last: str, write: Callable[[str], object]) -> dict[str, str]:
    """Send questions and return the answers that come until the last one, by their names."""
    remote = "SSH_CONNECTION" in os.environ or "SSH_TTY" in os.environ
    deadline = time.monotonic() + (_WAIT_REMOTE_S if remote else _WAIT_S)
    answers: dict[str, str] = {}
    received = ""
    with answers_readable():
        write(questions)
        while last not in answers:
            more = read_raw(deadline - time.monotonic())
            if not more:
                break
            received += more
            for match in _ANSWERS.finditer(received):
                answers |= {
                    name: text for name, text in match.groupdict().items() if text is not None
                }
    unread(_ANSWERS.sub("", received))
    return answers


def _tmux_shows_sixel() -> bool:
    """Ask tmux whether its terminal has sixel: its own answer tells only what it was built with."""
    try:
        result = subprocess.run(
            ["tmux", "display-message", "-p", "#{client_termfeatures}"],  # noqa: S607 (found by PATH)
            check=False,
            capture_output=True,
            text=True,
            timeout=_WAIT_REMOTE_S,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return "sixel" in result.stdout.strip().split(",")


def _cell_px(answers: dict[str, str], view: View) -> tuple[int, int]:
    """Return width and height of a cell: as reported, or from the size of the whole window."""
    if view == "iterm2" and (cell := answers.get("iterm2_cell")):
        height, width, *scale = (float(number) for number in cell.split(";"))
        points = scale[0] if scale else 1.0
        return round(width * points), round(height * points)
    if cell_px := _pair(answers.get("cell", "")):
        return cell_px[1], cell_px[0]
    size = os.get_terminal_size(sys.stdout.fileno())
    area = _pair(answers.get("area", "")) or _window_px()
    if area and size.columns and size.lines:
        height, width = area[0] // size.lines, area[1] // size.columns
        if width and height:
            return width, height
    return CELL_PX


def _pair(text: str) -> tuple[int, int] | None:
    first, _, second = text.partition(";")
    if first.isdigit() and second.isdigit() and int(first) and int(second):
        return int(first), int(second)
    return None


def _sixel_colors(answers: dict[str, str]) -> int:
    status, _, count = answers.get("sixel_colors", "").partition(";")
    return min(256, max(2, int(count))) if status == "0" and count.isdigit() else 256


if sys.platform == "win32":

    def _window_px() -> tuple[int, int] | None:
        return None

else:
    import fcntl
    import struct
    import termios

    def _window_px() -> tuple[int, int] | None:
        """Return height and width of the window in pixels; None where the terminal does not say."""
        try:
            size = fcntl.ioctl(sys.stdout.fileno(), termios.TIOCGWINSZ, bytes(8))
        except OSError:
            return None
        _, _, width, height = struct.unpack("HHHH", size)
        return (height, width) if height and width else None
