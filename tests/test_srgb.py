import io
import struct

import numpy as np
import pytest
from PIL import Image, ImageCms

from photoaesth.srgb import (
    adobe_rgb_profile,
    cicp_profile,
    depth,
    from_srgb,
    shrink,
    to_8bit,
    to_sdr,
    to_srgb,
)

# Colorants and white of colour spaces, XYZ adapted to D50 (their published ICC profiles).
SRGB = ((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410))
DISPLAY_P3 = (
    (0.51512, 0.24120, -0.00105),
    (0.29198, 0.69225, 0.04189),
    (0.15710, 0.06657, 0.78407),
)
WHITE_D50 = (0.9642, 1.0, 0.8249)
LINEAR = b"curv" + bytes(4) + struct.pack(">IH", 1, 256)
SRGB_CURVE = b"para\0\0\0\0\0\3\0\0" + struct.pack(
    ">5i", *(round(v * 65536) for v in (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045))
)
RAMP = np.tile(np.linspace(0, 1, 256), (16, 1))
COLOURS = np.array([[200, 100, 90], [90, 150, 100], [80, 90, 160], [128, 128, 128], [255] * 3])
PICTURE = Image.fromarray(COLOURS.astype(np.uint8)[None])


def icc(space: bytes, kind: bytes, pcs: bytes, tags: dict[bytes, bytes]) -> bytes:
    """Lay out an ICC v2 profile: header, tag table, tags."""
    tags = {b"wtpt": xyz(WHITE_D50), b"cprt": b"text\0\0\0\0none\0", **tags}
    table, body, start = struct.pack(">I", len(tags)), b"", 132 + 12 * len(tags)
    for name, data in tags.items():
        table += name + struct.pack(">II", start + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    header = struct.pack(
        ">I4sI4s4s4s12x4s28x3i48x",
        *(start + len(body), b"none", 0x02400000, kind, space, pcs, b"acsp"),
        *(round(v * 65536) for v in WHITE_D50),
    )
    return header + table + body


def xyz(values: tuple[float, float, float]) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(v * 65536) for v in values))


def rgb_profile(colorants: tuple[tuple[float, float, float], ...], curve: bytes) -> bytes:
    columns = {b"rgb"[i : i + 1] + b"XYZ": xyz(colorants[i]) for i in range(3)}
    return icc(b"RGB ", b"mntr", b"XYZ ", columns | {c + b"TRC": curve for c in (b"r", b"g", b"b")})


def gray_profile(curve: bytes) -> bytes:
    return icc(b"GRAY", b"mntr", b"XYZ ", {b"kTRC": curve})


def cmyk_profile(lab: tuple[int, int, int]) -> bytes:
    """A printer whose every ink mixture is the same colour (8-bit Lab)."""
    table = b"mft1" + bytes(4) + bytes([4, 3, 2, 0])
    table += struct.pack(">9i", *(65536 * v for v in (1, 0, 0, 0, 1, 0, 0, 0, 1)))
    table += bytes(range(256)) * 4 + bytes(lab) * 16 + bytes(range(256)) * 3
    return icc(b"CMYK", b"prtr", b"Lab ", {b"A2B0": table})


def expected_srgb(linear: np.ndarray, colorants: object) -> np.ndarray:
    """Linear light on the given colorants in sRGB, as arithmetic; float in [0, 255]."""
    linear = linear @ np.array(colorants) @ np.linalg.inv(np.array(SRGB))
    assert linear.min() > -0.001, "the test's colours must lie within sRGB"
    linear = linear.clip(0, 1)
    return 255 * np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)


def reopened(image: Image.Image, file_format: str) -> Image.Image:
    stream = io.BytesIO()
    image.save(stream, file_format)
    return Image.open(stream)


def gray_tiff(bits: int, photometric: int, row: bytes) -> Image.Image:
    """Open a one-row grey TIFF (TIFF 6.0, section 4); Pillow writes neither of the two values."""
    width, strip_offset = len(row) * 8 // bits, 8 + 2 + 12 * 8 + 4
    tags = {256: width, 257: 1, 258: bits, 259: 1, 262: photometric, 273: strip_offset}
    tags |= {277: 1, 279: len(row)}
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
    head = struct.pack("<4sIH", b"II*\0", 8, len(tags))
    return Image.open(io.BytesIO(head + entries + bytes(4) + row))


