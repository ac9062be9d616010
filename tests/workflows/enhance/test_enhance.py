"""Enhanced copies: which are written, where, and what must never be touched."""

import errno
import shutil
from pathlib import Path

import pytest
from PIL import Image

from photoaesth.enhance.operations import PARAMETERS
from photoaesth.enhance.origin import origin_of
from photoaesth.enhance.parameters import write_parameters
from photoaesth.errors import LibraryError, PhotoaesthError
from photoaesth.files import write_error
from photoaesth.workflows.enhance import EnhanceOptions, enhance, making
from photoaesth.workflows.rank import Order, Query, rank
from photoaesth.workflows.score import score

OVERWRITE = EnhanceOptions(overwrite=True)


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def brightness(path: Path) -> float:
    with Image.open(path) as image:
        return sum(image.convert("L").resize((1, 1)).tobytes())


def test_every_readable_photo_gets_a_copy(studio, out: Path) -> None:
    """Copies keep folders and formats and are what was asked for; originals stay byte by byte."""
    broken = studio.root / "broken.jpg"
    broken.write_bytes(b"")
    before = files(studio.root)
    seen = []
    report = enhance(
        studio.library,
        "me",
        [studio.root],
        out,
        on_progress=lambda done, total: seen.append((done, total)),
    )
    names = {"a-enhanced.jpg", "sub/b-enhanced.png", "sub/deep/c-enhanced.webp"}
    assert set(files(out)) == names
    assert {copy.output for copy in report.enhanced} == {out / name for name in names}
    assert [(s.path, s.reason) for s in report.skipped] == [(broken, "the file is empty")]
    assert files(studio.root) == before
    assert seen == [(0, 4), (1, 4), (2, 4), (3, 4), (4, 4)]
    assert "not trained yet" in report.note
    for copy in report.enhanced:
        assert copy.score_after > copy.score_before
        assert brightness(copy.output) > brightness(copy.source)
        assert set(copy.parameters) == {parameter.name for parameter in PARAMETERS}


def test_photos_need_not_be_indexed(place, likes_bright: type, out: Path) -> None:
    """Paths can be enhanced without a library."""
    (path,) = place.add("a.jpg")
    report = enhance(place.library, "me", [path], out)
    assert [copy.output for copy in report.enhanced] == [out / "a-enhanced.jpg"]
    with pytest.raises(LibraryError, match="there is no library"):
        enhance(place.library.with_name("other.db"), "me", [], out, EnhanceOptions(top=3))


def test_equal_names_are_numbered(studio, out: Path) -> None:
    """Photos whose copies would share a name get numbers, also where only case differs."""
    paths = [
        studio.draw(studio.root / folder / name, seed=number, size=(48, 32))
        for number, (folder, name) in enumerate(
            [("x", "img.jpg"), ("y", "img.jpg"), ("z", "IMG.JPG")]
        )
    ]
    report = enhance(studio.library, "me", paths, out)
    names = ["img-enhanced.jpg", "img-enhanced-2.jpg", "IMG-enhanced-3.JPG"]
    assert [copy.output.name for copy in report.enhanced] == names
    assert [copy.source for copy in report.enhanced] == paths


