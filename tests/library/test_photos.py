"""Photos, their files and roots in the database."""

import os
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from photoaesth.domain import Exif, Outcome
from photoaesth.library import comparisons, excluded, models, photos
from photoaesth.library.comparisons import NewComparison
from photoaesth.library.database import Library, check_integrity
from photoaesth.library.photos import KnownFile, NewPhoto
from photoaesth.library.scan import FoundFile

AddPhoto = Callable[..., int]
ROOT = Path("/photos")


def embed(library: Library, *ids: int) -> None:
    with library.transaction():
        for photo in ids:
            models.store_embedding(library, photo, "space", np.zeros(4, np.float16))


def compare(library: Library, left: int, right: int) -> None:
    profile = comparisons.profile_id(library, "me")
    answer = NewComparison(left, right, Outcome.LEFT)
    comparisons.add_comparisons(library, profile, [answer], source="compare")


def mark_missing(library: Library, *names: str) -> None:
    with library.transaction():
        photos.mark_missing(library, [ROOT / name for name in names])


def paths_of(library: Library, photo: int) -> list[str]:
    known = photos.known_files(library, [ROOT])
    return sorted(
        str(path.relative_to(ROOT)) for path, file in known.items() if file.photo_id == photo
    )


def test_everything_about_a_photo_comes_back(library: Library) -> None:
    """A stored photo is read back as it was, every EXIF field and a name of any bytes included."""
    path = Path(os.fsdecode(b"/photos/caf\xe9\n.jpg"))
    exif = Exif(
        taken_at=datetime(2024, 2, 29, 23, 59, 59, 120_000),  # noqa: DTZ001 - as cameras write it
        camera="Kamera X",
        lens="35 mm",
        focal_length_mm=35.0,
        aperture_f=1.8,
        exposure_time_s=0.004,
        iso=200,
        latitude=-1.5,
        longitude=9.25,
    )
    assert all(getattr(exif, field.name) is not None for field in fields(exif))
    with library.transaction():
        photo_id = photos.store_photo(
            library, NewPhoto(FoundFile(path, 10, 20), "c0ffee", 3, 2, exif)
        )
    photo = photos.photo_by_path(library, path)
    assert photo == photos.photos_by_id(library, [photo_id])[photo_id]
    assert photo is not None
    assert (photo.path, photo.content_hash, photo.width, photo.height) == (path, "c0ffee", 3, 2)
    assert photo.exif == exif
    assert photos.known_files(library, [ROOT]) == {path: KnownFile(photo_id, 10, 20, missing=False)}


def test_equal_content_is_one_photo_with_two_files(library: Library, add_photo: AddPhoto) -> None:
    """A second file of known content is attached to the photo that has it."""
    photo = add_photo("a.jpg", "pixels")
    assert add_photo("copy/a.jpg", "pixels") == photo
    assert paths_of(library, photo) == ["a.jpg", "copy/a.jpg"]


def test_content_changed_in_place_keeps_the_photo(library: Library, add_photo: AddPhoto) -> None:
    """New content at a photo's only path updates it; what was derived from the old is dropped."""
    photo = add_photo("a.jpg", "before")
    embed(library, photo)
    assert add_photo("a.jpg", "after") == photo
    assert photos.content_hashes(library) == {photos.content_hash(b"after"): photo}
    assert models.embedded_photos(library, "space") == set()


def test_old_content_elsewhere_keeps_the_photo(library: Library, add_photo: AddPhoto) -> None:
    """New content at one of two paths is a new photo; the other path still holds the old one."""
    photo = add_photo("a.jpg", "before")
    add_photo("b.jpg", "before")
    assert add_photo("a.jpg", "after") != photo
    assert paths_of(library, photo) == ["b.jpg"]


