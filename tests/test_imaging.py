import io
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageDraw

from photoaesth.errors import UnreadableImageError
from photoaesth.imaging import decode, decoding
from photoaesth.srgb import adobe_rgb_profile, to_srgb

ORIENTATION, IMAGE_WIDTH, MAKE, EXPOSURE_TIME = 0x0112, 0x0100, 0x010F, 0x829A
# How an upright picture is stored for each orientation: the inverse of TIFF 6.0, section 8.
STORED_AS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def quadrants(size: tuple[int, int] = (48, 32)) -> Image.Image:
    image = Image.new("RGB", size, "red")
    draw, (x, y) = ImageDraw.Draw(image), (size[0] // 2, size[1] // 2)
    draw.rectangle((x, 0, size[0], y - 1), "lime")
    draw.rectangle((0, y, x - 1, size[1]), "blue")
    draw.rectangle((x, y, size[0], size[1]), "yellow")
    return image


def photo(size: tuple[int, int] = (96, 64), seed: int = 0) -> Image.Image:
    """A smooth colourful picture, in which resampling shows little."""
    coarse = np.random.default_rng(seed).integers(60, 200, (4, 6, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)


def saved(image: Image.Image, file_format: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, file_format, **options)
    return stream.getvalue()


def exif_with(tags: dict[int, object]) -> Image.Exif:
    exif = Image.Exif()
    exif.update(tags)
    return exif


def parsed(block: bytes) -> Image.Exif:
    exif = Image.Exif()
    exif.load(block)
    return exif


def png(width: int, height: int, depth: int, colour: int, rows: bytes) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def difference(a: Image.Image, b: Image.Image) -> int:
    assert a.size == b.size
    return int(np.abs(np.asarray(a, dtype=int) - np.asarray(b, dtype=int)).max())


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_comes_out_upright(orientation, file_format):
    """The same picture stored in eight orientations decodes to the same upright picture."""
    upright = quadrants()
    method = STORED_AS.get(orientation)
    stored = upright if method is None else upright.transpose(method)
    options = {"JPEG": {"quality": 95, "subsampling": 0}, "WEBP": {"lossless": True}}
    exif = exif_with({ORIENTATION: orientation})
    data = saved(stored, file_format, exif=exif, **options.get(file_format, {}))
    for min_side in (None, 24):
        decoded = decode(data, min_side=min_side)
        assert (decoded.width, decoded.height) == (48, 32)
        expected = upright.resize((24, 16)) if min_side else upright
        # Away from the edges, where resampling and compression mix the colours.
        for x, y in ((0.2, 0.2), (0.8, 0.2), (0.2, 0.8), (0.8, 0.8)):
            at = (int(x * expected.width), int(y * expected.height))
            assert np.abs(np.subtract(decoded.image.getpixel(at), expected.getpixel(at))).max() < 14


@pytest.mark.parametrize(
    "entry",
    [(3, 1, 0), (3, 1, 9), (4, 1, 2**32 - 1), (2, 4, 0x36363636), (3, 2, 0), (5, 1, 10**9)],
)
def test_a_nonsense_orientation_is_upright(entry):
    """An orientation that EXIF does not define leaves the picture as it is stored."""
    block = struct.pack("<4sIHHHIII", b"II*\0", 8, 1, ORIENTATION, *entry, 0)
    data = saved(quadrants(), "PNG", exif=b"Exif\0\0" + block)
    assert difference(decode(data).image, quadrants()) == 0


@pytest.mark.parametrize("block", [b"", b"MM", b"garbage", b"II*\0\xff\xff\xff\xff", bytes(300)])
def test_broken_exif_does_not_cost_the_picture(block):
    """A picture whose EXIF block cannot be parsed decodes as it is stored."""
    data = saved(quadrants(), "JPEG", exif=b"Exif\0\0" + block, subsampling=0, quality=100)
    assert difference(decode(data).image, quadrants()) < 12


@pytest.mark.parametrize(
    ("mode", "file_format", "colour", "expected"),
    [
        ("1", "PNG", 255, (255, 255, 255)),
        ("L", "JPEG", 77, (77, 77, 77)),
        ("P", "GIF", None, (200, 40, 90)),
        ("P", "PNG", None, (200, 40, 90)),
        ("LA", "PNG", (77, 255), (77, 77, 77)),
        ("LA", "PNG", (77, 0), (255, 255, 255)),
        ("RGBA", "PNG", (200, 40, 90, 255), (200, 40, 90)),
        ("RGBA", "WEBP", (200, 40, 90, 0), (255, 255, 255)),
        ("RGBA", "PNG", (0, 0, 0, 102), (153, 153, 153)),  # 255 · (1 − 102/255)
        ("CMYK", "JPEG", (0, 0, 0, 255), (0, 0, 0)),
        ("CMYK", "TIFF", (0, 255, 255, 0), (255, 0, 0)),
        ("YCbCr", "TIFF", (128, 128, 128), (128, 128, 128)),
        ("LAB", "TIFF", (255, 128, 128), (255, 255, 255)),
        ("RGB", "BMP", (200, 40, 90), (200, 40, 90)),
        ("RGB", "AVIF", (200, 40, 90), (200, 40, 90)),
    ],
)
@pytest.mark.parametrize("min_side", [None, 8])
def test_every_mode_becomes_rgb(mode, file_format, colour, expected, min_side):
    """Whatever the file's mode, the colour comes out right, over white."""
    if mode == "P":
        image = Image.new("RGB", (16, 16), expected).quantize(4)
    else:
        image = Image.new(mode, (16, 16), colour)
    decoded = decode(saved(image, file_format), min_side=min_side)
    assert decoded.image.mode == "RGB"
    assert np.abs(np.subtract(decoded.image.getpixel((3, 3)), expected)).max() <= 3


def test_a_transparent_colour_or_palette_entry_becomes_white():
    """Transparency named by a palette entry or by one colour counts as well."""
    image = quadrants().quantize(4)
    key = image.getpixel((0, 0))
    decoded = decode(saved(image, "GIF", transparency=key)).image
    assert decoded.getpixel((0, 0)) == (255, 255, 255)
    assert decoded.getpixel((47, 0)) == (0, 255, 0)
    decoded = decode(saved(quadrants(), "PNG", transparency=(255, 0, 0))).image
    assert decoded.getpixel((0, 0)) == (255, 255, 255)
    assert "transparency" not in decoded.info


def test_transparent_pixels_leave_no_fringe():
    """The colour under transparent pixels does not bleed into a smaller picture."""
    image = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    image.paste((255, 255, 255, 255), (0, 0, 31, 64))
    decoded = decode(saved(image, "PNG"), min_side=15).image
    assert np.asarray(decoded).min() == 255


def test_deep_colour_keeps_its_gradient():
    """A PNG of 16 bits a channel comes out with the upper 8."""
    values = np.rint(np.linspace(0, 65535, 256)).astype(">u2")
    row = b"\0" + np.repeat(values, 3).tobytes()
    decoded = np.asarray(decode(png(256, 1, 16, 2, row)).image)
    assert np.abs(decoded[0] - np.arange(256)[:, None]).max() <= 1


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((6000, 4000), (750, 500)),
        ((4000, 6000), (500, 750)),
        ((6001, 3999), (751, 500)),
        ((4600, 3066), (1150, 767)),  # an eighth would be 575
        ((4608, 3072), (576, 384)),
        ((9300, 700), (582, 44)),  # 1163 after libjpeg's eighth, still twice too many
        ((1200, 40), (600, 20)),
        ((1151, 700), (1151, 700)),
        ((300, 200), (300, 200)),
    ],
)
def test_a_jpeg_is_decoded_at_a_whole_fraction(size, expected):
    """The long side is the least fraction that libjpeg offers and that is enough, never less."""
    data = saved(photo(size), "JPEG", quality=95)
    small = decode(data, min_side=576)
    assert small.image.size == expected
    assert (small.width, small.height) == size
    assert difference(small.image, photo(expected)) <= 12


