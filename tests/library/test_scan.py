"""Finding photo files: what counts, what is passed over, and in which order."""

import os
import stat
from pathlib import Path

import pytest

from photoaesth.library.scan import FoundFile, Scan, scan


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def found(*roots: Path) -> set[str]:
    return {file.path.name for folder in scan(roots).folders for file in folder}


def test_photos_are_known_by_their_suffix_in_any_case(tmp_path: Path) -> None:
    """Suffixes decide, however they are written; everything else is counted, not listed."""
    touch(*(tmp_path / name for name in ("a.jpg", "b.JPEG", "c.Tiff", "d.png", "e.webp")))
    touch(*(tmp_path / name for name in ("a.xmp", "clip.MOV", "notes.txt", "jpg", "f.jpg.bak")))
    assert found(tmp_path) == {"a.jpg", "b.JPEG", "c.Tiff", "d.png", "e.webp"}
    assert scan([tmp_path]).ignored == 5


def test_files_come_with_size_and_time(tmp_path: Path) -> None:
    """A found file carries what tells later whether it has changed."""
    path = tmp_path / "a.jpg"
    path.write_bytes(b"12345")
    os.utime(path, ns=(1, 1_700_000_000_123_456_789))
    assert scan([tmp_path]).folders == [[FoundFile(path, 5, path.stat().st_mtime_ns)]]


def test_hidden_and_foreign_are_passed_over(tmp_path: Path) -> None:
    """Hidden files and folders and other programs' previews are neither listed nor counted."""
    touch(tmp_path / "kept" / "a.jpg", tmp_path / "._a.jpg", tmp_path / ".trash" / "b.jpg")
    touch(tmp_path / "@eaDir" / "c.jpg", tmp_path / "Catalog Previews.lrdata" / "d.jpg")
    touch(tmp_path / "Photos Library.PhotosLibrary" / "e.jpg")
    result = scan([tmp_path])
    assert found(tmp_path) == {"a.jpg"}
    assert (result.ignored, result.skipped) == (0, [])


def test_hidden_root_is_searched(tmp_path: Path) -> None:
    """A folder that was asked for is searched even if its own name is hidden."""
    touch(tmp_path / ".archive" / "a.jpg")
    assert found(tmp_path / ".archive") == {"a.jpg"}


def test_links_are_passed_over_and_loops_end(tmp_path: Path) -> None:
    """Links to files, to folders and back up to the root add nothing and do not hang."""
    touch(tmp_path / "photos" / "a.jpg", tmp_path / "elsewhere" / "b.jpg")
    photos = tmp_path / "photos"
    try:
        (photos / "link.jpg").symlink_to(photos / "a.jpg")
        (photos / "outside").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
        (photos / "loop").symlink_to(photos, target_is_directory=True)
    except OSError:
        pytest.skip("this user may not make symbolic links")
    assert found(photos) == {"a.jpg"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_pipe_named_like_a_photo_is_ignored(tmp_path: Path) -> None:
    """What is no regular file is not opened: reading a pipe would wait for ever."""
    touch(tmp_path / "a.jpg")
    os.mkfifo(tmp_path / "pipe.jpg")
    assert found(tmp_path) == {"a.jpg"}
    assert scan([tmp_path]).ignored == 1


def test_folder_named_like_a_photo_is_a_folder(tmp_path: Path) -> None:
    """A folder whose name ends in .jpg is walked."""
    touch(tmp_path / "album.jpg" / "a.jpg")
    assert found(tmp_path) == {"a.jpg"}


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="this user may read everything")
def test_closed_folder_is_named(tmp_path: Path) -> None:
    """A folder that may not be read is reported with the reason; the others are searched."""
    touch(tmp_path / "open" / "a.jpg", tmp_path / "closed" / "b.jpg")
    (tmp_path / "closed").chmod(0)
    try:
        (skipped,) = scan([tmp_path]).skipped
        assert found(tmp_path) == {"a.jpg"}
    finally:
        (tmp_path / "closed").chmod(stat.S_IRWXU)
    assert (skipped.path, skipped.reason) == (tmp_path / "closed", "permission denied")


def test_root_that_vanished_is_named(tmp_path: Path) -> None:
    """A root that is not there is reported, not raised."""
    touch(tmp_path / "a" / "a.jpg")
    result = scan([tmp_path / "a", tmp_path / "b"])
    assert [skipped.path for skipped in result.skipped] == [tmp_path / "b"]
    assert len(result.folders) == 1


def test_nested_and_repeated_roots_are_walked_once(tmp_path: Path) -> None:
    """A root inside another, or given twice, lists no file twice."""
    touch(tmp_path / "a.jpg", tmp_path / "sub" / "b.jpg")
    files = scan([tmp_path / "sub", tmp_path, tmp_path]).spread()
    assert sorted(file.path.name for file in files) == ["a.jpg", "b.jpg"]


@pytest.mark.skipif(os.name == "nt", reason="Windows names are Unicode")
@pytest.mark.parametrize("name", [b"caf\xe9.jpg", b"two\nlines.jpg", b"tab\t\x1b[31m.jpg"])
def test_any_name_is_found(tmp_path: Path, name: bytes) -> None:
    """Names that are not UTF-8, or hold control characters, keep their bytes."""
    path = os.path.join(os.fsencode(tmp_path), name)  # noqa: PTH118  # pathlib has no bytes
    try:
        Path(os.fsdecode(path)).write_bytes(b"x")
    except OSError:
        pytest.skip("this file system refuses the name")
    (file,) = scan([tmp_path]).spread()
    assert os.fsencode(file.path) == path


def folder_of(name: str, count: int) -> list[FoundFile]:
    return [FoundFile(Path(name) / f"{number:03}.jpg", 1, 1) for number in range(count)]


@pytest.mark.parametrize("counts", [[1], [2], [3, 3], [1, 100, 7], [5, 40, 40, 1, 9]])
def test_spread_keeps_every_file_once(counts: list[int]) -> None:
    """The order is another, the files are the same."""
    folders = [folder_of(str(number), count) for number, count in enumerate(counts)]
    order = Scan(folders=folders).spread()
    assert sorted(order, key=lambda file: file.path) == [
        file for files in folders for file in files
    ]


def test_spread_visits_folders_in_turn() -> None:
    """The first n of n folders' files cover all of them, and so does every further round."""
    folders = [folder_of(str(number), 20 + number) for number in range(7)]
    order = Scan(folders=folders).spread()
    for start in range(0, 7 * 20, 7):
        assert {file.path.parent.name for file in order[start : start + 7]} == set("0123456")


def test_spread_covers_a_folder_evenly() -> None:
    """Any beginning of one folder's order leaves no long stretch of it unseen."""
    order = [int(file.path.stem) for file in Scan(folders=[folder_of("a", 100)]).spread()]
    assert order[0] == 0
    for length in (4, 8, 16, 32):
        seen = sorted(order[:length])
        gaps = [b - a for a, b in zip([*seen, 100][:-1], [*seen, 100][1:], strict=True)]
        assert max(gaps) <= 2 * 128 / length


def test_photos_in_formats_not_read_yet_are_counted(tmp_path: Path) -> None:
    """RAW and HEIC files are ignored, but the user can be told that they are there."""
    for name in ("a.NEF", "b.heic", "c.txt"):
        (tmp_path / name).touch()
    found = scan([tmp_path])
    assert (found.ignored, found.unsupported) == (3, 2)
