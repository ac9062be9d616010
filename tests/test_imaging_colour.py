import io
import struct

import numpy as np
import pytest
import tifffile
from PIL import Image

from photoaesth.errors import UnreadableImageError
from photoaesth.imaging import decode, deep_tiff, formats
from photoaesth.srgb import adobe_rgb_profile, to_srgb

COLOUR = (200, 100, 90)
# A gradient to white beside a plain colour: white says what the greatest value stands for.
LIGHT = np.tile(np.array(COLOUR) / 255, (32, 48, 1))
LIGHT[:, 24:] = np.linspace(0, 1, 24)[:, None]


def tiff(values: np.ndarray, **options: object) -> bytes:
    stream = io.BytesIO()
    tifffile.imwrite(stream, values, **options)
    return stream.getvalue()


def as_numbers(light: np.ndarray, kind: str) -> np.ndarray:
    """Values in [0, 1] as numbers of a NumPy type, white being 1 or the greatest integer."""
    is_float = np.dtype(kind).kind == "f"
    return light.astype(kind) if is_float else np.rint(light * np.iinfo(kind).max).astype(kind)


def worst(data: bytes, expected: np.ndarray, min_side: int | None = None) -> float:
    decoded = np.asarray(decode(data, min_side=min_side).image, dtype=float)
    return float(np.abs(decoded - expected).max())


@pytest.mark.parametrize("kind", ["u1", "<u2", ">u2", "f2", "<f4", ">f4", "f8"])
@pytest.mark.parametrize(
    "layout",
    [
        {},
        {"planarconfig": "separate"},
        {"tile": (16, 16)},
        {"compression": "zlib"},
        {"bigtiff": True},
    ],
)
def test_rgb_tiff_of_every_depth(kind, layout):
    """Integers and floating point, pixel by pixel or plane by plane, are the same colours."""
    values = as_numbers(LIGHT, kind)
    if "planarconfig" in layout:
        values = np.moveaxis(values, -1, 0).copy()
    data = tiff(values, photometric="rgb", **layout)
    assert worst(data, LIGHT * 255) <= 1
    assert (decode(data).format, decode(data).width, decode(data).height) == ("TIFF", 48, 32)


@pytest.mark.parametrize("kind", ["u1", "<u2", "f2", "f4", "f8"])
def test_grey_tiff_of_every_depth(kind):
    """A grey gradient is no less a gradient for being in floating point."""
    grey = LIGHT[..., 0]
    data = tiff(as_numbers(grey, kind), photometric="minisblack")
    assert worst(data, grey[..., None] * 255) <= 1


@pytest.mark.parametrize("kind", ["u1", "u2", "f4"])
def test_transparency_of_a_deep_tiff_lies_over_white(kind):
    """Half transparent black is grey, in floating point as in integers."""
    values = np.zeros((8, 8, 4))
    values[..., 3] = 0.4
    values[0, 0] = 1.0  # white, to say what 1 stands for
    data = tiff(as_numbers(values, kind), photometric="rgb", extrasamples=["unassalpha"])
    assert np.abs(np.subtract(decode(data).image.getpixel((4, 4)), 153)).max() <= 1


def test_a_float_tiff_has_profile_orientation_and_size():
    """What Pillow cannot open is converted, turned, made smaller and described like the rest."""
    profile = adobe_rgb_profile()
    values = np.tile(np.array(COLOUR, np.float32) / 255, (40, 60, 1))
    values[:20] = 1.0
    tags = [(274, "H", 1, 6, True), (271, "s", 0, "Maker", True)]
    data = tiff(values, photometric="rgb", iccprofile=profile, extratags=tags)
    decoded = decode(data, min_side=30)
    assert (decoded.width, decoded.height, decoded.image.size) == (40, 60, (20, 30))
    assert decoded.icc_profile == profile
    expected = to_srgb(Image.new("RGB", (1, 1), COLOUR), profile).getpixel((0, 0))
    assert np.abs(np.subtract(decoded.image.getpixel((3, 15)), expected)).max() <= 1
    assert decoded.image.getpixel((17, 15)) == (255, 255, 255)  # the top, turned to the right
    assert b"Maker" in decoded.exif


