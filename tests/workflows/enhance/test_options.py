"""What can be asked of `enhance` beside the photos: formats, thresholds, resuming, threads."""

import os
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photoaesth.enhance.geometry import Geometry
from photoaesth.errors import PhotoaesthError
from photoaesth.workflows.enhance import EnhanceOptions, PhotoFilter, enhance, making


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_filters_choose_photos_of_the_library(studio, out: Path) -> None:
    """Without paths and count, all photos that pass are enhanced, the best first."""
    chosen = PhotoFilter(under=studio.root / "sub")
    report = enhance(studio.library, "me", [], out, EnhanceOptions(chosen=chosen))
    assert {photo.source.name for photo in report.enhanced} == {"b.png", "c.webp"}
    only_one = EnhanceOptions(chosen=chosen, top=1, overwrite=True)
    first = enhance(studio.library, "me", [], out, only_one).enhanced
    assert [photo.source for photo in first] == [report.enhanced[0].source]
    nothing = EnhanceOptions(chosen=PhotoFilter(camera="Leica"))
    assert enhance(studio.library, "me", [], out, nothing).enhanced == []


@pytest.mark.parametrize(
    ("format_", "suffix"), [("JPEG", ".jpg"), ("TIFF", ".tif"), ("PNG", ".png"), ("WEBP", ".webp")]
)
def test_copies_have_the_format_and_size_asked_for(
    studio, out: Path, format_: str, suffix: str
) -> None:
    """Every photo is written so, no longer than asked for; smaller ones are not enlarged."""
    small = studio.draw(studio.root / "small.jpg", size=(12, 20))
    options = EnhanceOptions(format=format_, longer_side=24)
    report = enhance(studio.library, "me", [studio.root], out, options)
    assert len(report.enhanced) == 4
    for photo in report.enhanced:
        with Image.open(photo.output) as copy:
            assert (copy.format, photo.output.suffix) == (format_, suffix) or (
                # a suffix of its own means the same format
                copy.format == format_ and photo.source.suffix == photo.output.suffix
            )
            assert copy.size == ((12, 20) if photo.source == small else (24, 16))


def test_quality_is_that_of_the_file(studio, out: Path) -> None:
    """A lower quality makes a smaller file."""
    photo = studio.draw(studio.root / "large.jpg", size=(480, 320))
    sizes = []
    for quality in (95, 40):
        options = EnhanceOptions(quality=quality, overwrite=True)
        (done,) = enhance(studio.library, "me", [photo], out, options).enhanced
        sizes.append(done.output.stat().st_size)
    assert sizes[1] < sizes[0] / 2


def test_photos_that_gain_too_little_get_no_copy(studio, out: Path) -> None:
    """They are counted and are no failures; at the threshold itself there is a copy."""
    everything = enhance(studio.library, "me", [studio.root], out, EnhanceOptions(dry_run=True))
    gains = sorted(photo.gain for photo in everything.enhanced)
    assert gains[0] < gains[1]
    options = EnhanceOptions(least_gain=gains[1])
    report = enhance(studio.library, "me", [studio.root], out, options)
    assert (len(report.enhanced), report.not_better, report.skipped) == (2, 1, [])
    assert min(photo.gain for photo in report.enhanced) == gains[1]
    assert len(files(out)) == 2


