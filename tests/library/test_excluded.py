"""Files that are no photos, in the database."""

from collections.abc import Callable
from pathlib import Path

from photoaesth.library import excluded, photos
from photoaesth.library.database import Library
from photoaesth.library.found import FoundFile


def test_readable_file_is_no_longer_unreadable(
    library: Library, add_photo: Callable[..., int]
) -> None:
    """A file that was repaired is a photo, and no longer counts as one that is none."""
    for name in (b"/photos/a.jpg", b"/photos/b.jpg"):
        excluded.remember_unreadable(library, FoundFile(name, 1, 1), "damaged")
    add_photo("a.jpg")
    assert photos.count(library, "space").unreadable == 1


def test_every_output_is_remembered(library: Library) -> None:
    """A copy that was replaced by another is known still: it may have been moved before."""
    path = Path("/photos/a-enhanced.jpg")
    for content in ("f1", "f2", "f2"):
        excluded.remember_output(library, path, content)
    assert excluded.output_paths(library) == {path}
    rows = library.connection.execute("SELECT content_hash FROM outputs").fetchall()
    assert sorted(rows) == [(b"\xf1",), (b"\xf2",)]


def test_a_file_that_was_not_written_is_forgotten(library: Library) -> None:
    """Content is known as ours once it is noted, and no longer when that is taken back."""
    path = Path("/photos/a-enhanced.jpg")
    assert excluded.remember_output(library, path, "f1")
    assert not excluded.remember_output(library, path, "f1")
    assert excluded.is_output(library, "f1")
    assert not excluded.is_output(library, "f2")
    excluded.forget_output(library, path, "f1")
    assert not excluded.is_output(library, "f1")
    assert excluded.output_paths(library) == set()
