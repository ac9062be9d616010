"""Lists with pictures, as text and escape codes."""

import re
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pyte
import pytest

from photoaesth.cli import thumbnail_list
from photoaesth.cli.thumbnail_list import drawing_canvas, print_with_thumbnails
from photoaesth.domain import Exif, Photo, ScoredPhoto
from photoaesth.errors import PhotoaesthError
from photoaesth.graphics.canvas import Canvas
from photoaesth.graphics.picture import Terminal, View

_COLUMNS, _ROWS = 80, 24
_APC_OR_DCS = re.compile(r"\x1b[P_\]].*?\x1b\\", re.DOTALL)


@pytest.fixture(autouse=True)
def window(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A window of 80 columns; what is written to it."""
    written: list[str] = []
    monkeypatch.setattr(thumbnail_list, "window_size", lambda: (_COLUMNS, _ROWS))
    monkeypatch.setattr(thumbnail_list, "write", written.append)
    return written


@pytest.fixture
def photos(draw_photo: Callable[..., Path], tmp_path: Path) -> list[ScoredPhoto]:
    """A landscape, a portrait, and one of which there is no picture any more."""
    exif = Exif(taken_at=datetime(2024, 10, 5, 12, 30), camera="Tamis Phone 4")  # noqa: DTZ001
    shown = []
    for rank, (name, size) in enumerate(
        {"a.png": (300, 200), "b" * 90 + ".png": (200, 300), "gone.png": (0, 0)}.items(), start=1
    ):
        path = tmp_path / name
        if size[0]:
            draw_photo(path, rank, size=size)
        record = Photo(rank, path, f"{rank:040x}", *size, exif)
        shown.append(ScoredPhoto(path, rank, 9.5 - rank, 1.2, 7.5, (0.1,) * 10, record))
    return shown


def screen(written: list[str]) -> list[str]:
    """What stands on a terminal that knows nothing of pictures, and 50 lines high."""
    terminal = pyte.Screen(_COLUMNS, 50)
    pyte.Stream(terminal).feed(_APC_OR_DCS.sub("", "".join(written)).replace("\n", "\r\n"))
    return [line.rstrip() for line in terminal.display]


def test_blocks_stand_beside_the_words(photos: list[ScoredPhoto], window: list[str]) -> None:
    """Every photo has its own lines: rank and scores, when and with what, and the whole path."""
    print_with_thumbnails(photos, Canvas(Terminal("blocks")))
    lines = screen(window)
    assert lines[0] == "▀" * 12 + "    1  8.50 ± 1.20   generic 7.50"
    assert lines[1] == "▀" * 12 + "       2024-10-05 12:30 · Tamis Phone 4"
    assert [line[:12] for line in lines[:5]] == ["▀" * 12] * 4 + [""]
    assert [line[:12].rstrip() for line in lines[5:9]] == ["▀" * 5] * 4
    assert all(len(line) < _COLUMNS for line in lines)
    third = next(row for row, line in enumerate(lines) if "  3  6.50" in line)
    assert all(line[:12].strip() == "" for line in lines[third:])
    paths = [
        "".join(line[12:].strip() for line in part) for part in (lines[7:third], lines[third + 2 :])
    ]
    assert paths == [str(photo.path) for photo in photos[1:]]


@pytest.mark.parametrize("view", ["sixel", "kitty", "iterm2"])
def test_real_pictures_are_drawn_over_lines_that_have_room(
    photos: list[ScoredPhoto], window: list[str], view: View
) -> None:
    """The picture starts in the first line of its photo, and the words are where blocks have them.

    Whatever the picture does to the cursor, it is brought back.
    """
    print_with_thumbnails(photos[:1], Canvas(Terminal(view, cell_px=(10, 20))))
    (written,) = window
    lines = screen(window)
    assert [line[12:].strip() for line in lines[:2]] == [
        "1  8.50 ± 1.20   generic 7.50",
        "2024-10-05 12:30 · Tamis Phone 4",
    ]
    assert lines[0].startswith(" " * 12)
    moved, _, rest = written.partition("\x1b7")
    up = re.match(r"\x1b\[(\d)A\r(\x1b[P_\]].*?\x1b\\|\x1b\]1337.*?\x07)+\x1b8", rest, re.DOTALL)
    assert up is not None
    assert moved.count("\n") == int(up[1]) == 4


def test_what_would_command_the_terminal_is_text(
    photos: list[ScoredPhoto], window: list[str], tmp_path: Path
) -> None:
    """Escape codes, line breaks and marks that turn text around are spelt out."""
    path = tmp_path / "\x1b[31mred\n\u202e.jpg"
    print_with_thumbnails(
        [ScoredPhoto(path, 1, 5.0, 1.0, 5.0, (0.1,) * 10)], Canvas(Terminal("none"))
    )
    shown = "".join(line.strip() for line in screen(window))
    assert shown.endswith(r"\x1b[31mred\x0a\xe2\x80\xae.jpg")
    assert "\x1b[31m" not in "".join(window)


def test_without_a_terminal_nothing_is_drawn() -> None:
    """Unasked it is a plain table; asked for, one line says what to do instead."""
    assert not sys.stdout.isatty()
    assert drawing_canvas(None, 3) is None
    assert drawing_canvas(False, 3) is None
    with pytest.raises(PhotoaesthError, match="standard output is not a terminal; --contact-sheet"):
        drawing_canvas(True, 3)
