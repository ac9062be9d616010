import base64
import io
import struct

import numpy as np
import pytest
from PIL import Image

from photoaesth.imaging import decode, formats
from photoaesth.srgb import adobe_rgb_profile, cicp_profile

# No encoder of HEVC has a licence that this project can depend on, so the files stand here: drawn
# by pillow-heif (x265), four quadrants and three plain colours.
TURNED = base64.b64decode(  # 8 bits, stored turned to the left, the box `irot` and EXIF say so
    "AAAAHGZ0eXBoZWl4AAAAAG1pZjFoZWl4bWlhZgAAAcltZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAA"
    "AAAAAAAAAAAAADRpbG9jAAAAAERAAAIAAQAAAAAB7QABAAAAAAAAAMEAAgAAAAACrgABAAAAAAAAADYAAAA4aWlu"
    "ZgAAAAAAAgAAABVpbmZlAgAAAAABAABodmMxAAAAABVpbmZlAgAAAQACAABFeGlmAAAAAA5waXRtAAAAAAABAAAB"
    "CGlwcnAAAADnaXBjbwAAAHdodmNDAQQIAAAAnjgAAAAAHvAA/P/4+AAADwNgAAEAF0ABDAH//wQIAAADAJ44AAAD"
    "AAAeugJAYQABACpCAQEECAAAAwCeOAAAAwAAHpAEECCy3VyU1zcBDQYEAAADAGQAAAMABCBiAAEACEQBwXMYMAiQ"
    "AAAAE2NvbHJuY2x4AAEADQAGgAAAABRpc3BlAAAAAAAAAEAAAABAAAAAKGNsYXAAAAAgAAAAAQAAADAAAAAB////"
    "4AAAAAL////wAAAAAgAAABBwaXhpAAAAAAMICAgAAAAJaXJvdAMAAAAZaXBtYQAAAAAAAAABAAEGgQIDBYSGAAAA"
    "GmlyZWYAAAAAAAAADmNkc2MAAgABAAEAAAD/bWRhdAAAAL0oAa8O4OhjwbO+6S1//1ZF//wOG/Ife8R/924m/obW"
    "cGUUfuN+eSnjIxi/jPjuyqg4PwKm8An++C8P3sFHfhJDmY+7nV/hqjvsSryv7T1Ms34wR9rzObqDSeLpbxENse5O"
    "S313LtN/rdt/YzbARHcTC3W3n0cleqAN/PPJ+rR+syBtXAF05AHRIgHFyy2iNo55TsQT/ArTGLtfFVayacajlfLx"
    "0X0GAj2SJbFk+iSPNfaNLSlOiVT11Ff/gTYAAAAGRXhpZgAATU0AKgAAAAgAAgEPAAIAAAAGAAAAJgESAAMAAAAB"
    "AAYAAAAAAABNYWtlcgA="
)
DISPLAY_P3 = base64.b64decode(  # 8 bits, (200, 100, 90) in the colour space that `nclx` names
    "AAAAHGZ0eXBoZWl4AAAAAG1pZjFoZWl4bWlhZgAAAX5tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAA"
    "AAAAAAAAAAAAACJpbG9jAAAAAERAAAEAAQAAAAABogABAAAAAAAAADQAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAA"
    "AAABAABodmMxAAAAAA5waXRtAAAAAAABAAAA/mlwcnAAAADeaXBjbwAAAHdodmNDAQQIAAAAnjgAAAAAHvAA/P/4"
    "+AAADwNgAAEAF0ABDAH//wQIAAADAJ44AAADAAAeugJAYQABACpCAQEECAAAAwCeOAAAAwAAHpAEECCy3VXTXNww"
    "NBgQAAADAZAAAAMAEIBiAAEACEQBwXMYMBiQAAAAE2NvbHJuY2x4AAwADQAGgAAAABRpc3BlAAAAAAAAAEAAAABA"
    "AAAAKGNsYXAAAAAQAAAAAQAAABAAAAAB////0AAAAAL////QAAAAAgAAABBwaXhpAAAAAAMICAgAAAAYaXBtYQAA"
    "AAAAAAABAAEFgQIDBYQAAAA8bWRhdAAAADAoAa8OyFmY0FeEGKnG9f/9m38h8/sCj2Z+w96A7lSTIAVSrbCOsHmw"
    "10CHeSUWttg="
)
TEN_BITS = base64.b64decode(  # (200, 100, 90) · 257 / 65,535
    "AAAAHGZ0eXBoZWl4AAAAAG1pZjFoZWl4bWlhZgAAAX5tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAA"
    "AAAAAAAAAAAAACJpbG9jAAAAAERAAAEAAQAAAAABogABAAAAAAAAADUAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAA"
    "AAABAABodmMxAAAAAA5waXRtAAAAAAABAAAA/mlwcnAAAADeaXBjbwAAAHdodmNDAQQIAAAAnDgAAAAAHvAA/P/6"
    "+gAADwNgAAEAF0ABDAH//wQIAAADAJw4AAADAAAeugJAYQABACpCAQEECAAAAwCcOAAAAwAAHpAEECCbLdVdNc3A"
    "Q0GBAAADABkAAAMAAQhiAAEACEQBwXMYMBiQAAAAE2NvbHJuY2x4AAEADQAGgAAAABRpc3BlAAAAAAAAAEAAAABA"
    "AAAAKGNsYXAAAAAQAAAAAQAAABAAAAAB////0AAAAAL////QAAAAAgAAABBwaXhpAAAAAAMKCgoAAAAYaXBtYQAA"
    "AAAAAAABAAEFgQIDBYQAAAA9bWRhdAAAADEoAa8GMhZHNIkg5bI///7Nv9l96gizWyeuEfpjx+S3kJGe9F97GFLl"
    "PHQg9JxTuc2A"
)
PQ = base64.b64decode(  # 10 bits, BT.2020 and PQ as cameras write HDR: grey of 203 nits
    "AAAAHGZ0eXBoZWl4AAAAAG1pZjFoZWl4bWlhZgAAAX5tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAA"
    "AAAAAAAAAAAAACJpbG9jAAAAAERAAAEAAQAAAAABogABAAAAAAAAAC4AAAAjaWluZgAAAAAAAQAAABVpbmZlAgAA"
    "AAABAABodmMxAAAAAA5waXRtAAAAAAABAAAA/mlwcnAAAADeaXBjbwAAAHdodmNDAQQIAAAAnDgAAAAAHvAA/P/6"
    "+gAADwNgAAEAF0ABDAH//wQIAAADAJw4AAADAAAeugJAYQABACpCAQEECAAAAwCcOAAAAwAAHpAEECCbLdVdNc3C"
    "RAJBAAADABkAAAMAAQhiAAEACEQBwXMYMBiQAAAAE2NvbHJuY2x4AAkAEAAJgAAAABRpc3BlAAAAAAAAAEAAAABA"
    "AAAAKGNsYXAAAAAQAAAAAQAAABAAAAAB////0AAAAAL////QAAAAAgAAABBwaXhpAAAAAAMKCgoAAAAYaXBtYQAA"
    "AAAAAAABAAEFgQIDBYQAAAA2bWRhdAAAACooAa8GMhMdoIm9P2b8CFvmAWEq96Bjx8lpteZ7oF961jbsA8gfdJ5o"
    "Pss="
)


