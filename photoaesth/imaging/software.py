"""The EXIF tag of the program that made a file."""

import struct

SOFTWARE = 0x0131
"""The EXIF tag of the program, or the camera's firmware, that wrote the file."""

_ASCII = 2
_ENTRY_BYTES = 12
_INLINE_BYTES = 4


def with_software(exif: bytes, software: str) -> bytes:
    """Return an EXIF block that names the program which wrote the file.

    The first directory goes to the end of the block with the tag put in, and the header points
    there; all else stays where it was, so maker notes keep the offsets they rely on. The
    thumbnail's directory, of another picture, is cut loose.

    Args:
        exif: block from its TIFF header on (TIFF 6.0, section 2); an empty one is made anew.
        software: name and version; ASCII.

    Returns:
        A new block; `exif` as it is where its header or first directory is broken.
    """
    block = exif or b"II*\0" + struct.pack("<IHI", 8, 0, 0)
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(block[:4])
    if order is None or len(block) < 8:
        return exif
    (start,) = struct.unpack_from(order + "I", block, 4)
    if start + 2 > len(block):
        return exif
    (count,) = struct.unpack_from(order + "H", block, start)
    if start + 2 + _ENTRY_BYTES * count > len(block):
        return exif
    entries = {}
    for at in range(start + 2, start + 2 + _ENTRY_BYTES * count, _ENTRY_BYTES):
        entry = block[at : at + _ENTRY_BYTES]
        entries[struct.unpack_from(order + "H", entry)[0]] = entry
    text = software.encode("ascii", "replace") + b"\0"
    block += bytes(len(block) % 2)  # directories begin at even offsets
    size = 2 + _ENTRY_BYTES * len(entries | {SOFTWARE: b""}) + 4
    head = struct.pack(order + "HHI", SOFTWARE, _ASCII, len(text))
    if len(text) > _INLINE_BYTES:
        entries[SOFTWARE] = head + struct.pack(order + "I", len(block) + size)
    else:
        entries[SOFTWARE] = head + text.ljust(_INLINE_BYTES, b"\0")
    directory = struct.pack(order + "H", len(entries))
    directory += b"".join(entries[tag] for tag in sorted(entries)) + bytes(4)
    header = block[:4] + struct.pack(order + "I", len(block))
    return header + block[8:] + directory + text