@pytest.mark.parametrize(
    ("mode", "colour", "converted"),
    [
        ("1", 255, "L"),
        ("L", 77, "L"),
        ("La", (77, 255), "LA"),
        ("RGB", (1, 2, 3), "RGB"),
        ("RGBX", (1, 2, 3, 0), "RGB"),
        ("RGBa", (1, 2, 3, 255), "RGBA"),
        ("CMYK", (1, 2, 3, 4), "CMYK"),
        ("YCbCr", (128, 128, 128), "RGB"),
        ("HSV", (0, 0, 128), "RGB"),
        ("I", 5, "L"),
        ("F", 0.5, "L"),
    ],
)
def test_every_mode_becomes_one_that_can_be_resized(mode, colour, converted):
    """A picture of any mode becomes L, LA, RGB, RGBA or CMYK of the same size."""
    image = to_8bit(Image.new(mode, (3, 2), colour))
    assert (image.mode, image.size) == (converted, (3, 2))


@pytest.mark.parametrize(
    ("stored", "file_format"),
    [
        (np.rint(RAMP * 65535).astype("<u2"), "PNG"),
        (np.rint(RAMP * 65535).astype("<u2"), "TIFF"),
        (np.rint(RAMP * 65535).astype(">u2"), "TIFF"),
        (np.rint(RAMP * 65535).astype(np.int32), "TIFF"),
        (np.rint(RAMP * 255).astype(np.int32), "TIFF"),
        (np.rint(RAMP * 1e6 - 5e5).astype(np.int32), "TIFF"),
        (RAMP.astype(np.float32), "TIFF"),
        ((RAMP * 65535).astype(np.float32), "TIFF"),
        ((RAMP * 1e30).astype(np.float32), "TIFF"),
    ],
)
@pytest.mark.parametrize("strip_pixels", [1 << 20, 1000])
def test_deep_grey_keeps_its_gradient(stored, file_format, strip_pixels, monkeypatch):
    """A 16-bit, 32-bit or float gradient is the same gradient in 8 bits, not white."""
    monkeypatch.setattr(depth, "_STRIP_PIXELS", strip_pixels)
    gray = np.asarray(to_8bit(reopened(Image.fromarray(stored), file_format)))
    assert np.abs(gray - np.rint(RAMP * 255)).max() <= 1


@pytest.mark.parametrize(
    ("bits", "photometric", "row", "expected"),
    [
        (12, 1, bytes.fromhex("000800fff000"), [0, 128, 255, 0]),
        (16, 1, struct.pack("<4H", 0, 0x8000, 0xFFFF, 0x0FFF), [0, 128, 255, 16]),
        (16, 0, struct.pack("<4H", 0, 0x8000, 0xFFFF, 0x0FFF), [255, 127, 0, 239]),
    ],
)
def test_the_file_says_where_white_is(bits, photometric, row, expected):
    """A TIFF of 12 bits is as bright as one of 16, and one where 0 is white is no negative."""
    assert np.asarray(to_8bit(gray_tiff(bits, photometric, row))).tolist() == [expected]


def test_float_pixels_without_a_value_do_not_spoil_the_others():
    """NaN and infinities in a float picture become black or white; the rest keeps its scale."""
    stored = RAMP.astype(np.float32)
    stored[0, :3] = np.nan, np.inf, -np.inf
    gray = np.asarray(to_8bit(Image.fromarray(stored)))
    assert list(gray[0, :3]) == [0, 255, 0]
    assert np.abs(gray[1] - np.rint(RAMP[1] * 255)).max() <= 1


def test_an_rgb_profile_is_converted_from():
    """Display P3 pixels become the sRGB ones that look the same."""
    v = COLOURS / 255
    linear = np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)
    expected = expected_srgb(linear, DISPLAY_P3)
    assert np.abs(expected - COLOURS).max() > 8  # else the test would not notice
    converted = to_srgb(PICTURE, rgb_profile(DISPLAY_P3, SRGB_CURVE))
    assert np.abs(np.asarray(converted)[0] - expected).max() <= 2


