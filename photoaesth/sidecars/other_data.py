"""A checksum of what a photo holds beside its XMP, to tell that a write left it alone."""

import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from photoaesth.errors import UnreadableImageError
from photoaesth.imaging.formats import check_size, pillow_formats
from photoaesth.imaging.metadata import exif_block_of
from photoaesth.sidecars.containers import jpeg_segments

_XMP_SEGMENTS = (b"http://ns.adobe.com/xap/1.0/\0", b"http://ns.adobe.com/xmp/extension/\0")
_PICTURES_BEHIND = b"MPF\0"  # where further pictures begin: places that move with the XMP's length
_BLOCKS = ((0x0111, 0x0117), (0x0144, 0x0145), (0x0201, 0x0202))  # strips, tiles, JPEG streams
_DIRECTORIES = (0x014A, 0x8769, 0x8825, 0xA005)  # further pictures, EXIF, GPS, interoperability
# XMP, and what holds places in the file.
_LEFT_OUT = frozenset({700, 0x0111, 0x0144, 0x0201, *_DIRECTORIES, 0x927C, 0xC634})
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_WHOLE_NUMBERS = {3: "H", 4: "I", 13: "I"}
_MAX_DIRECTORIES = 64
_CHUNK_BYTES = 1 << 20


def other_data_digest(photo: Path) -> bytes:
    """Return a checksum of all that a photo holds but its XMP.

    Of a JPEG, all segments and the scans as they are stored; of TIFF and DNG, the tags, strips,
    tiles and previews of all directories, but for maker notes, which hold places in the file; of
    other formats, the decoded pixels, EXIF and profile.

    Raises:
        UnreadableImageError: the photo cannot be read; the message is the reason alone.
    """
    digest = hashlib.blake2b(digest_size=20)
    try:
        with photo.open("rb") as stream:
            head = stream.read(4)
            order = {b"II*\0": "<", b"MM\0*": ">"}.get(head)
            if head.startswith(b"\xff\xd8"):
                parts = _jpeg_parts(stream)
            elif order is not None:
                parts = _tiff_parts(stream, order)
            else:
                parts = _decoded_parts(stream)
            for part in parts:
                digest.update(part)
    except Exception as error:  # of a broken file, any (see imaging)
        raise UnreadableImageError(f"its picture cannot be read ({error})") from error
    return digest.digest()


def _decoded_parts(stream: BinaryIO) -> Iterator[bytes]:
    with Image.open(stream, formats=pillow_formats()) as image:
        check_size(image)
        yield f"{image.mode} {image.size}".encode()
        yield exif_block_of(image)
        yield image.info.get("icc_profile") or b""
        yield image.tobytes()


def _jpeg_parts(stream: BinaryIO) -> Iterator[bytes]:
    for marker, content in jpeg_segments(stream):
        if not content.startswith((*_XMP_SEGMENTS, _PICTURES_BEHIND)):
            yield bytes([marker]) + content
    while chunk := stream.read(_CHUNK_BYTES):
        yield chunk


def _tiff_parts(stream: BinaryIO, order: str) -> Iterator[bytes]:
    """Yield what is in all directories of a TIFF (TIFF 6.0, sections 2, 3 and 15)."""
    waiting = [struct.unpack(order + "I", stream.read(4))[0]]
    seen: set[int] = set()
    while waiting and len(seen) < _MAX_DIRECTORIES:
        start = waiting.pop(0)
        if start == 0 or start in seen:
            continue
        seen.add(start)
        stream.seek(start)
        (count,) = struct.unpack(order + "H", stream.read(2))
        body = stream.read(12 * count + 4)
        entries = {
            tag: _Entry(kind, number, body[at + 8 : at + 12])
            for at in range(0, 12 * count, 12)
            for tag, kind, number in [struct.unpack_from(order + "HHI", body, at)]
        }
        for tag in sorted(entries.keys() - _LEFT_OUT):
            yield struct.pack(">H", tag) + entries[tag].content(stream, order)
        for places, sizes in _BLOCKS:
            if places in entries and sizes in entries:
                offsets = entries[places].numbers(stream, order)
                lengths = entries[sizes].numbers(stream, order)
                for offset, length in zip(offsets, lengths, strict=True):
                    stream.seek(offset)
                    yield stream.read(length)
        for tag in _DIRECTORIES:
            if tag in entries:
                waiting += entries[tag].numbers(stream, order)
        waiting += struct.unpack_from(order + "I", body, 12 * count)


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry of a directory: its type, how many values, and them or where they stand."""

    kind: int
    number: int
    value: bytes

    def content(self, stream: BinaryIO, order: str) -> bytes:
        size = self.number * _SIZES.get(self.kind, 1)
        if size <= len(self.value):
            return self.value[:size]
        stream.seek(struct.unpack(order + "I", self.value)[0])
        return stream.read(size)

    def numbers(self, stream: BinaryIO, order: str) -> tuple[int, ...]:
        layout = f"{order}{self.number}{_WHOLE_NUMBERS[self.kind]}"
        return struct.unpack(layout, self.content(stream, order))
