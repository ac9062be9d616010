"""`xmp write --embed`, in the library and in the files, by the real exiftool."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from photoaesth.library.database import open_library
from photoaesth.library.locations import is_current
from photoaesth.sidecars import embedded_marks, embedded_packet

pytestmark = pytest.mark.skipif(
    shutil.which("exiftool") is None, reason="exiftool is not installed (libimage-exiftool-perl)"
)


def test_a_changed_photo_has_a_new_time(desk: Any, place: Any) -> None:
    """Backups see by time that a photo changed, both ways; `index` reads none of them anew."""
    photos = sorted(desk.root.glob("*.jpg"))
    for photo in photos:
        os.utime(photo, ns=(10**18, 10**18))
    place.index()
    place.decoded.clear()
    for change in (lambda: desk.write(label="Red", embed=True), desk.undo):
        times = [photo.stat().st_mtime_ns for photo in photos]
        change()
        assert all(p.stat().st_mtime_ns > t for p, t in zip(photos, times, strict=True))
        with open_library(desk.library) as library:
            assert all(is_current(library, photo) for photo in photos)
        report = place.index()
        assert (report.indexed, report.unchanged) == (0, len(photos))
    assert place.decoded == []


def test_times_that_cannot_be_set_fail_no_write(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system sets no times, the photos are written, reported, and can be undone."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "utime", refuse)
    _, report = desk.write(label="Red", embed=True)
    assert (len(report.written), report.skipped) == (6, [])
    assert len(desk.undo().restored) == 6


def test_a_read_only_photo_is_left_alone(desk: Any) -> None:
    """What nobody may write into, root does not either; an undo can be tried again."""
    photo = desk.root / "IMG_1.jpg"
    before = photo.read_bytes()
    photo.chmod(0o444)
    _, report = desk.write(label="Red", embed=True)
    assert len(report.written) == 5
    assert [(s.path, s.reason) for s in report.skipped] == [
        (photo, "it is read-only; make it writable, or write sidecars")
    ]
    assert photo.read_bytes() == before

    written = desk.root / "IMG_2.jpg"
    written.chmod(0o444)
    undone = desk.undo()
    assert (len(undone.restored), undone.complete) == (4, False)
    written.chmod(0o644)
    assert desk.undo().restored == [written]
    assert all(embedded_packet(path) == b"" for path in desk.root.glob("*.jpg"))


def test_one_of_two_identical_files_is_left_alone(desk: Any, place: Any) -> None:
    """Neither of the two is written, so that they stay one photo with its choices."""
    photo = desk.root / "IMG_1.jpg"
    copy = Path(shutil.copy(photo, desk.root / "copy.jpg"))
    place.index()
    place.choose(photo, desk.root / "IMG_2.jpg")
    known = place.photo(photo)
    _, report = desk.write(label="Red", embed=True)
    assert {s.path: s.reason for s in report.skipped} == {
        one: f"it has an identical copy, {other}; keep one, or write sidecars"
        for one, other in [(photo, copy), (copy, photo)]
    }
    assert embedded_packet(photo) == embedded_packet(copy) == b""

    moved = copy.rename(desk.root / "moved.jpg")
    place.index()
    assert place.photo(moved) == place.photo(photo) == known

    moved.unlink()
    place.index()
    _, report = desk.write(label="Red", embed=True)
    assert report.written == [photo]
    assert embedded_marks(photo).label == "Red"
    assert place.index().indexed == 0
    assert place.photo(photo) == known
