import base64
import io
import re

import pytest
from PIL import Image

from photoaesth.graphics.canvas import Canvas
from photoaesth.graphics.picture import Picture, Terminal, Upload

PHOTO = Image.linear_gradient("L").resize((300, 200))
VIEWS = [
    Terminal("kitty", (10, 20)),
    Terminal("kitty", (10, 20), in_tmux=True),
    Terminal("iterm2", (10, 20)),
    Terminal("sixel", (10, 20)),
    Terminal("blocks"),
]


@pytest.mark.parametrize("terminal", VIEWS)
@pytest.mark.parametrize(
    ("size", "columns", "rows"),
    [
        ((300, 200), 30, 10),  # as wide as the room
        ((200, 300), 20, 15),  # as high as the room
        ((30, 20), 30, 10),  # enlarged
        ((3000, 2000), 30, 10),
        ((3000, 10), 30, 1),
        ((10, 3000), 1, 15),
    ],
)
def test_a_picture_fills_its_room_with_its_aspect_kept(terminal, size, columns, rows):
    """With all views alike: 30 by 15 cells of 10 by 20 pixels."""
    picture = Canvas(terminal).draw(Image.new("RGB", size, "gray"), 30, 15)

    assert (picture.columns, len(picture.lines)) == (columns, rows)


@pytest.mark.parametrize("terminal", VIEWS)
@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_any_mode_of_picture_is_drawn(terminal, mode):
    """Photos come as RGB, but no other mode breaks the screen."""
    picture = Canvas(terminal).draw(Image.new(mode, (8, 8)), 8, 4)

    assert picture.columns == 8


def test_without_a_view_nothing_is_drawn():
    """Where names are enough, a picture takes no room and sends nothing."""
    canvas = Canvas(Terminal("none"))

    picture = canvas.draw(PHOTO, 30, 15)

    assert picture == Picture(0, ())
    assert canvas.erase == ""


def test_a_picture_of_the_right_size_is_shown_pixel_by_pixel():
    """At 100 % no resampling blurs what the photographer looks for."""
    noise = Image.effect_noise((300, 300), 50).convert("RGB")

    upload = Canvas(Terminal("kitty", (10, 20))).draw(noise, 30, 15).upload

    assert sent_png(upload).tobytes() == noise.tobytes()


def sent_png(upload: Upload) -> Image.Image:
    payload = "".join(re.findall(r"\x1b_G[^;]*;([^\x1b]*)\x1b", "".join(upload.pieces)))
    return Image.open(io.BytesIO(base64.b64decode(payload)))


@pytest.mark.parametrize("in_tmux", [False, True])
def test_240_pictures_in_a_row_have_numbers_of_their_own(in_tmux):
    """Those on the screen, and those sent ahead; the low byte is also a colour from 16 on."""
    canvas = Canvas(Terminal("kitty", in_tmux=in_tmux))
    tiny = PHOTO.resize((3, 2))

    numbers = [number_of(canvas.draw(tiny, 9, 9)) for _ in range(241)]

    assert len(set(numbers)) == 240
    assert numbers[240] == numbers[0]
    assert {number & 0xFF for number in numbers} == set(range(16, 256))
    (process,) = {number >> 8 for number in numbers}
    assert process & 0xFFFF == 0
    assert 1 <= process >> 16 <= 255


def number_of(picture: Picture) -> int:
    return int(re.search(r",i=(\d+)", picture.upload.pieces[0])[1])


@pytest.mark.parametrize("view", ["sixel", "iterm2"])
def test_pictures_in_cells_are_erased_with_the_screen(view):
    """They have no numbers by which they could be taken away."""
    assert Canvas(Terminal(view)).erase == "\x1b[2J"


def test_pictures_with_numbers_outlive_the_text():
    """To erase the screen would take those away that were sent for the next question."""
    assert Canvas(Terminal("kitty")).erase == ""


def test_sixel_stays_within_what_the_terminal_shows():
    """xterm cuts off what is larger than its limit; the room is smaller there."""
    canvas = Canvas(Terminal("sixel", (10, 20), max_px=(200, 1000)))

    picture = canvas.draw(PHOTO, 90, 30)

    assert canvas.room_px(90, 30) == (200, 600)
    assert '"1;1;200;133#' in picture.overlay


def test_sixel_ends_above_the_text_below():
    """Terminals that draw whole bands of six rows still do not reach the next line."""
    assert Canvas(Terminal("sixel", (10, 20))).room_px(30, 10) == (300, 198)


@pytest.mark.parametrize(
    ("terminal", "room", "real"),
    [
        (Terminal("kitty", (9, 18)), (270, 180), True),
        (Terminal("iterm2", (9, 18)), (270, 180), True),
        (Terminal("blocks", (9, 18)), (30, 20), False),
    ],
)
def test_the_room_of_a_picture_is_known_in_pixels(terminal, room, real):
    """Photos are decoded no larger than they can be shown."""
    canvas = Canvas(terminal)

    assert (canvas.room_px(30, 10), canvas.real) == (room, real)
