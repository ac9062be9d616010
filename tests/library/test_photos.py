"""Photos in the database."""

import os
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import fields
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from photoaesth.domain import Exif, Outcome, Source
from photoaesth.library import comparisons, excluded, locations, models, photos
from photoaesth.library.comparisons import NewComparison
from photoaesth.library.database import Library
from photoaesth.library.found import FoundFile, NewPhoto, content_hash
from photoaesth.library.photos import LibraryCounts

AddPhoto = Callable[..., int]
ROOT = Path("/photos")


def embed(library: Library, *ids: int, space: str = "space") -> None:
    with library.transaction():
        for photo in ids:
            models.store_embedding(library, photo, space, np.zeros(4, np.float16))


def compare(library: Library, left: int, right: int) -> None:
    profile = comparisons.profile_id(library, "me")
    answer = NewComparison(left, right, Outcome.LEFT)
    comparisons.add_comparisons(library, profile, [answer], source=Source.RANDOM)


def mark_missing(library: Library, *names: str) -> None:
    with library.transaction():
        for name in names:
            assert locations.mark_missing(library, os.fsencode(ROOT / name))


def attach_raw(library: Library, name: str, photo: int) -> None:
    with library.transaction():
        file = FoundFile(os.fsencode(ROOT / name), 1, 1, beside=b"the developed one")
        locations.attach_file(library, file, photo)


def paths_of(library: Library, photo: int) -> list[str]:
    rows = library.connection.execute("SELECT path FROM files WHERE photo_id = ?", (photo,))
    return sorted(str(Path(os.fsdecode(row[0])).relative_to(ROOT)) for row in rows)


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
        exposure_bias_ev=-0.5,
    )
    assert all(getattr(exif, field.name) is not None for field in fields(exif))
    with library.transaction():
        photo_id = photos.store_photo(
            library, NewPhoto(FoundFile(os.fsencode(path), 10, 20), "c0ffee", 3, 2, -(2**63), exif)
        )
    photo = photos.photo_by_path(library, path)
    assert photo == photos.photos_by_id(library, [photo_id])[photo_id]
    assert photo is not None
    assert (photo.path, photo.content_hash, photo.width, photo.height) == (path, "c0ffee", 3, 2)
    assert photo.exif == exif
    assert photos.photo_by_content(library, "c0ffee") == photo_id


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
    assert photos.photo_by_content(library, content_hash(b"after")) == photo
    assert photos.photo_by_content(library, content_hash(b"before")) is None
    assert models.embeddings_of(library, [photo], "space") == {}


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
    assert photos.photos_by_id(library, [photo])[photo].path == ROOT / "a.jpg"
    add_photo("b.jpg", "pixels")
    assert photos.photos_by_id(library, [photo])[photo].path == ROOT / "b.jpg"


def test_many_photos_are_read_by_id(library: Library, add_photo: AddPhoto) -> None:
    """More ids than SQLite takes parameters at once are no limit; unknown ones are left out."""
    ids = [add_photo(f"{number}.jpg") for number in range(600)]
    found = photos.photos_by_id(library, [*ids, 10**9])
    assert [found[photo].path.name for photo in ids] == [f"{number}.jpg" for number in range(600)]
    assert len(found) == 600


def test_a_raw_file_brings_its_photo(library: Library, add_photo: AddPhoto) -> None:
    """A developed file that is new beside a known RAW file is that photo from now on."""
    photo = add_photo("a.cr2", "raw")
    file = FoundFile(os.fsencode(ROOT / "a.jpg"), 1, 1)
    new = NewPhoto(file, content_hash(b"developed"), 3, 2, 0, Exif())
    with library.transaction():
        assert photos.store_photo(library, new, raw=os.fsencode(ROOT / "a.cr2")) == photo
    assert paths_of(library, photo) == ["a.cr2", "a.jpg"]


def test_a_developed_file_changed_beside_its_raw_keeps_the_photo(
    library: Library, add_photo: AddPhoto
) -> None:
    """A RAW file does not hold the developed one's old content."""
    photo = add_photo("a.jpg", "before")
    attach_raw(library, "a.cr2", photo)
    assert add_photo("a.jpg", "after") == photo


def test_the_developed_file_is_shown(library: Library, add_photo: AddPhoto) -> None:
    """Although the RAW file's name comes first; the RAW file when the other is gone."""
    photo = add_photo("a.jpg", "pixels")
    attach_raw(library, "a.cr2", photo)
    assert photos.photos_by_id(library, [photo])[photo].path == ROOT / "a.jpg"
    mark_missing(library, "a.jpg")
    assert photos.photos_by_id(library, [photo])[photo].path == ROOT / "a.cr2"


# --- counting


