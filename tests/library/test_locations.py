"""Indexed folders and the files in them, in the database."""

import os
from collections.abc import Callable
from pathlib import Path

from photoaesth.domain import Exif, Outcome, Source
from photoaesth.library import comparisons, locations, photos
from photoaesth.library.comparisons import NewComparison
from photoaesth.library.database import Library, check_integrity
from photoaesth.library.found import FoundFile, NewPhoto

AddPhoto = Callable[..., int]
ROOT = Path("/photos")


def missing_files(library: Library) -> dict[str, bool]:
    """Every known file by its name below the root, and whether it is missing."""
    rows = library.connection.execute("SELECT path, missing_at FROM files").fetchall()
    return {
        Path(os.fsdecode(path)).relative_to(ROOT).as_posix(): missing_at is not None
        for path, missing_at in rows
    }


def test_roots_are_kept_once(library: Library) -> None:
    """Adding a root again changes nothing; they are listed by name."""
    for root in (ROOT / "b", ROOT / "a", ROOT / "b"):
        locations.add_root(library, root)
    assert locations.roots(library) == {ROOT / "a": True, ROOT / "b": True}
    assert list(locations.roots(library)) == [ROOT / "a", ROOT / "b"]


def test_a_root_is_offline_until_it_is_reached_again(library: Library) -> None:
    """Marking one leaves the others; adding it again says that it is back."""
    for root in (ROOT / "a", ROOT / "b"):
        locations.add_root(library, root)
    locations.mark_offline(library, ROOT / "b")
    assert locations.roots(library) == {ROOT / "a": True, ROOT / "b": False}
    locations.add_root(library, ROOT / "b")
    assert locations.roots(library) == {ROOT / "a": True, ROOT / "b": True}


def test_files_below_a_folder_are_told_from_its_neighbours(
    library: Library, add_photo: AddPhoto
) -> None:
    """Folders whose names begin alike are not taken for each other's contents."""
    for name in ("a/1.jpg", "a/b/2.jpg", "ab/3.jpg", "a.jpg", "a!/4.jpg", "a0/5.jpg"):
        add_photo(name)
    assert locations.count_present_below(library, ROOT / "a") == 2
    assert locations.count_present_below(library, Path("/")) == 6
    assert locations.knows_files_below(library, ROOT / "a" / "b")
    assert not locations.knows_files_below(library, ROOT / "b")


def test_a_file_is_marked_missing_once(library: Library, add_photo: AddPhoto) -> None:
    """The second time it was missing already; a missing file is known but not present."""
    add_photo("a.jpg")
    with library.transaction():
        assert locations.mark_missing(library, b"/photos/a.jpg")
        assert not locations.mark_missing(library, b"/photos/a.jpg")
        assert not locations.mark_missing(library, b"/photos/unknown.jpg")
    assert locations.knows_files_below(library, ROOT)
    assert locations.count_present_below(library, ROOT) == 0


def test_returned_file_is_present_again(library: Library, add_photo: AddPhoto) -> None:
    """Attaching a file that was missing takes the mark away."""
    photo = add_photo("a.jpg")
    with library.transaction():
        locations.mark_missing(library, b"/photos/a.jpg")
        locations.attach_file(library, FoundFile(b"/photos/a.jpg", 1, 1), photo)
    assert missing_files(library) == {"a.jpg": False}


def test_current_file_is_told_from_a_changed_one(library: Library, tmp_path: Path) -> None:
    """A file is current as long as size and time are those it was indexed with."""
    path = tmp_path / "a.jpg"
    path.write_bytes(b"12345")
    status = path.stat()
    with library.transaction():
        file = FoundFile(os.fsencode(path), 5, status.st_mtime_ns)
        photos.store_photo(library, NewPhoto(file, "c0ffee", 1, 1, 0, Exif()))
    assert locations.is_current(library, path)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 10**9))
    assert not locations.is_current(library, path)
    path.unlink()
    assert not locations.is_current(library, path)


def test_forgotten_root_leaves_what_choices_are_about(
    library: Library, add_photo: AddPhoto
) -> None:
    """Photos without a choice go; compared ones stay, with one name, also after undo."""
    locations.add_root(library, ROOT)
    left, right = add_photo("a.jpg"), add_photo("b.jpg")
    add_photo("copies/a.jpg", "a.jpg")
    add_photo("c.jpg")
    profile = comparisons.profile_id(library, "me")
    answer = NewComparison(left, right, Outcome.LEFT)
    comparisons.add_comparisons(library, profile, [answer], source=Source.RANDOM)
    comparisons.retract(library, [1])
    assert locations.forget_root(library, ROOT) == 4
    assert locations.roots(library) == {}
    assert set(photos.photos_by_id(library, [1, 2, 3, 4])) == {left, right}
    assert missing_files(library) in (
        {"a.jpg": True, "b.jpg": True},
        {"copies/a.jpg": True, "b.jpg": True},
    )
    assert check_integrity(library) == []


def test_forgetting_a_root_spares_the_one_inside(library: Library, add_photo: AddPhoto) -> None:
    """Files that another root still covers stay as they are."""
    locations.add_root(library, ROOT)
    locations.add_root(library, ROOT / "inner")
    add_photo("outer.jpg")
    add_photo("inner/a.jpg")
    assert locations.forget_root(library, ROOT) == 1
    assert missing_files(library) == {"inner/a.jpg": False}
