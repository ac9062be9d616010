"""Thumbnails and captions of photos."""

import io
from datetime import datetime
from pathlib import Path

import pytest
from PIL import Image

from photoaesth.domain import Exif, Photo
from photoaesth.library.thumbnails import load_thumbnail, store_thumbnail
from photoaesth.workflows.pictures import caption, photo_thumbnail


@pytest.fixture
def photo(tmp_path: Path, draw_photo) -> Photo:
    """A photo that has no thumbnail yet."""
    return Photo(1, draw_photo(tmp_path / "a.jpg", size=(1200, 800)), "ab" * 20, 1200, 800)


def test_thumbnail_is_made_once(photo: Photo) -> None:
    """The first call makes and keeps it, at 512 pixels; then the file is not needed any more."""
    jpeg = photo_thumbnail(photo)
    assert jpeg is not None
    assert Image.open(io.BytesIO(jpeg)).size == (512, 341)
    photo.path.unlink()
    assert photo_thumbnail(photo) == jpeg == load_thumbnail(photo.content_hash)


def test_cut_off_thumbnail_is_made_again(photo: Photo) -> None:
    """What a crash left half of in the cache is replaced."""
    whole = photo_thumbnail(photo)
    assert whole is not None
    store_thumbnail(photo.content_hash, whole[:-2])
    assert photo_thumbnail(photo) == whole


def test_no_thumbnail_of_what_is_gone(photo: Photo) -> None:
    """Without cache and file there is nothing to show, and nothing is raised."""
    photo.path.unlink()
    assert photo_thumbnail(photo) is None


def test_caption_says_what_is_known() -> None:
    """Time and camera, either alone, or nothing."""
    moment = datetime(2026, 1, 2, 3, 4, 59)  # noqa: DTZ001 - as cameras write it
    assert caption(Exif(moment, "Kamera X")) == "2026-01-02 03:04 · Kamera X"
    assert caption(Exif(moment)) == "2026-01-02 03:04"
    assert caption(Exif(camera="Kamera X")) == "Kamera X"
    assert caption(Exif()) == ""
