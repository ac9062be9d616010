import io
import math
import sys
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from photoaesth.errors import PhotoaesthError
from photoaesth.report.curve_picture import Curve, curve_picture

pytest.importorskip("matplotlib", reason="the picture needs the eval extra")

CURVES = [
    Curve("generic", True, (10, 50), (0.5, 0.5), (0.01, 0.01)),
    Curve("personal & co", True, (10, 50), (0.5, 0.55), (0.01, math.nan)),
    Curve("personal & co", False, (10, 50), (0.52, 0.56), (0.01, 0.01)),
]


def test_png() -> None:
    """A PNG of a size to look at, with the colours of two methods in it."""
    image = Image.open(io.BytesIO(curve_picture(CURVES, "png"))).convert("RGB")
    assert image.width > 800
    colours = {colour for _, colour in image.getcolors(1 << 20) or ()}
    assert {(0x1F, 0x77, 0xB4), (0xFF, 0x7F, 0x0E)} <= colours


def test_svg() -> None:
    """The same figures give the same well-formed file, which another curve changes."""
    first, second = curve_picture(CURVES, "svg"), curve_picture(CURVES, "svg")
    assert ET.fromstring(first).tag.endswith("svg")  # noqa: S314 - our own
    assert first == second
    assert curve_picture(CURVES[:2], "svg") != first


def test_without_matplotlib_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The way out stands in the message."""
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(PhotoaesthError, match=r"pip install 'photoaesth\[eval\]'"):
        curve_picture(CURVES, "png")
