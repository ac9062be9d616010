"""An album as a folder: a link to, or a copy of, every photo of a list.

A photo keeps its name; of several that share one, the later ones are numbered, `IMG_1 (2).jpg`.
Names say nothing of the order, so that an album whose ranking has changed still holds each photo
once. Nothing that is in the folder is ever changed, replaced or taken away.
"""

import contextlib
import errno
import filecmp
import os
import re
import shutil
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from photoaesth.domain import Skipped
from photoaesth.errors import PhotoaesthError
from photoaesth.files import (
    atomic_write,
    display_path,
    is_part,
    remove_abandoned_parts,
    write_error,
)
from photoaesth.library.database import open_library
from photoaesth.library.ignoring import IGNORE_FILE
from photoaesth.library.photo_files import holds_photos

_IGNORE = b"# An album of photoaesth: its photos are indexed where they come from.\n*\n"
_NUMBERS = re.compile(r"( \(\d+\))+$")
_LONGEST_NAME = 255  # bytes; what nearly all file systems take
_KIN = 40  # characters of a name that outlive its being shortened
_AT_ONCE = 1 << 24  # bytes
# Before a copy stands in its place: what stands there is finished.
_TIMES_BEFOREHAND = os.utime in os.supports_fd

# What a file system answers that has no links, or no hard ones: FAT says that they are forbidden.
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}
_NO_LINKS_WINDOWS = {1, 50}  # ERROR_INVALID_FUNCTION, ERROR_NOT_SUPPORTED
_FORBIDDEN_WINDOWS = 1314  # ERROR_PRIVILEGE_NOT_HELD
_BAD_NAMES = {errno.EINVAL, errno.EILSEQ, errno.ENAMETOOLONG}

_Identity = tuple[int, int | str]


class Placement(StrEnum):
    """How a photo gets into the folder."""

    LINK = "link"
    COPY = "copy"
    HARDLINK = "hardlink"


@dataclass(slots=True)
class AlbumReport:
    """What became of the folder.

    Attributes:
        folder: absolute.
        made: photos that were put into it.
        known: photos that were in it from an earlier run.
        others: files that are in it and are none of these photos.
        skipped: photos that are not in it, and why.
    """

    folder: Path
    made: int = 0
    known: int = 0
    others: int = 0
    skipped: list[Skipped] = field(default_factory=list)


def refuse_originals(library_path: Path, folder: Path) -> None:
    """Refuse an album in a folder of the library's photos: `index` would take it for more of them.

    Raises:
        PhotoaesthError: the folder itself holds indexed photos.
    """
    with open_library(library_path) as library:
        if holds_photos(library, folder):
            raise PhotoaesthError(
                f"cannot make the album {display_path(folder.absolute())}: photos of the library "
                "are in that folder; give the album a folder of its own"
            )


