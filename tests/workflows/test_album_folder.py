"""Albums as folders of links and copies."""

import errno
import os
import shutil
import sys
import time
from pathlib import Path

import pytest

from photoaesth.errors import PhotoaesthError
from photoaesth.library.ignoring import IGNORE_FILE
from photoaesth.library.scan import Scan
from photoaesth.workflows import album_folder
from photoaesth.workflows.album_folder import AlbumReport, Placement, export_album, numbered

HOWS = list(Placement)
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  # a file system of its own, where there is one


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    """Three photos of one name in three folders, and a fourth of another."""
    paths = [tmp_path / "photos" / name for name in ("a/1.jpg", "b/1.jpg", "c/1.jpg", "c/2.jpg")]
    for number, path in enumerate(paths):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"photo %d" % number)  # all of one size
        os.utime(path, ns=(1, 1_500_000_000_123_456_789 + number))
    return paths


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "best"


def names(folder: Path) -> dict[str, bytes]:
    """What a file manager shows, with the contents."""
    return {p.name: p.read_bytes() for p in folder.iterdir() if not p.name.startswith(".")}


def counts(report: AlbumReport) -> tuple[int, int, int, int]:
    return report.made, report.known, report.others, len(report.skipped)


EXPECTED = {
    "1.jpg": b"photo 0",
    "1 (2).jpg": b"photo 1",
    "1 (3).jpg": b"photo 2",
    "2.jpg": b"photo 3",
}


