import math
import struct
import time
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from photoaesth.domain import Exif
from photoaesth.imaging import decode
from photoaesth.library.exif import read_exif

SHARED = Path(__file__).parents[3] / "shared" / "data"
MAKE, MODEL, DATE_TIME, EXIF_IFD, GPS_IFD = 0x010F, 0x0110, 0x0132, 0x8769, 0x8825
EXPOSURE, F_NUMBER, ISO, RECOMMENDED_EXPOSURE = 0x829A, 0x829D, 0x8827, 0x8832
ORIGINAL, DIGITIZED, SUBSEC_ORIGINAL, FOCAL, LENS = 0x9003, 0x9004, 0x9291, 0x920A, 0xA434


def block(
    image: dict[int, object] | None = None,
    exif: dict[int, object] | None = None,
    gps: dict[int, object] | None = None,
) -> bytes:
    tags = Image.Exif()
    tags.update(image or {})
    tags.update({EXIF_IFD: exif} if exif else {})
    tags.update({GPS_IFD: gps} if gps else {})
    return tags.tobytes().removeprefix(b"Exif\0\0")


def ratio(numerator: int, denominator: int) -> bytes:
    return struct.pack("<II", numerator, denominator)


def raw(tag: int, kind: int, count: int, payload: bytes) -> bytes:
    """A little-endian block whose EXIF directory holds one tag, with values Pillow won't write."""
    pointer = struct.pack("<4sIHHHIII", b"II*\0", 8, 1, EXIF_IFD, 4, 1, 26, 0)
    return pointer + struct.pack("<HHHIII", 1, tag, kind, count, 44, 0) + payload


def test_everything_a_camera_writes_is_read():
    """Date, camera, lens, exposure and place all arrive, in their units."""
    written = block(
        {MAKE: "Canon", MODEL: "Canon EOS 5D Mark III"},
        {
            ORIGINAL: "2019:07:04 12:30:11",
            SUBSEC_ORIGINAL: "25",
            LENS: "EF24-70mm f/2.8L USM",
            FOCAL: 35.0,
            F_NUMBER: 2.8,
            EXPOSURE: IFDRational(1, 200),
            ISO: 1000,
        },
        {1: "S", 2: (33.0, 51.0, 24.0), 3: "E", 4: (151.0, 12.0, 36.0)},
    )
    assert read_exif(written) == Exif(
        taken_at=datetime.fromisoformat("2019-07-04T12:30:11.250"),
        camera="Canon EOS 5D Mark III",
        lens="EF24-70mm f/2.8L USM",
        focal_length_mm=35.0,
        aperture_f=2.8,
        exposure_time_s=0.005,
        iso=1000,
        latitude=pytest.approx(-(33 + 51 / 60 + 24 / 3600)),
        longitude=pytest.approx(151 + 12 / 60 + 36 / 3600),
    )


NOON = datetime.fromisoformat("2005-01-02T12:00:00")


@pytest.mark.parametrize(
    ("image", "exif", "expected"),
    [
        ({DATE_TIME: "2005:01:02 12:00:00"}, {}, NOON),
        ({DATE_TIME: "2009:01:01 00:00:00"}, {DIGITIZED: "2005:01:02 12:00:00"}, NOON),
        ({}, {ORIGINAL: "0000:00:00 00:00:00", DIGITIZED: "2005:01:02 12:00:00"}, NOON),
        ({}, {ORIGINAL: "    :  :     :  :  ", DIGITIZED: "2005:01:02 12:00:00"}, NOON),
        ({}, {ORIGINAL: "2005-01-02 12:00:00+09:00"}, NOON),
        ({}, {ORIGINAL: "2005:01:02 12:00:00", SUBSEC_ORIGINAL: "  "}, NOON),
        (
            {},
            {ORIGINAL: "2005:01:02 12:00:00", SUBSEC_ORIGINAL: "1234567"},
            NOON.replace(microsecond=123_456),
        ),
        ({}, {ORIGINAL: "1700:01:02 12:00:00"}, None),
        ({}, {ORIGINAL: "2255:01:02 12:00:00"}, None),
        ({}, {ORIGINAL: "2005:13:02 12:00:00"}, None),
        ({}, {ORIGINAL: "2005:02:30 12:00:00"}, None),
        ({}, {ORIGINAL: "2005:01:02 24:00:00"}, None),
        ({}, {ORIGINAL: "yesterday"}, None),
        ({}, {}, None),
    ],
)
def test_the_best_usable_date_is_taken(image, exif, expected):
    """The capture time counts before the others, and clocks that were never set do not."""
    assert read_exif(block(image, exif)).taken_at == expected