def export_album(
    photos: Sequence[Path],
    folder: Path,
    *,
    how: Placement = Placement.LINK,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> AlbumReport:
    """Put photos into a folder; those that are in it already are left as they are.

    Stopped at any moment, the next run carries on. A folder that is new, or has hidden files only,
    gets an ignore file, so that the next `index` of a folder above does not take the album for
    more photos.

    Args:
        photos: absolute paths, in the order in which they are numbered where they share a name.
        folder: made if it is not there.
        how: links lead to the absolute path; copies keep the time of the photo.
        on_progress: called with the photos done and all of them.

    Raises:
        PhotoaesthError: the folder cannot be written, or the file system has no such links.
    """
    report = AlbumReport(folder.absolute())
    album = _Album(report, how)
    album.prepare()
    for done, photo in enumerate(photos, start=1):
        album.add(photo)
        on_progress(done, len(photos))
    return report


@dataclass(frozen=True, slots=True)
class _Entry:
    """A file of the folder that is, or leads to, some photo."""

    name: str
    how: Placement


class _Album:
    """The folder, and what is in it."""

    def __init__(self, report: AlbumReport, how: Placement) -> None:
        self._report = report
        self._folder = report.folder
        self._how = how
        self._taken = set[str]()
        self._entries: dict[_Identity, _Entry] = {}
        self._by_size = defaultdict[int, list[str]](list)
        self._next_number: dict[str, int] = {}  # of a name that is taken
        self._strangers = set[str]()

    def prepare(self) -> None:
        """Make the folder, or look at all that is in it."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            remove_abandoned_parts(self._folder)
            listing = sorted(os.listdir(self._folder))  # noqa: PTH208  # names are what is wanted
        except (FileExistsError, NotADirectoryError) as error:
            name = display_path(self._folder)
            raise PhotoaesthError(
                f"cannot make the album {name}: there is a file of that name, or one above it"
            ) from error
        except OSError as error:
            raise write_error(self._folder, error) from error
        names = [name for name in listing if not is_part(name)]
        if IGNORE_FILE not in names and all(name.startswith(".") for name in names):
            with atomic_write(self._folder / IGNORE_FILE) as file:
                file.write(_IGNORE)
        for name in names:
            self._notice(name)
        self._report.others = len(self._strangers)

    def add(self, photo: Path) -> None:
        """Put a photo into the folder, unless it is there."""
        try:
            status = photo.stat()
        except OSError as error:
            gone = isinstance(error, FileNotFoundError)
            self._skip(photo, "it is not there now" if gone else _reason(error))
            return
        identity = _identity(status, photo)
        entry = self._entries.get(identity) or self._copy_of(photo, status.st_size)
        if entry is None:
            self._place(photo, identity)
            return
        self._strangers.discard(entry.name)
        self._report.others = len(self._strangers)
        if entry.how is self._how or self._folder / entry.name == photo:
            self._report.known += 1
        else:
            name = display_path(Path(entry.name))
            self._skip(photo, f"it is in the album as a {entry.how}, {name}; take another folder")

    def _notice(self, name: str) -> None:
        """Remember that a name is taken, and which file it stands for."""
        self._taken.add(_alike(name))
        if name.startswith("."):
            return
        self._strangers.add(name)
        path = self._folder / name
        with contextlib.suppress(OSError):  # a link that leads nowhere
            status = path.stat()
            how = Placement.LINK if path.is_symlink() else Placement.HARDLINK
            self._entries[_identity(status, path)] = _Entry(name, how)
            if how is Placement.HARDLINK:
                self._by_size[status.st_size].append(name)

    def _copy_of(self, photo: Path, size: int) -> _Entry | None:
        """Return the copy of a photo that is in the folder, if copies are wanted."""
        if self._how is not Placement.COPY:
            return None
        kin = _kin(photo.name)
        for name in self._by_size.get(size, ()):
            with contextlib.suppress(OSError):  # reading either: then it is not known to be one
                if _kin(name) == kin and filecmp.cmp(photo, self._folder / name, shallow=False):
                    return _Entry(name, Placement.COPY)
        return None

    def _place(self, photo: Path, identity: _Identity) -> None:
        """Put a photo in under the first name that is free."""
        while True:
            name = self._free_name(photo.name)
            self._taken.add(_alike(name))
            try:
                _PUT[self._how](photo, self._folder / name)
            except FileExistsError:  # another run was quicker, or the file system joins names
                continue
            except _UnreadableError as error:
                self._skip(photo, str(error))
                return
            except OSError as error:
                self._refused(photo, name, error)
                return
            self._entries[identity] = _Entry(name, self._how)
            self._report.made += 1
            return

    def _free_name(self, name: str) -> str:
        number = self._next_number.get(name, 1)
        while _alike(numbered(name, number)) in self._taken:
            number += 1
        self._next_number[name] = number + 1
        return numbered(name, number)

    def _refused(self, photo: Path, name: str, error: OSError) -> None:
        """Skip a photo whose link could not be made, or say that no link can."""
        where = display_path(self._folder)
        windows = getattr(error, "winerror", None)
        if windows == _FORBIDDEN_WINDOWS:
            raise PhotoaesthError(
                f"cannot make links in {where}: Windows allows them in its developer mode only; "
                "use --hardlink or --copy"
            ) from error
        if error.errno == errno.EXDEV:
            raise PhotoaesthError(
                f"cannot make hard links in {where}: {display_path(photo)} is on another drive; "
                "use --link or --copy"
            ) from error
        if error.errno in _NO_LINKS or windows in _NO_LINKS_WINDOWS:
            kind = "links" if self._how is Placement.LINK else "hard links"
            raise PhotoaesthError(
                f"cannot make {kind} in {where}: its file system has none; use --copy"
            ) from error
        if error.errno in _BAD_NAMES:
            self._skip(photo, f"the album's file system does not take its name: {_reason(error)}")
            return
        raise write_error(self._folder / name, error) from error

    def _skip(self, photo: Path, reason: str) -> None:
        self._report.skipped.append(Skipped(photo, reason))


class _UnreadableError(Exception):
    """A photo that cannot be read; the message is the reason."""


def numbered(name: str, number: int) -> str:
    """Return the name of the so-manieth file of one name, no longer than file systems take.

    Example:
        >>> numbered("IMG_1.jpg", 2)
        'IMG_1 (2).jpg'
    """
    if number == 1:
        return name
    stem, suffix = os.path.splitext(name)  # noqa: PTH122  # Path does not take every name
    end = f" ({number}){suffix}"
    while stem and len(os.fsencode(stem + end)) > _LONGEST_NAME:
        stem = stem[:-1]
    return stem + end


def _link(photo: Path, target: Path) -> None:
    target.symlink_to(photo.absolute())


def _hardlink(photo: Path, target: Path) -> None:
    target.hardlink_to(photo)


def _copy(photo: Path, target: Path) -> None:
    try:
        with photo.open("rb") as original, atomic_write(target) as copy:
            _transfer(original, copy)
            copy.flush()
            status = os.fstat(original.fileno())
            times = (status.st_atime_ns, status.st_mtime_ns)
            if _TIMES_BEFOREHAND:
                os.utime(copy.fileno(), ns=times)
    except FileExistsError:
        raise
    except OSError as error:  # what cannot be written is told otherwise
        raise _UnreadableError(_reason(error)) from error
    except PhotoaesthError as error:
        cause = error.__cause__
        if isinstance(cause, OSError) and cause.errno in _BAD_NAMES:
            raise cause from None
        raise
    if not _TIMES_BEFOREHAND:
        os.utime(target, ns=times)


_PUT = {Placement.LINK: _link, Placement.HARDLINK: _hardlink, Placement.COPY: _copy}


def _transfer(original: BinaryIO, copy: BinaryIO) -> None:
    """Copy a file's bytes; blocks are shared where the file system can (Btrfs, XFS)."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):  # not between these two file systems
            while os.copy_file_range(original.fileno(), copy.fileno(), _AT_ONCE):
                pass
    shutil.copyfileobj(original, copy, _AT_ONCE)  # what is left: nothing, or all


def _identity(status: os.stat_result, path: Path) -> _Identity:
    """Return what all names of one file, and links to it, have in common."""
    # Some network drives number nothing.
    return status.st_dev, status.st_ino or os.path.realpath(path)


def _alike(name: str) -> str:
    """Return what names have in common that are one name to some file system."""
    return unicodedata.normalize("NFC", name).casefold()


def _kin(name: str) -> str:
    """Return what a name has in common with those that `numbered` makes of it."""
    return _alike(_NUMBERS.sub("", os.path.splitext(name)[0]))[:_KIN]  # noqa: PTH122


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