def test_a_run_is_resumed_without_doing_anything_twice(studio, out: Path, likes_bright) -> None:
    """What has its copy is passed over; what changed or is new is not, and old remains go."""
    first, second = studio.root / "a.jpg", studio.root / "sub" / "b.png"
    enhance(studio.library, "me", [first], out)
    half, other_runs = out / ".photoaesth-x1y2.part", out / ".photoaesth-z3.part"
    for remains, minutes in ((half, 61), (other_runs, 59)):
        remains.write_bytes(b"half")
        os.utime(remains, (time.time() - 60 * minutes,) * 2)
    before, calls = files(out), likes_bright.calls
    resume = EnhanceOptions(resume=True)
    again = enhance(studio.library, "me", [first], out, resume)
    assert (again.enhanced, again.skipped, again.resumed) == ([], [], 1)
    assert likes_bright.calls == calls

    report = enhance(studio.library, "me", [first, second], out, resume)
    assert ([photo.source for photo in report.enhanced], report.resumed) == ([second], 1)
    after = files(out)
    assert after.keys() == {"a-enhanced.jpg", "b-enhanced.png", other_runs.name}
    assert after["a-enhanced.jpg"] == before["a-enhanced.jpg"]

    studio.draw(first, seed=99, size=(48, 32))
    changed = enhance(studio.library, "me", [first], out, resume)
    assert changed.resumed == 0
    assert "exists; --overwrite replaces it" in changed.skipped[0].reason
    replaced = enhance(
        studio.library, "me", [first, second], out, EnhanceOptions(resume=True, overwrite=True)
    )
    assert ([photo.source for photo in replaced.enhanced], replaced.resumed) == ([first], 1)


