"""XMP inside photos of all formats is found without decoding a pixel."""

import contextlib
import hashlib
import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin

from photoaesth.errors import PhotoaesthError
from photoaesth.sidecars import (
    MalformedPacketError,
    Marks,
    embedded_marks,
    embedded_packet,
    read_marks,
)

from .dialects import DC, XMP, described, listed, wrapped

PACKET = wrapped(
    described(f'{XMP} {DC} xmp:Rating="4"', listed("dc:subject", "Åse")), toolkit="x"
).encode()
SAID = Marks(rating=4, keywords=("Åse",))
_SHARED = Path(__file__).parents[3] / "shared" / "data" / "hostile-images"


def picture() -> Image.Image:
    """Return a small picture that no format makes empty."""
    return Image.linear_gradient("L").resize((40, 30)).convert("RGB")


def jpeg_segment(content: bytes) -> bytes:
    """Return an APP1 segment."""
    return b"\xff\xe1" + struct.pack(">H", len(content) + 2) + content


def with_segments(*segments: bytes) -> bytes:
    """Return a JPEG with further segments behind its first marker."""
    plain = io.BytesIO()
    picture().save(plain, "JPEG")
    return plain.getvalue()[:2] + b"".join(segments) + plain.getvalue()[2:]


@pytest.mark.parametrize("suffix", [".jpg", ".webp", ".avif", ".tif", ".png"])
def test_xmp_is_found_in_every_format(tmp_path, suffix):
    """What Pillow writes into a file is read from it, to the byte."""
    photo = tmp_path / f"photo{suffix}"
    options: dict[str, object] = {"xmp": PACKET}
    if suffix == ".png":
        texts = PngImagePlugin.PngInfo()
        texts.add_itxt("XML:com.adobe.xmp", PACKET.decode())
        options = {"pnginfo": texts}
    elif suffix == ".tif":
        options = {"tiffinfo": {700: PACKET}}
    picture().save(photo, **options)

    assert embedded_packet(photo) == PACKET
    assert embedded_marks(photo) == SAID


@pytest.mark.parametrize("is_compressed", [False, True])
def test_xmp_behind_the_pixels_of_a_png_is_found(tmp_path, is_compressed):
    """A text chunk may stand behind the picture, and may be compressed."""
    plain = io.BytesIO()
    picture().save(plain, "PNG")
    text = zlib.compress(PACKET) if is_compressed else PACKET
    body = b"XML:com.adobe.xmp\0" + bytes([is_compressed, 0]) + b"en\0\0" + text
    chunk = b"iTXt" + body
    whole = struct.pack(">I", len(body)) + chunk + struct.pack(">I", zlib.crc32(chunk))
    end = plain.getvalue().rindex(b"IEND") - 4
    (tmp_path / "photo.png").write_bytes(plain.getvalue()[:end] + whole + plain.getvalue()[end:])

    assert embedded_packet(tmp_path / "photo.png") == PACKET


def test_extended_xmp_of_a_jpeg_is_one_packet_again(tmp_path):
    """What did not fit into the first segment is put together, whatever the order of its parts."""
    extension = wrapped(
        described('xmlns:z="urn:z" z:big="' + "x" * 150_000 + '"'), toolkit="x", padding=""
    ).encode()
    name = hashlib.md5(extension, usedforsecurity=False).hexdigest().upper()
    main = PACKET.replace(
        b'xmp:Rating="4"',
        b'xmp:Rating="4" xmlns:xmpNote="http://ns.adobe.com/xmp/note/" '
        b'xmpNote:HasExtendedXMP="' + name.encode() + b'"',
    )
    parts = [
        jpeg_segment(
            b"http://ns.adobe.com/xmp/extension/\0"
            + name.encode()
            + struct.pack(">II", len(extension), offset)
            + extension[offset : offset + 60_000]
        )
        for offset in range(0, len(extension), 60_000)
    ]
    first = jpeg_segment(b"http://ns.adobe.com/xap/1.0/\0" + main)
    (tmp_path / "photo.jpg").write_bytes(with_segments(first, *reversed(parts)))

    packet = embedded_packet(tmp_path / "photo.jpg")

    assert read_marks(packet) == SAID
    assert packet.count(b"x" * 150_000) == 1
    assert b"HasExtendedXMP" not in packet


def box(kind: bytes, content: bytes, *, is_wide: bool = False) -> bytes:
    """Return a box of an ISO base media file."""
    if is_wide:
        return struct.pack(">I4sQ", 1, kind, len(content) + 16) + content
    return struct.pack(">I4s", len(content) + 8, kind) + content


