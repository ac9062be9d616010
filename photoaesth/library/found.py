"""What indexing learns of files, as plain values that travel between processes."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from blake3 import blake3

from photoaesth.domain import Exif


class FoundFile(NamedTuple):
    """A file with a photo's suffix.

    A named tuple with the path as bytes: a walk makes a million of them.

    Attributes:
        key: absolute path in the system's own bytes; they need not be UTF-8.
        size: bytes.
        mtime_ns: time of the last change, nanoseconds since 1970.
        beside: key of the developed file (JPEG, HEIC) of the same shot, for a RAW file that has
            one beside it: the two are one photo.
    """

    key: bytes
    size: int
    mtime_ns: int
    beside: bytes | None = None

    @property
    def path(self) -> Path:
        """Where the file stands."""
        return Path(os.fsdecode(self.key))


@dataclass(frozen=True, slots=True)
class NewPhoto:
    """What indexing learned of one file, ready to be stored.

    Attributes:
        file: where it was read.
        content_hash: hex, see `content_hash`.
        width: upright width in pixels.
        height: upright height in pixels.
        perceptual_hash: what it looks like, 64 bits.
        exif: what the camera wrote.
    """

    file: FoundFile
    content_hash: str
    width: int
    height: int
    perceptual_hash: int
    exif: Exif


def content_hash(data: bytes) -> str:
    """Return what a file's content is known by: hex BLAKE3, 160 bits of it.

    It keeps up with any disk on any processor, and nobody can make two files of one hash.
    """
    return blake3(data).hexdigest(length=20)
