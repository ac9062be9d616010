"""Indexing: what is stored, what a second run does, and what it refuses."""

import os
import shutil
from dataclasses import replace
from datetime import datetime
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from photoaesth.errors import LibraryError, PhotoaesthError
from photoaesth.learning.crowd import load_crowd_model
from photoaesth.library import locations, models, photos
from photoaesth.library.database import open_library
from photoaesth.library.found import content_hash
from photoaesth.library.thumbnails import load_thumbnail, thumbnail_file
from photoaesth.workflows import index as index_workflow
from photoaesth.workflows.index import IndexOptions, forget, index

ORIENTATION, MAKE, MODEL, DATE = 0x0112, 0x010F, 0x0110, 0x0132


def rotated_exif() -> bytes:
    exif = Image.Exif()
    exif.update({ORIENTATION: 6, MAKE: "Kamera", MODEL: "X1", DATE: "2024:05:06 07:08:09"})
    return exif.tobytes()


def test_first_run_stores_everything(place) -> None:
    """Photos come with size, content hash, embedding and thumbnail; the report counts them."""
    place.add("a.jpg", "sub/b.png")
    (place.root / "notes.txt").touch()
    seen: list[tuple[int, int]] = []
    report = place.index(on_progress=lambda done, total: seen.append((done, total)))
    assert (report.indexed, report.ignored, report.skipped) == (2, 1, [])
    assert report.photos_per_s == pytest.approx(2 / report.seconds)
    assert seen == [(1, 2), (2, 2)]
    space = load_crowd_model().embedding_name
    with open_library(place.library) as library:
        assert list(locations.roots(library)) == [place.root]
        photo = photos.photo_by_path(library, place.root / "sub" / "b.png")
        assert photo is not None
        assert (photo.width, photo.height) == (96, 64)
        assert photo.content_hash == content_hash(photo.path.read_bytes())
        (vector,) = models.embeddings_of(library, [photo.id], space).values()
    assert vector.shape == (256,)
    assert load_thumbnail(photo.content_hash) is not None


def test_second_run_decodes_nothing(place) -> None:
    """Files that are as they were are neither decoded nor embedded again."""
    place.add("a.jpg", "b.jpg", "c.jpg")
    place.index()
    place.decoded.clear()
    report = place.index()
    assert (report.unchanged, report.indexed, place.decoded) == (3, 0, [])


def test_second_run_touches_only_what_changed(place) -> None:
    """Of several photos, the changed and the new one are decoded, and no other."""
    a, b, c = place.add("a.jpg", "b.jpg", "c.jpg")
    place.index()
    place.decoded.clear()
    place.draw(b, seed=77)
    (d,) = place.add("d.jpg")
    report = place.index()
    assert (report.unchanged, report.indexed) == (2, 2)
    assert sorted(place.decoded) == sorted([b.read_bytes(), d.read_bytes()])
    assert a.exists()
    assert c.exists()


def test_touched_file_is_unchanged(place) -> None:
    """A new time with the old content is noted, so that the next run need not read the file."""
    (a,) = place.add("a.jpg")
    place.index()
    place.decoded.clear()
    os.utime(a, (1, 1))
    report = place.index()
    assert (report.unchanged, report.indexed, report.copies, place.decoded) == (1, 0, 0, [])
    with open_library(place.library) as library:
        assert locations.is_current(library, a)


def test_no_folder_means_those_of_before(place) -> None:
    """Without folders, everything indexed before is brought up to date."""
    place.add("a.jpg")
    place.index()
    place.add("b.jpg")
    assert index(place.library, [], IndexOptions(device="cpu")).indexed == 1
    with pytest.raises(LibraryError, match="there is no library"):
        index(place.library.with_name("other.db"), [])
    with open_library(place.library.with_name("empty.db"), create=True) as library:
        empty = library.path
    with pytest.raises(PhotoaesthError, match="no folder is indexed yet; name one"):
        index(empty, [])


def test_exif_is_stored_and_portraits_stand_upright(place) -> None:
    """A photo stored on its side has its upright size, thumbnail and EXIF."""
    path = place.draw(place.root / "a.jpg", size=(90, 60), exif=rotated_exif())
    place.index()
    with open_library(place.library) as library:
        photo = photos.photo_by_path(library, path)
    assert photo is not None
    assert (photo.width, photo.height) == (60, 90)
    assert photo.exif.camera == "Kamera X1"
    assert photo.exif.taken_at == datetime(2024, 5, 6, 7, 8, 9)  # noqa: DTZ001 - camera time
    with Image.open(thumbnail_file(photo.content_hash)) as thumbnail:
        assert thumbnail.size == (60, 90)


