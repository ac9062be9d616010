"""Writing files so that a crash, a full disk or Ctrl-C never leaves half of one."""

import contextlib
import errno
import io
import os
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from photoaesth.errors import PhotoaesthError, UsageError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_PART_PREFIX, _PART_SUFFIX = ".photoaesth-", ".part"
_ABANDONED_S = 3600  # what is written to at all is written to more often

_UMASK = os.umask(0o077)  # read once: it cannot be read without setting it, for all threads
os.umask(_UMASK)


def display_path(path: Path | bytes) -> str:
    r"""Return a path as printable text.

    Bytes that are not UTF-8 and control characters (a newline in a name would break a table
    and an escape sequence would command the terminal) appear as `\xNN`.
    """
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return "".join(
        c if c.isprintable() else "".join(f"\\x{b:02x}" for b in c.encode()) for c in text
    )


@contextlib.contextmanager
def atomic_write(target: Path, *, overwrite: bool = False) -> Iterator[BinaryIO]:
    """Yield a file open for writing that becomes `target` only when the block succeeds.

    The temporary file stands in the target's folder, is flushed to disk and then put in place
    in one step. Without `overwrite` an existing target is refused even when another process
    made it in the meantime. What the block itself raises gets out as it is.

    Args:
        target: the file to write; its folder must exist.
        overwrite: replace an existing file, keeping its permissions; of a symbolic link, the
            file it leads to.

    Raises:
        FileExistsError: `target` exists and `overwrite` is false; it is untouched.
        PhotoaesthError: the disk is full or the folder is read-only; `target` is untouched.
    """
    place = Path(os.path.realpath(target)) if overwrite else target
    with _refusal_named(target):
        descriptor, name = tempfile.mkstemp(_PART_SUFFIX, _PART_PREFIX, place.parent)
    temporary = Path(name)
    try:
        with io.BufferedWriter(_Part(descriptor, target)) as file:
            yield file
            file.flush()
            with _refusal_named(target):
                os.fsync(file.fileno())
        with _refusal_named(target):
            temporary.chmod(_permissions(place))
            if overwrite:
                temporary.replace(place)
            else:
                _move_into_place(temporary, place)
    finally:
        with contextlib.suppress(OSError):  # it must not hide what went wrong before
            temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def write_result(target: Path, *suffixes: str, overwrite: bool = False) -> Iterator[BinaryIO]:
    """Yield a file that the user asked for, open for writing, as `atomic_write` does.

    A name that says something else, such as that of a photo, is refused, so that `overwrite` cannot
    cost one.

    Args:
        target: the file to write.
        suffixes: how its name may end, in small letters.
        overwrite: whether it may be there.

    Raises:
        UsageError: its name ends otherwise.
        PhotoaesthError: it exists and `overwrite` is false, or it cannot be written.
    """
    if target.suffix.lower() not in suffixes:
        raise UsageError(
            f"cannot write {display_path(target)}: give it a name that ends in {suffixes[0]}"
        )
    try:
        with atomic_write(target, overwrite=overwrite) as file:
            yield file
    except FileExistsError as error:
        raise PhotoaesthError(
            f"{display_path(target)} exists; choose another name or add --overwrite"
        ) from error


def is_part(name: str) -> bool:
    """Return whether a file of this name is, or was, one that `atomic_write` had not finished."""
    return name.startswith(_PART_PREFIX) and name.endswith(_PART_SUFFIX)


def remove_abandoned_parts(folder: Path) -> None:
    """Remove the unfinished files that killed runs have left in a folder.

    Only those that are older than an hour, as others may be those of a run that goes on. What
    cannot be removed stays.
    """
    latest = time.time() - _ABANDONED_S
    for remains in folder.glob(f"{_PART_PREFIX}*{_PART_SUFFIX}"):
        with contextlib.suppress(OSError):
            if remains.stat().st_mtime < latest:
                remains.unlink()


def write_error(target: Path, error: OSError) -> PhotoaesthError:
    """Return the one-line error for a write to `target` that the system refused."""
    where = display_path(target)
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return PhotoaesthError(
            f"cannot write {where}: the disk is full; free some space and run the command again"
        )
    return PhotoaesthError(f"cannot write {where}: {error.strerror or error}")


class _Part(io.FileIO):
    """A file whose own errors are told from those of the code that writes to it."""

    def __init__(self, descriptor: int, target: Path) -> None:
        super().__init__(descriptor, "wb")
        self._target = target

    def write(self, data: "ReadableBuffer", /) -> int:
        with _refusal_named(self._target):
            return super().write(data)


@contextlib.contextmanager
def _refusal_named(target: Path) -> Iterator[None]:
    try:
        yield
    except FileExistsError:
        raise
    except OSError as error:
        raise write_error(target, error) from error


def _permissions(place: Path) -> int:
    try:
        return stat.S_IMODE(place.stat().st_mode)
    except FileNotFoundError:
        return 0o666 & ~_UMASK


def _move_into_place(temporary: Path, target: Path) -> None:
    try:
        os.link(temporary, target)  # fails if the target exists; rename would replace it
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links (exFAT, some network drives)
        if target.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target)) from None
        temporary.rename(target)
