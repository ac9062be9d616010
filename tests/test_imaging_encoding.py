import io
import shutil
import struct
import subprocess

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from photoaesth.errors import PhotoaesthError
from photoaesth.imaging import decode, encode, thumbnail, upright_exif
from photoaesth.srgb import adobe_rgb_profile

ORIENTATION, IMAGE_WIDTH, MAKE, EXPOSURE_TIME = 0x0112, 0x0100, 0x010F, 0x829A
COARSE = np.random.default_rng(0).integers(60, 200, (4, 6, 3), dtype=np.uint8)
PHOTO = Image.fromarray(COARSE).resize((96, 64), Image.Resampling.BICUBIC)


def difference(image: Image.Image) -> int:
    assert image.size == PHOTO.size
    return int(np.abs(np.subtract(image, PHOTO, dtype=int)).max())


def exif_block(tags: dict[int, object]) -> bytes:
    exif = Image.Exif()
    exif.update(tags)
    return exif.tobytes().removeprefix(b"Exif\0\0")


def parsed(block: bytes) -> Image.Exif:
    exif = Image.Exif()
    exif.load(block)
    return exif


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_encoding_keeps_pixels_and_exif(file_format):
    """A written picture decodes to the same colours and the same EXIF, upright."""
    exif = exif_block({MAKE: "Maker", ORIENTATION: 6, 0x8769: {EXPOSURE_TIME: 0.5}})
    data = encode(PHOTO, format=file_format, exif=exif)
    decoded = decode(data)
    assert decoded.format == file_format
    assert difference(decoded.image) <= (0 if file_format in {"PNG", "TIFF"} else 12)
    assert decoded.icc_profile == b""
    read = parsed(decoded.exif)
    assert (read[MAKE], read[ORIENTATION]) == ("Maker", 1)
    assert read.get_ifd(0x8769)[EXPOSURE_TIME] == 0.5


def test_encoding_into_an_impossible_profile_embeds_srgb():
    """A profile that pixels cannot be in is replaced by sRGB, in the file as well."""
    decoded = decode(encode(PHOTO, format="PNG", icc_profile=b"broken"))
    assert decoded.icc_profile[16:20] == b"RGB "
    assert difference(decoded.image) == 0


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_encoding_into_a_profile_keeps_the_look(file_format):
    """Pixels are converted into the given colour space, whose profile is embedded."""
    profile = adobe_rgb_profile()
    data = encode(PHOTO, format=file_format, icc_profile=profile)
    decoded = decode(data)
    assert decoded.icc_profile == profile
    assert difference(decoded.image) <= (2 if file_format in {"PNG", "TIFF"} else 14)
    stored = Image.open(io.BytesIO(data)).convert("RGB")
    assert difference(stored) > 15


def test_exif_that_does_not_fit_is_left_out():
    """A JPEG is written without an EXIF block over 64 KB; a PNG takes it."""
    exif = exif_block({MAKE: "m" * 70_000})
    assert decode(encode(PHOTO, format="JPEG", exif=exif)).exif == b""
    assert decode(encode(PHOTO, format="PNG", exif=exif)).exif == exif


def test_a_tiff_is_written_whatever_the_exif():
    """Neither a broken EXIF block nor one with another picture's size harms a TIFF."""
    other = exif_block({IMAGE_WIDTH: 3, MAKE: "Maker"})
    broken = b"II*\0\x08\0\0\0\1\0" + struct.pack("<HHII", 0x8769, 4, 1, 0xFFFFFF) + bytes(4)
    for exif in (other, broken):
        assert difference(decode(encode(PHOTO, format="TIFF", exif=exif)).image) == 0


def test_a_picture_too_large_for_its_format_is_refused():
    """WebP ends at 16,383 pixels a side, and the message says so."""
    with pytest.raises(PhotoaesthError, match="16,383"):
        encode(Image.new("RGB", (16_384, 1)), format="WEBP")


@pytest.mark.parametrize("order", ["<", ">"])
def test_upright_exif_changes_two_numbers(order):
    """Only the orientation's value and the thumbnail's link differ, in either byte order."""
    block = {"<": b"II*\0", ">": b"MM\0*"}[order] + struct.pack(order + "I", 8)
    block += struct.pack(order + "H", 2)
    block += struct.pack(order + "HHIHH", ORIENTATION, 3, 1, 6, 0)
    block += struct.pack(order + "HHI4s", MAKE, 2, 4, b"abc\0")
    block += struct.pack(order + "I", 40) + b"maker notes and a thumbnail"
    expected = bytearray(block)
    struct.pack_into(order + "H", expected, 18, 1)
    struct.pack_into(order + "I", expected, 34, 0)
    assert upright_exif(block) == bytes(expected)
    assert upright_exif(upright_exif(block)) == bytes(expected)


@given(st.binary(max_size=80), st.sampled_from([b"", b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08"]))
def test_upright_exif_of_garbage_is_as_long_or_empty(tail, head):
    """Any bytes come back at the same length, or as nothing."""
    assert len(upright_exif(head + tail)) in {0, len(head + tail)}


def test_a_thumbnail_is_a_small_plain_jpeg():
    """A thumbnail has the asked size and no metadata."""
    decoded = decode(thumbnail(PHOTO.resize((900, 600)), max_side=120))
    assert (decoded.format, decoded.image.size) == ("JPEG", (120, 80))
    assert decoded.exif == decoded.icc_profile == b""


BY_LINE = b"\x1c\x02\x50\x00\x04Noor" + b"\x1c\x02\x74\x00\x06\xc2\xa9 Noo"  # IIM 2:80 and 2:116


def test_iptc_goes_along_in_jpegs():
    """By-line and copyright of a JPEG's IPTC record are in its copy; none makes no segment."""
    picture = Image.new("RGB", (32, 24), "teal")
    content = encode(picture, format="JPEG", iptc=BY_LINE)
    assert decode(content).iptc == BY_LINE
    assert decode(encode(picture, format="JPEG")).iptc == b""
    assert b"Photoshop" not in encode(picture, format="JPEG")


def test_iptc_that_does_not_fit_is_left_out():
    """A record beyond a segment's size breaks no file."""
    content = encode(
        Image.new("RGB", (32, 24)), format="JPEG", iptc=b"\x1c\x02\x78" + bytes(70_000)
    )
    assert decode(content).iptc == b""


@pytest.mark.skipif(not shutil.which("exiftool"), reason="exiftool is not installed")
def test_exiftool_reads_the_iptc_that_was_kept(tmp_path):
    """What exiftool wrote into a photo, it finds in what was made of it."""
    photo, copy = tmp_path / "photo.jpg", tmp_path / "copy.jpg"
    PHOTO.save(photo)
    subprocess.run(["exiftool", "-q", "-IPTC:By-line=Noor", photo], check=True)
    decoded = decode(photo)
    copy.write_bytes(encode(decoded.image, format="JPEG", iptc=decoded.iptc))
    found = subprocess.run(
        ["exiftool", "-s3", "-IPTC:By-line", copy], capture_output=True, check=True
    )
    assert found.stdout.strip() == b"Noor"
