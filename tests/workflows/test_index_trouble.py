"""Indexing when things go wrong: broken files, absent drives, interruptions, a full disk."""

import errno
import os
import stat
from pathlib import Path

import pytest
from PIL import Image

from photoaesth.errors import PhotoaesthError
from photoaesth.files import write_error
from photoaesth.library.database import open_library
from photoaesth.library.found import content_hash
from photoaesth.library.photos import count
from photoaesth.library.survey import Survey
from photoaesth.workflows import index_run, reading
from photoaesth.workflows.index import IndexOptions, index


def reasons(report) -> dict[str, str]:
    return {skipped.path.name: skipped.reason for skipped in report.skipped}


def break_files(root: Path) -> dict[str, str]:
    """Write files with a photo's suffix that are none; return the reason for each."""
    (root / "text.jpg").write_text("a text file")
    (root / "empty.png").touch()
    whole = root / "cut.jpg"
    Image.effect_noise((200, 200), 90).convert("RGB").save(whole)
    whole.write_bytes(whole.read_bytes()[:2000])
    return {
        "text.jpg": "not an image, or its beginning is damaged",
        "empty.png": "the file is empty",
        "cut.jpg": "the file is cut off",
    }


def test_unreadable_files_are_skipped_with_reasons(place) -> None:
    """Broken files are named with what is wrong; the others are indexed."""
    place.add("a.jpg", "b.jpg")
    expected = break_files(place.root)
    report = place.index()
    assert report.indexed == 2
    assert reasons(report) == expected


def test_unreadable_files_are_not_decoded_again(place) -> None:
    """Unchanged, a broken file is listed again without being decoded; repaired, it is a photo."""
    place.add("a.jpg")
    expected = break_files(place.root)
    place.index()
    place.decoded.clear()
    assert reasons(place.index()) == expected
    assert place.decoded == []
    place.draw(place.root / "cut.jpg", seed=5)
    report = place.index()
    assert (report.indexed, len(report.skipped), len(place.decoded)) == (1, 2, 1)


def test_unreadable_file_that_is_gone_is_no_longer_counted(place) -> None:
    """What was removed from the disk is not among the unreadable files any more."""
    place.add("a.jpg")
    break_files(place.root)
    place.index()
    for name in ("text.jpg", "empty.png"):
        (place.root / name).unlink()
    place.index()
    with open_library(place.library) as library:
        assert count(library, "any").unreadable == 1


def test_photo_that_broke_is_missing(place) -> None:
    """A known photo whose file no longer decodes is missing; whole again, it is the same photo."""
    a, b = place.add("a.jpg", "b.jpg")
    place.index()
    place.choose(a, b)
    number, whole = place.photo(a), a.read_bytes()
    a.write_bytes(b"")
    report = place.index()
    assert (report.missing, reasons(report)) == (1, {"a.jpg": "the file is empty"})
    assert place.known() == {"a.jpg": True, "b.jpg": False}
    assert place.index().missing == 0
    a.write_bytes(whole)
    place.index()
    assert place.photo(a) == number
    assert place.known() == {"a.jpg": False, "b.jpg": False}


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="this user may read everything")
def test_closed_folder_leaves_its_photos_alone(place) -> None:
    """Photos in a folder that cannot be read now are not taken for missing."""
    _, inside = place.add("a.jpg", "closed/b.jpg")
    place.index()
    inside.parent.chmod(0)
    try:
        report = place.index()
    finally:
        inside.parent.chmod(stat.S_IRWXU)
    assert (report.missing, reasons(report)) == (0, {"closed": "permission denied"})
    assert place.known() == {"a.jpg": False, "closed/b.jpg": False}


def refuse(monkeypatch: pytest.MonkeyPatch, closed: Path) -> None:
    """Let the system refuse to list a folder, whoever runs the tests."""
    real = os.scandir

    def scandir(folder: Path) -> object:
        if Path(folder) == closed:
            raise PermissionError(errno.EACCES, "Permission denied", str(folder))
        return real(folder)

    monkeypatch.setattr("photoaesth.library.scan.os.scandir", scandir)


