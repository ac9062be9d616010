"""Indexing with its options: dry run, exclusions, links, and RAW files beside JPEGs."""

import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from photoaesth.library import locations, photos
from photoaesth.library.database import open_library
from photoaesth.library.thumbnails import thumbnail_file
from photoaesth.workflows import index_run
from photoaesth.workflows import watch as watch_workflow
from photoaesth.workflows.index import IndexOptions, index
from photoaesth.workflows.rank import Query, rank
from photoaesth.workflows.watch import watch


def test_dry_run_counts_and_changes_nothing(place) -> None:
    """What there is to do is told, and neither the library nor the cache is touched."""
    a, b, _ = place.add("a.jpg", "b.jpg", "c.jpg")
    report = place.index(dry_run=True)
    assert (report.indexed, report.unchanged, report.missing) == (3, 0, 0)
    assert not place.library.exists()
    assert place.decoded == []
    place.index()
    before = place.library.read_bytes()
    a.unlink()
    Image.effect_noise((96, 64), 90).save(b)
    place.add("d.jpg")
    report = place.index(dry_run=True)
    assert (report.indexed, report.unchanged, report.missing) == (2, 1, 1)
    assert place.library.read_bytes() == before


def test_excluded_photos_are_left_as_they_are(place) -> None:
    """A pattern keeps new photos out and known ones as they are known, not missing."""
    place.add("a.jpg", "sub/b.jpg")
    place.index()
    place.add("c.png")
    report = place.index(exclude=("sub/", "*.png"))
    assert (report.unchanged, report.indexed, report.missing) == (1, 0, 0)
    assert place.known() == {"a.jpg": False, "sub/b.jpg": False}


def test_ignored_photos_leave_the_library_until_they_are_not(place) -> None:
    """An ignore file makes photos missing; without it they are back, and nothing is decoded."""
    place.add("a.jpg", "sub/b.jpg")
    place.index()
    (place.root / ".photoaesthignore").write_text("sub/\n")
    assert place.index().missing == 1
    (place.root / ".photoaesthignore").unlink()
    place.decoded.clear()
    assert place.index().unchanged == 2
    assert place.known() == {"a.jpg": False, "sub/b.jpg": False}
    assert place.decoded == []


def test_photos_behind_links_stay_when_they_are_not_followed(place, tmp_path: Path) -> None:
    """Photos outside, found through a link, are not missing in a run that does not follow it."""
    place.draw(tmp_path / "outside" / "b.jpg", seed=5)
    place.add("a.jpg")
    try:
        (place.root / "link").symlink_to(tmp_path / "outside", target_is_directory=True)
    except OSError:
        pytest.skip("this user may not make symbolic links")
    assert place.index().indexed == 1
    assert place.index(follow_symlinks=True).indexed == 1
    assert place.known() == {"a.jpg": False, "link/b.jpg": False}
    report = place.index()
    assert (report.unchanged, report.missing) == (1, 0)
    assert place.known()["link/b.jpg"] is False


# --- drives


def test_absent_root_is_offline_until_it_is_back(place, tmp_path: Path) -> None:
    """A root that is gone is noted as offline, its photos are not missing; then it is back."""
    drive = tmp_path / "drive"
    place.draw(drive / "d.jpg", seed=9)
    place.add("a.jpg")
    place.index(place.root, drive)
    drive.rename(tmp_path / "unplugged")

    def reached() -> dict[Path, bool]:
        with open_library(place.library) as library:
            return locations.roots(library)

    report = index(place.library, [], IndexOptions(device="cpu"))
    assert report.missing == 0
    assert reached() == {drive.resolve(): False, place.root: True}
    assert place.photo(drive / "d.jpg") is not None
    (tmp_path / "unplugged").rename(drive)
    report = index(place.library, [], IndexOptions(device="cpu"))
    assert (report.unchanged, report.skipped) == (2, [])
    assert all(reached().values())


# --- RAW beside JPEG


@pytest.fixture
def shot(place) -> tuple[Path, Path]:
    """A JPEG and the RAW file of the same shot."""
    (jpeg,) = place.add("IMG_1.jpg")
    raw = jpeg.with_suffix(".CR2")
    raw.write_bytes(b"raw data that nobody reads")
    return jpeg, raw


def test_raw_and_jpeg_are_one_photo(place, shot: tuple[Path, Path]) -> None:
    """The RAW file is the second file of the photo, never read; a second run knows it."""
    jpeg, raw = shot
    report = place.index()
    assert (report.indexed, report.paired, report.skipped) == (1, 1, [])
    assert place.photo(jpeg) == place.photo(raw) is not None
    assert len(place.decoded) == 1
    assert [photo.path for photo in rank(place.library, "me", Query(count=9)).photos] == [jpeg]
    report = place.index()
    assert (report.unchanged, report.paired, report.changes) == (2, 0, 0)


