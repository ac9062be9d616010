import io

import pytest
from PIL import Image

from photoaesth.enhance.pixel_size import exif_with_size, xmp_with_size

WIDTH, HEIGHT, ARTIST = 0x0100, 0x0101, 0x013B
PIXEL_X, PIXEL_Y, EXIF_IFD = 0xA002, 0xA003, 0x8769


def block(order: str = "little") -> bytes:
    exif = Image.Exif()
    exif.endian = "<" if order == "little" else ">"
    exif[ARTIST] = "Ansel"
    exif[WIDTH], exif[HEIGHT] = 4000, 70_000  # a short and a long
    exif[EXIF_IFD] = {PIXEL_X: 4000, PIXEL_Y: 70_000, 0x9003: "2024:05:06 07:08:09"}
    return exif.tobytes().removeprefix(b"Exif\0\0")


def read(exif: bytes) -> Image.Exif:
    loaded = Image.Exif()
    loaded.load(exif)
    return loaded


@pytest.mark.parametrize("order", ["little", "big"])
def test_every_tag_of_the_size_says_the_new_one(order: str) -> None:
    """Both directories, shorts and longs, in either order of bytes; all else stays."""
    before = block(order)
    after = exif_with_size(before, 90_000, 60)
    assert len(after) == len(before)
    exif = read(after)
    assert (exif[WIDTH], exif[HEIGHT], exif[ARTIST]) == (90_000, 60, "Ansel")
    inner = exif.get_ifd(EXIF_IFD)
    assert (inner[PIXEL_X], inner[PIXEL_Y]) == (90_000, 60)
    assert inner[0x9003] == "2024:05:06 07:08:09"


def test_tags_that_are_not_there_are_not_added() -> None:
    """A block that does not say how large the picture is stays as it is."""
    exif = Image.Exif()
    exif[ARTIST] = "Ansel"
    plain = exif.tobytes().removeprefix(b"Exif\0\0")
    assert exif_with_size(plain, 10, 20) == plain


@pytest.mark.parametrize("cut", [0, 3, 9, 20, 60])
def test_broken_blocks_stay_as_they_are(cut: int) -> None:
    """A block that ends too early is returned, not read beyond its end."""
    broken = block()[:cut]
    assert exif_with_size(broken, 10, 20) == broken


def test_xmp_says_the_new_size() -> None:
    """Properties as attributes and as elements; numbers elsewhere stay."""
    packet = (
        b'<rdf:Description tiff:ImageWidth="4000" tiff:ImageLength = \'3000\' xmp:Rating="3">'
        b"<exif:PixelXDimension>4000</exif:PixelXDimension>"
        b"<exif:PixelYDimension> 3000 </exif:PixelYDimension></rdf:Description>"
    )
    expected = packet.replace(b"4000", b"64").replace(b"3000", b"48")
    assert xmp_with_size(packet, 64, 48) == expected
    assert xmp_with_size(b"", 64, 48) == b""


def test_a_block_of_a_file_is_read_by_others() -> None:
    """Pillow reads the changed block back from a file."""
    stream = io.BytesIO()
    exif = b"Exif\0\0" + exif_with_size(block(), 64, 48)
    Image.new("RGB", (64, 48)).save(stream, "JPEG", exif=exif)
    with Image.open(stream) as image:
        inner = image.getexif().get_ifd(EXIF_IFD)
        assert (inner[PIXEL_X], inner[PIXEL_Y]) == image.size