def test_refused_folder_leaves_its_photos_alone(place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same, with the refusal simulated; a refused root is one line."""
    _, inside = place.add("a.jpg", "closed/b.jpg")
    place.index()
    with monkeypatch.context() as patch:
        refuse(patch, inside.parent)
        report = place.index()
    assert (report.missing, reasons(report)) == (0, {"closed": "permission denied"})
    with monkeypatch.context() as patch:
        refuse(patch, place.root)
        with pytest.raises(PhotoaesthError, match=r"cannot index .*: permission denied; nothing"):
            place.index()
    assert place.known() == {"a.jpg": False, "closed/b.jpg": False}


def test_empty_mount_point_changes_nothing(place) -> None:
    """A known folder that is empty all at once is an absent drive: no photo is marked."""
    paths = place.add("a.jpg", "b.jpg")
    place.index()
    aside = place.root.rename(place.root.with_name("drive"))
    place.root.mkdir()
    with pytest.raises(PhotoaesthError, match=r"is the drive connected\?.*nothing was changed"):
        place.index()
    assert place.known() == {"a.jpg": False, "b.jpg": False}
    place.root.rmdir()
    aside.rename(place.root)
    assert place.index().unchanged == len(paths)


@pytest.mark.parametrize("mount_point", [True, False])
def test_absent_drive_does_not_stop_the_others(place, mount_point: bool) -> None:
    """Of the folders indexed before, those that are absent are skipped, the rest updated."""
    here, there = place.add("here/a.jpg", "there/b.jpg")
    place.index(here.parent, there.parent)
    there.unlink()
    if not mount_point:
        there.parent.rmdir()
    place.add("here/new.jpg")
    report = index(place.library, [], IndexOptions(device="cpu"))
    assert (report.indexed, report.missing) == (1, 0)
    assert set(reasons(report)) == {"there"}
    assert place.known() == {"here/a.jpg": False, "here/new.jpg": False, "there/b.jpg": False}
    with pytest.raises(PhotoaesthError, match="there"):
        place.index(here.parent, there.parent)


@pytest.mark.parametrize("files_done", [1, 3, 5])
def test_interrupted_run_is_completed_by_the_next(
    place, files_done: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C keeps whole batches, leaves a sound library, and loses no file for the next run."""
    monkeypatch.setattr(index_run, "_BATCH", 2)
    place.add(*(f"{number}.jpg" for number in range(5)), "sub/6.jpg")

    def interrupt(done: int, total: int) -> None:
        if done == files_done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        place.index(on_progress=interrupt)
    stored = len(place.known())
    assert stored in {0, 2, 4}
    assert files_done - stored < 2 * 2  # one batch is being filled, one embedded
    report = place.index()
    assert (report.indexed, report.unchanged) == (6 - stored, stored)
    assert place.index().unchanged == 6


def test_interrupted_move_is_completed_by_the_next(place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C while moved photos are recognised leaves none behind and no old name."""
    monkeypatch.setattr(index_run, "_BATCH", 1)
    paths = place.add(*(f"{number}.jpg" for number in range(4)))
    place.index()
    ids = {path.name: place.photo(path) for path in paths}
    (place.root / "sub").mkdir()
    moved = [path.rename(place.root / "sub" / path.name) for path in paths]

    def interrupt(done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        place.index(on_progress=interrupt)
    report = place.index()
    assert (report.moved, report.unchanged, report.missing) == (3, 1, 0)
    assert {path.name: place.photo(path) for path in moved} == ids
    assert place.known() == {f"sub/{name}": False for name in ids}


def test_full_disk_is_one_line(place, monkeypatch: pytest.MonkeyPatch) -> None:
    """When thumbnails no longer fit, the run ends in one line and the next one carries on."""
    place.add("a.jpg", "b.jpg")

    def full(content: str, jpeg: bytes) -> None:
        raise write_error(Path(content), OSError(errno.ENOSPC, "No space left on device"))

    with monkeypatch.context() as patch:
        patch.setattr(reading, "store_thumbnail", full)
        with pytest.raises(PhotoaesthError, match="the disk is full"):
            place.index()
    assert place.index().indexed == 2


def test_file_that_cannot_be_read_now_is_tried_again(
    place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A read error is no verdict on the file: it is skipped now and read the next time."""
    a, _ = place.add("a.jpg", "b.jpg")
    real = Path.read_bytes

    def flaky(path: Path) -> bytes:
        if path == a:
            raise OSError(errno.EIO, "Input/output error")
        return real(path)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", flaky)
        report = place.index()
    assert (report.indexed, reasons(report)) == (1, {"a.jpg": "input/output error"})
    assert place.index().indexed == 1


def test_file_that_vanishes_during_the_run_is_skipped(place) -> None:
    """A file that is removed between the scan and its reading costs the run nothing."""
    place.add("a.jpg", "b.jpg")
    real = Survey.compare

    def compare_then_remove(survey: Survey) -> None:
        real(survey)
        (place.root / "b.jpg").unlink()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Survey, "compare", compare_then_remove)
        report = place.index()
    assert (report.indexed, reasons(report)) == (1, {"b.jpg": "no such file or directory"})


def test_hash_names_the_content() -> None:
    """BLAKE3 with 160 bits, checked against the reference implementation's value."""
    assert content_hash(b"abc") == "6437b3ac38465133ffb63b75273a8db548c55846"