def test_shots_move_as_a_pair(place, shot: tuple[Path, Path]) -> None:
    """Moved together, both files have new names and none is missing."""
    jpeg, raw = shot
    place.index()
    photo = place.photo(jpeg)
    (place.root / "sub").mkdir()
    for file in (jpeg, raw):
        file.rename(place.root / "sub" / file.name)
    report = place.index()
    assert (report.moved, report.missing) == (1, 0)
    assert place.known() == {"sub/IMG_1.jpg": False, "sub/IMG_1.CR2": False}
    assert place.photo(place.root / "sub" / "IMG_1.jpg") == photo


def test_raw_alone_keeps_the_photo(place, shot: tuple[Path, Path]) -> None:
    """Without its JPEG the RAW file is read and is the same photo; with it again, too."""
    jpeg, raw = shot
    (other,) = place.add("other.jpg")
    place.index()
    photo = place.photo(jpeg)
    place.choose(jpeg, other)
    aside = jpeg.rename(place.root / ".aside.jpg")
    shutil.copyfile(place.add("x.png")[0].rename(place.root / ".x.png"), raw)
    report = place.index()
    assert (report.indexed, report.skipped) == (1, [])
    assert place.photo(raw) == photo
    assert place.choices() == [("IMG_1.CR2", "other.jpg")]
    assert place.index().changes == 0
    aside.rename(jpeg)
    assert place.index().paired == 1
    assert place.photo(jpeg) == place.photo(raw) == photo
    assert place.choices() == [("IMG_1.jpg", "other.jpg")]


def test_jpeg_edited_beside_its_raw_is_the_same_photo(place, shot: tuple[Path, Path]) -> None:
    """New pixels in the JPEG do not part it from its choices because the RAW file is unchanged."""
    jpeg, raw = shot
    place.index()
    photo = place.photo(jpeg)
    place.draw(jpeg, seed=77)
    assert place.index().indexed == 1
    assert place.photo(jpeg) == place.photo(raw) == photo


def test_broken_jpeg_leaves_the_raw_file(place) -> None:
    """Where the JPEG is no picture, the RAW file beside it is read; a second run reads neither."""
    (picture,) = place.add("a.png")
    shutil.copyfile(picture, place.root / "b.nef")
    (place.root / "b.jpg").write_bytes(b"broken")
    report = place.index()
    assert [skipped.path.name for skipped in report.skipped] == ["b.jpg"]
    assert place.known() == {"a.png": False, "b.nef": False}
    place.decoded.clear()
    report = place.index()
    assert (report.unchanged, len(report.skipped), place.decoded) == (2, 1, [])


# --- following


def test_watch_indexes_what_changes(place) -> None:
    """New, changed and removed photos are told as they come, and the end is orderly."""
    place.add("a.jpg")
    stop = threading.Event()
    place.index()
    runs = watch(place.library, [place.root], IndexOptions(device="cpu"), stop=stop)
    timer = threading.Timer(0.5, lambda: place.add("b.jpg", "sub/c.jpg"))
    timer.start()
    counted = 0
    while counted < 2:
        counted += next(runs).indexed
    (place.root / "a.jpg").unlink()
    assert next(runs).missing == 1
    stop.set()
    assert list(runs) == []
    timer.join()


def test_watch_sees_what_changed_before_it_began(place) -> None:
    """A photo that arrives between the first run and the following of the folder is found."""
    place.add("a.jpg")
    stop = threading.Event()
    place.index()
    runs = watch(place.library, [place.root], IndexOptions(device="cpu"), stop=stop)
    place.add("b.jpg")
    assert next(runs).indexed == 1
    stop.set()
    assert list(runs) == []


# --- decoding on the device