@pytest.mark.parametrize(
    ("make", "model", "expected"),
    [
        ("NIKON CORPORATION", "NIKON D70", "NIKON D70"),
        ("Canon", "Canon PowerShot G2", "Canon PowerShot G2"),
        ("EASTMAN KODAK COMPANY", "KODAK DX4330", "KODAK DX4330"),
        ("HTC", "One", "HTC One"),
        ("LGE", "Nexus 4", "LGE Nexus 4"),
        ("Casio\0junk", " EX-Z3 \n", "Casio EX-Z3"),
        ("Maker", None, "Maker"),
        (None, "Model", "Model"),
        ("", " \t", None),
        ("x" * 5000, None, "x" * 80),
        ("a\x1b[31mb", None, "a [31mb"),
    ],
)
def test_the_camera_is_named_once(make, model, expected):
    """Make and model become one clean name that does not repeat the maker."""
    tags = {MAKE: make, MODEL: model}
    assert read_exif(block({t: v for t, v in tags.items() if v is not None})).camera == expected


def test_text_that_is_not_utf8_is_still_text():
    """A lens named in Latin-1 keeps its letters."""
    assert read_exif(raw(LENS, 2, 7, b"\xd8bjekt\0")).lens == "Øbjekt"


@pytest.mark.parametrize(
    ("tag", "field"),
    [(FOCAL, "focal_length_mm"), (F_NUMBER, "aperture_f"), (EXPOSURE, "exposure_time_s")],
)
@pytest.mark.parametrize(
    "entry",
    [
        (5, 1, ratio(5, 0)),
        (5, 1, ratio(0, 0)),
        (5, 1, ratio(0, 1)),
        (10, 1, struct.pack("<ii", -5, 1)),
        (12, 1, struct.pack("<d", math.nan)),
        (12, 1, struct.pack("<d", math.inf)),
        (2, 6, b"f/2.8\0"),
        (5, 1, b""),
    ],
)
def test_numbers_that_mean_nothing_are_none(tag, field, entry):
    """Zero, a zero denominator, a negative, NaN, infinity, a text: the camera did not know."""
    assert getattr(read_exif(raw(tag, *entry)), field) is None


def test_the_first_iso_counts_and_the_overflow_does_not():
    """Of several sensitivities the first is taken; 65535 refers to the tag with room for more."""
    assert read_exif(block(exif={ISO: (200, 0)})).iso == 200
    assert read_exif(block(exif={ISO: 0})).iso is None
    assert read_exif(block(exif={ISO: 65_535})).iso is None
    assert read_exif(block(exif={ISO: 65_535, RECOMMENDED_EXPOSURE: 102_400})).iso == 102_400


def test_an_iso_no_camera_has_is_none():
    """A number that the library could not even store is nonsense, and the next tag counts."""
    assert read_exif(raw(ISO, 12, 1, struct.pack("<d", 1e300))).iso is None
    assert read_exif(block(exif={ISO: 4_000_000_000, RECOMMENDED_EXPOSURE: 400})).iso == 400
    assert read_exif(block(exif={RECOMMENDED_EXPOSURE: 4_560_000})).iso == 4_560_000


PARIS, WEST = {1: "N", 2: (48.0, 51.5, 0.0)}, {3: "W", 4: (2.0, 0.0, 36.0)}


@pytest.mark.parametrize(
    ("gps", "expected"),
    [
        (PARIS | WEST, (48 + 51.5 / 60, -2.01)),
        (PARIS | WEST | {1: "s"}, (-(48 + 51.5 / 60), -2.01)),
        (PARIS, (None, None)),
        (PARIS | WEST | {1: ""}, (None, None)),
        (PARIS | WEST | {1: "X"}, (None, None)),
        (PARIS | WEST | {2: (91.0, 0.0, 0.0)}, (None, None)),
        (PARIS | WEST | {4: (180.0, 0.0, 1.0)}, (None, None)),
        (PARIS | WEST | {4: (2.0, 0.0)}, (None, None)),
        (PARIS | WEST | {4: (2.0, IFDRational(0, 0), 0.0)}, (None, None)),
    ],
)
def test_places_are_whole_and_on_earth(gps, expected):
    """A place has both signed coordinates within range, or neither."""
    read = read_exif(block(gps=gps))
    assert (read.latitude, read.longitude) == pytest.approx(expected)


