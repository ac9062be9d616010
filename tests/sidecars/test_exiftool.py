"""XMP is written into photos by the real exiftool, and nothing else of them changes."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photoaesth.errors import PhotoaesthError
from photoaesth.sidecars import (
    EMBEDDABLE_SUFFIXES,
    ExifTool,
    Wanted,
    embedded_marks,
    embedded_packet,
    restore_marks,
    write_marks,
)
from photoaesth.sidecars.other_data import other_data_digest

from .conftest import AT
from .dialects import CRS, DC, XMP, described, listed, wrapped

pytestmark = pytest.mark.skipif(
    shutil.which("exiftool") is None, reason="exiftool is not installed (libimage-exiftool-perl)"
)
PACKET = wrapped(
    described(f'{XMP} {DC} {CRS} xmp:Rating="2" crs:Exposure2012="+1"', listed("dc:subject", "x")),
    toolkit="x",
).encode()
WANTED = Wanted(rating=5, score=8.5, keywords=("style|low key",))
_SHARED = Path(__file__).parents[3] / "shared/data"
_CAMERAS = _SHARED / "camera-photos"
_HEIC = _SHARED / "hostile-images/pillow_heif/tests/images/heif_other/L_exif_xmp_iptc.heic"


@pytest.fixture(scope="module")
def tool():
    """One exiftool for all tests of this file."""
    with ExifTool() as running:
        yield running


def drawn(path: Path) -> Path:
    """Draw a photo of any format, with EXIF where the format has it."""
    image = Image.linear_gradient("L").resize((60, 40)).convert("RGB")
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    is_tiff = path.suffix in {".tif", ".dng"}
    image.save(
        path,
        "TIFF" if is_tiff else None,
        **({"tiffinfo": {0x010F: "Maker"}} if is_tiff else {"exif": exif}),
    )
    return path


def embedded(tool: ExifTool, photo: Path, wanted: Wanted = WANTED):
    """Write into a photo as the program does; return what was changed."""
    written = write_marks(embedded_packet(photo) or None, wanted, at=AT)
    tool.embed(photo, written.packet)
    return written


@pytest.mark.parametrize("suffix", [".jpg", ".tif", ".dng", ".png", ".webp", ".avif"])
def test_a_photo_gets_marks_and_keeps_its_picture(tool, tmp_path, suffix):
    """After a write the photo says what was wanted; pixels, EXIF and mode are as before.

    Its time is new: incremental backups would miss it otherwise.
    """
    photo = drawn(tmp_path / f"photo{suffix}")
    photo.chmod(0o640)
    os.utime(photo, ns=(10**18, 10**18 + 7))
    with Image.open(photo) as image:
        pixels, maker = np.asarray(image), image.getexif()[0x010F]

    embedded(tool, photo)

    marks = embedded_marks(photo)
    assert (marks.rating, marks.score, marks.own_rating) == (5, 8.5, 5)
    with Image.open(photo) as image:
        np.testing.assert_array_equal(np.asarray(image), pixels)
        assert image.getexif()[0x010F] == maker
    assert photo.stat().st_mode & 0o777 == 0o640
    assert photo.stat().st_mtime_ns > 10**18 + 7
    assert list(tmp_path.iterdir()) == [photo]


@pytest.mark.parametrize("suffix", [".jpg", ".tif", ".png", ".webp"])
def test_what_is_there_stays_and_ours_goes_back(tool, tmp_path, suffix):
    """A packet with settings of Camera Raw is merged into, and ours can be taken back."""
    photo = drawn(tmp_path / f"photo{suffix}")
    tool.embed(photo, PACKET)

    written = embedded(tool, photo)
    assert b'crs:Exposure2012="+1"' in embedded_packet(photo)
    assert embedded_marks(photo).keywords == ("x", "low key")
    tool.embed(photo, restore_marks(embedded_packet(photo), written.changes))

    # exiftool ends the packet of a PNG as one that may not be written in place.
    assert embedded_packet(photo).replace(b'end="r"', b'end="w"').rstrip() == PACKET


def test_an_empty_packet_takes_the_xmp_out(tool, tmp_path):
    """A photo that had no XMP can have none again."""
    photo = drawn(tmp_path / "photo.jpg")
    before = photo.read_bytes()
    embedded(tool, photo)

    tool.embed(photo, b"")

    assert embedded_packet(photo) == b""
    assert photo.read_bytes() == before


def test_a_packet_too_large_for_a_segment_is_refused(tool, tmp_path):
    """200 kB would lose what exiftool cannot split: the photo stays as it is."""
    photo = drawn(tmp_path / "photo.jpg")
    before = photo.read_bytes()
    large = described(f'{XMP} {CRS} crs:Table_0A="{"zQ9%" * 50_000}" xmp:Rating="1"')

    with pytest.raises(PhotoaesthError, match=r"its XMP would take 20\d kB, .*; use a sidecar"):
        tool.embed(photo, wrapped(large, toolkit="x").encode())

    assert photo.read_bytes() == before


def test_a_packet_that_just_fits_is_written(tool, tmp_path):
    """The last packet that fits into a segment of a JPEG is written whole."""
    photo = drawn(tmp_path / "photo.jpg")
    packet = wrapped(described(f'{XMP} xmp:Label="{{}}"'), toolkit="x").replace("{}", "x" * 64_000)
    packet = packet.replace("x" * 64_000, "x" * (64_000 + 65_504 - len(packet.encode())))

    tool.embed(photo, packet.encode())

    assert embedded_packet(photo) == packet.encode()


@pytest.mark.parametrize(
    "name", ["a\nb.jpg", "-rating=1.jpg", "#x.jpg", " .jpg", "<img onerror=x>.jpg", "\u202egpj.jpg"]
)
def test_hostile_names_are_names(tool, tmp_path, name):
    """No name of a photo or of its folder is taken for an argument."""
    folder = tmp_path / "line\nbreak"
    folder.mkdir()
    photo = drawn(folder / name)

    embedded(tool, photo)

    assert embedded_marks(photo).rating == 5


def test_a_link_stays_a_link(tool, tmp_path):
    """Of a symbolic link, the file it leads to is written."""
    photo = drawn(tmp_path / "photo.jpg")
    link = tmp_path / "link.jpg"
    link.symlink_to(photo)

    embedded(tool, link)

    assert link.is_symlink()
    assert embedded_marks(photo).rating == 5


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"no photo", "File format error|Not a valid"), (b"", "Format error")],
)
def test_what_is_no_photo_is_refused_and_untouched(tool, tmp_path, content, reason):
    """A file that exiftool cannot write is named with the reason, in one line."""
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(content)

    with pytest.raises(PhotoaesthError, match=reason) as refused:
        tool.embed(photo, PACKET)

    assert str(refused.value).startswith(f"cannot write into {photo}: ")
    assert "\n" not in str(refused.value)
    assert photo.read_bytes() == content


def test_after_a_refusal_the_next_photo_is_written(tool, tmp_path):
    """One bad photo does not end exiftool."""
    (tmp_path / "bad.jpg").write_bytes(b"no photo")
    with pytest.raises(PhotoaesthError):
        tool.embed(tmp_path / "bad.jpg", PACKET)

    photo = drawn(tmp_path / "good.jpg")
    embedded(tool, photo)

    assert embedded_marks(photo).rating == 5


def test_without_exiftool_the_package_is_named(monkeypatch, tmp_path):
    """Where it is not installed, the error says how to install it."""
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(PhotoaesthError, match="libimage-exiftool-perl"):
        ExifTool()


_RUN = """
import sys
from pathlib import Path
from photoaesth.sidecars import ExifTool
with ExifTool() as tool:
    tool.embed(Path(sys.argv[1]), sys.argv[2].encode())
    print(tool._process.pid, flush=True)
    sys.stdin.read()