def test_the_adobe_rgb_profile_means_adobe_rgb():
    """Pixels in our Adobe RGB profile become what its published primaries and gamma give."""
    xy = np.array([[0.64, 0.33], [0.21, 0.71], [0.15, 0.06]])
    primaries = np.column_stack([xy, 1 - xy.sum(1)]) / xy[:, 1:]
    white = np.array([0.3127, 0.3290, 0.3583]) / 0.3290  # D65
    colorants = primaries * np.linalg.solve(primaries.T, white)[:, None]
    cones = np.array(  # Bradford, to adapt to D50
        [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
    )
    adapt = np.linalg.inv(cones) @ np.diag((cones @ WHITE_D50) / (cones @ white)) @ cones
    expected = expected_srgb((COLOURS / 255) ** (563 / 256), colorants @ adapt.T)
    assert np.abs(expected - COLOURS).max() > 8
    converted = to_srgb(PICTURE, adobe_rgb_profile())
    assert np.abs(np.asarray(converted)[0] - expected).max() <= 2


@pytest.mark.parametrize(
    ("primaries", "chromaticities"),
    [
        (12, [[0.680, 0.320], [0.265, 0.690], [0.150, 0.060]]),
        (9, [[0.708, 0.292], [0.170, 0.797], [0.131, 0.046]]),
    ],
)
def test_a_named_colour_space_has_its_published_primaries(primaries, chromaticities):
    """LittleCMS reads from our profile what ITU-T H.273 says of the code."""
    read = ImageCms.ImageCmsProfile(io.BytesIO(cicp_profile(primaries))).profile
    xyz_d50 = np.array([colour[0] for colour in (read.red_primary, read.green_primary)])
    cones = np.array(
        [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
    )
    d65 = np.array([0.3127, 0.3290, 0.3583]) / 0.3290
    adapt = np.linalg.inv(cones) @ np.diag((cones @ WHITE_D50) / (cones @ d65)) @ cones
    xyz_d65 = xyz_d50 @ np.linalg.inv(adapt).T
    measured = xyz_d65[:, :2] / xyz_d65.sum(axis=1, keepdims=True)
    assert np.abs(measured - np.array(chromaticities)[:2]).max() < 2e-3


def test_the_named_display_p3_is_display_p3():
    """Our profile of primaries 12 converts as the published one does; sRGB's needs none."""
    published = to_srgb(PICTURE, rgb_profile(DISPLAY_P3, SRGB_CURVE))
    assert np.abs(np.subtract(to_srgb(PICTURE, cicp_profile(12)), published, dtype=int)).max() <= 1
    assert cicp_profile(1) == cicp_profile(2) == b""


@pytest.mark.parametrize("transfer", [16, 18])
def test_hdr_keeps_its_order_and_its_white(transfer):
    """PQ and HLG: black stays black, brighter stays brighter, 203 nits are near white."""
    levels = np.arange(256, dtype=np.uint8)
    ramp = Image.fromarray(np.repeat(levels[None, :, None], 3, axis=2))
    shown = np.asarray(to_sdr(ramp, transfer))[0, :, 0].astype(int)
    assert shown[0] == 0
    assert (np.diff(shown) >= 0).all()
    assert shown[255] == 255
    # 203 nits are 58 % of PQ and 75 % of HLG (ITU-R BT.2408, table 1).
    assert 215 <= shown[{16: 148, 18: 191}[transfer]] <= 235


def test_pq_shadows_are_what_the_standard_says():
    """Below the knee, 20.3 nits are a tenth of white: sRGB 89."""
    power = (20.3 / 10_000) ** (2610 / 16384)  # SMPTE ST 2084, inverse EOTF
    signal = ((3424 / 4096 + 2413 / 128 * power) / (1 + 2392 / 128 * power)) ** (2523 / 32)
    shown = to_sdr(Image.new("RGB", (1, 1), (round(255 * signal),) * 3), 16)
    assert np.abs(np.subtract(shown.getpixel((0, 0)), 89)).max() <= 2


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L"])
def test_curves_like_srgbs_leave_a_picture_alone(mode):
    """Only PQ and HLG are curves of their own; transparency is no light."""
    image = Image.new(mode, (2, 2), 150 if mode == "L" else (150, 150, 150, 77)[: len(mode)])
    assert to_sdr(image, 13) is image
    if mode == "RGBA":
        assert to_sdr(image, 16).getpixel((0, 0))[3] == 77


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "F"])
@pytest.mark.parametrize("strip_pixels", [1 << 20, 500])
def test_shrinking_in_strips_is_shrinking_at_once(mode, strip_pixels, monkeypatch):
    """A picture of any mode has each block of pixels averaged, however it is cut into strips."""
    monkeypatch.setattr(depth, "_STRIP_PIXELS", strip_pixels)
    values = np.random.default_rng(0).integers(0, 256, (41, 67, 4), dtype=np.uint8)
    if mode == "I;16":
        image = Image.fromarray(values[..., 0].astype(np.uint16) * 257)
    elif mode == "F":
        image = Image.fromarray(values[..., 0].astype(np.float32))
    else:
        image = Image.fromarray(values).convert("RGB" if mode == "CMYK" else "RGBA").convert(mode)
    small = shrink(image, 3)
    assert small.size == (23, 14)
    whole = to_8bit(image).reduce(3)
    assert small.mode == whole.mode
    assert np.abs(np.subtract(small, whole, dtype=int)).max() == 0