def test_a_broken_float_tiff_is_refused(caplog, capfd):
    """What tifffile cannot read either is unreadable, and it does not say so on stderr."""
    data = tiff(LIGHT.astype(np.float32), photometric="rgb")
    for broken in (data[:200], data[:-2000], data[:8] + bytes(len(data) - 8)):
        with pytest.raises(UnreadableImageError):
            decode(broken)
    assert capfd.readouterr() == ("", "")


def test_deep_inks_are_refused_and_not_guessed():
    """Plane by plane in ink, which Pillow mixes up, is named as a variant that is not read."""
    inks = np.full((4, 8, 8), 20_000, np.uint16)
    data = tiff(inks, photometric="separated", planarconfig="separate")
    with pytest.raises(UnreadableImageError, match="variant"):
        decode(data)


def test_a_tiff_without_pixels_is_refused():
    """A picture of no width is none."""
    data = bytearray(tiff(LIGHT.astype(np.float32), photometric="rgb"))
    at = data.index(struct.pack("<HHI", 256, 4, 1))
    struct.pack_into("<I", data, at + 8, 0)
    with pytest.raises(UnreadableImageError):
        decode(bytes(data))


@pytest.mark.parametrize(
    ("file_format", "allowed"),
    [("PNG", True), ("JPEG", True), ("TIFF", True), ("WEBP", False), ("AVIF", False)],
)
def test_what_decoding_would_take_is_known_before(file_format, allowed, monkeypatch):
    """Formats whose decoders keep copies are refused sooner, by memory and not by pixels."""
    monkeypatch.setattr(formats, "MAX_MEMORY_BYTES", 100 * 100 * 5)
    stream = io.BytesIO()
    Image.new("RGB", (100, 100)).save(stream, file_format)
    if allowed:
        assert decode(stream.getvalue()).width == 100
    else:
        with pytest.raises(UnreadableImageError, match="megapixels"):
            decode(stream.getvalue())


@pytest.mark.parametrize(("subsampling", "allowed"), [("4:2:0", True), ("4:4:4", False)])
def test_a_progressive_jpeg_is_reckoned_by_its_coefficients(subsampling, allowed, monkeypatch):
    """libjpeg keeps all coefficients of a progressive JPEG, twice as many without subsampling."""
    monkeypatch.setattr(formats, "MAX_MEMORY_BYTES", 100 * 100 * 5)
    stream = io.BytesIO()
    options = {"progressive": True, "subsampling": subsampling}
    Image.new("RGB", (100, 100)).save(stream, "JPEG", **options)
    if allowed:
        assert decode(stream.getvalue(), min_side=20).width == 100
    else:
        with pytest.raises(UnreadableImageError, match="megapixels"):
            decode(stream.getvalue(), min_side=20)


def test_a_float_tiff_bomb_is_refused(monkeypatch):
    """Memory is reckoned for the numbers that tifffile would hold."""
    monkeypatch.setattr(deep_tiff, "MAX_MEMORY_BYTES", 20_000)
    with pytest.raises(UnreadableImageError, match="megapixels"):
        decode(tiff(LIGHT.astype(np.float32), photometric="rgb"))


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize("min_side", [None, 40])
def test_jpegs_of_every_colour_model_decode_small(mode, min_side):
    """Grey, colour and ink JPEGs have the same colours at any size, Adobe's inversion included."""
    colour = {"L": 120, "RGB": COLOUR, "CMYK": (0, 128, 140, 55)}[mode]
    expected = {"L": (120,) * 3, "RGB": COLOUR, "CMYK": (200, 100, 90)}[mode]
    stream = io.BytesIO()
    Image.new(mode, (480, 320), colour).save(stream, "JPEG", quality=95, subsampling=0)
    decoded = decode(stream.getvalue(), min_side=min_side)
    assert np.abs(np.subtract(decoded.image.getpixel((5, 5)), expected)).max() <= 2