def test_a_damaged_thumbnail_costs_nothing():
    """The fields are read although the thumbnail's directory is garbage."""
    damaged = bytearray(block({MAKE: "Maker"}))
    struct.pack_into(">I", damaged, 22, len(damaged) - 1)
    assert read_exif(bytes(damaged)).camera == "Maker"


GOOD = block({MAKE: "Maker"}, {ORIGINAL: "2005:01:02 12:00:00", FOCAL: 35.0}, PARIS | WEST)


@given(st.binary(max_size=200))
@example(b"")
@example(GOOD[:50])
def test_garbage_reads_as_nothing(data):
    """Bytes that are no EXIF block raise nothing and say nothing."""
    assert read_exif(data) == Exif()
    assert isinstance(read_exif(b"II*\0\x08\0\0\0" + data), Exif)


@given(st.integers(0, len(GOOD) - 1), st.integers(0, 255))
def test_one_wrong_byte_never_raises(position, value):
    """A block with any one byte changed still reads, with finite numbers."""
    read = read_exif(GOOD[:position] + bytes([value]) + GOOD[position + 1 :])
    assert read.focal_length_mm is None or math.isfinite(read.focal_length_mm)
    assert read.latitude is None or -90 <= read.latitude <= 90


def test_a_block_of_many_links_to_many_values_ends_soon():
    """A few kilobytes whose values multiply to 160 million are given up in a moment."""
    entries = 400
    size = 2 + 12 * entries + 4
    links = struct.pack("<HHII", GPS_IFD, 4, 1, 8 + size) * entries
    values = struct.pack("<HHII", 0x0007, 3, 999, 8) * entries
    directories = (struct.pack("<H", entries) + part + bytes(4) for part in (links, values))
    bomb = struct.pack("<4sI", b"II*\0", 8) + b"".join(directories)
    started = time.perf_counter()
    assert read_exif(bomb) == Exif()
    assert time.perf_counter() - started < 5


@pytest.mark.shared_data
def test_camera_photos_say_when_and_with_what():
    """Photos straight from thirty makes of camera name their camera and, nearly all, their date."""
    if not SHARED.is_dir():
        pytest.skip("the development photos are not beside the checkout")
    photos = SHARED.glob("camera-photos/*.jpg")
    read = [read_exif(d.exif) for d in (decode(p, min_side=64) for p in photos) if d.exif]
    assert len(read) > 30
    assert sum(exif.camera is not None for exif in read) >= len(read) - 1
    assert sum(exif.taken_at is not None for exif in read) >= len(read) - 1
    assert sum(exif.latitude is not None for exif in read) == 2


@pytest.mark.shared_data
def test_hostile_files_are_read_quickly_and_quietly(capfd):
    """The EXIF of broken and odd files raises nothing, prints nothing, takes no time."""
    if not SHARED.is_dir():
        pytest.skip("the development photos are not beside the checkout")
    slowest = 0.0
    for path in SHARED.glob("hostile-images/**/*"):
        data = path.read_bytes() if path.is_file() else b""
        start = max(data.find(b"II*\0"), data.find(b"MM\0*"), 0)
        started = time.perf_counter()
        read_exif(data[start:])
        slowest = max(slowest, time.perf_counter() - started)
    assert slowest < 5
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ((-4, 3), -4 / 3),
        ((0, 1), 0.0),
        ((2, 1), 2.0),
        ((5, 0), None),
        ((9999, 100), None),  # APEX's "unknown"
    ],
)
def test_the_exposure_bias_is_a_signed_step(value, expected):
    """The step of a bracketed series is read in EV, 0 is a value, nonsense is none."""
    assert read_exif(raw(0x9204, 10, 1, struct.pack("<ii", *value))).exposure_bias_ev == expected
