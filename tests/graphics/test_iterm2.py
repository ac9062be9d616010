import base64
import io
import re

import numpy as np
from PIL import Image, ImageChops

from photoaesth.graphics import iterm2

SEQUENCE = re.compile(r"\x1b\]1337;File=(?P<arguments>[^:]*):(?P<data>[A-Za-z0-9+/=]*)\x07")


def test_the_sequence_is_that_of_the_documentation():
    """Inline, its size in bytes, and the rectangle of cells in which it keeps its aspect."""
    image = Image.linear_gradient("L").resize((90, 60)).convert("RGB")

    picture = iterm2.inline(image, columns=9, rows=3)

    match = SEQUENCE.fullmatch(picture.overlay)
    data = base64.b64decode(match["data"], validate=True)
    assert match["arguments"] == (
        f"inline=1;size={len(data)};width=9;height=3;preserveAspectRatio=1"
    )
    assert (picture.columns, picture.lines) == (9, (" " * 9,) * 3)
    read = Image.open(io.BytesIO(data))
    assert (read.format, read.size) == ("JPEG", (90, 60))
    assert max(high for _, high in ImageChops.difference(read, image).getextrema()) <= 3


def test_a_picture_too_large_for_one_sequence_is_compressed_more():
    """iTerm2 drops sequences above 1,048,576 bytes, so quality gives way, not the picture."""
    rng = np.random.default_rng(0)
    coarse = Image.fromarray(rng.integers(0, 256, (500, 750, 3), np.uint8))

    picture = iterm2.inline(coarse.resize((1500, 1000)), columns=150, rows=50)

    assert len(picture.overlay) < 1_048_576
    data = base64.b64decode(SEQUENCE.fullmatch(picture.overlay)["data"])
    assert Image.open(io.BytesIO(data)).size == (1500, 1000)
    assert len(data) > 300_000  # and no more than needed
