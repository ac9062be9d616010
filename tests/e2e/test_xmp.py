"""Sidecars by the real program: every dialect, exiftool, darktable, and what interrupts it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ..sidecars.conftest import DIALECTS  # noqa: TID252 - the tests are no package

_PATIENCE_S = 60
_FEWEST_DIALECTS = 40
_PHOTOS = 5
_ALBUM = 40


def sidecars_of(folder: Path) -> dict[str, bytes]:
    """Return all sidecars in a folder, by name."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix == ".xmp"}


@pytest.fixture(scope="session")
def _indexed(
    tmp_path_factory: pytest.TempPathFactory,
    make_program: Callable[[Path], Any],
    draw_small: Callable[..., list[Path]],
) -> Any:
    program = make_program(tmp_path_factory.mktemp("xmp").resolve() / "home")
    draw_small(program.photos, _PHOTOS)
    program("index", program.photos)
    return program


@pytest.fixture
def own(_indexed: Any, tmp_path: Path) -> Iterator[Any]:
    """The program with a few small photos in its library, which a test may write into."""
    shutil.copytree(_indexed.home, tmp_path / "kept")
    yield _indexed
    shutil.rmtree(_indexed.home)
    shutil.copytree(tmp_path / "kept", _indexed.home)  # with the times that the library knows


@pytest.fixture
def run_exiftool() -> Callable[..., str]:
    """Runs exiftool; the test is skipped where it is not installed."""
    tool = shutil.which("exiftool") or pytest.skip("exiftool is not installed")

    def run(*arguments: object) -> str:
        command = [tool, *map(str, arguments)]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    return run


def test_every_dialect_survives(
    program: Any,
    draw_small: Callable[..., list[Path]],
    run_exiftool: Callable[..., str],
) -> None:
    """Stars, labels and keywords go into forty sidecars of other programs; a second write changes
    no byte; exiftool reads them all without a warning; undo gives every byte back."""
    assert len(DIALECTS) >= _FEWEST_DIALECTS
    photos = draw_small(program.photos, len(DIALECTS) + 1)
    program("index", program.photos)
    before = {}
    for photo, dialect in zip(photos, DIALECTS, strict=False):
        sidecar = photo.with_name(f"{photo.name}.xmp")
        sidecar.write_bytes(dialect.packet)
        before[sidecar.name] = dialect.packet
    had_warnings = warned_of(run_exiftool, program.photos)  # a few: exiftool knows not all
    words = ("--stars", "--overwrite", "--label", "Green", "--keywords", "stars", "--yes")

    report = program.json("xmp", "write", *words)
    assert report["skipped"] == []
    assert report["written"] == len(DIALECTS) + 1  # the last photo had none
    written = sidecars_of(program.photos)
    assert all(written[name] != data for name, data in before.items())
    assert warned_of(run_exiftool, program.photos) <= had_warnings

    again = program.json("xmp", "write", *words)
    assert (again["written"], again["unchanged"]) == (0, len(DIALECTS) + 1)
    assert sidecars_of(program.photos) == written
    assert program.sql("SELECT count(*) FROM sidecar_runs") == [(1,)]

    undone = program.json("xmp", "undo", "--yes")
    assert (len(undone["restored"]), len(undone["removed"])) == (len(DIALECTS), 1)
    assert sidecars_of(program.photos) == before
    assert program.is_sound()


def test_exiftool_reads_what_we_wrote(
    own: Any, exiftool: Callable[[Path], dict[str, Any]], run_exiftool: Callable[..., str]
) -> None:
    """Another program finds stars, label, keywords and score under their real names."""
    own("xmp", "write", "--stars", "1,1,1,1", "--label", "red", "--keywords", "stars", "--yes")
    tags = exiftool(own.photos / "small-000.xmp")
    assert tags["XMP-xmp:Rating"] == 5
    assert tags["XMP-xmp:Label"] == "Red"
    assert tags["XMP-lr:HierarchicalSubject"] == ["photoaesth|stars|5 stars"]
    assert 1 <= float(tags["XMP-photoaesth:Score"]) <= 10
    assert warned_of(run_exiftool, own.photos) == set()


def test_darktable_accepts_a_sidecar(own: Any) -> None:
    """darktable-cli develops a photo with our sidecar beside it, and with one of its own that
    we merged into."""
    tool = shutil.which("darktable-cli") or pytest.skip("darktable is not installed")
    theirs = next(d.packet for d in DIALECTS if "darktable" in d.name and b"history" in d.packet)
    (own.photos / "small-001.jpg.xmp").write_bytes(theirs)
    own("xmp", "write", "--stars", "--sidecar-style", "darktable", "--overwrite", "--yes")
    for name in ("small-000.jpg", "small-001.jpg"):
        output = own.home / f"developed-{name}"
        sidecar = own.photos / f"{name}.xmp"
        command = [tool, own.photos / name, sidecar, output, "--core", "--configdir",
                   own.home / "darktable", "--library", ":memory:", "--disable-opencl"]  # fmt: skip
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stdout + result.stderr
        assert output.stat().st_size > 0


