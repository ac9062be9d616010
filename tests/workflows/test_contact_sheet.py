"""Rankings as contact sheets."""

import base64
import io
import re
import shutil
from pathlib import Path

import pytest
from PIL import Image

from photoaesth.config import cache_folder
from photoaesth.errors import PhotoaesthError
from photoaesth.workflows import contact_sheet
from photoaesth.workflows.contact_sheet import write_contact_sheet
from photoaesth.workflows.query import Query
from photoaesth.workflows.rank import rank


def test_a_contact_sheet_shows_the_ranking(place, tmp_path: Path) -> None:
    """The page stands alone, in order, with pictures remade when the cache is lost."""
    lost, *_ = place.add("lost.jpg", "a.jpg", "b.jpg")
    place.index()
    shutil.rmtree(cache_folder())
    lost.unlink()
    photos = rank(place.library, "me", Query(count=9)).photos
    assert len(photos) == 3  # not noticed yet
    write_contact_sheet(place.library, "me", photos, tmp_path / "best.html", title="The best <3")
    page = (tmp_path / "best.html").read_text("utf-8")
    assert page.count("data:image/jpeg;base64,") == 2
    assert "lost.jpg" not in page
    assert "The best &lt;3" in page
    shown = [photo.path.name for photo in photos if photo.path != lost]
    assert page.index(shown[0]) < page.index(shown[1])


def test_a_contact_sheet_refuses_to_overwrite(place, tmp_path: Path) -> None:
    """An existing file is kept unless asked otherwise; a missing folder is one line."""
    place.add("a.jpg")
    place.index()
    target = tmp_path / "best.html"
    target.write_text("mine")
    with pytest.raises(PhotoaesthError, match=r"best\.html exists; .*--overwrite"):
        write_contact_sheet(place.library, "me", [], target, title="x")
    assert target.read_text() == "mine"
    write_contact_sheet(place.library, "me", [], target, title="x", overwrite=True)
    assert "<html" in target.read_text()
    with pytest.raises(PhotoaesthError, match="cannot write"):
        write_contact_sheet(place.library, "me", [], tmp_path / "no" / "best.html", title="x")


def test_few_photos_can_be_looked_at_closely(
    place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their pictures are read anew, large; of many, and of a lost photo, it is the thumbnail."""
    first, lost = place.add("a.jpg", "b.jpg", size=(2400, 1800))
    place.index()
    lost.unlink()
    photos = rank(place.library, "me", Query(count=9)).photos
    steps: list[tuple[int, int]] = []

    def sides() -> dict[str, int]:
        page = tmp_path / "best.html"
        write_contact_sheet(
            place.library,
            "me",
            photos,
            page,
            title="x",
            overwrite=True,
            on_progress=lambda *step: steps.append(step),
        )
        jpegs = re.findall(r'base64,([^"]+)"', page.read_text("utf-8"))
        pictures = [Image.open(io.BytesIO(base64.b64decode(jpeg))) for jpeg in jpegs]
        return {
            photo.path.name: max(picture.size)
            for photo, picture in zip(photos, pictures, strict=True)
        }

    assert sides() == {first.name: 1600, lost.name: 512}
    assert steps == [(1, 2), (2, 2)]
    monkeypatch.setattr(contact_sheet, "_FEW", 1)
    assert sides() == {first.name: 512, lost.name: 512}
