import io
import itertools
import struct
import subprocess
import sys
from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image

from photoaesth.errors import UnreadableImageError
from photoaesth.imaging import RAW_SUFFIXES, decode, photo_suffixes
from photoaesth.imaging.raw import is_raw
from photoaesth.library.exif import read_exif

BYTE, ASCII, SHORT, LONG, RATIONAL, SRATIONAL = 1, 2, 3, 4, 5, 10
UNCOMPRESSED, JPEG_COMPRESSION, JXL_COMPRESSION = 1, 7, 52_546
CFA, YCBCR = 32_803, 6
Tags = dict[int, tuple[int, Sequence[object]]]

# Colours of four quadrants as a sensor without crosstalk sees them, white balanced: linear light.
QUADRANTS = {"red": (0.6, 0.05, 0.05), "green": (0.05, 0.6, 0.05), "blue": (0.05, 0.05, 0.6)}
QUADRANTS["grey"] = (0.5, 0.5, 0.5)
NEUTRAL = (0.5, 1.0, 0.625)  # what the camera's sensor makes of grey


def packed(kind: int, values: Sequence[object]) -> tuple[int, bytes]:
    """Return count and bytes of a little-endian TIFF value."""
    if kind == ASCII:
        text = str(values).encode() + b"\0"
        return len(text), text
    if kind in {RATIONAL, SRATIONAL}:
        pairs = [round(float(v) * d) if d == 10_000 else d for v in values for d in (10_000, 1)]
        pairs[1::2] = [10_000] * len(values)
        return len(values), struct.pack(f"<{len(pairs)}{'I' if kind == RATIONAL else 'i'}", *pairs)
    return len(values), struct.pack(f"<{len(values)}{'xBxHI'[kind]}", *values)


def directory(tags: Tags, start: int) -> bytes:
    """Lay out one TIFF directory that stands at `start`, with its values behind it."""
    entries, values = b"", b""
    behind = start + 2 + 12 * len(tags) + 4
    for tag in sorted(tags):
        kind, data = tags[tag]
        count, payload = packed(kind, data)
        if len(payload) > 4:
            entries += struct.pack("<HHII", tag, kind, count, behind + len(values))
            values += payload + bytes(len(payload) % 2)
        else:
            entries += struct.pack("<HHI", tag, kind, count) + payload.ljust(4, b"\0")
    return struct.pack("<H", len(tags)) + entries + bytes(4) + values