@pytest.mark.parametrize("file_format", ["PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize(
    ("size", "factor", "expected"),
    [
        ((1201, 800), 9, (134, 89)),
        ((797, 1203), 9, (89, 134)),
        ((1000, 3), 7, (143, 1)),
        ((255, 9), 1, (255, 9)),
    ],
)
def test_other_formats_shrink_to_the_least_whole_fraction(size, factor, expected, file_format):
    """The long side is the least whole fraction that is at least min_side."""
    data = saved(photo(size), file_format, **({"lossless": True} if file_format == "WEBP" else {}))
    small = decode(data, min_side=128)
    assert small.image.size == expected
    assert (small.width, small.height) == size
    assert difference(small.image, photo(size).reduce(factor)) <= 1


def test_a_large_jpeg_is_not_decoded_whole(monkeypatch):
    """libjpeg itself decodes at the fraction: the whole picture never comes to be."""
    seen = []
    plain = decoding.shrink
    monkeypatch.setattr(
        decoding, "shrink", lambda image, factor: (seen.append(image.size), plain(image, factor))[1]
    )
    decode(saved(photo((2000, 1000)), "JPEG"), min_side=240)
    assert seen == [(250, 125)]


def test_the_first_frame_of_an_animation_is_taken():
    """A GIF stands for its first frame, a multi-picture JPEG for its first picture."""
    for file_format, name in (("GIF", "GIF"), ("MPO", "JPEG"), ("TIFF", "TIFF")):
        frames = [Image.new("RGB", (8, 8), c) for c in ("red", "blue")]
        data = saved(frames[0], file_format, save_all=True, append_images=frames[1:])
        decoded = decode(data)
        assert decoded.image.getpixel((4, 4))[0] >= 253
        assert decoded.format == name


def test_exif_and_profile_come_as_embedded():
    """The EXIF block and the profile are handed on byte for byte."""
    block = exif_with({MAKE: "Maker", ORIENTATION: 6}).tobytes()[6:]
    profile = adobe_rgb_profile()
    for file_format in ("JPEG", "PNG", "WEBP"):
        decoded = decode(saved(photo(), file_format, exif=b"Exif\0\0" + block, icc_profile=profile))
        assert (decoded.exif, decoded.icc_profile) == (block, profile)
        assert decoded.image.info == {}  # or Pillow would save it along
    assert decode(saved(photo(), "JPEG")).exif == b""


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_a_profile_is_converted_from(file_format):
    """In every format pixels are taken for what the embedded profile says."""
    profile = adobe_rgb_profile()
    data = saved(photo(), file_format, icc_profile=profile)
    stored = Image.open(io.BytesIO(data)).convert("RGB")
    assert difference(stored, to_srgb(stored, profile)) > 20  # else the test would not notice
    assert difference(decode(data).image, to_srgb(stored, profile)) == 0


@pytest.mark.parametrize(
    ("color_space", "interoperability", "expected"),
    [
        (0xFFFF, {1: "R03"}, adobe_rgb_profile()),
        (0xFFFF, {1: "R98"}, b""),
        (0xFFFF, {}, b""),
        (1, {1: "R03"}, b""),
    ],
)
def test_what_exif_alone_calls_adobe_rgb_is_converted_from(color_space, interoperability, expected):
    """Cameras mark Adobe RGB by two EXIF values; both are needed and an own profile wins."""
    exif = exif_with({ExifTags.IFD.Exif: {0xA001: color_space, 0xA005: interoperability}})
    data = saved(photo(), "JPEG", exif=exif)
    decoded = decode(data)
    assert decoded.icc_profile == expected
    assert difference(decoded.image, to_srgb(Image.open(io.BytesIO(data)), expected)) == 0
    own = decode(saved(photo(), "JPEG", exif=exif, icc_profile=b"own"))
    assert own.icc_profile == b"own"


def test_the_exif_of_a_tiff_describes_the_photo_alone():
    """What a TIFF's directory says of its pixels does not get into the EXIF block."""
    exif = exif_with({MAKE: "Maker", 0x8769: {EXPOSURE_TIME: 0.5}})
    read = parsed(decode(saved(photo(), "TIFF", exif=exif.tobytes())).exif)
    assert read[MAKE] == "Maker"
    assert read.get_ifd(0x8769)[EXPOSURE_TIME] == 0.5
    assert IMAGE_WIDTH not in read


def test_decoding_from_a_path_and_from_bytes_is_the_same(tmp_path):
    """A file and its bytes decode alike, whatever the name."""
    path = tmp_path / "a picture.txt"
    path.write_bytes(saved(photo(), "JPEG"))
    assert difference(decode(path).image, decode(path.read_bytes()).image) == 0


def test_threads_decode_independently():
    """Many threads decoding different photos get what one thread gets."""
    profile = adobe_rgb_profile()
    files = [saved(photo(seed=s), "JPEG", icc_profile=profile) for s in range(8)] * 4
    alone = [decode(data).image for data in files[:8]] * 4
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda data: decode(data).image, files))
    assert max(map(difference, alone, together)) == 0