@pytest.mark.parametrize("how", HOWS)
def test_photos_of_one_name_are_numbered_in_the_order_of_the_list(
    photos: list[Path], folder: Path, how: Placement
) -> None:
    """Every photo is there once, under its own name or that with a number."""
    seen = []
    report = export_album(photos, folder, how=how, on_progress=lambda *at: seen.append(at))
    assert counts(report) == (4, 0, 0, 0)
    assert names(folder) == EXPECTED
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_links_are_absolute(
    photos: list[Path], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever the album was made from, and however it was named, a link leads to the photo."""
    monkeypatch.chdir(folder.parent)
    export_album(photos[:1], Path("best"))
    assert (folder / "1.jpg").readlink() == photos[0]


def test_a_hard_link_is_the_photo_itself(photos: list[Path], folder: Path) -> None:
    """Both names have one content, which takes no room."""
    export_album(photos[:1], folder, how=Placement.HARDLINK)
    assert (folder / "1.jpg").samefile(photos[0])
    assert not (folder / "1.jpg").is_symlink()


def test_a_copy_is_a_file_of_its_own_with_the_time_of_the_photo(
    photos: list[Path], folder: Path
) -> None:
    """File managers sort by time; what is done to the copy does not reach the photo."""
    export_album(photos[:1], folder, how=Placement.COPY)
    copy = folder / "1.jpg"
    assert copy.stat().st_mtime_ns == photos[0].stat().st_mtime_ns
    copy.write_bytes(b"edited")
    assert photos[0].read_bytes() == b"photo 0"


@pytest.mark.parametrize("how", HOWS)
def test_a_second_run_adds_only_what_is_missing(
    photos: list[Path], folder: Path, how: Placement
) -> None:
    """Whatever was lost of the album, and in whatever order, nothing is there twice."""
    export_album(photos, folder, how=how)
    assert counts(export_album(photos[::-1], folder, how=how)) == (0, 4, 0, 0)
    (folder / "1.jpg").unlink()
    assert counts(export_album(photos[::-1], folder, how=how)) == (1, 3, 0, 0)
    assert names(folder) == EXPECTED
    assert counts(export_album(photos[1:3], folder, how=how)) == (0, 2, 2, 0)
    assert counts(export_album([photos[0]] * 3, folder, how=how)) == (0, 3, 3, 0)


@pytest.mark.parametrize("how", HOWS)
def test_what_others_put_there_stays(photos: list[Path], folder: Path, how: Placement) -> None:
    """A file of the same name, a link that leads nowhere and a folder are neither replaced."""
    folder.mkdir()
    (folder / "1.jpg").write_bytes(b"my file")
    (folder / "1 (2).jpg").symlink_to("nowhere")
    (folder / "2.JPG").mkdir()
    report = export_album(photos, folder, how=how)
    assert counts(report) == (4, 0, 3, 0)
    assert (folder / "1.jpg").read_bytes() == b"my file"
    assert (folder / "1 (2).jpg").readlink() == Path("nowhere")
    added = {name: (folder / name).read_bytes() for name in ("1 (3).jpg", "1 (5).jpg")}
    assert added == {"1 (3).jpg": b"photo 0", "1 (5).jpg": b"photo 2"}
    # Where the album is taken to, 2.jpg and 2.JPG may be one name.
    assert (folder / "2 (2).jpg").read_bytes() == b"photo 3"
    assert not (folder / IGNORE_FILE).exists()  # the folder is not ours alone


@pytest.mark.parametrize("how", HOWS)
def test_an_album_in_an_indexed_folder_is_no_more_photos(
    photos: list[Path], how: Placement
) -> None:
    """The next index of the folder around it finds the same files as before."""
    root = photos[0].parents[1]
    before = [file.key for files in Scan([root]) for file in files]
    export_album(photos, root / "best", how=how)
    assert [file.key for files in Scan([root]) for file in files] == before


@pytest.mark.parametrize("name", [".photoaesth-killed.part", ".DS_Store"])
def test_a_folder_that_only_looks_empty_is_hidden_from_the_index_too(
    photos: list[Path], folder: Path, name: str
) -> None:
    """A run that was killed at once, or a file manager, has left something in it."""
    folder.mkdir()
    (folder / name).write_bytes(b"")
    export_album(photos, folder)
    assert (folder / IGNORE_FILE).exists()
    assert names(folder) == EXPECTED


def test_a_photo_that_vanished_is_named(photos: list[Path], folder: Path) -> None:
    """The others are in the album, and nothing leads to what is not there."""
    photos[1].unlink()
    report = export_album(photos, folder)
    assert [(s.path, s.reason) for s in report.skipped] == [(photos[1], "it is not there now")]
    assert names(folder) == {"1.jpg": b"photo 0", "1 (2).jpg": b"photo 2", "2.jpg": b"photo 3"}


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything"
)
def test_a_photo_that_may_not_be_read_is_named(photos: list[Path], folder: Path) -> None:
    """Of a copy that cannot be made nothing is left."""
    photos[0].chmod(0)
    report = export_album(photos[:2], folder, how=Placement.COPY)
    assert [s.path for s in report.skipped] == photos[:1]
    assert names(folder) == {"1 (2).jpg": b"photo 1"}


def test_another_kind_of_link_is_not_mixed_in(photos: list[Path], folder: Path) -> None:
    """Who asks for copies is told that the album has links, photo by photo."""
    export_album(photos[:1], folder)
    report = export_album(photos[:2], folder, how=Placement.COPY)
    assert [s.reason for s in report.skipped] == [
        "it is in the album as a link, 1.jpg; take another folder"
    ]
    assert names(folder) == {"1.jpg": b"photo 0", "1 (2).jpg": b"photo 1"}


def test_photos_that_lie_in_the_folder_are_in_the_album(photos: list[Path]) -> None:
    """An album in the folder of the photos themselves adds the others only."""
    report = export_album(photos, photos[2].parent)
    assert counts(report) == (2, 2, 0, 0)
    assert sorted(names(photos[2].parent)) == ["1 (2).jpg", "1 (3).jpg", "1.jpg", "2.jpg"]
    assert not (photos[2].parent / IGNORE_FILE).exists()  # it would hide them


def test_a_copy_that_another_run_left_half_done_is_taken_away(
    photos: list[Path], folder: Path
) -> None:
    """After an hour; a younger one may be that of a run that goes on."""
    folder.mkdir()
    old, young = folder / ".photoaesth-old.part", folder / ".photoaesth-young.part"
    for part in (old, young):
        part.write_bytes(b"half")
    os.utime(old, (time.time() - 4000,) * 2)
    export_album(photos, folder, how=Placement.COPY)
    assert (old.exists(), young.exists()) == (False, True)


def test_a_file_in_the_folder_s_place_is_one_line(photos: list[Path], folder: Path) -> None:
    """It is named, and stays."""
    folder.write_bytes(b"mine")
    for place in (folder, folder / "deeper"):
        with pytest.raises(PhotoaesthError, match=r"cannot make the album .*best.*: there is a"):
            export_album(photos, place)
    assert folder.read_bytes() == b"mine"


@pytest.mark.skipif(not SHARED_MEMORY.is_dir(), reason="there is no second file system")
def test_hard_links_do_not_reach_another_drive(photos: list[Path]) -> None:
    """One line says so and what to use instead."""
    folder = SHARED_MEMORY / f"photoaesth-{os.getpid()}"
    try:
        if not photos[0].parent.exists() or folder.parent.stat().st_dev == photos[0].stat().st_dev:
            pytest.skip("it is the same file system")
        with pytest.raises(PhotoaesthError, match="on another drive; use --link or --copy"):
            export_album(photos, folder, how=Placement.HARDLINK)
        assert counts(export_album(photos, folder, how=Placement.COPY)) == (4, 0, 0, 0)
        assert names(folder) == EXPECTED
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize(
    ("how", "code", "winerror", "said"),
    [
        (Placement.LINK, errno.EPERM, None, "cannot make links in .*: its file system has none"),
        (Placement.HARDLINK, errno.EPERM, None, "cannot make hard links in .*; use --copy"),
        (Placement.LINK, errno.EINVAL, 1314, "developer mode only; use --hardlink or --copy"),
        (Placement.LINK, errno.EINVAL, 1, "its file system has none; use --copy"),
        (Placement.LINK, errno.ENOSPC, None, "the disk is full"),
    ],
)
def test_a_file_system_without_links_is_one_line(  # none can be mounted here
    photos: list[Path],
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    how: Placement,
    code: int,
    winerror: int | None,
    said: str,
) -> None:
    """FAT, and Windows without the right to make links: the line says what to use."""

    def refuse(*_: object) -> None:
        error = OSError(code, os.strerror(code))
        if winerror is not None:
            error.winerror = winerror
        raise error

    monkeypatch.setitem(album_folder._PUT, how, refuse)
    with pytest.raises(PhotoaesthError, match=said):
        export_album(photos, folder, how=how)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no names of arbitrary bytes")
@pytest.mark.parametrize("how", HOWS)
def test_the_longest_and_oddest_names_can_be_numbered(tmp_path: Path, how: Placement) -> None:
    """255 bytes, bytes that are not UTF-8, line breaks: shortened where a number needs room."""
    long, odd = "é" * 125 + "X.jpg", os.fsdecode(b"\xff\n\xe9.jpg")
    photos = [tmp_path / part / name for part in "abc" for name in (long, odd)]
    for photo in photos:
        photo.parent.mkdir(exist_ok=True)
        photo.write_bytes(os.fsencode(photo))
    for made in (6, 0):
        report = export_album(photos, tmp_path / "best", how=how)
        assert counts(report) == (made, 6 - made, 0, 0)
    assert sorted(names(tmp_path / "best").values()) == sorted(map(os.fsencode, photos))
    assert all(len(os.fsencode(name)) <= 255 for name in names(tmp_path / "best"))


def test_a_number_goes_before_the_suffix() -> None:
    """A name without a suffix, and one that is a suffix, are numbered at the end."""
    assert [numbered(name, 2) for name in ("a.b.jpg", "a", ".jpg")] == [
        "a.b (2).jpg",
        "a (2)",
        ".jpg (2)",
    ]
    assert numbered("a.jpg", 1) == "a.jpg"


def test_thousands_of_photos_of_one_name(tmp_path: Path) -> None:
    """As from a camera that starts anew in every folder: each is in the album once."""
    photos = [tmp_path / str(number) / "1.jpg" for number in range(2_000)]
    for number, photo in enumerate(photos):
        photo.parent.mkdir()
        photo.write_bytes(b"%d" % number)
    assert export_album(photos[:1_000], tmp_path / "best").made == 1_000
    assert counts(export_album(photos, tmp_path / "best")) == (1_000, 1_000, 0, 0)
    links = [path.resolve() for path in (tmp_path / "best").glob("*.jpg")]
    assert sorted(links) == sorted(photos)
