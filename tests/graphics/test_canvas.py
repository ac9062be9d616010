import re

import pytest
from PIL import Image

from photoaesth.graphics.canvas import Canvas
from photoaesth.graphics.picture import Terminal

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

    assert (picture.columns, picture.lines, picture.overlay, canvas.clear()) == (0, (), "", "")


def test_a_picture_of_the_right_size_is_shown_pixel_by_pixel():
    """At 100 % no resampling blurs what the photographer looks for."""
    noise = Image.effect_noise((300, 300), 50).convert("RGB")

    overlay = Canvas(Terminal("kitty", (10, 20))).draw(noise, 30, 15).overlay

    assert overlay == Canvas(Terminal("kitty", (10, 20))).draw(noise.copy(), 30, 15).overlay
    assert png_of(overlay).tobytes() == noise.tobytes()


def png_of(overlay: str) -> Image.Image:
    import base64
    import io

    payload = "".join(re.findall(r"\x1b_G[^;]*;([^\x1b]*)\x1b", overlay))
    return Image.open(io.BytesIO(base64.b64decode(payload)))


def test_pictures_are_shown_side_by_side_and_replaced_in_place():
    """Each slot has a number of its own, and the same one the next time."""
    canvas = Canvas(Terminal("kitty"))

    numbers = [image_ids(canvas.draw(PHOTO, 9, 9, slot).overlay) for slot in (0, 1, 0)]

    assert numbers[0] != numbers[1]
    assert numbers[0] == numbers[2]


def image_ids(text: str) -> list[int]:
    return [int(number) for number in re.findall(r",i=(\d+)", text)]


@pytest.mark.parametrize("in_tmux", [False, True])
def test_clearing_deletes_what_was_drawn(in_tmux):
    """Nothing of kitty's pictures stays behind, on the screen or in memory."""
    canvas = Canvas(Terminal("kitty", in_tmux=in_tmux))
    assert canvas.clear() == ""
    drawn = [image_ids(canvas.draw(PHOTO, 9, 9, slot).overlay)[0] for slot in (0, 1)]

    cleared = canvas.clear()

    assert image_ids(cleared) == drawn
    assert cleared.count("a=d,d=I") == 2
    assert ("\x1bPtmux;" in cleared) == in_tmux


@pytest.mark.parametrize("view", ["sixel", "iterm2"])
def test_pictures_in_cells_are_cleared_with_the_screen(view):
    """They have no numbers by which they could be taken away."""
    assert Canvas(Terminal(view)).clear() == "\x1b[2J"


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