JPEG = saved(photo((400, 300)), "JPEG")
BOMB = png(60_000, 60_000, 8, 2, bytes(1000))
EPS = saved(photo(), "EPS")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the file is empty"),
        (b"hello, world" * 50, "not an image"),
        (EPS, "not an image"),
        (JPEG[: len(JPEG) // 2], "the file is cut off"),
        (JPEG[:-500], "the file is cut off"),
        (saved(photo(), "PNG")[:-200], "the file is cut off"),
        (saved(photo(), "TIFF")[:5000], "the file is cut off"),
        (BOMB, "more than the 230 megapixels"),
    ],
)
@pytest.mark.parametrize("min_side", [None, 32])
def test_unreadable_files_say_why(data, reason, min_side, tmp_path):
    """Each way a file can be unreadable has its own short reason."""
    path = tmp_path / "photo.jpg"
    path.write_bytes(data)
    for source in (data, path):
        with pytest.raises(UnreadableImageError, match=reason):
            decode(source, min_side=min_side)


def test_a_missing_file_and_a_folder_are_unreadable(tmp_path):
    """What the system refuses to open is told in the system's words."""
    with pytest.raises(UnreadableImageError, match="no such file"):
        decode(tmp_path / "gone.jpg")
    with pytest.raises(UnreadableImageError, match=r"directory|denied"):
        decode(tmp_path)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (PermissionError(13, "Permission denied"), "permission denied"),
        (MemoryError(), "not enough memory"),
        (NotImplementedError("unsupported"), "variant"),
        (EOFError(), "cut off"),
        *((kind("broken"), "damaged") for kind in (ValueError, SyntaxError, KeyError, OSError)),
        *((kind("broken"), "damaged") for kind in (struct.error, AttributeError, RecursionError)),
    ],
)
def test_whatever_pillow_raises_becomes_one_error(error, reason, monkeypatch):
    """Every exception of a decoder becomes UnreadableImageError, with the cause kept."""

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(decoding, "_decode", fail)
    with pytest.raises(UnreadableImageError, match=reason) as caught:
        decode(JPEG)
    assert caught.value.__cause__ is error