def test_device_decodes_plain_jpegs(place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the device decodes, plain JPEGs go there and the rest to the CPU; all are stored."""
    monkeypatch.setattr(index_run, "decodes_jpegs", lambda device: True)
    (plain,) = place.add("plain.jpg", size=(300, 200))
    place.add("other.png")
    Image.open(plain).convert("CMYK").save(place.root / "cmyk.jpg")
    upright = Image.Exif()
    upright[0x0112] = 6
    place.draw(place.root / "turned.jpg", seed=3, size=(300, 200), exif=upright.tobytes())
    data = plain.read_bytes()
    (place.root / "cut.jpg").write_bytes(data[: len(data) // 3])
    report = place.index()
    assert [skipped.path.name for skipped in report.skipped] == ["cut.jpg"]
    assert report.indexed == 4
    assert len(place.decoded) == 3  # PNG, CMYK, and the broken one for its reason
    with open_library(place.library) as library:
        photo = photos.photo_by_path(library, place.root / "turned.jpg")
    assert (photo.width, photo.height) == (200, 300)
    with Image.open(thumbnail_file(photo.content_hash)) as thumbnail:
        assert thumbnail.size == (200, 300)
    assert place.index().changes == 0


# --- pairs that were known as two photos


def test_raw_and_jpeg_that_meet_become_one_photo(place) -> None:
    """Choices about the RAW file alone are the pair's, once its JPEG stands beside it."""
    (other,) = place.add("other.png")
    raw = place.root / "a.cr2"
    shutil.copyfile(place.add("x.png")[0].rename(place.root / ".x.png"), raw)
    (jpeg,) = place.add("elsewhere/a.jpg")
    place.index()
    place.choose(raw, other)
    place.choose(jpeg, raw)
    jpeg = jpeg.rename(place.root / "a.jpg")
    report = place.index()
    assert (report.moved, report.paired, report.missing) == (1, 1, 0)
    assert place.photo(raw) == place.photo(jpeg)
    assert place.choices() == [("a.jpg", "other.png")]  # between the two there is nothing to say
    assert place.index().changes == 0


def test_excluding_jpegs_does_not_part_pairs(place, shot: tuple[Path, Path]) -> None:
    """A RAW file stays with its JPEG in a run that leaves JPEGs out."""
    jpeg, raw = shot
    place.index()
    report = place.index(exclude=("*.jpg",))
    assert report.changes == 0
    assert place.photo(jpeg) == place.photo(raw) is not None
    assert len(place.decoded) == 1


def test_lost_raw_and_copied_jpeg_are_told_apart(place, shot: tuple[Path, Path]) -> None:
    """A copy of the JPEG is a copy, not the RAW file moved; the RAW file is missing."""
    jpeg, raw = shot
    place.index()
    raw.unlink()
    shutil.copyfile(jpeg, place.root / "copy.jpg")
    report = place.index()
    assert (report.copies, report.moved, report.missing) == (1, 0, 1)


def test_edited_raw_beside_its_jpeg_is_no_news(place, shot: tuple[Path, Path]) -> None:
    """New bytes in the RAW file change nothing: it is not what is shown."""
    _, raw = shot
    place.index()
    raw.write_bytes(b"other raw data")
    report = place.index()
    assert (report.paired, report.indexed, report.missing) == (0, 0, 0)


def test_broken_raw_is_forgiven_beside_its_jpeg(place) -> None:
    """What could not be read alone is not listed any more once its JPEG speaks for it."""
    (place.root / "a.cr2").write_bytes(b"broken")
    place.add("b.png")
    assert len(place.index().skipped) == 1
    place.add("a.jpg")
    assert place.index().skipped == []
    assert place.index().skipped == []


def test_drive_inside_an_indexed_folder_is_offline(place) -> None:
    """A root within a root that is absent is offline, also if only the outer one is indexed."""
    drive = place.root / "drive"
    place.add("a.jpg", "drive/d.jpg")
    place.index(place.root, drive)
    (drive / "d.jpg").rename(place.root.parent / "d.jpg")
    report = place.index()
    assert report.missing == 0
    assert [skipped.path for skipped in report.skipped] == [drive]
    assert place.known()["drive/d.jpg"] is False
    with open_library(place.library) as library:
        assert locations.roots(library) == {place.root: True, drive: False}


def test_excluding_everything_is_no_absent_drive(place) -> None:
    """Patterns that match every photo leave nothing to do, and that is no failure."""
    place.add("a.jpg")
    place.index()
    report = place.index(exclude=("*.jpg",))
    assert (report.changes, report.skipped) == (0, [])


def test_file_larger_than_any_photo_is_skipped(place) -> None:
    """What could not be a photo is not read into memory."""
    place.add("a.jpg")
    with (place.root / "huge.jpg").open("wb") as file:
        file.truncate(5 << 30)
    (skipped,) = place.index().skipped
    assert (skipped.path.name, skipped.reason) == ("huge.jpg", "it is larger than any photo")


def test_watch_rests_while_only_the_library_changes(place) -> None:
    """A library inside the folder that is followed does not keep its own index going."""
    place.add("a.jpg")
    library = place.root / "library.db"
    runs = 0

    def count(*_: object) -> None:
        nonlocal runs
        runs += 1

    stop = threading.Event()
    index(library, [place.root], IndexOptions(device="cpu"))
    following = watch(library, [place.root], IndexOptions(device="cpu"), stop=stop)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(watch_workflow, "index", counted(watch_workflow.index, count))
        threading.Timer(6, stop.set).start()
        assert list(following) == []
    assert runs == 1  # what may have changed before the following began


def test_watch_survives_a_drive_that_is_taken_away(place, tmp_path: Path) -> None:
    """A folder that vanishes is followed again when it is back."""
    drive = tmp_path / "drive"
    place.draw(drive / "d.jpg", seed=4)
    place.add("a.jpg")
    stop = threading.Event()
    place.index(place.root, drive)
    runs = watch(place.library, [place.root, drive], IndexOptions(device="cpu"), stop=stop)
    place.add("c.jpg")
    assert next(runs).indexed == 1
    away = drive.rename(tmp_path / "away")
    threading.Timer(3, lambda: place.add("b.jpg")).start()
    assert next(runs).indexed == 1
    place.draw(away / "e.jpg", seed=5)
    away.rename(drive)
    assert next(runs).indexed == 1
    stop.set()
    assert list(runs) == []


def counted(function: Callable[..., object], note: Callable[[], None]) -> Callable[..., object]:
    def call(*args: object, **options: object) -> object:
        note()
        return function(*args, **options)

    return call