def dng(
    size: tuple[int, int] = (64, 48),
    *,
    preview: bytes = b"",
    orientation: int = 1,
    compression: int = UNCOMPRESSED,
) -> bytes:
    """Build a DNG of an RGGB sensor that saw the four quadrants, and maybe a preview.

    The layout is that of most cameras: the preview in the first directory, the sensor's data in a
    sub-directory (DNG 1.4, chapters 2 and 4).
    """
    width, height = size
    scene = np.zeros((height, width, 3))
    for (row, column), colour in zip(
        itertools.product((0, 1), (0, 1)), QUADRANTS.values(), strict=True
    ):
        rows = slice(row * height // 2, (row + 1) * height // 2)
        scene[rows, column * width // 2 : (column + 1) * width // 2] = colour
    sensor = scene * NEUTRAL
    mosaic = sensor[..., 1].copy()
    mosaic[::2, ::2], mosaic[1::2, 1::2] = sensor[::2, ::2, 0], sensor[1::2, 1::2, 2]
    pixels = np.rint(mosaic * 65_535).astype("<u2").tobytes()

    camera: Tags = {
        0x010F: (ASCII, "Maker"),
        0x0110: (ASCII, "Model 7"),
        0x0112: (SHORT, [orientation]),
        0x8769: (LONG, [0]),
        0xC612: (BYTE, [1, 4, 0, 0]),
        0xC614: (ASCII, "Maker Model 7"),
        # XYZ to camera: that of sRGB's primaries, so that the sensor's colours are sRGB's.
        0xC621: (
            SRATIONAL,
            [3.2406, -1.5372, -0.4986, -0.9689, 1.8758, 0.0415, 0.0557, -0.204, 1.057],
        ),
        0xC628: (RATIONAL, NEUTRAL),
        0xC65A: (SHORT, [21]),  # D65
    }
    exif: Tags = {
        0x829A: (RATIONAL, [0.005]),
        0x8827: (SHORT, [400]),
        0x9003: (ASCII, "2024:05:06 07:08:09"),
        0x9204: (SRATIONAL, [-1.3]),
        0x927C: (ASCII, "m" * 70_000),
    }
    sensor_data: Tags = {
        0x00FE: (LONG, [0]),
        0x0100: (LONG, [width]),
        0x0101: (LONG, [height]),
        0x0102: (SHORT, [16]),
        0x0103: (SHORT, [compression]),
        0x0106: (SHORT, [CFA]),
        0x0111: (LONG, [0]),
        0x0115: (SHORT, [1]),
        0x0116: (LONG, [height]),
        0x0117: (LONG, [len(pixels)]),
        0x828D: (SHORT, [2, 2]),
        0x828E: (BYTE, [0, 1, 1, 2]),
        0xC61D: (LONG, [65_535]),
    }
    if preview:
        shown = Image.open(io.BytesIO(preview)).size
        camera |= {
            0x00FE: (LONG, [1]),
            0x0100: (LONG, [shown[0]]),
            0x0101: (LONG, [shown[1]]),
            0x0102: (SHORT, [8, 8, 8]),
            0x0103: (SHORT, [JPEG_COMPRESSION]),
            0x0106: (SHORT, [YCBCR]),
            0x0111: (LONG, [0]),
            0x0115: (SHORT, [3]),
            0x0116: (LONG, [shown[1]]),
            0x0117: (LONG, [len(preview)]),
            0x014A: (LONG, [0]),
        }
    else:
        camera |= sensor_data
    first = 8
    second = first + len(directory(camera, first))
    third = second + len(directory(exif, second))
    body = third + (len(directory(sensor_data, third)) if preview else 0)
    camera[0x8769] = (LONG, [second])
    camera[0x0111] = (LONG, [body])
    if preview:
        camera[0x014A] = (LONG, [third])
        sensor_data[0x0111] = (LONG, [body + len(preview)])
    parts = [directory(camera, first), directory(exif, second)]
    parts += [directory(sensor_data, third), preview] if preview else []
    return struct.pack("<4sI", b"II*\0", first) + b"".join(parts) + pixels


def jpeg(size: tuple[int, int], *, exif: bytes = b"") -> bytes:
    """A picture that is orange on top and violet below, which no sensor here saw.

    EXIF stands first in it, as cameras write it (Exif 2.32, 4.7.1), not behind Pillow's JFIF.
    """
    image = Image.new("RGB", size, (240, 140, 20))
    image.paste((120, 40, 200), (0, size[1] // 2, *size))
    stream = io.BytesIO()
    image.save(stream, "JPEG", exif=exif)
    data = stream.getvalue()
    return data[:2] + data[20:] if exif else data


def looks_like(image: Image.Image, at: tuple[float, float]) -> str:
    """Name the quadrant's colour or the preview's half at a place, (0, 0) to (1, 1)."""
    pixel = image.getpixel((int(at[0] * image.width), int(at[1] * image.height)))
    if np.ptp(pixel) < 12:
        return "grey"
    for name, colour in {"orange": (240, 140, 20), "violet": (120, 40, 200)}.items():
        if np.abs(np.subtract(pixel, colour)).max() < 20:
            return name
    return ("red", "green", "blue")[int(np.argmax(pixel))]


CORNERS = [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)]


def test_without_a_preview_the_sensor_is_rendered_at_half_size():
    """Colours come out in their places and grey comes out grey: the camera's white balance."""
    decoded = decode(dng())
    assert (decoded.format, decoded.width, decoded.height) == ("RAW", 64, 48)
    assert decoded.image.size == (32, 24)
    assert [looks_like(decoded.image, at) for at in CORNERS] == list(QUADRANTS)


@pytest.mark.parametrize("min_side", [None, 576])
def test_a_large_preview_is_what_the_camera_meant(min_side):
    """A preview of 1,000 pixels is taken; the size that is reported is the sensor's."""
    decoded = decode(dng((1600, 1200), preview=jpeg((1000, 750))), min_side=min_side)
    assert (decoded.format, decoded.width, decoded.height) == ("RAW", 1600, 1200)
    assert decoded.image.size == (1000, 750)
    assert [looks_like(decoded.image, at) for at in CORNERS] == ["orange"] * 2 + ["violet"] * 2


def test_a_preview_is_decoded_at_a_fraction():
    """Of a large preview no more is decoded than is asked for."""
    assert decode(dng(preview=jpeg((2400, 1800))), min_side=576).image.size == (600, 450)


def test_a_small_preview_is_passed_over():
    """A preview of less than 1,000 pixels is too poor to judge a photo by."""
    decoded = decode(dng((128, 96), preview=jpeg((996, 747))), min_side=576)
    assert decoded.image.size == (64, 48)
    assert [looks_like(decoded.image, at) for at in CORNERS] == list(QUADRANTS)


def test_the_whole_picture_is_the_larger_of_preview_and_rendering():
    """A preview with less than half the sensor's side serves for scoring, not for a copy."""
    data = dng((2400, 1800), preview=jpeg((1000, 750)))
    assert looks_like(decode(data, min_side=576).image, (0.25, 0.25)) == "orange"
    whole = decode(data).image
    assert whole.size == (1200, 900)
    assert looks_like(whole, (0.25, 0.25)) == "red"


@pytest.mark.parametrize(
    ("orientation", "size", "quadrants"),
    [
        (1, (64, 48), ["red", "green", "blue", "grey"]),
        (3, (64, 48), ["grey", "blue", "green", "red"]),
        (6, (48, 64), ["blue", "red", "grey", "green"]),
        (8, (48, 64), ["green", "grey", "red", "blue"]),
    ],
)
def test_a_rendering_is_upright(orientation, size, quadrants):
    """The sensor's data are turned as the camera was held, and so is the reported size."""
    decoded = decode(dng(orientation=orientation))
    assert (decoded.width, decoded.height) == size
    assert decoded.image.size == (size[0] // 2, size[1] // 2)
    assert [looks_like(decoded.image, at) for at in CORNERS] == quadrants


@pytest.mark.parametrize(
    ("orientation", "size", "top_left", "bottom_right"),
    [
        (1, (1000, 750), "orange", "violet"),
        (3, (1000, 750), "violet", "orange"),
        (6, (750, 1000), "violet", "orange"),  # clockwise: what was on top is on the right
        (8, (750, 1000), "orange", "violet"),
    ],
)
def test_a_preview_is_turned_as_the_raw_file_says(orientation, size, top_left, bottom_right):
    """A preview that does not say how it lies is stored as the sensor lay."""
    decoded = decode(dng(orientation=orientation, preview=jpeg((1000, 750))), min_side=576)
    assert (decoded.width > decoded.height) == (size[0] > size[1])
    assert decoded.image.size == size
    assert looks_like(decoded.image, (0.1, 0.1)) == top_left
    assert looks_like(decoded.image, (0.9, 0.9)) == bottom_right


def test_a_preview_that_says_how_it_lies_is_believed():
    """A preview's own orientation counts once, and the RAW file's is not added to it."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Maker"
    decoded = decode(dng(orientation=6, preview=jpeg((1000, 750), exif=exif.tobytes())))
    assert decoded.image.size == (750, 1000)
    exif[0x0112] = 1
    decoded = decode(dng(orientation=6, preview=jpeg((750, 1000), exif=exif.tobytes())))
    assert decoded.image.size == (750, 1000)
    assert looks_like(decoded.image, (0.5, 0.1)) == "orange"


@pytest.mark.parametrize("preview", [b"", jpeg((1000, 750))])
def test_the_exif_of_a_raw_file_is_its_own(preview):
    """Camera, time and exposure come from the RAW file's tags, without the maker's megabytes."""
    block = decode(dng(preview=preview), min_side=576).exif
    exif = read_exif(block)
    assert (exif.camera, exif.iso, exif.exposure_time_s) == ("Maker Model 7", 400, 0.005)
    assert str(exif.taken_at) == "2024-05-06 07:08:09"
    assert exif.exposure_bias_ev == -1.3
    assert len(block) < 1000


def test_a_compression_that_libraw_does_not_know_leaves_the_preview():
    """A DNG with JPEG XL inside, as phones write it, is seen through its preview."""
    data = dng((1600, 1200), preview=jpeg((1000, 750)), compression=JXL_COMPRESSION, orientation=6)
    decoded = decode(data, min_side=576)
    assert (decoded.format, decoded.width, decoded.height) == ("RAW", 1200, 1600)
    assert decoded.image.size == (750, 1000)
    assert looks_like(decoded.image, (0.1, 0.1)) == "violet"
    assert read_exif(decoded.exif).camera == "Maker Model 7"


@pytest.mark.parametrize(
    "data",
    [
        dng(compression=JXL_COMPRESSION),
        dng(compression=JXL_COMPRESSION, preview=jpeg((996, 747))),
        dng((640, 480))[:300_000],
        b"FUJIFILMCCD-RAW 0201" + bytes(1000),
        b"\0\0\0\x18ftypcrx " + bytes(1000),
        b"II\x1a\0\0\0HEAPCCDR" + bytes(1000),
    ],
)
def test_a_raw_file_that_shows_nothing_is_refused(data, capfd):
    """Neither preview nor readable data: the reason says RAW, and LibRaw's words stay inside."""
    with pytest.raises(UnreadableImageError, match="RAW file without a preview"):
        decode(data, min_side=576)
    assert capfd.readouterr() == ("", "")


def test_a_raw_bomb_is_refused():
    """What declares more pixels than any sensor has is not rendered."""
    data = bytearray(dng())
    for tag in (0x0100, 0x0101, 0x0116):
        at = data.index(struct.pack("<HHI", tag, LONG, 1))
        struct.pack_into("<I", data, at + 8, 40_000)
    with pytest.raises(UnreadableImageError):
        decode(bytes(data))


def test_raw_is_told_by_content():
    """TIFF files are RAW if they hold a sensor's data, whatever their name; others never are."""
    assert is_raw(io.BytesIO(dng()))
    assert is_raw(io.BytesIO(dng(preview=jpeg((1000, 750)))))
    for file_format in ("TIFF", "JPEG", "PNG", "AVIF", "GIF"):
        stream = io.BytesIO()
        Image.new("RGB", (20, 20)).save(stream, file_format)
        stream.seek(0)
        assert not is_raw(stream)
        assert stream.tell() == 0
    looped = struct.pack("<4sIHI", b"II*\0", 8, 0, 8)
    for data in (b"", b"II*\0", looped, dng()[:100]):
        is_raw(io.BytesIO(data))


def test_raw_suffixes_are_photo_suffixes():
    """Indexing finds RAW files by the one set of suffixes, which leaves `.raw` to others."""
    assert photo_suffixes() > RAW_SUFFIXES > {".cr2", ".cr3", ".nef", ".arw", ".raf", ".dng"}
    assert ".raw" not in photo_suffixes()


def test_rawpy_is_loaded_for_raw_files_alone():
    """Whoever has no RAW files does not wait for LibRaw."""
    code = (
        "import io, sys; from PIL import Image; from photoaesth.imaging import decode;"
        "file = io.BytesIO(); Image.new('RGB', (9, 9)).save(file, 'TIFF'); decode(file.getvalue());"
        "print('rawpy' in sys.modules)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout == "False\n"
