import io
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms

from photoaesth.imaging import decode, decode_deep, deep, encode_deep
from photoaesth.srgb import adobe_rgb_profile, cicp_profile

ORIENTATION, MAKE, EXPOSURE_TIME = 0x0112, 0x010F, 0x829A
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"/>'


def gradient(height: int = 40, width: int = 60) -> np.ndarray:
    """Smooth colours that use all 16 bits, `(H, W, 3)`."""
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    return np.rint(65_535 * np.stack([x, y, (x + y) / 2], axis=-1)).astype(np.uint16)


def exif_block(tags: dict[int, object]) -> bytes:
    exif = Image.Exif()
    exif.update(tags)
    return exif.tobytes().removeprefix(b"Exif\0\0")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "photo"


@pytest.mark.parametrize("file_format", ["PNG", "TIFF"])
def test_every_value_survives_the_round_trip(file_format: str, path: Path) -> None:
    """All 16 bits are written and read, with EXIF, profile and XMP."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exif = exif_block({MAKE: "Maker", 0x8769: {EXPOSURE_TIME: 0.5}})
    content = encode_deep(gradient(), format=file_format, exif=exif, icc_profile=profile, xmp=XMP)
    path.write_bytes(content)
    photo = decode_deep(path)
    np.testing.assert_array_equal(photo.values, gradient())
    assert (photo.icc_profile, photo.xmp) == (profile, XMP)
    read = Image.Exif()
    read.load(photo.exif)
    assert read[MAKE] == "Maker"
    assert read.get_ifd(0x8769)[EXPOSURE_TIME] == 0.5


@pytest.mark.parametrize("file_format", ["PNG", "TIFF"])
def test_pillow_reads_what_we_write(file_format: str) -> None:
    """Another decoder finds the picture, to the 8 bits that it keeps."""
    content = encode_deep(gradient(), format=file_format)
    with Image.open(io.BytesIO(content)) as image:
        assert image.format == file_format
        np.testing.assert_array_equal(np.asarray(image), gradient() >> 8)
    assert decode(content).exif == b""


def test_tifffile_reads_what_we_write() -> None:
    """A decoder of its own finds the same 16 bits in our TIFF."""
    content = encode_deep(gradient(), format="TIFF", exif=exif_block({MAKE: "Maker"}), xmp=XMP)
    np.testing.assert_array_equal(tifffile.imread(io.BytesIO(content)), gradient())


@pytest.mark.skipif(shutil.which("exiftool") is None, reason="exiftool is not there")
@pytest.mark.parametrize(("file_format", "suffix"), [("PNG", ".png"), ("TIFF", ".tif")])
def test_exiftool_finds_nothing_wrong(file_format: str, suffix: str, tmp_path: Path) -> None:
    """The file is valid and says 16 bits, upright, with the tags that it was given."""
    path = tmp_path / f"photo{suffix}"
    exif = exif_block({MAKE: "Maker", ORIENTATION: 6, 0x8825: {1: "N", 2: (48.0, 8.0, 0.0)}})
    path.write_bytes(encode_deep(gradient(), format=file_format, exif=exif))
    tags = ("-Make", "-Orientation", "-BitsPerSample", "-BitDepth", "-GPSLatitude", "-Error")
    command = ["exiftool", "-s3", "-n", *tags, str(path)]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")
    bits = {"PNG": "16", "TIFF": "16 16 16"}[file_format]
    assert lines[:4] == ["Maker", "1", bits, "48.1333333333333"]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"byteorder": ">"},
        {"compression": "zlib"},
        {"compression": "zlib", "predictor": True},
        {"rowsperstrip": 7},
        {"tile": (16, 16)},
    ],
    ids=str,
)
def test_tiff_files_of_other_programs_are_read(options: dict[str, object], path: Path) -> None:
    """Whatever the order of bytes, compression and layout, the values come out."""
    tifffile.imwrite(path, gradient(), photometric="rgb", **options)
    np.testing.assert_array_equal(decode_deep(path).values, gradient())


@pytest.mark.parametrize("file_format", ["PNG", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_photos_come_out_upright(
    file_format: str, orientation: int, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each orientation is turned as in 8 bits."""
    if file_format == "PNG":
        monkeypatch.setattr(deep, "upright_exif", lambda exif: exif)  # what we write is upright
        exif = exif_block({ORIENTATION: orientation})
        path.write_bytes(encode_deep(gradient(), format="PNG", exif=exif))
    else:
        tifffile.imwrite(
            path, gradient(), photometric="rgb", extratags=[(ORIENTATION, "H", 1, orientation)]
        )
    photo = decode_deep(path)
    plain = np.asarray(decode(path).image, dtype=int)
    assert photo.values.flags.c_contiguous
    assert photo.values.shape == plain.shape
    assert np.abs((photo.values >> 8) - plain).max() <= 1


@pytest.mark.parametrize("profile", [adobe_rgb_profile(), cicp_profile(9), cicp_profile(12)])
def test_colors_agree_with_those_of_littlecms(profile: bytes, path: Path) -> None:
    """A profile is converted from as `decode` does it, to the rounding of 8 bits."""
    coarse = gradient() // 257 * 257  # what 8 bits hold
    tifffile.imwrite(path, coarse, photometric="rgb", iccprofile=profile)
    photo = decode_deep(path)
    plain = np.asarray(decode(path).image, dtype=float)
    assert np.abs(photo.values / 257 - plain).max() <= 1


def test_a_profile_is_converted_to_and_from_exactly(path: Path) -> None:
    """Colours that sRGB holds return to their values in a wide space, to 16 bits nearly."""
    profile = adobe_rgb_profile()
    inner = (gradient() // 4 + 24_000).astype(np.uint16)
    tifffile.imwrite(path, inner, photometric="rgb", iccprofile=profile)
    photo = decode_deep(path)
    path.write_bytes(encode_deep(photo.values, format="TIFF", icc_profile=profile))
    assert np.abs(tifffile.imread(path).astype(int) - inner).max() <= 3


def test_other_photos_are_left_to_decode(path: Path) -> None:
    """8 bits, transparency, grey, planes, tables of colours and broken files are not for us."""
    for options in ({"mode": "RGB"}, {"mode": "RGBA"}, {"mode": "I;16"}):
        Image.new(options["mode"], (4, 4)).save(path, "PNG")
        assert decode_deep(path) is None
    tifffile.imwrite(path, gradient().transpose(2, 0, 1), photometric="rgb", planarconfig=2)
    assert decode_deep(path) is None
    tifffile.imwrite(path, gradient(), photometric="rgb", iccprofile=b"broken" * 40)
    assert decode_deep(path) is None
    content = encode_deep(gradient(), format="PNG")
    for broken in (b"", b"no photo", content[:-200]):
        path.write_bytes(broken)
        assert decode_deep(path) is None
    assert decode_deep(path.with_name("gone")) is None
