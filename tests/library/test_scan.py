"""Finding photo files: what counts, what is passed over, and in which order."""

import os
import stat
from pathlib import Path

import pytest

from photoaesth.library.found import FoundFile
from photoaesth.library.scan import Scan


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def found(*roots: Path) -> set[str]:
    return {file.path.name for folder in Scan(roots) for file in folder}


def files(*roots: Path, **options: object) -> list[FoundFile]:
    return [file for folder in Scan(roots, **options) for file in folder]


def walked(*roots: Path, **options: object) -> Scan:
    """A scan whose walk is over."""
    scan = Scan(roots, **options)
    list(scan)
    return scan


def test_photos_are_known_by_their_suffix_in_any_case(tmp_path: Path) -> None:
    """Suffixes decide, however written; all else but sidecars is counted, not listed."""
    touch(*(tmp_path / name for name in ("a.jpg", "b.JPEG", "c.Tiff", "d.png", "e.webp")))
    touch(*(tmp_path / name for name in ("a.xmp", "clip.MOV", "notes.txt", "jpg", "f.jpg.bak")))
    assert found(tmp_path) == {"a.jpg", "b.JPEG", "c.Tiff", "d.png", "e.webp"}
    assert walked(tmp_path).ignored == 4


def test_files_come_with_size_and_time(tmp_path: Path) -> None:
    """A found file carries what tells later whether it has changed."""
    path = tmp_path / "a.jpg"
    path.write_bytes(b"12345")
    os.utime(path, ns=(1, 1_700_000_000_123_456_789))
    assert list(Scan([tmp_path])) == [[FoundFile(os.fsencode(path), 5, path.stat().st_mtime_ns)]]


def test_hidden_and_foreign_are_passed_over(tmp_path: Path) -> None:
    """Hidden files and folders and other programs' previews are neither listed nor counted."""
    touch(tmp_path / "kept" / "a.jpg", tmp_path / "._a.jpg", tmp_path / ".trash" / "b.jpg")
    touch(tmp_path / "@eaDir" / "c.jpg", tmp_path / "Catalog Previews.lrdata" / "d.jpg")
    touch(tmp_path / "Photos Library.PhotosLibrary" / "e.jpg")
    result = walked(tmp_path)
    assert found(tmp_path) == {"a.jpg"}
    assert (result.ignored, result.skipped) == (0, [])