"""


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="whether a process is left: Linux's")
def test_exiftool_ends_with_a_run_that_is_killed(tmp_path):
    """After kill -9 no exiftool is left."""
    photo = drawn(tmp_path / "photo.jpg")
    with subprocess.Popen(
        [sys.executable, "-c", _RUN, photo, PACKET.decode()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"TMPDIR": str(tmp_path)},
    ) as run:
        running = Path("/proc", run.stdout.readline().decode().strip())
        assert b"exiftool" in (running / "cmdline").read_bytes()
        run.send_signal(signal.SIGKILL)

    deadline = time.monotonic() + 60
    while running.exists() and "\nState:\tZ" not in (running / "status").read_text():
        assert time.monotonic() < deadline, "exiftool goes on"
        time.sleep(0.05)


def test_what_killed_runs_left_is_removed(tmp_path, monkeypatch):
    """Folders with a copy of a photo go after an hour; those of runs that go on stay."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    old, new, other = (
        tmp_path / name for name in ("photoaesth-exiftool-a", "photoaesth-exiftool-b", "other")
    )
    for folder in (old, new, other):
        folder.mkdir()
        drawn(folder / "photo.jpg")
    for folder in (old, other):
        os.utime(folder, (1e9, 1e9))

    with ExifTool():
        pass

    assert sorted(tmp_path.iterdir()) == [other, new]


