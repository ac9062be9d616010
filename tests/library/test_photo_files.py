"""The files of photos: which there are, and one that was rewritten in place."""

import os
import shutil
from pathlib import Path

import pytest

from photoaesth.domain import Exif
from photoaesth.library import locations
from photoaesth.library.database import Library
from photoaesth.library.found import FoundFile, NewPhoto, content_hash
from photoaesth.library.photo_files import (
    PhotoFile,
    as_indexed,
    holds_photos,
    identical_copy,
    photo_files,
    rewritten,
)
from photoaesth.library.photos import photo_by_content, store_photo


@pytest.fixture
def folder(library: Library, tmp_path: Path) -> Path:
    """An indexed folder with two photos, one of them in another folder below."""
    root = tmp_path / "photos"
    (root / "below").mkdir(parents=True)
    locations.add_root(library, root)
    for path in (root / "a.jpg", root / "below" / "b.jpg"):
        path.write_bytes(path.name.encode())
        status = path.stat()
        found = FoundFile(os.fsencode(path), status.st_size, status.st_mtime_ns)
        new = NewPhoto(found, content_hash(path.read_bytes()), 300, 200, 0, Exif())
        with library.transaction():
            store_photo(library, new)
    return root


def names(files: list[PhotoFile]) -> list[str]:
    return [file.path.name for file in files]


def test_which_files_there_are(library: Library, folder: Path) -> None:
    """All of them, those of some photos, or those that files and folders name."""
    everything = photo_files(library)
    assert names(everything) == ["a.jpg", "b.jpg"]
    assert names(photo_files(library, ids=[everything[1].photo_id])) == ["b.jpg"]
    assert names(photo_files(library, under=[folder / "below"])) == ["b.jpg"]
    assert names(photo_files(library, under=[folder / "below", folder / "a.jpg"])) == names(
        everything
    )
    assert photo_files(library, under=[folder / "bel"]) == []
    assert photo_files(library, ids=[]) == []


def test_missing_and_offline_files_are_left_out(library: Library, folder: Path) -> None:
    """What vanished, or stands on a drive that is not there, is no file to write beside."""
    with library.transaction():
        locations.mark_missing(library, os.fsencode(folder / "a.jpg"))
    assert names(photo_files(library)) == ["b.jpg"]
    shutil.rmtree(folder)
    assert photo_files(library) == []


def test_a_rewritten_file_keeps_its_photo(library: Library, folder: Path) -> None:
    """The photo is known by the new content, and the file by its new size and time."""
    file = photo_files(library)[0]
    file.path.write_bytes(b"with stars inside")
    new = content_hash(b"with stars inside")
    assert rewritten(library, file, new) == content_hash(b"a.jpg")
    assert photo_by_content(library, new) == file.photo_id
    assert photo_by_content(library, content_hash(b"a.jpg")) is None
    assert locations.is_current(library, file.path)


def test_content_that_another_photo_has(library: Library, folder: Path) -> None:
    """Two photos never become one: the file is current, and both stay known as they were."""
    file, other = photo_files(library)
    file.path.write_bytes(other.path.read_bytes())
    taken = content_hash(other.path.read_bytes())
    assert rewritten(library, file, taken) is None
    assert photo_by_content(library, taken) == other.photo_id
    assert photo_by_content(library, content_hash(b"a.jpg")) == file.photo_id
    assert locations.is_current(library, file.path)


def test_a_raw_file_beside_another_is_not_its_photos_content(
    library: Library, folder: Path
) -> None:
    """The developed file says what the photo is known by."""
    file = photo_files(library)[0]
    raw = PhotoFile(file.photo_id, file.path, companion=True)
    assert rewritten(library, raw, content_hash(b"raw")) is None
    assert photo_by_content(library, content_hash(b"a.jpg")) == file.photo_id


def test_which_folders_hold_photos(library: Library, folder: Path, tmp_path: Path) -> None:
    """Those that files stand in now: no folder above or below, and none they have left."""
    assert holds_photos(library, folder)
    assert holds_photos(library, folder / "below")
    (tmp_path / "link").symlink_to(folder)
    assert holds_photos(library, tmp_path / "link" / "below" / "..")
    assert not holds_photos(library, tmp_path)
    assert not holds_photos(library, folder / "below" / "further")
    with library.transaction():
        locations.mark_missing(library, os.fsencode(folder / "a.jpg"))
    assert not holds_photos(library, folder)


def test_a_path_as_the_library_has_it(folder: Path, tmp_path: Path) -> None:
    """Links are followed in the folders of a photo, but a photo that is a link stays one."""
    (tmp_path / "there").symlink_to(folder)
    (folder / "link.jpg").symlink_to(folder / "a.jpg")
    assert as_indexed(tmp_path / "there") == folder
    assert as_indexed(tmp_path / "there" / "link.jpg") == folder / "link.jpg"


def test_an_identical_copy_is_found(library: Library, folder: Path) -> None:
    """Another file with the same bytes now; not a link to the file, nor one changed or gone."""

    def add(path: Path) -> None:
        status = path.stat()
        found = FoundFile(os.fsencode(path), status.st_size, status.st_mtime_ns)
        new = NewPhoto(found, content_hash(path.read_bytes()), 300, 200, 0, Exif())
        with library.transaction():
            store_photo(library, new)

    file = photo_files(library)[0]
    (folder / "link.jpg").symlink_to(file.path)
    add(folder / "link.jpg")
    assert identical_copy(library, file) is None

    copy = Path(shutil.copy(file.path, folder / "below" / "copy.jpg"))
    add(copy)
    assert identical_copy(library, file) == copy
    copy.write_bytes(b"A.JPG")
    assert identical_copy(library, file) is None
    copy.unlink()
    assert identical_copy(library, file) is None