def test_real_backbone_is_used(album) -> None:
    """Embeddings of the album are finite, differ between scenes and agree within a burst."""
    space = load_crowd_model().embedding_name
    with open_library(album.library) as library:
        present = [photos.photo_by_path(library, path).id for path in album.traits]
        vectors = models.embeddings_of(library, present, space)
        records = photos.photos_by_id(library, list(vectors))
    assert len(vectors) == len(album.traits)
    table = np.stack([vectors[photo] for photo in records]).astype(np.float32)
    assert np.isfinite(table).all()
    distance = np.linalg.norm(table[:, None] - table[None], axis=2)
    typical = np.median(distance[distance > 0])
    in_order = sorted(
        (record.exif.camera, record.exif.taken_at, number)
        for number, record in enumerate(records.values())
    )
    burst = [
        distance[first, second]
        for (camera, time, first), (next_camera, next_time, second) in pairwise(in_order)
        if camera == next_camera and (next_time - time).total_seconds() < 2
    ]
    assert len(burst) == 4  # two bursts of three frames
    assert max(burst) < typical / 2


def test_new_backbone_means_reading_again(place, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the embedding space changes, every photo is read again and keeps its id."""
    (a,) = place.add("a.jpg")
    place.index()
    number = place.photo(a)
    newer = replace(load_crowd_model(), embedding_name="another-space")
    monkeypatch.setattr(index_workflow, "load_crowd_model", lambda: newer)
    assert place.index().indexed == 1
    assert place.photo(a) == number
    with open_library(place.library) as library:
        assert list(models.embeddings_of(library, [number], "another-space")) == [number]


def test_backbone_is_loaded_only_for_new_photos(place, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that finds nothing new, or only moved files, does not wait for the backbone."""
    (a,) = place.add("a.jpg")
    place.index()
    a.rename(place.root / "b.jpg")
    monkeypatch.setattr("photoaesth.learning.embedder.Embedder", None)
    assert place.index().moved == 1
    assert place.index().unchanged == 1


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda folder: None, "there is no folder .*; check the name"),
        (lambda folder: folder.mkdir(), "there are no photos in"),
        (lambda folder: folder.touch(), "is a file; index the folder it is in"),
        (
            lambda folder: (folder.mkdir(), (folder / "clip.mov").touch()),
            r"there are no photos in .* \(1 other files\)",
        ),
    ],
    ids=["missing", "empty", "file", "no photos"],
)
def test_folder_that_is_none_is_one_line(place, make, message: str) -> None:
    """A folder that is missing, empty, a file or without photos is refused in one line."""
    folder = place.root / "folder"
    make(folder)
    with pytest.raises(PhotoaesthError, match=message) as caught:
        place.index(folder)
    assert "\n" not in str(caught.value)
    if place.library.exists():
        with open_library(place.library) as library:
            assert list(locations.roots(library)) == []


def test_forgotten_photos_come_back_with_their_choices(place) -> None:
    """Forgetting a folder keeps choices, by name; indexing it again restores the same photos."""
    a, b, c = place.add("a.jpg", "b.jpg", "c.jpg")
    place.index()
    place.choose(a, b)
    ids = [place.photo(path) for path in (a, b)]
    assert forget(place.library, place.root) == 3
    assert place.choices() == [("a.jpg", "b.jpg")]
    assert place.photo(c) is None
    place.decoded.clear()
    report = place.index()
    assert [place.photo(path) for path in (a, b)] == ids
    assert (report.indexed, report.unchanged, place.decoded) == (1, 2, [c.read_bytes()])
    assert place.choices() == [("a.jpg", "b.jpg")]
    assert place.known() == {"a.jpg": False, "b.jpg": False, "c.jpg": False}


def test_forgotten_photos_are_known_elsewhere(place) -> None:
    """Choices about a forgotten folder's photos are theirs again wherever they turn up."""
    a, b = place.add("old/a.jpg", "old/b.jpg")
    place.index(a.parent)
    place.choose(a, b)
    forget(place.library, a.parent)
    shutil.move(a.parent, place.root / "new")
    place.index()
    assert place.choices() == [("new/a.jpg", "new/b.jpg")]


def test_only_indexed_folders_can_be_forgotten(place) -> None:
    """Forgetting a folder that is no root names those that are."""
    place.add("sub/a.jpg")
    place.index()
    with pytest.raises(PhotoaesthError, match=r"the indexed ones are: .*photos"):
        forget(place.library, place.root / "sub")
    assert place.known() == {"sub/a.jpg": False}
