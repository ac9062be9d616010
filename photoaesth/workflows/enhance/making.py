"""Copies made in threads while edits of other photos are being found."""

import errno
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Self

from photoaesth.enhance.copies import copy_of, place_copy
from photoaesth.enhance.naming import format_of
from photoaesth.errors import PhotoaesthError
from photoaesth.files import write_error
from photoaesth.library import excluded
from photoaesth.library.database import Library
from photoaesth.library.found import content_hash
from photoaesth.workflows.enhance.choosing import exists
from photoaesth.workflows.enhance.finding import Found
from photoaesth.workflows.enhance.options import Enhanced, EnhanceOptions

Outcome = Enhanced | str
"""A photo with its copy, or why it has none."""

_BAD_NAME = {errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ}
"""What a file system says of names it cannot hold; other photos have other names."""


class Copies:
    """Makes a few copies at once; a context manager.

    They are made in threads and put in place in this one, which has the library: one that is left
    early waits for the copies in the making and drops them.

    Args:
        library: remembers what is written.
        options: how copies are made.
        on_done: told the number and the outcome of each copy, in any order.
    """

    def __init__(
        self, library: Library, options: EnhanceOptions, on_done: Callable[[int, Outcome], None]
    ) -> None:
        self._library = library
        self._options = options
        self._on_done = on_done
        self._pool = ThreadPoolExecutor(options.jobs)
        self._waiting: dict[Future[bytes | str], tuple[int, Enhanced, Path]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def make(self, number: int, source: Path, target: Path, found: Found) -> None:
        """Start on a copy, once fewer than the most are in the making.

        Raises:
            PhotoaesthError: the disk refuses another one.
        """
        while len(self._waiting) >= self._options.jobs:
            self._finish_some()
        made = self._pool.submit(_content, source, target, found, self._options.quality)
        self._waiting[made] = number, found.photo(source, target), target

    def finish(self) -> None:
        """Wait until all copies are in place.

        Raises:
            PhotoaesthError: the disk refuses one.
        """
        while self._waiting:
            self._finish_some()

    def _finish_some(self) -> None:
        for made in wait(self._waiting, return_when=FIRST_COMPLETED).done:
            number, photo, target = self._waiting.pop(made)
            content = made.result()
            if isinstance(content, bytes):
                self._on_done(number, self._placed(content, photo, target))
            else:
                self._on_done(number, content)

    def _placed(self, content: bytes, photo: Enhanced, target: Path) -> Outcome:
        # First, so that a copy is known as ours even if the process is killed right after it.
        hash_ = content_hash(content)
        is_new = excluded.remember_output(self._library, target, hash_)
        try:
            place_copy(content, photo.source, target, overwrite=self._options.overwrite)
        except (OSError, PhotoaesthError) as error:
            if is_new:  # what stands there, or will, is not ours
                excluded.forget_output(self._library, target, hash_)
            if reason := _refusal(error, target):
                return reason
            raise
        return photo


def _refusal(error: OSError | PhotoaesthError, target: Path) -> str | None:
    """Return why only this copy cannot be put in its place; None if no other can either."""
    if isinstance(error, FileExistsError):  # somebody made it meanwhile
        return exists(target)
    cause = error if isinstance(error, OSError) else error.__cause__
    if isinstance(cause, OSError) and cause.errno in _BAD_NAME:
        return str(write_error(target, cause))
    return None


def _content(source: Path, target: Path, found: Found, quality: int) -> bytes | str:
    """Return a copy as the bytes of a file, or why it cannot be made."""
    format_ = format_of(target)
    assert format_ is not None  # we named it
    try:
        origin = content_hash(source.read_bytes())
        return copy_of(source, found.edit, format=format_, quality=quality, origin=origin)
    except PhotoaesthError as error:
        return str(error)
    except MemoryError:
        return "there is not enough memory for its copy; --jobs 1 makes one at a time"
    except Exception as error:  # whatever is wrong with one photo, the others get their copies
        return f"cannot make its copy: {type(error).__name__}: {error}"