def linear(level: np.ndarray) -> np.ndarray:
    v = level / 255
    return np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)


def level(light: np.ndarray) -> np.ndarray:
    return 255 * np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


# Linear Display P3 to linear sRGB: the product of their published RGB-XYZ matrices.
P3_TO_SRGB = np.array(
    [[1.22494, -0.22494, 0.0], [-0.04206, 1.04206, 0.0], [-0.01964, -0.07864, 1.09827]]
)
P3_COLOUR = np.array([200, 100, 90])
P3_AS_SRGB = level(P3_TO_SRGB @ linear(P3_COLOUR))


def centre(data: bytes) -> np.ndarray:
    image = decode(data).image
    return np.array(image.getpixel((image.width // 2, image.height // 2)))


def test_a_turned_heic_is_turned_once():
    """libheif turns the picture, and the EXIF orientation beside it turns it no further."""
    for min_side in (None, 24):
        decoded = decode(TURNED, min_side=min_side)
        assert (decoded.format, decoded.width, decoded.height) == ("HEIF", 48, 32)
        size = decoded.image.size
        corners = [(size[0] * x // 4, size[1] * y // 4) for y in (1, 3) for x in (1, 3)]
        seen = [decoded.image.getpixel(corner) for corner in corners]
        expected = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0)]
        assert np.abs(np.subtract(seen, expected)).max() <= 6


def test_the_exif_of_a_heic_arrives_upright():
    """The EXIF block comes along and calls upright what is upright now."""
    exif = Image.Exif()
    exif.load(decode(TURNED).exif)
    assert (exif[0x010F], exif[0x0112]) == ("Maker", 1)


def test_ten_bits_come_out_as_the_upper_eight():
    """A HEIC of 10 bits has the colours it was made of."""
    assert np.abs(centre(TEN_BITS) - P3_COLOUR).max() <= 2


def test_the_colour_space_that_a_heic_names_is_converted_from():
    """Display P3 without a profile, which only the box `nclx` tells, is not taken for sRGB."""
    assert np.abs(P3_AS_SRGB - P3_COLOUR).max() > 8
    assert np.abs(centre(DISPLAY_P3) - P3_AS_SRGB).max() <= 2
    assert decode(DISPLAY_P3).icc_profile == cicp_profile(12)


def test_the_white_of_an_hdr_heic_is_bright_and_grey():
    """Diffuse white of 203 nits in PQ, 58 % of the signal, is bright, not the brightest."""
    colour = centre(PQ)
    assert np.ptp(colour) <= 2
    assert 215 <= colour.mean() <= 235
    assert decode(PQ).icc_profile == cicp_profile(9)


def avif_with(primaries: int, transfer: int, colour: tuple[int, int, int]) -> bytes:
    """An AVIF whose `nclx` says what is asked, which Pillow cannot write."""
    stream = io.BytesIO()
    Image.new("RGB", (16, 16), colour).save(stream, "AVIF", quality=100, subsampling="4:4:4")
    data = stream.getvalue()
    at = data.index(b"colrnclx") + 8
    return data[:at] + struct.pack(">HH", primaries, transfer) + data[at + 4 :]


def test_the_colour_space_that_an_avif_names_is_converted_from():
    """Pillow passes over an AVIF's colour space; the colours come out right all the same."""
    colour = tuple(int(v) for v in P3_COLOUR)
    assert np.abs(centre(avif_with(1, 13, colour)) - P3_COLOUR).max() <= 2
    assert np.abs(centre(avif_with(12, 13, colour)) - P3_AS_SRGB).max() <= 2
    assert np.abs(centre(avif_with(9, 16, (148, 148, 148))) - centre(PQ)).max() <= 4


def test_jpeg_xl_is_read_with_its_extra():
    """Pixels, profile and EXIF of a JPEG XL file arrive; EXIF does not turn it once more."""
    pylibjxl = pytest.importorskip("pylibjxl", reason="the extra `jxl` is not installed")
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Maker", 6
    pixels = np.tile(P3_COLOUR.astype(np.uint8), (32, 48, 1))
    block = exif.tobytes().removeprefix(b"Exif\0\0")
    data = pylibjxl.encode(pixels, lossless=True, exif=block, icc=cicp_profile(12))
    decoded = decode(data)
    assert (decoded.format, decoded.width, decoded.height) == ("JXL", 48, 32)
    assert np.abs(np.array(decoded.image.getpixel((9, 9))) - P3_AS_SRGB).max() <= 2
    assert decode(data, min_side=12).image.size == (12, 8)
    read = Image.Exif()
    read.load(decoded.exif)
    assert read[0x010F] == "Maker"


def test_without_its_extra_jpeg_xl_is_named_with_the_way_out(monkeypatch):
    """A .jxl counts as a photo where it can be read, and as one that needs an extra elsewhere."""
    cached = (formats.photo_suffixes, formats.missing_support)
    for has_jxl in (False, True):
        monkeypatch.setattr(formats, "_has_jxl", lambda: has_jxl)  # noqa: B023 - called below
        for function in cached:
            function.cache_clear()
        assert (".jxl" in formats.photo_suffixes()) is has_jxl
        way_out = {} if has_jxl else {".jxl": "pip install 'photoaesth[jxl]'"}
        assert formats.missing_support() == way_out
    monkeypatch.undo()
    for function in cached:
        function.cache_clear()


@pytest.mark.parametrize("suffix", [".heic", ".heif", ".hif", ".avif", ".jpg", ".tiff"])
def test_phone_formats_are_photos(suffix):
    """What phones and cameras write is found by indexing without any extra."""
    assert suffix in formats.photo_suffixes()


def test_an_embedded_profile_wins_over_a_named_colour_space():
    """A file with a profile is in that colour space, whatever else it names."""
    stream = io.BytesIO()
    options = {"quality": 100, "subsampling": "4:4:4", "icc_profile": adobe_rgb_profile()}
    Image.new("RGB", (16, 16), (200, 100, 90)).save(stream, "AVIF", **options)
    assert decode(stream.getvalue()).icc_profile == adobe_rgb_profile()
