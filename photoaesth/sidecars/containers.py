"""Where the files of photos keep their XMP, read without decoding a pixel.

XMP Specification, part 3; PNG 3rd edition, 11.3.3.4; ISO/IEC 14496-12, 4.2.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from lxml import etree

from photoaesth.sidecars.packet import MalformedPacketError, Packet

_JPEG_MAIN = b"http://ns.adobe.com/xap/1.0/\0"
_JPEG_EXTENSION = b"http://ns.adobe.com/xmp/extension/\0"
_HAS_EXTENSION = "{http://ns.adobe.com/xmp/note/}HasExtendedXMP"
_TIFF_XMP = 700
_TIFF_ORDERS = {
    b"II*\0": "<",
    b"MM\0*": ">",
    b"IIRO": "<",  # Olympus
    b"IIRS": "<",
    b"IIU\0": "<",  # Panasonic
}
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEYWORD = b"XML:com.adobe.xmp\0"
_JXL = b"\0\0\0\x0cJXL \r\n\x87\n"
_CR3 = b"ftypcrx "
_CR3_XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_MAX_BYTES = 64 * 2**20  # of a packet; Lightroom's largest have some


def xmp_in(stream: BinaryIO) -> bytes | None:
    """Return the XMP in a file of a photo; empty if it has none, None of a format unknown here.

    Args:
        stream: at the file's start; left anywhere.

    Raises:
        OSError: the file cannot be read.
    """
    head = stream.read(12)
    stream.seek(0)
    found: Iterator[bytes] | None = None
    if head.startswith(b"\xff\xd8"):
        found = _in_jpeg(stream)
    elif head[:4] in _TIFF_ORDERS:
        found = _in_tiff(stream, _TIFF_ORDERS[head[:4]])
    elif head.startswith(_PNG):
        found = _in_png(stream)
    elif head[:4] == b"RIFF" and head[8:] == b"WEBP":
        found = _in_webp(stream)
    elif head == _JXL:
        found = (data for kind, data in _boxes(stream) if kind == b"xml ")
    elif head[4:] == _CR3:
        found = (
            data[len(_CR3_XMP) :]
            for kind, data in _boxes(stream)
            if kind == b"uuid" and data.startswith(_CR3_XMP)
        )
    return None if found is None else next(found, b"")


def jpeg_segments(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield a JPEG's segments, marker code and content, up to the start of its first scan.

    Args:
        stream: at the file's start; after the last segment it is at the scan's header.
    """
    stream.seek(2)
    while True:
        marker = stream.read(2)
        while marker == b"\xff\xff":  # fill bytes (ITU-T T.81, B.1.1.2)
            marker = b"\xff" + stream.read(1)
        if len(marker) < 2 or marker[0] != 0xFF or marker[1] in {0xD9, 0xDA}:
            return
        size = stream.read(2)
        if len(size) < 2:
            return
        yield marker[1], stream.read(max(0, struct.unpack(">H", size)[0] - 2))


def _in_jpeg(stream: BinaryIO) -> Iterator[bytes]:
    main = b""
    parts: dict[bytes, dict[int, bytes]] = {}  # of extended packets, by their checksum
    for marker, content in jpeg_segments(stream):
        if marker != 0xE1:
            continue
        if content.startswith(_JPEG_MAIN):
            main = main or content[len(_JPEG_MAIN) :]
        elif content.startswith(_JPEG_EXTENSION):
            body = content[len(_JPEG_EXTENSION) :]
            if len(body) > 40:  # checksum in hex, length of all, offset of this
                (offset,) = struct.unpack_from(">I", body, 36)
                parts.setdefault(body[:32], {})[offset] = body[40:]
    yield _with_extension(main, parts) if main and parts else main


def _with_extension(main: bytes, parts: dict[bytes, dict[int, bytes]]) -> bytes:
    """Return one packet of a main one and the extended one that it names."""
    try:
        packet = Packet(main)
        for description in packet.descriptions:
            note = description.get(_HAS_EXTENSION) or description.findtext(_HAS_EXTENSION) or ""
            chunks = parts.get(note.strip().encode("latin-1", "replace"), {})
            if not chunks:
                continue
            extension = Packet(b"".join(chunk for _, chunk in sorted(chunks.items())))
            if _HAS_EXTENSION in description.attrib:
                del description.attrib[_HAS_EXTENSION]
            for element in description.findall(_HAS_EXTENSION):
                description.remove(element)
            packet.rdf.extend(extension.descriptions)
            root = packet.rdf.getroottree()
            return etree.tostring(root, encoding="utf-8", xml_declaration=False)
    except MalformedPacketError:  # of either: whoever reads the main one will say so
        pass
    return main


def _in_tiff(stream: BinaryIO, order: str) -> Iterator[bytes]:
    """Yield the content of tag 700 of the first directory (TIFF 6.0, section 2)."""
    head = stream.read(8)
    if len(head) < 8:
        return
    stream.seek(struct.unpack_from(order + "I", head, 4)[0])
    count = stream.read(2)
    if len(count) < 2:
        return
    entries = stream.read(12 * struct.unpack(order + "H", count)[0])
    for at in range(0, len(entries) - 11, 12):
        tag, _, length, place = struct.unpack_from(order + "HHII", entries, at)
        if tag == _TIFF_XMP and 4 < length <= _MAX_BYTES:
            stream.seek(place)
            yield stream.read(length)


def _in_png(stream: BinaryIO) -> Iterator[bytes]:
    for text in _png_texts(stream):
        if text.startswith(_PNG_KEYWORD):
            yield _international_text(text[len(_PNG_KEYWORD) :])


def _international_text(data: bytes) -> bytes:
    """Return the text of an iTXt chunk, from its compression flag on."""
    is_compressed = data[:1] == b"\1"
    text = b"".join(data[2:].split(b"\0", 2)[2:])  # behind language and translated keyword
    if not is_compressed:
        return text
    try:
        return zlib.decompressobj().decompress(text, _MAX_BYTES)
    except zlib.error:
        return b""


def _png_texts(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the contents of a PNG's international texts."""
    stream.seek(8)
    while len(head := stream.read(8)) == 8:
        length, kind = struct.unpack(">I4s", head)
        start = stream.tell()
        if kind == b"iTXt" and length <= _MAX_BYTES:
            yield stream.read(length)
        stream.seek(start + length + 4)  # behind the checksum


def _in_webp(stream: BinaryIO) -> Iterator[bytes]:
    stream.seek(12)
    while len(head := stream.read(8)) == 8:
        kind, length = struct.unpack("<4sI", head)
        start = stream.tell()
        if kind == b"XMP " and length <= _MAX_BYTES:
            yield stream.read(length)
        stream.seek(start + length + length % 2)


def _boxes(stream: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """Yield the outermost boxes of an ISO base media file, with the content of small ones."""
    stream.seek(0)
    while len(head := stream.read(8)) == 8:
        start = stream.tell() - 8
        length, kind = struct.unpack(">I4s", head)
        if length == 1:
            wide = stream.read(8)
            length = struct.unpack(">Q", wide)[0] if len(wide) == 8 else 0
        inside = stream.tell() - start
        if length and length < inside:
            return
        is_wanted = kind in {b"uuid", b"xml "} and length <= _MAX_BYTES
        yield kind, stream.read(length - inside if length else -1) if is_wanted else b""
        if not length:  # up to the end of the file
            return
        stream.seek(start + length)
