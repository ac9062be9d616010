"""Before and after, without writing copies."""

import base64
import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photoaesth.errors import PhotoaesthError
from photoaesth.workflows.enhance import EnhanceOptions, Preview, preview
from photoaesth.workflows.enhance.sheet import Sheet


def test_each_photo_is_shown_before_and_after(studio, out: Path) -> None:
    """The edit is brighter, as the taste is; nothing is written, and broken photos are named."""
    (studio.root / "broken.jpg").write_bytes(b"")
    before = {path: path.read_bytes() for path in studio.root.rglob("*.*")}
    shown: list[Preview] = []
    report = preview(studio.library, "me", [studio.root], on_preview=shown.append)
    assert [one.photo for one in shown] == report.enhanced
    assert len(shown) == 3
    for one in shown:
        assert one.before.size == one.after.size == (48, 32)
        assert np.mean(np.asarray(one.after)) > np.mean(np.asarray(one.before))
        assert one.photo.output is None
    assert [item.reason for item in report.skipped] == ["the file is empty"]
    assert {path: path.read_bytes() for path in studio.root.rglob("*.*")} == before
    assert not out.exists()


def test_photos_that_gain_too_little_are_not_shown(studio) -> None:
    """As with copies, they are counted."""
    shown: list[Preview] = []
    options = EnhanceOptions(least_gain=100.0)
    report = preview(studio.library, "me", [studio.root], options, on_preview=shown.append)
    assert (shown, report.not_better, report.skipped) == ([], 3, [])


def test_the_sheet_has_both_pictures_of_each_photo(studio, tmp_path: Path) -> None:
    """Its pictures are those that were shown, the edit after the photo; it replaces nothing."""
    sheet, shown = Sheet(), []

    def add(one: Preview) -> None:
        shown.append(one)
        sheet.add(one, "exposure +0.30")

    preview(studio.library, "me", [studio.root], on_preview=add)
    target = tmp_path / "sheet.html"
    sheet.write(target, title="Mine")
    text = target.read_text("utf-8")
    pictures = re.findall(r'src="data:image/jpeg;base64,([^"]+)"', text)
    means = [np.mean(np.asarray(Image.open(io.BytesIO(base64.b64decode(p))))) for p in pictures]
    expected = [np.mean(np.asarray(image)) for one in shown for image in (one.before, one.after)]
    assert means == pytest.approx(expected, abs=1)
    with pytest.raises(PhotoaesthError, match="add --overwrite"):
        sheet.write(target, title="Other")
    assert target.read_text("utf-8") == text
