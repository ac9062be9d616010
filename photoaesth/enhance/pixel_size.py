"""How large a picture is, as its metadata says it."""

import re
import struct

# ImageWidth and ImageLength in the first directory, PixelXDimension and PixelYDimension in the
# EXIF one (EXIF 2.32, sections 4.6.4 and 4.6.5).
_FIRST, _EXIF = {0x0100: 0, 0x0101: 1}, {0xA002: 0, 0xA003: 1}
_EXIF_POINTER = 0x8769
_ENTRY_BYTES = 12
_SHORT, _LONG = 3, 4

_WIDTHS = r"(?:exif:PixelXDimension|tiff:ImageWidth)"
_HEIGHTS = r"(?:exif:PixelYDimension|tiff:ImageLength)"


def exif_with_size(exif: bytes, width: int, height: int) -> bytes:
    """Return an EXIF block in which the tags that say a picture's size say this one.

    Only values are overwritten, in place, so maker notes keep the offsets they rely on. Tags
    that are not there are not added.

    Args:
        exif: block from its TIFF header on (TIFF 6.0, section 2).
        width: pixels.
        height: pixels.

    Returns:
        A block of the same length; `exif` as it is where it is broken.
    """
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(exif[:4])
    if order is None:
        return exif
    patched = bytearray(exif)
    try:
        (first,) = struct.unpack_from(order + "I", exif, 4)
        inner = _patch(patched, order, first, _FIRST, (width, height))
        if inner is not None:
            _patch(patched, order, inner, _EXIF, (width, height))
    except struct.error:  # a directory that reaches beyond the block
        return exif
    return bytes(patched)


def xmp_with_size(packet: bytes, width: int, height: int) -> bytes:
    """Return an XMP packet in which the properties that say a picture's size say this one."""
    text = packet.decode("utf-8", "surrogateescape")
    for names, value in ((_WIDTHS, width), (_HEIGHTS, height)):
        text = re.sub(rf"""({names}\s*(?:=\s*["']|>)\s*)\d+""", rf"\g<1>{value}", text)
    return text.encode("utf-8", "surrogateescape")


def _patch(
    block: bytearray, order: str, start: int, tags: dict[int, int], size: tuple[int, int]
) -> int | None:
    """Write sizes into a directory; return where the EXIF directory is that it points to."""
    (count,) = struct.unpack_from(order + "H", block, start)
    pointer = None
    for at in range(start + 2, start + 2 + _ENTRY_BYTES * count, _ENTRY_BYTES):
        tag, kind = struct.unpack_from(order + "HH", block, at)
        if tag in tags and kind in {_SHORT, _LONG}:
            value = size[tags[tag]]
            # Always as a long: a short would be too short for a panorama.
            struct.pack_into(order + "HHII", block, at, tag, _LONG, 1, value)
        elif tag == _EXIF_POINTER:
            (pointer,) = struct.unpack_from(order + "I", block, at + 8)
    return pointer
