import re

import pytest
from PIL import Image

from photoaesth.graphics.halfblocks import halfblocks

SGR = re.compile(r"\x1b\[[0-9;]*m")


def visible(line: str) -> str:
    return SGR.sub("", line)


def test_a_2x2_picture_becomes_two_cells():
    """The upper pixel is the foreground, the lower one the background, codes only on change."""
    image = Image.new("RGB", (2, 2))
    image.putdata([(255, 0, 0), (255, 0, 0), (0, 0, 255), (0, 255, 0)])

    picture = halfblocks(image, columns=2, rows=1)

    assert picture.columns == 2
    assert picture.lines == (
        "\x1b[38;2;255;0;0;48;2;0;0;255m▀\x1b[48;2;0;255;0m▀\x1b[0m",  # red stays in force
    )


def test_a_solid_picture_has_one_colour_code_per_line():
    """Nothing is said twice: each line sets its two colours once and resets them."""
    picture = halfblocks(Image.new("RGB", (30, 20), (1, 2, 3)), columns=15, rows=10)

    expected = "\x1b[38;2;1;2;3;48;2;1;2;3m" + "▀" * 15 + "\x1b[0m"
    assert picture.lines == (expected,) * 5


@pytest.mark.parametrize(
    ("size", "columns", "rows"),
    [
        ((300, 200), 30, 10),  # as wide as the room: 30 x 20 pixels
        ((200, 300), 20, 15),  # as high as the room: 20 x 30 pixels
        ((300, 300), 30, 15),
        ((3000, 10), 30, 1),  # never thinner than a pixel
        ((10, 3000), 1, 15),
        ((1, 1), 30, 15),  # enlarged as well
    ],
)
def test_the_picture_fills_the_room_with_its_aspect_kept(size, columns, rows):
    """A cell counts as one pixel wide and two high, so the longer side decides."""
    picture = halfblocks(Image.new("RGB", size, "white"), columns=30, rows=15)

    assert picture.columns == columns
    assert len(picture.lines) == rows
    assert all(visible(line) == "▀" * columns for line in picture.lines)


def test_every_line_ends_in_a_reset():
    """What stands to the right of the picture keeps the terminal's colours."""
    picture = halfblocks(Image.radial_gradient("L"), columns=20, rows=20)

    assert len(picture.lines) == 10
    assert all(line.endswith("\x1b[0m") for line in picture.lines)


def test_below_an_odd_last_row_the_terminal_shows_through():
    """Three pixels of height take two lines, the last without a background colour."""
    picture = halfblocks(Image.new("RGB", (4, 3), (9, 9, 9)), columns=4, rows=2)

    assert picture.lines[1] == "\x1b[38;2;9;9;9m▀▀▀▀\x1b[0m"


def test_without_colour_lightness_becomes_characters():
    """NO_COLOR gets ASCII from dark to light and not one escape code."""
    image = Image.linear_gradient("L").rotate(90)  # black on the left, white on the right

    picture = halfblocks(image, columns=20, rows=10, color=False)

    assert picture.lines == ("  ..::--==++**##%%@@",) * 10


@pytest.mark.parametrize("color", [True, False])
@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_any_mode_of_picture_is_drawn(mode, color):
    """Thumbnails are RGB, but no other mode breaks the screen."""
    picture = halfblocks(Image.new(mode, (8, 8)), columns=8, rows=4, color=color)

    assert [len(visible(line)) for line in picture.lines] == [8] * 4