def test_the_adobe_rgb_profile_is_whole():
    """Its size is what its header says, and LittleCMS reads its name and its white."""
    profile = adobe_rgb_profile()
    assert struct.unpack_from(">I", profile) == (len(profile),)
    read = ImageCms.ImageCmsProfile(io.BytesIO(profile)).profile
    assert read.profile_description == "Compatible with Adobe RGB (1998)"
    assert read.media_white_point[0] == pytest.approx((0.95045, 1, 1.08905), abs=2e-5)


@pytest.mark.parametrize("profile", [gray_profile(LINEAR), rgb_profile(SRGB, LINEAR)])
def test_grey_is_converted_from_grey_and_rgb_profiles(profile):
    """Linear grey gets lighter, 0.25 is sRGB 137, also with an editor's RGB profile."""
    converted = to_srgb(Image.new("L", (4, 4), 64), profile)
    assert np.abs(np.subtract(converted.getpixel((0, 0)), 137)).max() <= 1


def test_a_cmyk_profile_is_converted_from():
    """Ink values mean what the printer's profile says: here always L* = 50, sRGB 119."""
    image = Image.new("CMYK", (4, 4), (255, 10, 0, 30))
    converted = to_srgb(image, cmyk_profile((128, 128, 128)))
    assert np.abs(np.subtract(converted.getpixel((0, 0)), 119)).max() <= 3


def test_a_profile_says_nothing_of_transparency():
    """Transparent pixels are white whatever their colour, opaque ones are converted."""
    image = Image.new("LA", (2, 1), (64, 255))
    image.putpixel((1, 0), (64, 0))
    converted = np.asarray(to_srgb(image, gray_profile(LINEAR)))[0, :, 0]
    assert np.abs(converted - np.array([137, 255])).max() <= 1


UNUSABLE = [
    b"",
    b"\1",
    b"x" * 500,
    b"RGB " * 50,
    cmyk_profile((128, 128, 128)),
    gray_profile(LINEAR),
]


@pytest.mark.parametrize("profile", UNUSABLE)
def test_a_profile_that_cannot_apply_is_ignored(profile):
    """A broken profile or one for another colour space leaves the pixels as stored."""
    assert np.array_equal(to_srgb(PICTURE, profile), PICTURE)


@pytest.mark.parametrize("profile", UNUSABLE)
def test_nothing_is_converted_into_an_unusable_profile(profile):
    """Pixels stay in sRGB, and its profile takes the place of one they cannot be in."""
    image, used = from_srgb(PICTURE, profile)
    assert np.array_equal(image, PICTURE)
    assert "sRGB" in ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(used)))


@pytest.mark.parametrize("profile", [adobe_rgb_profile(), rgb_profile(DISPLAY_P3, SRGB_CURVE)])
def test_into_a_profile_and_back_is_the_same_look(profile):
    """Pixels change on the way into a wider colour space and are the same on the way back."""
    image, used = from_srgb(PICTURE, profile)
    assert used == profile
    assert np.abs(np.subtract(image, PICTURE, dtype=int)).max() > 8
    assert np.abs(np.subtract(to_srgb(image, profile), PICTURE, dtype=int)).max() <= 2


def test_pixels_under_an_srgb_profile_stay_as_they_are():
    """sRGB under any name costs not even a rounding, in either direction."""
    levels = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    image = Image.fromarray(levels)
    for profile in (
        ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
        rgb_profile(SRGB, SRGB_CURVE),
    ):
        assert np.array_equal(to_srgb(image, profile), levels)
        assert np.array_equal(from_srgb(image, profile)[0], levels)
