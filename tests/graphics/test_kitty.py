import base64
import io
import os
import re
import shlex
import shutil
import subprocess
import time
import uuid

import numpy as np
import pytest
from PIL import Image

from photoaesth.graphics import kitty
from photoaesth.graphics.diacritics import DIACRITICS
from photoaesth.graphics.png import png

SGR = re.compile(r"\x1b\[[0-9;]*m")
COMMAND = re.compile(r"\x1b_G(?P<control>[^;\x1b]*)(?:;(?P<payload>[^\x1b]*))?\x1b\\")


def noise(width: int, height: int) -> Image.Image:
    rng = np.random.default_rng(width)
    return Image.fromarray(rng.integers(0, 256, (height, width, 3), np.uint8))


def decoded(sent: str) -> tuple[list[str], Image.Image]:
    """Return the control data of each command and the picture that all of them carry."""
    commands = [match.groupdict() for match in COMMAND.finditer(sent)]
    assert "".join(match[0] for match in COMMAND.finditer(sent)) == sent
    data = base64.b64decode("".join(command["payload"] for command in commands), validate=True)
    return [command["control"] for command in commands], Image.open(io.BytesIO(data))


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (301, 77)])
def test_a_png_has_the_pixels_of_its_picture(size):
    """The file that is written here is read by Pillow, pixel by pixel."""
    image = noise(*size)

    read = Image.open(io.BytesIO(png(image)))

    assert (read.format, read.mode) == ("PNG", "RGB")
    assert read.tobytes() == image.tobytes()


def test_one_red_pixel_for_kitty():
    """Sent first, without being shown, then placed; the cursor stays, and no answer is wanted."""
    picture = kitty.direct(Image.new("RGB", (1, 1), "red"), 7, (8, 16))

    data = base64.b64encode(png(Image.new("RGB", (1, 1), "red"))).decode()
    assert picture.upload.pieces == [f"\x1b_Ga=t,f=100,i=7,m=0,q=2;{data}\x1b\\"]
    assert picture.overlay == "\x1b_Ga=p,i=7,p=1,C=1,q=2\x1b\\"
    assert (picture.columns, picture.lines) == (1, (" ",))