@pytest.mark.parametrize("is_wide", [False, True])
def test_xmp_in_boxes_is_found(tmp_path, is_wide):
    """Canon's CR3 and JPEG XL keep XMP in a box of their own, behind boxes of any length."""
    uuid = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
    movie = box(b"moov", b"\0" * 5000, is_wide=is_wide)
    other = box(b"uuid", b"\1" * 40)
    files = {
        "a.cr3": box(b"ftyp", b"crx \0\0\0\1crx isom")
        + movie
        + other
        + box(b"uuid", uuid + PACKET)
        + box(b"mdat", b"\2" * 9, is_wide=is_wide),
        "a.jxl": box(b"JXL ", b"\r\n\x87\n") + box(b"ftyp", b"jxl ") + movie + box(b"xml ", PACKET),
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)

        assert embedded_packet(tmp_path / name) == PACKET, name


@pytest.mark.parametrize("head", [b"II*\0", b"IIRO", b"IIU\0", b"MM\0*"])
def test_xmp_of_raw_files_built_like_tiff_is_found(tmp_path, head):
    """RAW files of several makers are TIFF under another name, in either byte order."""
    order = ">" if head.startswith(b"M") else "<"
    entry = struct.pack(order + "HHII", 700, 1, len(PACKET), 8 + 2 + 12 + 4)
    directory = struct.pack(order + "H", 1) + entry + bytes(4)
    (tmp_path / "photo.orf").write_bytes(head + struct.pack(order + "I", 8) + directory + PACKET)

    assert embedded_packet(tmp_path / "photo.orf") == PACKET


def test_older_stars_and_keywords_stand_in_for_what_xmp_does_not_say(tmp_path):
    """EXIF stars and IPTC keywords count where there is no XMP, in UTF-8 and in Latin 1."""
    exif = Image.Exif()
    exif[0x4746] = 5
    for name, character_set, word in (
        ("utf8.jpg", b"\x1c\x01\x5a\x00\x03\x1b%G", "Åse".encode()),
        ("latin1.jpg", b"", "Åse".encode("latin-1")),
    ):
        record = character_set + b"\x1c\x02\x19" + struct.pack(">H", len(word)) + word
        resource = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(record)) + record
        content = b"Photoshop 3.0\0" + resource + b"\0" * (len(record) % 2)
        iptc = b"\xff\xed" + struct.pack(">H", len(content) + 2) + content
        block = jpeg_segment(b"Exif\0\0" + exif.tobytes().removeprefix(b"Exif\0\0"))
        (tmp_path / name).write_bytes(with_segments(block, iptc))

        assert embedded_marks(tmp_path / name) == Marks(rating=5, keywords=("Åse",)), name


def test_xmp_comes_before_older_stars(tmp_path):
    """Where XMP has stars, those of EXIF are not asked."""
    exif = Image.Exif()
    exif[0x4746] = 1
    picture().save(tmp_path / "photo.jpg", exif=exif, xmp=PACKET)

    assert embedded_marks(tmp_path / "photo.jpg") == SAID


def test_a_photo_that_says_nothing_says_nothing(tmp_path):
    """Without XMP, IPTC and stars there are no marks; nor in what is no photo."""
    picture().save(tmp_path / "photo.jpg")
    (tmp_path / "text.jpg").write_text("no photo")
    (tmp_path / "empty.png").touch()

    for name in ("photo.jpg", "text.jpg", "empty.png"):
        assert embedded_packet(tmp_path / name) == b""
        assert embedded_marks(tmp_path / name) is None


def test_broken_xmp_is_refused(tmp_path):
    """XMP that cannot be read is an error with a reason, not silence."""
    picture().save(tmp_path / "photo.jpg", xmp=PACKET[:200])

    with pytest.raises(MalformedPacketError, match="not well-formed"):
        embedded_marks(tmp_path / "photo.jpg")


def test_a_file_that_is_gone_is_named(tmp_path):
    """The error for a file that cannot be read names it."""
    with pytest.raises(PhotoaesthError, match=r"gone\.jpg: No such file"):
        embedded_packet(tmp_path / "gone.jpg")


@pytest.mark.shared_data
@pytest.mark.filterwarnings("ignore:::PIL")  # the program silences it, too
def test_no_file_breaks_reading():
    """Of hundreds of odd and broken files, every one is read or refused, some with marks."""
    if not _SHARED.exists():
        pytest.skip("the development photos are not beside the checkout")
    found = 0
    for photo in sorted(path for path in _SHARED.rglob("*") if path.is_file()):
        with contextlib.suppress(MalformedPacketError):
            found += embedded_marks(photo) is not None
    assert found > 50


@pytest.mark.shared_data
def test_the_xmp_of_a_heic_is_found():
    """A HEIC's XMP is one of its items."""
    photo = _SHARED / "pillow_heif/tests/images/heif_other/L_exif_xmp_iptc.heic"
    if not photo.exists():
        pytest.skip("the development photos are not beside the checkout")

    assert b"x:xmpmeta" in embedded_packet(photo)