def test_remains_that_cannot_be_removed_stay(
    studio, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They do no harm, so the run goes on."""
    remains = out / ".photoaesth-x1y2.part"
    out.mkdir()
    remains.write_bytes(b"half")
    os.utime(remains, (0, 0))
    real = Path.unlink

    def unlink(path: Path, missing_ok: bool = False) -> None:
        if path == remains:
            raise PermissionError
        real(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", unlink)
    report = enhance(studio.library, "me", [studio.root], out, EnhanceOptions(resume=True))
    assert len(report.enhanced) == 3
    assert remains.exists()


def test_somebody_elses_file_is_no_copy_to_resume(studio, out: Path) -> None:
    """A file that was there before is not taken for a copy."""
    out.mkdir()
    (out / "a-enhanced.jpg").write_bytes((studio.root / "a.jpg").read_bytes())
    report = enhance(
        studio.library, "me", [studio.root / "a.jpg"], out, EnhanceOptions(resume=True)
    )
    assert (report.resumed, len(report.skipped)) == (0, 1)


def test_copies_are_made_at_once_and_told_in_order(
    studio, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With two jobs, two copies are in the making together; the first is told first."""
    together = threading.Barrier(2, timeout=60)
    real = making.copy_of

    def copy_of(source: Path, *rest: object, **options: object) -> bytes:
        together.wait()  # raises if nobody else comes
        return real(source, *rest, **options)

    monkeypatch.setattr(making, "copy_of", copy_of)
    photos = [studio.root / "sub" / "b.png", studio.root / "a.jpg"]
    report = enhance(studio.library, "me", photos, out, EnhanceOptions(jobs=2))
    assert [photo.source for photo in report.enhanced] == photos


@pytest.mark.parametrize(
    ("failure", "reason"),
    [(MemoryError(), "not enough memory"), (RuntimeError("odd"), "RuntimeError: odd")],
)
def test_what_goes_wrong_with_one_copy_is_its_own_line(
    studio, out: Path, monkeypatch: pytest.MonkeyPatch, failure: Exception, reason: str
) -> None:
    """The other photos get theirs."""
    real = making.copy_of

    def copy_of(source: Path, *rest: object, **options: object) -> bytes:
        if source.name == "a.jpg":
            raise failure
        return real(source, *rest, **options)

    monkeypatch.setattr(making, "copy_of", copy_of)
    report = enhance(studio.library, "me", [studio.root], out)
    assert [(item.path.name, reason in item.reason) for item in report.skipped] == [("a.jpg", True)]
    assert len(report.enhanced) == len(files(out)) == 2


def test_a_picture_too_large_for_its_format_is_its_own_line(studio, out: Path) -> None:
    """WebP has a limit; the photo that is beyond it is named, the others are written."""
    studio.draw(studio.root / "wide.png", size=(16_400, 2))
    options = EnhanceOptions(format="WEBP")
    report = enhance(studio.library, "me", [studio.root], out, options)
    assert [item.path.name for item in report.skipped] == ["wide.png"]
    assert "choose another format" in report.skipped[0].reason
    assert len(report.enhanced) == 3


def test_ctrl_c_leaves_whole_copies_only(
    studio, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Interrupted at the second photo, the run leaves no half of a file; resuming completes it."""
    photos = sorted(path for path in studio.root.rglob("*") if path.is_file())
    with monkeypatch.context() as patch:
        real = making.Copies.make

        def make(self: making.Copies, number: int, *rest: object) -> None:
            if number == 1:
                raise KeyboardInterrupt
            real(self, number, *rest)

        patch.setattr(making.Copies, "make", make)
        with pytest.raises(KeyboardInterrupt):
            enhance(studio.library, "me", photos, out)
    assert all(name.endswith(("jpg", "png", "webp")) for name in files(out)) or not out.exists()
    report = enhance(studio.library, "me", photos, out, EnhanceOptions(resume=True))
    assert len(report.enhanced) + report.resumed == 3
    assert len(files(out)) == 3


def test_straightening_and_cropping_are_done_when_asked(studio, out: Path) -> None:
    """A tilted horizon is levelled and the subject moved to a third; else the frame stays."""
    rows, columns = np.mgrid[0:400, 0:600]
    sea = (rows - 200 - np.tan(np.radians(3)) * (columns - 300)).clip(0, 1)[..., None]
    tilted = np.uint8(sea * (30, 60, 90) + (1 - sea) * (200, 190, 180))
    source = studio.root / "tilted.png"
    Image.fromarray(tilted).save(source)
    (plain,) = enhance(studio.library, "me", [source], out).enhanced
    assert plain.geometry == Geometry()
    assert Image.open(plain.output).size == (600, 400)
    options = EnhanceOptions(straighten=True, overwrite=True)
    (level,) = enhance(studio.library, "me", [source], out, options).enhanced
    assert abs(abs(level.geometry.degrees) - 3) < 0.3
    pixels = np.asarray(Image.open(level.output).convert("L"), float)
    edge = (pixels < pixels.mean()).argmax(axis=0)
    assert np.ptp(edge) < 8  # of some 30 before

    y, x = np.mgrid[0:400, 0:600]
    bright = ((x - 300) ** 2 + (y - 200) ** 2 < 30**2)[..., None]
    centred = np.where(bright, (250, 220, 40), (20, 30, 60)).astype(np.uint8)
    Image.fromarray(centred).save(source)
    options = EnhanceOptions(crop=True, overwrite=True)
    (cropped,) = enhance(studio.library, "me", [source], out, options).enhanced
    scale = cropped.geometry.scale
    assert scale < 1
    assert Image.open(cropped.output).size == (round(600 * scale), round(400 * scale))


def test_unreachable_output_is_refused_before_anything_else(
    studio, tmp_path: Path, likes_bright, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder in which nothing may be written is one line, and no score is computed."""
    monkeypatch.setattr("os.access", lambda path, mode: False)  # root may write everywhere
    with pytest.raises(PhotoaesthError, match="choose another --output"):
        enhance(studio.library, "me", [studio.root], tmp_path / "new" / "out")
    assert likes_bright.calls == 0
    assert not (tmp_path / "new").exists()


def test_how_edits_are_found_is_passed_on(studio, out: Path, likes_bright) -> None:
    """Task, method, strength and device reach what finds the edits."""
    options = EnhanceOptions(task="dehaze", method="search", strength=0.25, device="cpu")
    enhance(studio.library, "me", [studio.root / "a.jpg"], out, options)
    assert likes_bright.asked == {
        "task": "dehaze",
        "method": "search",
        "strength": 0.25,
        "device": "cpu",
    }
