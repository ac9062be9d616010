"""Where words are written: a sidecar, or the XMP in a photo."""

import contextlib
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from photoaesth.files import atomic_write, display_path
from photoaesth.library.database import Library
from photoaesth.library.found import content_hash
from photoaesth.library.photo_files import PhotoFile, identical_copy, rewritten
from photoaesth.library.thumbnails import load_thumbnail, store_thumbnail
from photoaesth.sidecars import ExifTool, embedded_packet


class ChangedMeanwhileError(Exception):
    """Another program changed the file between our reading and our writing."""


class ProtectedError(Exception):
    """The file may not be written as things are; the user can change that."""


class Place(Protocol):
    """A kind of file that holds a packet."""

    def read(self, path: Path) -> bytes | None:
        """Return the packet there is, or None.

        Raises:
            PhotoaesthError, OSError: it cannot be read.
        """

    def replace(self, path: Path, before: bytes | None, after: bytes | None) -> None:
        """Put another packet there, in one step and only if the one that was read still is.

        Args:
            path: the file.
            before: what was read; None if there was nothing.
            after: what it is to be; None takes it away.

        Raises:
            ChangedMeanwhileError: it is another by now, and untouched.
            ProtectedError: it may not be written, and is untouched.
            PhotoaesthError, OSError: it cannot be written, and is untouched.
        """


def read_packet(path: Path, *, embedded: bool) -> bytes | None:
    """Return the packet that is a file, or is in a photo; None where there is none.

    Raises:
        PhotoaesthError, OSError: it cannot be read.
    """
    if embedded:
        return embedded_packet(path) or None
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def why_missing(path: Path) -> str:
    """Return what to say of a file that is not there to be read."""
    if path.is_symlink():
        return "it is a link to a file that is not there"
    return "it is not there any more"


class Sidecars:
    """Packets that are files of their own."""

    def read(self, path: Path) -> bytes | None:
        """Return what a sidecar holds, or None where there is none."""
        return read_packet(path, embedded=False)

    def replace(self, path: Path, before: bytes | None, after: bytes | None) -> None:
        """Write or remove a sidecar; see `Place`."""
        if self.read(path) != before:
            raise ChangedMeanwhileError
        if after is None:
            path.unlink(missing_ok=True)
            return
        try:
            with atomic_write(path, overwrite=before is not None) as file:
                file.write(after)
        except FileExistsError as error:
            raise ChangedMeanwhileError from error


class Embedded:
    """Packets in photos; the library is told of the photo's new content."""

    def __init__(self, tool: ExifTool, library: Library, files: Mapping[Path, PhotoFile]) -> None:
        self._tool = tool
        self._library = library
        self._files = files

    def read(self, path: Path) -> bytes | None:
        """Return the XMP of a photo, or None where it has none."""
        return read_packet(path, embedded=True)

    def replace(self, path: Path, before: bytes | None, after: bytes | None) -> None:
        """Write into a photo, or take its XMP out; see `Place`."""
        if self.read(path) != before:
            raise ChangedMeanwhileError
        file = self._files.get(path)
        if _is_read_only(path):
            raise ProtectedError("it is read-only; make it writable, or write sidecars")
        copy = identical_copy(self._library, file) if file else None
        if copy is not None:  # the two would be one photo no more, and the choices of one of them
            raise ProtectedError(
                f"it has an identical copy, {display_path(copy)}; keep one, or write sidecars"
            )
        self._tool.embed(path, after or b"")
        if file is not None:
            with contextlib.suppress(OSError):  # already gone again: it is written all the same
                self._tell_library(file)

    def _tell_library(self, file: PhotoFile) -> None:
        """Let the library know a photo by what it holds now."""
        known_by = content_hash(file.path.read_bytes())
        formerly = rewritten(self._library, file, known_by)
        thumbnail = load_thumbnail(formerly) if formerly else None
        if thumbnail is not None:  # the pixels are the same
            store_thumbnail(known_by, thumbnail)


def _is_read_only(photo: Path) -> bool:
    # Root may write anywhere; but a photo that nobody is to write into is protected by intent.
    nobody = not photo.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH)
    return nobody or not os.access(photo, os.W_OK)
