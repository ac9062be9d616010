"""Reading one photo file: once from the disk, to everything that the library keeps of it.

Runs in processes of its own (`reader_pool`), so nothing here loads torch or the library's tables.
"""

import io
from collections.abc import Container
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photoaesth.attributes import measure
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
    """A photo whose content the library does not know.

    Attributes:
        new: what is stored of it.
        inputs: what the backbone sees of it.
        measured: what `attributes.measure` finds in its thumbnail.
    """

    new: NewPhoto
    inputs: NDArray[np.uint8]
    measured: NDArray[np.float32]

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
    small = thumbnail(decoded.image)
    store_thumbnail(content, small)
    new = NewPhoto(
        file,
        content,
        decoded.width,
        decoded.height,
        perceptual_hash(decoded.image),
        read_exif(decoded.exif),
    )
    measured = measure_thumbnail(small, decoded.width, decoded.height)
    return NewContent(new, model_input(decoded.image), measured)


def measure_thumbnail(jpeg: bytes, width: int, height: int) -> NDArray[np.float32]:
    """Return the measured attributes of a photo.

    They are taken from the thumbnail as it is kept, so that they are the same whenever and from
    however large a picture it was made.

    Args:
        jpeg: the thumbnail.
        width: the photo's own, upright.
        height: the photo's own, upright.
    """
    with Image.open(io.BytesIO(jpeg)) as image:
        return measure(model_input(image.convert("RGB")), width, height)
