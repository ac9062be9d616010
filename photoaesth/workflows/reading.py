"""Reading one photo file: once from the disk, to everything that the library keeps of it.

Runs in processes of its own (`reader_pool`), so nothing here loads torch or the library's tables.
"""

from collections.abc import Container
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photoaesth.errors import UnreadableImageError
from photoaesth.imaging import DECODED_SIDE, PlainJpeg, decode, plain_jpeg, thumbnail
from photoaesth.learning.model_input import model_input
from photoaesth.library.exif import read_exif
from photoaesth.library.found import FoundFile, NewPhoto, content_hash
from photoaesth.library.thumbnails import store_thumbnail
from photoaesth.perceptual import perceptual_hash

_MAX_FILE_BYTES = 700_000_000  # RAW files of 200 megapixels, and TIFFs of 100, have less


@dataclass(frozen=True, slots=True)
class NewContent:
    """A photo whose content the library does not know, with the backbone's input."""

    new: NewPhoto
    inputs: NDArray[np.uint8]

    @property
    def file(self) -> FoundFile:
        """Where it was read."""
        return self.new.file

    @property
    def content_hash(self) -> str:
        """Identifies the content."""
        return self.new.content_hash


@dataclass(frozen=True, slots=True)
class Familiar:
    """A file whose content the library has met before, as a photo or as our own output."""

    file: FoundFile
    content_hash: str


@dataclass(frozen=True, slots=True)
class Unfamiliar:
    """A file whose content the library has not met; it was not decoded, as asked."""

    file: FoundFile


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that gave no photo; a broken one stays so until it changes."""

    file: FoundFile
    reason: str
    broken: bool


@dataclass(frozen=True, slots=True)
class Compressed:
    """A JPEG of unknown content, left for a decoder that is faster than the one here."""

    file: FoundFile
    content_hash: str
    data: bytes
    jpeg: PlainJpeg


ReadResult = NewContent | Familiar | Unfamiliar | Compressed | Failure


def read_photo(
    file: FoundFile,
    familiar: Container[str],
    *,
    decode_new: bool = True,
    leave_jpegs: bool = False,
) -> ReadResult:
    """Read and hash a file; decode it and keep its thumbnail if its content is not familiar.

    Args:
        file: which.
        familiar: content hashes that need no decoding.
        decode_new: whether content that is not familiar is decoded.
        leave_jpegs: whether plain JPEGs are returned as they are instead.

    Raises:
        PhotoaesthError: the thumbnail cannot be written.
    """
    data = _read(file)
    if isinstance(data, Failure):
        return data
    content = content_hash(data)
    if content in familiar:
        return Familiar(file, content)
    if not decode_new:
        return Unfamiliar(file)
    if leave_jpegs and (jpeg := plain_jpeg(data)) is not None:
        return Compressed(file, content, data, jpeg)
    return develop(file, content, data)


def _read(file: FoundFile) -> bytes | Failure:
    if file.size > _MAX_FILE_BYTES:
        return Failure(file, "it is larger than any photo", broken=True)
    try:
        return file.path.read_bytes()
    except OSError as error:
        return Failure(file, (error.strerror or str(error)).lower(), broken=False)
    except MemoryError:
        return Failure(file, "there is not enough memory to read it", broken=False)


def develop(file: FoundFile, content: str, data: bytes) -> NewContent | Failure:
    """Decode a photo and keep its thumbnail.

    Args:
        file: where it was read.
        content: the hash of its content.
        data: the whole file.

    Raises:
        PhotoaesthError: the thumbnail cannot be written.
    """
    try:
        decoded = decode(data, min_side=DECODED_SIDE)
    except UnreadableImageError as error:
        return Failure(file, str(error), broken=True)
    store_thumbnail(content, thumbnail(decoded.image))
    new = NewPhoto(
        file,
        content,
        decoded.width,
        decoded.height,
        perceptual_hash(decoded.image),
        read_exif(decoded.exif),
    )
    return NewContent(new, model_input(decoded.image))