def test_hidden_root_is_searched(tmp_path: Path) -> None:
    """A folder that was asked for is searched even if its own name is hidden."""
    touch(tmp_path / ".archive" / "a.jpg")
    assert found(tmp_path / ".archive") == {"a.jpg"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_pipe_named_like_a_photo_is_ignored(tmp_path: Path) -> None:
    """What is no regular file is not opened: reading a pipe would wait for ever."""
    touch(tmp_path / "a.jpg")
    os.mkfifo(tmp_path / "pipe.jpg")
    assert found(tmp_path) == {"a.jpg"}
    assert walked(tmp_path).ignored == 1


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
        (skipped,) = walked(tmp_path).skipped
        assert found(tmp_path) == {"a.jpg"}
    finally:
        (tmp_path / "closed").chmod(stat.S_IRWXU)
    assert (skipped.path, skipped.reason) == (tmp_path / "closed", "permission denied")


def test_root_that_vanished_is_named(tmp_path: Path) -> None:
    """A root that is not there is reported, not raised."""
    touch(tmp_path / "a" / "a.jpg")
    scan = Scan([tmp_path / "a", tmp_path / "b"])
    assert len(list(scan)) == 1
    assert [skipped.path for skipped in scan.skipped] == [tmp_path / "b"]


def test_nested_and_repeated_roots_are_walked_once(tmp_path: Path) -> None:
    """A root inside another, or given twice, lists no file twice."""
    touch(tmp_path / "a.jpg", tmp_path / "sub" / "b.jpg")
    files = [file for folder in Scan([tmp_path / "sub", tmp_path, tmp_path]) for file in folder]
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
    ((file,),) = Scan([tmp_path])
    assert file.key == path
    assert os.fsencode(file.path) == path


def test_photos_that_need_an_extra_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What this installation cannot read is ignored, but the user can be told that it is there."""
    monkeypatch.setattr("photoaesth.library.scan.missing_support", lambda: {".tif": "buy it"})
    monkeypatch.setattr("photoaesth.library.scan.photo_suffixes", lambda: {".jpg"})
    touch(tmp_path / "a.tif", tmp_path / "b.jpg", tmp_path / "c.txt")
    result = walked(tmp_path)
    assert (result.ignored, result.unsupported) == (2, 1)


def test_raw_files_know_the_developed_file_beside_them(tmp_path: Path) -> None:
    """RAW and JPEG of one name in one folder are one shot, in any case; JPEG before HEIC."""
    touch(*(tmp_path / name for name in ("a.CR2", "A.jpg", "b.nef", "b.HEIC", "b.jpeg", "c.dng")))
    touch(tmp_path / "other" / "c.jpg")
    beside = {f.path.name: f.beside and Path(os.fsdecode(f.beside)).name for f in files(tmp_path)}
    expected = {"a.CR2": "A.jpg", "b.nef": "b.jpeg"}
    assert {name: other for name, other in beside.items() if other} == expected


# --- links


def link(place: Path, target: Path) -> None:
    try:
        place.symlink_to(target, target_is_directory=target.is_dir())
    except OSError:
        pytest.skip("this user may not make symbolic links")


def test_links_inside_add_nothing_and_loops_end(tmp_path: Path) -> None:
    """What a link leads to inside the root is found by itself; loops do not hang."""
    photos = tmp_path / "photos"
    touch(photos / "a.jpg", photos / "sub" / "b.jpg")
    link(photos / "link.jpg", photos / "a.jpg")
    link(photos / "again", photos / "sub")
    link(photos / "sub" / "loop", photos)
    assert sorted(file.path.name for file in files(photos)) == ["a.jpg", "b.jpg"]


def test_links_to_what_no_walk_meets_are_followed_once(tmp_path: Path) -> None:
    """Files in a hidden folder of the root are found through links, as with git-annex."""
    store = tmp_path / ".store"
    touch(store / "x.jpg", store / "deep" / "y.jpg")
    link(tmp_path / "one.jpg", store / "x.jpg")
    link(tmp_path / "two.jpg", store / "x.jpg")
    link(tmp_path / "folder", store / "deep")
    names = [file.path.relative_to(tmp_path).as_posix() for file in files(tmp_path)]
    assert sorted(names) == ["folder/y.jpg", "one.jpg"]


def test_links_lead_outside_only_on_request(tmp_path: Path) -> None:
    """Nothing outside the roots is read unless asked for; its links are named as not looked at."""
    root, outside = tmp_path / "root", tmp_path / "outside"
    touch(root / "a.jpg", outside / "b.jpg", outside / "sub" / "c.jpg")
    link(root / "album", outside)
    link(root / "c.jpg", outside / "sub" / "c.jpg")
    link(outside / "back", root)
    assert found(root) == {"a.jpg"}
    keys = {os.fsencode(root / name) for name in ("album", "c.jpg")}
    assert set(walked(root).unseen) == keys
    followed = [file.path for file in files(root, follow_symlinks=True)]
    assert sorted(path.name for path in followed) == ["a.jpg", "b.jpg", "c.jpg"]
    assert walked(root, follow_symlinks=True).unseen == []


def test_broken_link_to_a_photo_is_named(tmp_path: Path) -> None:
    """A link that leads nowhere is reported; one that is not named like a photo is ignored."""
    touch(tmp_path / "a.jpg")
    link(tmp_path / "gone.jpg", tmp_path / "nowhere.jpg")
    link(tmp_path / "gone", tmp_path / "nowhere")
    result = walked(tmp_path)
    assert [skipped.path.name for skipped in result.skipped] == ["gone.jpg"]
    assert result.ignored == 1


# --- what is left out


def test_ignore_files_hold_for_what_is_below(tmp_path: Path) -> None:
    """A .photoaesthignore speaks for its folder and those below, the nearer one last."""
    touch(*(tmp_path / name for name in ("a.jpg", "a.png", "in/b.png", "in/c.png", "drafts/d.jpg")))
    (tmp_path / ".photoaesthignore").write_text("# previews\n*.png\n/drafts/\n")
    (tmp_path / "in" / ".photoaesthignore").write_text("!c.png\n")
    assert found(tmp_path) == {"a.jpg", "c.png"}
    assert walked(tmp_path).unseen == []


def test_excluded_files_are_not_judged(tmp_path: Path) -> None:
    """What is excluded on request is named, so that nobody takes it for missing."""
    touch(*(tmp_path / name for name in ("a.jpg", "b.tif", "sub/c.jpg")))
    scan = Scan([tmp_path], exclude=["*.tif", "sub/"])
    assert [file.path.name for folder in scan for file in folder] == ["a.jpg"]
    assert set(scan.unseen) == {os.fsencode(tmp_path / "b.tif"), os.fsencode(tmp_path / "sub")}