def test_copies_are_kept_unless_asked(
    studio, out: Path, likes_bright: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without overwrite, a copy is skipped before any time is spent; with it, replaced."""
    photo = studio.root / "a.jpg"
    (copy,) = enhance(studio.library, "me", [photo], out).enhanced
    before, calls = copy.output.read_bytes(), likes_bright.calls
    monkeypatch.setattr(likes_bright, "sign", -1)  # the taste has changed
    report = enhance(studio.library, "me", [photo], out)
    assert (report.enhanced, copy.output.read_bytes(), likes_bright.calls) == ([], before, calls)
    assert "a-enhanced.jpg exists; --overwrite replaces it" in report.skipped[0].reason
    assert len(enhance(studio.library, "me", [photo], out, OVERWRITE).enhanced) == 1
    assert copy.output.read_bytes() != before


def test_only_copies_are_replaced(studio, out: Path, likes_bright: type) -> None:
    """A photo of somebody's own that is named like a copy stays even with overwrite."""
    mine = studio.draw(out / "a-enhanced.jpg", seed=5, size=(48, 32))
    before = mine.read_bytes()
    report = enhance(studio.library, "me", [studio.root / "a.jpg"], out, OVERWRITE)
    assert (report.enhanced, mine.read_bytes(), likes_bright.calls) == ([], before, 0)
    assert "a-enhanced.jpg was not written by enhance" in report.skipped[0].reason


def test_copies_without_a_note_are_replaced(
    studio, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy whose metadata had no room for its note is known by its content."""
    with monkeypatch.context() as patch:
        patch.setattr("photoaesth.enhance.edits.EditNote.on_xmp", lambda *_: b"")
        (copy,) = enhance(studio.library, "me", [studio.root / "a.jpg"], out).enhanced
    assert origin_of(copy.output) == ""
    before = copy.output.read_bytes()
    assert len(enhance(studio.library, "me", [copy.source], out, OVERWRITE).enhanced) == 1
    assert copy.output.read_bytes() != before


def test_copies_without_any_change_are_replaced(studio, out: Path, tmp_path: Path) -> None:
    """Even an edit that changes nothing leaves its note, so that its copy is known as ours."""
    look = tmp_path / "none.json"
    write_parameters(look, {})
    nothing = EnhanceOptions(look=look, overwrite=True)
    for library in (studio.library, tmp_path / "other.db"):
        report = enhance(library, "me", [studio.root / "a.jpg"], out, nothing)
        assert (len(report.enhanced), report.skipped) == (1, [])


def test_names_that_are_too_long_are_their_own_line(studio, out: Path) -> None:
    """A photo whose copy's name no disk can hold is skipped; the others get their copies."""
    long = studio.draw(studio.root / f"{'x' * 247}.jpg", seed=4, size=(48, 32))
    report = enhance(studio.library, "me", [studio.root], out)
    assert [skipped.path for skipped in report.skipped] == [long]
    assert "File name too long" in report.skipped[0].reason
    assert len(report.enhanced) == 3


def test_names_that_a_disk_refuses_are_their_own_line(
    studio, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What only turns out when the copy is put in its place does not end the run either."""
    real = making.place_copy

    def place_copy(content: bytes, source: Path, target: Path, *, overwrite: bool) -> None:
        if source.name == "a.jpg":
            refusal = OSError(errno.EINVAL, "Invalid argument")
            raise write_error(target, refusal) from refusal
        real(content, source, target, overwrite=overwrite)

    monkeypatch.setattr(making, "place_copy", place_copy)
    report = enhance(studio.library, "me", [studio.root], out)
    (skipped,) = report.skipped
    assert skipped.path.name == "a.jpg"
    assert skipped.reason.endswith("a-enhanced.jpg: Invalid argument")
    assert len(report.enhanced) == 2


def test_a_file_that_came_first_is_no_copy(
    studio, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody's file that appears while its copy is made stays, and is not noted as ours."""
    real = making.place_copy

    def place_copy(content: bytes, source: Path, target: Path, *, overwrite: bool) -> None:
        studio.draw(target, seed=6, size=(48, 32))
        real(content, source, target, overwrite=overwrite)

    with monkeypatch.context() as patch:
        patch.setattr(making, "place_copy", place_copy)
        report = enhance(studio.library, "me", [studio.root / "a.jpg"], out)
    assert "exists; --overwrite replaces it" in report.skipped[0].reason
    again = enhance(studio.library, "me", [out], out / "more")
    assert [photo.source.name for photo in again.enhanced] == ["a-enhanced.jpg"]


def test_a_copy_that_was_moved_stays_known(
    studio, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same copy, made again and refused its place, does not make the moved one a photo."""
    photo = studio.root / "a.jpg"
    (copy,) = enhance(studio.library, "me", [photo], out).enhanced
    copy.output.rename(studio.root / "favourite.jpg")

    def place_copy(*_: object, **__: object) -> None:
        raise FileExistsError

    with monkeypatch.context() as patch:
        patch.setattr(making, "place_copy", place_copy)
        enhance(studio.library, "me", [photo], out)
    studio.index()
    assert "favourite.jpg" not in studio.known()


def test_dry_run_writes_nothing(studio, out: Path) -> None:
    """A dry run says what would be written, and what not, without making the folder."""
    report = enhance(studio.library, "me", [studio.root], out, EnhanceOptions(dry_run=True))
    assert len(report.enhanced) == 3
    assert not out.exists()
    enhance(studio.library, "me", [studio.root / "a.jpg"], out)
    assert (
        len(enhance(studio.library, "me", [studio.root], out, EnhanceOptions(dry_run=True)).skipped)
        == 1
    )


def test_photo_of_the_library_is_never_replaced(studio) -> None:
    """Where a copy would fall on an indexed photo, it is skipped, even with overwrite."""
    studio.draw(studio.root / "a-enhanced.jpg", seed=7, size=(48, 32))
    studio.index()
    before = files(studio.root)
    paths = [studio.root / "a.jpg", studio.root / "sub" / "b.png"]
    report = enhance(studio.library, "me", paths, studio.root, OVERWRITE)
    assert [skipped.path for skipped in report.skipped] == paths[:1]
    assert "photos are never replaced" in report.skipped[0].reason
    assert [copy.output.name for copy in report.enhanced] == ["b-enhanced.png"]
    assert {name: files(studio.root)[name] for name in before} == before


def test_source_of_the_run_is_never_replaced(place, likes_bright: type) -> None:
    """The same holds for a photo that is not indexed but to be enhanced itself."""
    place.add("a.jpg", "a-enhanced.jpg", size=(48, 32))
    before = files(place.root)
    report = enhance(place.library, "me", [place.root], place.root, OVERWRITE)
    assert [skipped.path.name for skipped in report.skipped] == ["a.jpg"]
    assert {name: files(place.root)[name] for name in before} == before


def test_links_do_not_lead_to_photos(studio, out: Path) -> None:
    """A link where a copy goes, or in its folders, is no way to overwrite a photo."""
    photo = studio.root / "a.jpg"
    out.mkdir()
    try:
        (out / "a-enhanced.jpg").symlink_to(studio.root / "sub" / "b.png")
        (out / "sub").symlink_to(studio.root / "other", target_is_directory=True)
    except OSError:
        pytest.skip("this user may not make symbolic links")
    studio.draw(studio.root / "other" / "b-enhanced.png", seed=3, size=(48, 32))
    studio.index()
    before = files(studio.root)
    report = enhance(studio.library, "me", [studio.root], out, OVERWRITE)
    skipped = {skipped.path for skipped in report.skipped}
    assert {photo, studio.root / "sub" / "b.png"} <= skipped
    assert {name: files(studio.root)[name] for name in before} == before


def test_copies_are_never_indexed(studio, likes_bright, monkeypatch: pytest.MonkeyPatch) -> None:
    """Copies inside an indexed folder are passed over, also moved, and also replaced ones."""
    inside = studio.root / "enhanced"
    photo = studio.root / "a.jpg"
    (first,) = enhance(studio.library, "me", [photo], inside).enhanced
    kept = first.output.rename(studio.root / "favourite.jpg")
    monkeypatch.setattr(likes_bright, "sign", -1)  # the taste has changed
    (second,) = enhance(studio.library, "me", [photo], inside, OVERWRITE).enhanced
    assert second.output.read_bytes() != kept.read_bytes()
    studio.decoded.clear()
    for _ in range(2):
        report = studio.index()
        assert (report.indexed, report.ignored, report.unchanged) == (0, 2, 3)
    assert studio.decoded == []
    assert set(studio.known()) == {"a.jpg", "sub/b.png", "sub/deep/c.webp"}


def test_copies_are_not_enhanced_again(studio) -> None:
    """Enhancing a folder that holds earlier copies passes over them."""
    for _ in range(2):
        enhance(studio.library, "me", [studio.root], studio.root / "out", OVERWRITE)
    assert len(files(studio.root / "out")) == 3


def test_copies_of_other_libraries_are_not_enhanced_again(studio, out: Path) -> None:
    """In a folder they are told by their notes, numbered ones too; named themselves, they count."""
    paths = [
        studio.draw(studio.root / folder / "a.jpg", seed=seed, size=(48, 32))
        for seed, folder in enumerate("xy")
    ]
    enhance(studio.library, "me", paths, out)
    mine = studio.draw(out / "mine-enhanced.jpg", seed=8, size=(48, 32))
    other = studio.library.with_name("other.db")
    report = enhance(other, "me", [out], out / "more")
    assert [photo.source for photo in report.enhanced] == [mine]
    copy = out / "a-enhanced-2.jpg"
    report = enhance(other, "me", [copy], out / "more")
    assert [photo.source for photo in report.enhanced] == [copy]


def test_photo_replaced_by_its_copy_is_missing(studio) -> None:
    """When somebody puts a copy in the original's place, the photo is missing, not changed."""
    photo = studio.root / "a.jpg"
    (copy,) = enhance(studio.library, "me", [photo], studio.root / "out").enhanced
    copy.output.replace(photo)
    assert studio.index().missing == 1
    assert studio.known()["a.jpg"]
    assert studio.index().missing == 0  # told once


def test_full_disk_leaves_nothing_half_written(
    studio, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run ends in one line; earlier copies stay, and the same command carries on."""
    first, second = studio.root / "a.jpg", studio.root / "sub" / "b.png"
    enhance(studio.library, "me", [first], out)
    before = files(out)

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("photoaesth.files.os.fsync", full)
        with pytest.raises(PhotoaesthError, match=r"cannot write .*b-enhanced\.png: the disk is"):
            enhance(studio.library, "me", [first, second], out)
    assert files(out) == before
    report = enhance(studio.library, "me", [first, second], out)
    assert [copy.source for copy in report.enhanced] == [second]


def test_output_that_is_no_folder(studio, out: Path) -> None:
    """A file where the copies should go is one line."""
    out.touch()
    with pytest.raises(PhotoaesthError, match="is a file; choose a folder for --output"):
        enhance(studio.library, "me", [studio.root], out)


def test_best_photos_keep_their_place_below_their_root(studio, out: Path) -> None:
    """With top, the n best of the ranking are enhanced, each below its own root's name."""
    best = [photo.path for photo in rank(studio.library, "me", Query(count=2)).photos]
    report = enhance(studio.library, "me", [], out, EnhanceOptions(top=2))
    assert [copy.source for copy in report.enhanced] == best
    expected = [path.parent.relative_to(studio.root) for path in best]
    assert [copy.output.parent.relative_to(out) for copy in report.enhanced] == expected


def test_vanished_photo_is_skipped(studio, out: Path) -> None:
    """A best photo whose file is gone is named; the others get their copies."""
    (studio.root / "a.jpg").unlink()
    report = enhance(studio.library, "me", [], out, EnhanceOptions(top=9))
    assert [skipped.path.name for skipped in report.skipped] == ["a.jpg"]
    assert len(report.enhanced) == 2


def test_real_scores_agree_with_those_of_the_photos(album, out: Path) -> None:
    """The scores reported are what scoring photo and copy finds, and the copy's is the better."""
    worst = rank(album.library, "me", Query(count=1, order=Order.WORST)).photos[0]
    source = Path(shutil.copy(worst.path, out.with_name(worst.path.name)))
    (copy,) = enhance(album.library, "me", [source], out, EnhanceOptions(device="cpu")).enhanced
    scored = {p.path: p for p in score(album.library, "me", [source, copy.output]).photos}
    before, after = scored[source], scored[copy.output]
    # Edits are scored by the network in full precision, files by the engine in 8 bits.
    assert copy.score_before == pytest.approx(worst.score, abs=0.1)
    assert worst.score == pytest.approx(before.score, abs=0.02)
    assert copy.score_after == pytest.approx(after.score, abs=0.3)  # JPEG costs some of it
    assert after.score > before.score
