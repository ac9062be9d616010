"""Reading photo files in worker threads, ahead of whoever stores them."""

import os
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from photoaesth.errors import UnreadableImageError
from photoaesth.imaging import DECODED_SIDE, decode, thumbnail
from photoaesth.library.exif import read_exif
from photoaesth.library.photos import NewPhoto, content_hash
from photoaesth.library.scan import FoundFile
from photoaesth.library.thumbnails import store_thumbnail

_AHEAD = 32  # files; what they leave in memory is some 330 kB each

_T = TypeVar("_T")


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
class Failure:
    """A file that gave no photo; a broken one stays so until it changes."""

    file: FoundFile
    reason: str
    broken: bool


ReadResult = NewContent | Familiar | Failure


def read_photo(file: FoundFile, is_familiar: Callable[[str], bool]) -> ReadResult:
    """Read and hash a file; decode it and keep its thumbnail if its content is not familiar.

    Raises:
        PhotoaesthError: the thumbnail cannot be written.
    """
    try:
        data = file.path.read_bytes()
    except OSError as error:
        return Failure(file, (error.strerror or str(error)).lower(), broken=False)
    content = content_hash(data)
    if is_familiar(content):
        return Familiar(file, content)
    # Only here: torch takes seconds to load, and a run that finds nothing new needs none of it.
    from photoaesth.learning.features import model_input

    try:
        decoded = decode(data, max_side=DECODED_SIDE)
    except UnreadableImageError as error:
        return Failure(file, str(error), broken=True)
    store_thumbnail(content, thumbnail(decoded.image))
    exif = read_exif(decoded.exif)
    new = NewPhoto(file, content, decoded.width, decoded.height, exif)
    return NewContent(new, model_input(decoded.image))


def read_hash(file: FoundFile) -> str | None:
    """Return the hash of a file's content; None if it cannot be read now."""
    try:
        return content_hash(file.path.read_bytes())
    except OSError:
        return None


def read_ahead(
    files: Sequence[FoundFile], read: Callable[[FoundFile], _T]
) -> Generator[_T, None, None]:
    """Yield results in order while threads read a bounded number of files ahead.

    Closing the generator ends the threads once each is done with the file in hand.
    """
    workers = os.cpu_count() or 1
    waiting: deque[Future[_T]] = deque()
    executor = ThreadPoolExecutor(workers, thread_name_prefix="read")
    try:
        for file in files:
            waiting.append(executor.submit(read, file))
            if len(waiting) >= _AHEAD + workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        executor.shutdown(cancel_futures=True)