def test_counts_tell_present_missing_and_pending(library: Library, add_photo: AddPhoto) -> None:
    """Copies and RAW files count as files, vanished photos as missing, forgotten ones not."""
    assert photos.count(library, "space") == LibraryCounts(0, 0, 0, 0, 0, 0)
    locations.add_root(library, ROOT)
    first = add_photo("a.jpg")
    add_photo("copy.jpg", "a.jpg")
    attach_raw(library, "a.cr2", first)
    gone, pending = add_photo("gone.jpg"), add_photo("pending.jpg")
    embed(library, first, gone)
    embed(library, first, gone, pending, space="older")
    mark_missing(library, "gone.jpg", "copy.jpg")
    excluded.remember_unreadable(library, FoundFile(b"/photos/x.jpg", 1, 1), "damaged")
    assert photos.count(library, "space") == LibraryCounts(
        photos=2, offline=0, missing=1, files=3, unreadable=1, pending=1
    )
    embed(library, pending)
    assert photos.count(library, "space").pending == 0
    compare(library, gone, pending)
    locations.forget_root(library, ROOT)
    assert photos.count(library, "space") == LibraryCounts(0, 0, 0, 0, 0, 0)


def test_a_photo_that_vanished_before_it_was_embedded_is_not_pending(
    library: Library, add_photo: AddPhoto
) -> None:
    """Neither does a vanished photo's embedding make up for one that a present photo lacks."""
    locations.add_root(library, ROOT)
    gone, lacking = add_photo("gone.jpg"), add_photo("lacking.jpg")
    embed(library, gone)
    mark_missing(library, "gone.jpg")
    assert photos.count(library, "space").pending == 1
    embed(library, lacking)
    add_photo("late.jpg")
    mark_missing(library, "late.jpg")
    assert photos.count(library, "space").pending == 0


def test_photos_on_an_absent_drive_are_offline(library: Library, add_photo: AddPhoto) -> None:
    """They count as photos, not as missing; one with a copy that can be reached is not offline."""
    for name in ("here", "away"):
        locations.add_root(library, ROOT / name)
    for name in ("here/a.jpg", "away/b.jpg", "away/c.jpg", "away/gone.jpg"):
        add_photo(name)
    add_photo("here/copy of b.jpg", "away/b.jpg")
    add_photo("away/copy of c.jpg", "away/c.jpg")
    mark_missing(library, "away/gone.jpg")
    counts = photos.count(library, "space", [ROOT / "away"])
    assert (counts.photos, counts.offline, counts.missing, counts.files) == (3, 1, 1, 5)
    assert photos.count(library, "space", [ROOT / "away", ROOT / "here"]).offline == 3
    assert photos.count(library, "space").offline == 0


# --- photos to compare


def test_photos_to_compare_have_an_embedding_and_a_file(
    library: Library, add_photo: AddPhoto
) -> None:
    """All of a small library come, each with the group it is in."""
    assert photos.comparable_photos(library, at_most=9, rng=seeded(0)) == {}
    ready, grouped = add_photo("a.jpg"), add_photo("b.jpg")
    gone, pending = add_photo("gone.jpg"), add_photo("pending.jpg")
    embed(library, ready, grouped, gone)
    mark_missing(library, "gone.jpg")
    with library.transaction() as connection:
        connection.execute("INSERT INTO groups VALUES (7, 'burst')")
        connection.execute("UPDATE photos SET group_id = 7 WHERE id = ?", (grouped,))
    found = photos.comparable_photos(library, at_most=9, rng=seeded(0))
    assert found == {ready: None, grouped: 7}
    assert pending not in found


@pytest.mark.parametrize("kept", [200, 40, 6])
def test_a_sample_is_fair(library: Library, add_photo: AddPhoto, kept: int) -> None:
    """Of a large library every photo turns up as often, also when most of it is gone.

    Each of 300 samples holds a photo with p = 5 / kept: 300 p ± 5 standard deviations.
    """
    ids = [add_photo(f"{number}.jpg") for number in range(200)]
    embed(library, *ids)
    mark_missing(library, *(f"{number}.jpg" for number in range(200 - kept)))
    rng = seeded(1)
    drawn: Counter[int] = Counter()
    for _ in range(300):
        sample = photos.comparable_photos(library, at_most=5, rng=rng)
        assert len(sample) == 5
        drawn.update(sample.keys())
    share = 5 / kept
    spread = 5 * (300 * share * (1 - share)) ** 0.5
    assert drawn.keys() == set(ids[200 - kept :])
    assert all(abs(count - 300 * share) < spread for count in drawn.values())


def test_a_seed_decides_the_sample(library: Library, add_photo: AddPhoto) -> None:
    """The same photos come in the same order."""
    embed(library, *(add_photo(f"{number}.jpg") for number in range(100)))
    one, same, other = (
        list(photos.comparable_photos(library, at_most=9, rng=seeded(seed))) for seed in (1, 1, 2)
    )
    assert one == same != other


def seeded(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311  # chance, not cryptography