def test_missing_copy_does_not_hold_the_old_content(library: Library, add_photo: AddPhoto) -> None:
    """Changed in place beside a copy that is gone, the photo stays, and the copy is forgotten.

    Should the copy come back, it is read anew, because its content is another by now.
    """
    photo = add_photo("a.jpg", "before")
    add_photo("b.jpg", "before")
    mark_missing(library, "b.jpg")
    assert add_photo("a.jpg", "after") == photo
    assert paths_of(library, photo) == ["a.jpg"]


def test_missing_file_keeps_its_photo(library: Library, add_photo: AddPhoto) -> None:
    """A vanished file is marked, and shown only when the photo has no other."""
    photo = add_photo("a.jpg", "pixels")
    mark_missing(library, "a.jpg")
    assert photos.known_files(library, [ROOT])[ROOT / "a.jpg"].missing
    assert photos.photos_by_id(library, [photo])[photo].path == ROOT / "a.jpg"
    add_photo("b.jpg", "pixels")
    assert photos.photos_by_id(library, [photo])[photo].path == ROOT / "b.jpg"


def test_known_files_are_those_below_the_folder(library: Library, add_photo: AddPhoto) -> None:
    """A folder's neighbours whose names begin alike are not taken for its contents."""
    for name in ("a/1.jpg", "a/b/2.jpg", "ab/3.jpg", "a.jpg", "a!/4.jpg", "a0/5.jpg"):
        add_photo(name)
    assert set(photos.known_files(library, [ROOT / "a"])) == {ROOT / "a/1.jpg", ROOT / "a/b/2.jpg"}
    assert len(photos.known_files(library, [Path("/")])) == 6


def test_many_photos_are_read_by_id(library: Library, add_photo: AddPhoto) -> None:
    """More ids than SQLite takes parameters at once are no limit; unknown ones are left out."""
    ids = [add_photo(f"{number}.jpg") for number in range(600)]
    found = photos.photos_by_id(library, [*ids, 10**9])
    assert [found[photo].path.name for photo in ids] == [f"{number}.jpg" for number in range(600)]
    assert len(found) == 600


def test_current_file_is_told_from_a_changed_one(library: Library, tmp_path: Path) -> None:
    """A file is current as long as size and time are those it was indexed with."""
    path = tmp_path / "a.jpg"
    path.write_bytes(b"12345")
    status = path.stat()
    with library.transaction():
        file = FoundFile(path, 5, status.st_mtime_ns)
        photos.store_photo(library, NewPhoto(file, "hash", 1, 1, Exif()))
    assert photos.is_current(library, path)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 10**9))
    assert not photos.is_current(library, path)
    path.unlink()
    assert not photos.is_current(library, path)


def test_forgotten_root_leaves_what_choices_are_about(
    library: Library, add_photo: AddPhoto
) -> None:
    """Photos without a choice go; compared ones stay, with one name, also after undo."""
    photos.add_root(library, ROOT)
    left, right = add_photo("a.jpg"), add_photo("b.jpg")
    add_photo("copies/a.jpg", "a.jpg")
    add_photo("c.jpg")
    embed(library, left, right)
    compare(library, left, right)
    comparisons.retract(library, [1])
    assert photos.forget_root(library, ROOT) == 4
    assert photos.roots(library) == []
    kept = photos.photos_by_id(library, [1, 2, 3, 4])
    assert set(kept) == {left, right}
    assert kept[right].path == ROOT / "b.jpg"
    assert all(file.missing for file in photos.known_files(library, [ROOT]).values())
    assert len(photos.known_files(library, [ROOT])) == 2
    assert check_integrity(library) == []


def test_forgetting_a_root_spares_the_one_inside(library: Library, add_photo: AddPhoto) -> None:
    """Files that another root still covers stay as they are."""
    photos.add_root(library, ROOT)
    photos.add_root(library, ROOT / "inner")
    add_photo("outer.jpg")
    inner = add_photo("inner/a.jpg")
    assert photos.forget_root(library, ROOT) == 1
    known = photos.known_files(library, [ROOT])
    assert known == {ROOT / "inner/a.jpg": KnownFile(inner, 11, 1, missing=False)}