def test_a_large_picture_is_sent_in_pieces():
    """Pieces have at most 4,096 characters; all but the last announce another one."""
    image = noise(80, 60)

    pieces = kitty.direct(image, 1, (10, 20)).upload.pieces

    controls, read = decoded("".join(pieces))
    assert len(controls) == len(pieces) == -(-len(base64.b64encode(png(image))) // 4096) > 2
    assert controls[0] == "a=t,f=100,i=1,m=1,q=2"
    assert controls[1:] == ["m=1,q=2"] * (len(controls) - 2) + ["m=0,q=2"]
    assert read.tobytes() == image.tobytes()


def test_a_last_piece_that_is_full_is_the_last(monkeypatch):
    """No empty piece follows: 3,072 bytes are 4,096 characters."""
    monkeypatch.setattr(kitty, "png", lambda _: bytes(2 * 3072))

    pieces = kitty.direct(Image.new("RGB", (1, 1)), 1, (10, 20)).upload.pieces

    assert re.findall(r"m=(\d)", "".join(pieces)) == ["1", "0"]


def test_a_picture_covers_the_cells_that_its_pixels_touch():
    """Below and right of it a part of a cell may stay empty; text goes beyond."""
    picture = kitty.direct(Image.new("RGB", (81, 40)), 1, (10, 20))

    assert (picture.columns, picture.lines) == (9, (" " * 9,) * 2)


def test_a_picture_is_deleted_with_its_data():
    """The capital I frees the terminal's memory as well; what was half sent is ended before."""
    upload = kitty.direct(Image.new("RGB", (1, 1)), 7, (8, 16)).upload

    assert upload.delete == "\x1b_Ga=d,d=I,i=7,q=2\x1b\\"
    assert upload.cancel == "\x1b_Gm=0,q=2\x1b\\" + upload.delete


def test_placeholders_tell_row_column_and_picture():
    """Every cell names its place by diacritics; the number's low byte is the colour."""
    picture = kitty.placeholders(Image.new("RGB", (4, 4)), 2 << 24 | 17, 2, 2)

    cell = "\U0010eeee"
    zero, one, two = "\u0305", "\u030d", "\u030e"
    assert picture.columns == 2
    assert picture.lines == (
        f"\x1b[38;5;17m{cell}{zero}{zero}{two}{cell}{zero}{one}{two}\x1b[39m",
        f"\x1b[38;5;17m{cell}{one}{zero}{two}{cell}{one}{one}{two}\x1b[39m",
    )


def test_placeholders_are_sent_past_tmux():
    """Each piece is wrapped by itself, with every ESC doubled; inside is a virtual placement."""
    image = noise(60, 60)

    upload = kitty.placeholders(image, 1 << 24 | 16, 6, 3).upload

    sent = "".join(upload.pieces)
    wrapped = re.findall(r"\x1bPtmux;((?:[^\x1b]|\x1b\x1b)*)\x1b\\", sent)
    assert [f"\x1bPtmux;{piece}\x1b\\" for piece in wrapped] == upload.pieces
    controls, read = decoded("".join(wrapped).replace("\x1b\x1b", "\x1b"))
    assert len(wrapped) == len(controls) > 1
    assert controls[0] == "a=T,U=1,c=6,r=3,f=100,i=16777232,m=1,q=2"
    assert upload.delete == "\x1bPtmux;\x1b\x1b_Ga=d,d=I,i=16777232,q=2\x1b\x1b\\\x1b\\"
    assert read.tobytes() == image.tobytes()


def test_there_are_297_diacritics():
    """Count, order and ends are those of kitty's table; a gap would shift every cell after it."""
    assert len(DIACRITICS) == 297
    assert list(DIACRITICS) == sorted(set(DIACRITICS))
    assert (DIACRITICS[0], DIACRITICS[100], DIACRITICS[-1]) == ("\u0305", "\u07eb", "\U0001d244")


needs_tmux = pytest.mark.skipif(not shutil.which("tmux"), reason="tmux is not installed")


@pytest.fixture
def tmux():
    """The beginning of a command for a tmux of the test's own."""
    command = ["tmux", "-u", "-L", f"photoaesth-{uuid.uuid4().hex}"]
    yield command
    subprocess.run([*command, "kill-server"], check=False, capture_output=True)


@needs_tmux
def test_placeholders_stand_in_tmux_where_they_were_put(tmux, tmp_path):
    """tmux keeps cell, diacritics and colour of all cells, next to other text."""
    picture = kitty.placeholders(Image.new("RGB", (4, 4)), 255 << 24 | 24, 70, 18)
    placed = "".join(f"\x1b[{row};5H{line}" for row, line in enumerate(picture.lines, start=3))
    frame = tmp_path / "frame"
    frame.write_text(f"\x1b[2J\x1b[1;1Htitle{placed}\x1b[3;76Hright\x1b[23;1H", "utf-8")
    session = [*tmux, "-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24"]
    subprocess.run([*session, f"cat {shlex.quote(str(frame))}; sleep 60"], check=True)

    screen = ""
    deadline = time.monotonic() + 20
    while "right" not in screen and time.monotonic() < deadline:
        time.sleep(0.05)
        capture = [*tmux, "capture-pane", "-p", "-e"]
        screen = subprocess.run(capture, check=True, capture_output=True).stdout.decode()

    assert set(SGR.findall(screen)) == set(SGR.findall(picture.lines[0]))
    rows = SGR.sub("", screen).split("\n")
    text = ["    " + SGR.sub("", line) for line in picture.lines]
    assert rows[:3] == ["title", "", text[0] + " right"]
    assert rows[3:20] == text[1:]


@needs_tmux
def test_a_picture_reaches_the_terminal_through_tmux(tmux, tmp_path):
    """With allow-passthrough, all pieces arrive unwrapped and in order."""
    import pexpect

    image = noise(300, 200)
    frame, settings = tmp_path / "frame", tmp_path / "tmux.conf"
    frame.write_text("".join(kitty.placeholders(image, 1 << 24 | 16, 6, 3).upload.pieces))
    settings.write_text("set -g allow-passthrough on")
    program = f"echo drawn; read go; cat {shlex.quote(str(frame))}; sleep 60"
    environment = {key: value for key, value in os.environ.items() if key != "TMUX"}
    environment["TERM"] = "xterm-256color"

    command = [*tmux, "-f", str(settings), "new-session", program]
    terminal = pexpect.spawn(command[0], command[1:], env=environment, timeout=60)
    # Up to 3.3, tmux hands nothing on while it has a window to draw, as it has at first.
    terminal.expect(b"drawn")
    terminal.sendline()
    terminal.expect(rb"m=0,q=2;[^\x1b]*\x1b\\")
    sent = (terminal.before + terminal.after).decode()
    terminal.close(force=True)

    _, read = decoded("".join(match[0] for match in COMMAND.finditer(sent)))
    assert read.tobytes() == image.tobytes()
