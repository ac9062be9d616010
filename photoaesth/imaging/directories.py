"""The directories of TIFF files, which many RAW formats are, without decoding anything."""

import struct
from typing import BinaryIO

WIDTH, HEIGHT, COMPRESSION, PHOTOMETRIC = 0x0100, 0x0101, 0x0103, 0x0106
STRIP_OFFSETS, STRIP_BYTE_COUNTS = 0x0111, 0x0117
SUB_DIRECTORIES, DNG_VERSION = 0x014A, 0xC612

_ORDERS = {b"II*\0": "<", b"MM\0*": ">"}
_SHORT = 3
_MAX_DIRECTORIES = 32

Directory = dict[int, int]


def read_directories(stream: BinaryIO) -> list[Directory]:
    """Return the directories of a TIFF file, the first one first; empty for other files.

    Args:
        stream: at the file's start; left anywhere.

    Returns:
        For each directory, by tag, the numbers that fit into an entry and stand alone (TIFF 6.0,
        section 2), and the offset where the others stand; at most 32 directories.
    """
    head = stream.read(8)
    order = _ORDERS.get(head[:4])
    if order is None or len(head) < 8:
        return []
    waiting = list(struct.unpack_from(order + "I", head, 4))
    seen: set[int] = set()
    directories: list[Directory] = []
    while waiting and len(directories) < _MAX_DIRECTORIES:
        start = waiting.pop()
        if start in seen or start == 0:
            continue
        seen.add(start)
        stream.seek(start)
        count = stream.read(2)
        body = (
            stream.read(12 * struct.unpack(order + "H", count)[0] + 4) if len(count) == 2 else b""
        )
        directory: Directory = {}
        for at in range(0, len(body) - 11, 12):
            tag, kind, number = struct.unpack_from(order + "HHI", body, at)
            is_short = kind == _SHORT and number == 1
            (value,) = struct.unpack_from(order + ("H" if is_short else "I"), body, at + 8)
            directory[tag] = value
            if tag == SUB_DIRECTORIES and number == 1:
                waiting.append(value)
            elif tag == SUB_DIRECTORIES:
                stream.seek(value)
                links = stream.read(4 * min(number, _MAX_DIRECTORIES))
                waiting += (n for (n,) in struct.iter_unpack(order + "I", links[: len(links) & ~3]))
        directories.append(directory)
        if len(body) % 12 == 4:  # not cut off, and so the link to the next one is its end
            waiting += struct.unpack(order + "I", body[-4:])
    return directories