@pytest.mark.parametrize("suffix", [".jpg", ".tif", ".dng", ".png", ".webp"])
def test_the_guard_of_a_write_sees_all_but_xmp(tool, tmp_path, suffix):
    """One changed block of pixels or one changed tag gives another checksum; XMP does not."""
    noise = np.random.default_rng(0).integers(0, 256, (24, 32, 3), np.uint8)
    changed = noise.copy()
    changed[8:16, 8:16] ^= 128
    for name, pixels, maker in (("a", noise, "x"), ("b", changed, "x"), ("c", noise, "y")):
        exif = Image.Exif()
        exif[0x010F] = maker
        is_tiff = suffix in {".tif", ".dng"}
        Image.fromarray(pixels).save(
            tmp_path / f"{name}{suffix}", "TIFF" if is_tiff else None, exif=exif
        )
    a, b, c = (other_data_digest(tmp_path / f"{name}{suffix}") for name in "abc")

    embedded(tool, tmp_path / f"a{suffix}")

    assert len({a, b, c}) == 3
    assert other_data_digest(tmp_path / f"a{suffix}") == a


@pytest.mark.shared_data
@pytest.mark.skipif(not _CAMERAS.exists(), reason="the camera photos are not beside the checkout")
def test_photos_of_real_cameras_change_in_their_xmp_alone(tool, tmp_path):
    """A write into a camera's JPEG, maker notes and previews and all, can be taken back whole."""
    for number, source in enumerate(sorted(_CAMERAS.glob("*.jpg"))):
        photo = Path(shutil.copy(source, tmp_path / f"{number}.jpg"))
        if embedded_packet(photo):
            continue
        embedded(tool, photo)
        assert embedded_marks(photo).rating == 5

        tool.embed(photo, b"")

        assert photo.read_bytes() == source.read_bytes(), source.name


@pytest.mark.shared_data
def test_a_heic_gets_marks(tool, tmp_path):
    """A real HEIC is written into, its picture the same."""
    if not _HEIC.exists():
        pytest.skip("the development photos are not beside the checkout")
    photo = Path(shutil.copy(_HEIC, tmp_path / "photo.heic"))

    embedded(tool, photo)

    assert embedded_marks(photo).rating == 5


def test_raw_files_are_not_for_writing():
    """Of RAW formats, only DNG may be written into."""
    from photoaesth.imaging import RAW_SUFFIXES

    assert {".dng"} == EMBEDDABLE_SUFFIXES & RAW_SUFFIXES