def test_counts_tell_present_missing_and_pending(library: Library, add_photo: AddPhoto) -> None:
    """Copies count as files, vanished photos as missing, forgotten ones not at all."""
    photos.add_root(library, ROOT)
    first = add_photo("a.jpg")
    add_photo("copy.jpg", "a.jpg")
    gone, pending = add_photo("gone.jpg"), add_photo("pending.jpg")
    embed(library, first, gone)
    mark_missing(library, "gone.jpg")
    excluded.remember_unreadable(library, FoundFile(ROOT / "x.jpg", 1, 1), "the file is damaged")
    counts = photos.count(library, "space")
    assert counts == photos.LibraryCounts(photos=2, missing=1, files=3, unreadable=1, pending=1)
    compare(library, gone, pending)
    photos.forget_root(library, ROOT)
    assert photos.count(library, "space") == photos.LibraryCounts(0, 0, 0, 0, 0)


def test_unreadable_files_are_remembered_by_version(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What one version cannot decode, another tries again."""
    file = FoundFile(ROOT / "a.jpg", 10, 20)
    excluded.remember_unreadable(library, file, "the file is cut off")
    assert excluded.unreadable_files(library) == {file.path: (10, 20, "the file is cut off")}
    monkeypatch.setattr(excluded, "__version__", "999")
    assert excluded.unreadable_files(library) == {}


def test_readable_file_is_no_longer_unreadable(library: Library, add_photo: AddPhoto) -> None:
    """A file that was repaired, or is gone, is dropped from the unreadable ones."""
    for name in ("a.jpg", "b.jpg"):
        excluded.remember_unreadable(library, FoundFile(ROOT / name, 1, 1), "damaged")
    add_photo("a.jpg")
    excluded.forget_unreadable(library, [ROOT / "b.jpg"])
    assert excluded.unreadable_files(library) == {}


def test_every_output_is_remembered(library: Library) -> None:
    """A copy that was replaced by another is known still: it may have been moved before."""
    for content in ("first", "second", "second"):
        excluded.remember_output(library, ROOT / "a-enhanced.jpg", content)
    assert excluded.output_hashes(library) == {"first", "second"}
    assert excluded.output_paths(library) == {ROOT / "a-enhanced.jpg"}


def test_present_photos_can_be_compared(library: Library, add_photo: AddPhoto) -> None:
    """Photos to compare have an embedding and a file; they come with camera and time."""
    moment = datetime(2026, 1, 2, 3, 4, 5)  # noqa: DTZ001 - as cameras write it
    ready = add_photo("a.jpg", taken_at=moment, camera="Kamera X")
    gone, pending = add_photo("gone.jpg"), add_photo("pending.jpg")
    embed(library, ready, gone)
    mark_missing(library, "gone.jpg")
    assert pending
    assert photos.present_photos(library) == [(ready, "Kamera X", moment)]


def test_roots_are_kept_once(library: Library) -> None:
    """Adding a root again changes nothing; they are listed by name."""
    for root in (ROOT / "b", ROOT / "a", ROOT / "b"):
        photos.add_root(library, root)
    assert photos.roots(library) == [ROOT / "a", ROOT / "b"]


def test_returned_file_is_present_again(library: Library, add_photo: AddPhoto) -> None:
    """Attaching a file that was missing takes the mark away."""
    photo = add_photo("a.jpg")
    mark_missing(library, "a.jpg")
    known = photos.known_files(library, [ROOT])[ROOT / "a.jpg"]
    with library.transaction():
        photos.attach_file(library, FoundFile(ROOT / "a.jpg", known.size, known.mtime_ns), photo)
    expected = replace(known, missing=False)
    assert photos.known_files(library, [ROOT]) == {ROOT / "a.jpg": expected}