def test_embedding_keeps_what_the_library_knows(own: Any, run_exiftool: Callable[..., str]) -> None:
    """Written into photos, their pictures, choices and scores stay, and nothing is read anew."""
    photos = sorted(own.photos.glob("*.jpg"))
    pictures = [picture_of(photo) for photo in photos]
    before = [photo.read_bytes() for photo in photos]
    rating = own.home / "ratings.csv"
    rating.write_text("photo,stars\n" + "".join(f"{p},{1 + i % 5}\n" for i, p in enumerate(photos)))
    own("comparisons", "import", rating)
    scores = {p["path"]: p["score"] for p in own.json("rank", "--top", "99")["photos"]}
    known = own.sql("SELECT id, path FROM photos JOIN files ON photo_id = id ORDER BY id")

    report = own.json("xmp", "write", "--stars", "--embed", "--yes")
    assert report["written"] == len(photos)
    assert sidecars_of(own.photos) == {}
    assert [picture_of(photo) for photo in photos] == pictures
    assert all(photo.read_bytes() != data for photo, data in zip(photos, before, strict=True))
    assert run_exiftool("-q", "-validate", "-warning", "-a", *photos).count("Warning") == 0

    index = own.json("index")
    assert (index["indexed"], index["unchanged"], index["missing"]) == (0, len(photos), 0)
    assert {p["path"]: p["score"] for p in own.json("rank", "--top", "99")["photos"]} == scores
    assert own.sql("SELECT id, path FROM photos JOIN files ON photo_id = id ORDER BY id") == known
    assert own.sql("SELECT count(*) FROM ratings WHERE retracted_at IS NULL") == [(len(photos),)]
    moved = photos[0].rename(photos[0].with_name("moved.jpg"))
    assert own.json("index")["moved"] == 1  # known by its new content
    moved.rename(photos[0])
    assert own.json("index")["moved"] == 1

    assert own.json("xmp", "write", "--stars", "--embed", "--yes")["written"] == 0
    assert len(own.json("xmp", "undo", "--yes")["restored"]) == len(photos)
    assert run_exiftool("-q", "-xmp:all", *photos) == ""
    assert [picture_of(photo) for photo in photos] == pictures
    assert own.json("index")["indexed"] == 0
    assert own.is_sound()


def test_a_rated_library_trains(
    program: Any, run_exiftool: Callable[..., str], tmp_path: Path
) -> None:
    """Stars that a photographer gave elsewhere, in sidecars and in photos, train a first model
    with no question asked; it agrees with them more than the generic one, or is not used."""
    from photoaesth.samples.album import draw_album
    from photoaesth.samples.photographer import DEMO_PHOTOGRAPHER, standardise

    samples = draw_album(program.photos, count=_ALBUM)
    utilities = [
        DEMO_PHOTOGRAPHER.utility(traits)
        for traits in standardise([sample.traits for sample in samples])
    ]
    order = sorted(utilities)
    stars = [1 + 5 * order.index(utility) // _ALBUM for utility in utilities]
    paths = [sample.path for sample in samples]
    rows = [f"{path},{count}" for path, count in zip(paths, stars, strict=True)]
    (tmp_path / "stars.csv").write_text("\n".join(["SourceFile,XMP-xmp:Rating", *rows]))
    run_exiftool("-q", "-overwrite_original", f"-csv={tmp_path / 'stars.csv'}", *paths)
    half = paths[::2]
    run_exiftool("-q", "-tagsFromFile", "@", "-xmp:all", "-o", "%d%f.xmp", *half)
    run_exiftool("-q", "-overwrite_original", "-xmp:all=", *half)
    program("index", program.photos)

    report = program.json("xmp", "import")
    assert (report["imported"], report["skipped"], report["conflicts"]) == (_ALBUM, [], [])
    again = program.json("xmp", "import")
    assert (again["imported"], again["known"]) == (0, _ALBUM)
    trained = program.json("train")
    heldout = trained["heldout"]
    assert trained["direct"] == 0
    assert trained["kept"] == "personal"
    assert heldout["personal"] > heldout["generic"]


def test_hostile_names_by_the_program(program: Any, draw_photo: Callable[..., Path]) -> None:
    """Names that would be commands, markup or no text at all are written, listed and undone."""
    names = ["<img src=x onerror=alert(1)>.jpg", "two\nlines.jpg", "\u202egpj.jpg", "-q.jpg"]
    names += ["a" * 246 + ".jpg", os.fsdecode(b"latin-1 \xe9.jpg")]
    for number, name in enumerate(names):
        draw_photo(program.photos / name, number)
    program("index", program.photos)
    for how in (("--sidecar-style", "both"), ("--embed",)):
        report = program.json("xmp", "write", "--stars", *how, "--yes")
        assert report["skipped"] == []
        assert all(item["path"].isprintable() for item in report["files"])
        dry = program("xmp", "write", "--stars", "--label", "red", *how, "--dry-run")
        assert all(line.isprintable() for line in dry.stdout.decode().split("\n"))
        program("xmp", "undo", "--yes")
        assert sidecars_of(program.photos) == {}


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
@pytest.mark.parametrize("after", [1, 12, 30])
def test_a_killed_write_is_undone(
    program: Any, draw_small: Callable[..., list[Path]], after: int
) -> None:
    """kill -9 at any moment leaves whole sidecars that undo knows of, every one."""
    photos = draw_small(program.photos, 40)
    program("index", program.photos)
    before = {}
    for photo in photos[::2]:
        sidecar = photo.with_suffix(".xmp")
        sidecar.write_bytes(DIALECTS[0].packet)
        before[sidecar.name] = DIALECTS[0].packet
    process = program.start("xmp", "write", "--stars", "--overwrite", "--yes")
    deadline = time.monotonic() + _PATIENCE_S
    while sum(b"photoaesth" in data for data in sidecars_of(program.photos).values()) < after:
        assert process.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < deadline
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=_PATIENCE_S)
    for data in sidecars_of(program.photos).values():
        assert data.rstrip().endswith(b'"?>'), "half a sidecar"
    assert program.is_sound()
    program("xmp", "undo", "--yes")
    assert sidecars_of(program.photos) == before


