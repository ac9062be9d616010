import re

import numpy as np
import pytest
from PIL import Image, ImageFilter

from photoaesth.graphics.sixel import sixel

TOKEN = re.compile(r"#(\d+);2;(\d+);(\d+);(\d+)|#(\d+)|!(\d+)([?-~])|([?-~])|([$-])")


def decoded(overlay: str) -> np.ndarray:
    """Return the pixels that a terminal would show, (H, W, 3) in percent; -1 where none was set.

    Written from the VT330/VT340 manual, chapter 14, and strict: nothing may be set twice or lie
    outside the picture.
    """
    head = re.match(r'\x1bP0;1;0q"1;1;(\d+);(\d+)', overlay)
    width, height = int(head[1]), int(head[2])
    body = overlay[head.end() : -2]
    assert overlay.endswith("\x1b\\")
    pixels = np.full((-(-height // 6) * 6, width, 3), -1)
    colors, color, x, y, end = {}, None, 0, 0, 0
    for match in TOKEN.finditer(body):
        assert match.start() == end, body[end : match.start()]
        end = match.end()
        define, red, green, blue, select, count, repeated, single, move = match.groups()
        if define:
            colors[int(define)] = int(red), int(green), int(blue)
        elif select:
            color = colors[int(select)]
        elif move:
            x, y = 0, y + 6 * (move == "-")
        else:
            bits = ord(repeated or single) - ord("?")
            for _ in range(int(count or 1)):
                for row in range(6):
                    if bits >> row & 1:
                        assert pixels[y + row, x, 0] == -1
                        pixels[y + row, x] = color
                x += 1
            assert x <= width
    assert end == len(body)
    assert (pixels[height:] == -1).all()
    return pixels[:height]


def percent(image: Image.Image) -> np.ndarray:
    return np.asarray(image, float) * 100 / 255


def test_a_2x2_picture_as_sixels():
    """Red over blue on the left, all green on the right: one band, three passes."""
    image = Image.new("RGB", (2, 2), (0, 255, 0))
    image.putpixel((0, 0), (255, 0, 0))
    image.putpixel((0, 1), (0, 0, 255))

    picture = sixel(image, (2, 2))

    head = '\x1bP0;1;0q"1;1;2;2'
    registers, body = re.fullmatch(
        re.escape(head) + r"((?:#\d;2;\d+;\d+;\d+){3})(.*)\x1b\\", picture.overlay
    ).groups()
    number = {color: register for register, color in re.findall(r"#(\d);2;([\d;]+)", registers)}
    red, green, blue = number["100;0;0"], number["0;100;0"], number["0;0;100"]
    passes = {f"#{red}@", f"#{green}?B", f"#{blue}A"}
    assert set(body.split("$")) == passes
    assert (picture.columns, picture.lines) == (1, (" ",))


def test_runs_are_shortened():
    """Four or more equal columns are a count and one character; so is the way to the first one."""
    image = Image.new("RGB", (40, 6), "black")
    image.paste("white", (30, 0, 40, 6))

    overlay = sixel(image, (10, 20)).overlay

    passes = re.search(r"#\d([^;]*)\$#\d([^;]*)\x1b", overlay).groups()
    assert set(passes) == {"!30~", "!30?!10~"}


@pytest.mark.parametrize("size", [(1, 1), (5, 6), (3, 7), (64, 96), (100, 97), (333, 200)])
def test_few_colours_are_shown_as_they_are(size):
    """Every pixel of a decoded picture has its colour, to the percent that sixel knows."""
    rng = np.random.default_rng(1)
    colors = rng.integers(0, 256, (6, 3), np.uint8)
    coarse = Image.fromarray(colors[rng.integers(0, 6, (4, 4))])
    image = coarse.resize(size, Image.Resampling.NEAREST)

    shown = decoded(sixel(image, (10, 20)).overlay)

    assert np.abs(shown - percent(image)).max() <= 0.6


@pytest.mark.parametrize(("colors", "error"), [(256, 0.5), (16, 3.0)])
def test_a_photo_keeps_its_colours_on_average(colors, error):
    """Errors are diffused: seen from afar, the picture is right with few colours, too."""
    smooth = Image.merge("RGB", [Image.linear_gradient("L").rotate(turn) for turn in (0, 90, 180)])
    image = smooth.resize((320, 200), Image.Resampling.BICUBIC)

    overlay = sixel(image, (10, 20), colors).overlay

    shown = decoded(overlay)
    assert shown.min() >= 0
    assert len(np.unique(shown.reshape(-1, 3), axis=0)) <= colors
    assert max(map(int, re.findall(r"#(\d+)", overlay))) < colors
    seen = Image.fromarray((shown * 2.55).round().astype(np.uint8))
    blur = ImageFilter.GaussianBlur(4)
    difference = percent(seen.filter(blur)) - percent(image.filter(blur))
    assert np.sqrt((difference**2).mean()) < error


def test_many_bands_follow_each_other():
    """Bands are encoded some at a time; where one lot ends, no row is lost or doubled."""
    rows = np.arange(6 * 40, dtype=np.uint8)[:, None, None]
    image = Image.fromarray(np.broadcast_to(rows // 6 * 6, (240, 70, 3)).copy())

    shown = decoded(sixel(image, (10, 20)).overlay)

    assert np.abs(shown - percent(image)).max() <= 0.6


def test_greys_stay_smooth():
    """A black-and-white photo gets a palette of greys: no grain where tones run into each other."""
    image = Image.linear_gradient("L").resize((64, 512), Image.Resampling.BICUBIC).convert("RGB")

    shown = decoded(sixel(image, (10, 20)).overlay)

    assert np.abs(shown - percent(image)).mean() < 1
