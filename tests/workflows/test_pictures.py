"""Thumbnails and captions of photos."""

import io
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from PIL import Image

from photoaesth.domain import Exif, Photo
from photoaesth.library.thumbnails import load_thumbnail, store_thumbnail
from photoaesth.workflows.pictures import caption, photo_facts, photo_thumbnail


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


def test_facts_are_written_as_photographers_do() -> None:
    """Shutter times below a third of a second are fractions; what is not known is left out."""
    exif = Exif(
        taken_at=datetime(2026, 5, 1, 12, 30),  # noqa: DTZ001 - camera time
        focal_length_mm=5.40625,
        aperture_f=11.0,
        exposure_time_s=1 / 400,
        exposure_bias_ev=-1 / 3,
    )
    photo = Photo(1, Path("/photos/a.jpg"), "00", 6000, 4000, exif)
    assert photo_facts(photo) == [
        ("File", "/photos/a.jpg"),
        ("Size", "6000 × 4000, 24.0 MP"),
        ("Taken", "2026-05-01 12:30:00"),
        ("Exposure", "5.41 mm · f/11 · 1/400 s · -0.3 EV"),
    ]
    longer = dict(photo_facts(replace(photo, exif=Exif(exposure_time_s=2.5, iso=100))))
    assert longer["Exposure"] == "2.5 s · ISO 100"