@pytest.fixture
def small_disk(program: Any) -> Iterator[Path]:
    """The folder of the photos, on a file system of one megabyte."""
    program.photos.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(program.photos)]
    if shutil.which("mount") is None or subprocess.run(mount, check=False).returncode:
        pytest.skip("only root may mount a small disk, and not everywhere")
    try:
        yield program.photos
    finally:
        subprocess.run(["umount", str(program.photos)], check=True)


def test_a_full_disk_ends_in_one_line(
    program: Any, small_disk: Path, draw_small: Callable[..., list[Path]]
) -> None:
    """The line says so; nothing is half written, and with room the same command completes."""
    draw_small(small_disk, 8)
    program("index", small_disk)
    ballast = small_disk / "ballast"
    with ballast.open("wb") as file:
        file.write(bytes(shutil.disk_usage(small_disk).free))
    result = program("xmp", "write", "--stars", "--yes", "--quiet", code=1)
    (line,) = [line for line in result.stderr.decode().splitlines() if "photoaesth: " in line]
    assert "the disk is full" in line
    assert sidecars_of(small_disk) == {}
    ballast.unlink()
    assert program.json("xmp", "write", "--stars", "--yes")["written"] == 8
    program("xmp", "undo", "--yes")
    assert sidecars_of(small_disk) == {}


def test_it_asks_on_a_terminal(own: Any) -> None:
    """The count is shown and a no changes nothing; without a terminal it wants --yes."""
    pexpect = pytest.importorskip("pexpect")
    assert (
        f"{_PHOTOS} files? There is nobody to ask; add --yes"
        in own("xmp", "write", "--stars", code=2).stderr.decode()
    )
    command = own.command("xmp", "write", "--stars")
    for answer, code, files in (("n", 1, 0), ("y", 0, _PHOTOS)):
        child = pexpect.spawn(
            command[0], command[1:], env=own.environment(), timeout=_PATIENCE_S, encoding="utf-8"
        )
        child.expect_exact(f"Write {_PHOTOS} files? [y/N]:")
        child.sendline(answer)
        child.expect(pexpect.EOF)
        child.close()
        assert child.exitstatus == code
        assert len(sidecars_of(own.photos)) == files


def warned_of(run_exiftool: Callable[..., str], folder: Path) -> set[str]:
    """Return the names of the sidecars in a folder that exiftool finds anything wrong with."""
    said = json.loads(run_exiftool("-q", "-json", "-validate", "-ext", "xmp", folder))
    return {Path(tags["SourceFile"]).name for tags in said if tags["Validate"] != "OK"}


def picture_of(photo: Path) -> bytes:
    """Return the decoded pixels of a photo."""
    from PIL import Image

    with Image.open(photo) as image:
        return image.tobytes()
