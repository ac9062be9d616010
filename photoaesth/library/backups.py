"""Verified copies of the library file, and the way back."""

import contextlib
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

from photoaesth.errors import LibraryError
from photoaesth.files import display_path, write_error
from photoaesth.library.database import Library, check_integrity, explain, open_library

_MAGIC = b"SQLite format 3\0"


def back_up(library: Library, target: Path, *, overwrite: bool = False) -> None:
    """Write a copy of a library that stands alone, in one step, once it is seen to be sound.

    Other programs may go on writing to the library meanwhile: the copy is of one moment.

    Raises:
        LibraryError: the target exists and `overwrite` is false, is the library itself or in use,
            or the copy is not sound.
        PhotoaesthError: the target cannot be written.
    """
    there = target.exists()
    if there and not overwrite:
        raise LibraryError(f"{display_path(target)} exists; choose another name or add --overwrite")
    if there and target.samefile(library.path):
        raise LibraryError("the library cannot be its own backup; choose another name")
    if there and not _is_sqlite(target):
        raise LibraryError(f"{display_path(target)} is no backup; choose another name")
    with _part_of(target) as part:
        with contextlib.closing(sqlite3.connect(part)) as copy:
            library.connection.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # readable from a read-only place, too
        _check(part, target)
        if there:
            _end_log(target)
        for log in _logs(target):  # SQLite would read what is left of one into the new file
            log.unlink(missing_ok=True)
        part.replace(target)


def restore(backup: Path, library: Path) -> Path | None:
    """Put the copy in the place of a library; what stood there is kept beside it.

    Args:
        backup: what `back_up` wrote; it is only read.
        library: where the library stands, or is to stand.

    Returns:
        Where the library that was replaced is kept now; None if there was none.

    Raises:
        LibraryError: the copy is missing, not sound, or the library is in use.
        PhotoaesthError: the place cannot be written.
    """
    if not backup.exists():
        raise LibraryError(f"there is no backup at {display_path(backup)}")
    if library.exists() and library.samefile(backup):
        raise LibraryError("the backup is the library itself; give the copy")
    with _part_of(library) as part:
        _copy(backup, part)
        _check(part, backup)
        kept = _set_aside(library) if library.exists() else None
        part.replace(library)
    return kept


def _is_sqlite(file: Path) -> bool:
    with contextlib.suppress(OSError), file.open("rb") as opened:
        return opened.read(len(_MAGIC)) == _MAGIC
    return False


def _check(copy: Path, name: Path) -> None:
    """Refuse what is no sound library."""
    try:
        with open_library(copy) as opened:
            problems = check_integrity(opened)
    except LibraryError as error:
        shown = str(error).replace(display_path(copy), display_path(name))
        raise LibraryError(shown) from error
    if problems:
        raise LibraryError(f"{display_path(name)} would not be a sound library: {problems[0]}")


def _copy(backup: Path, target: Path) -> None:
    where = f"{backup.absolute().as_uri()}?mode=ro"
    try:
        with (
            contextlib.closing(sqlite3.connect(where, uri=True)) as source,
            contextlib.closing(sqlite3.connect(target)) as copy,
        ):
            source.backup(copy)
            copy.execute("PRAGMA journal_mode = WAL")  # as libraries have it
    except sqlite3.Error as error:
        raise LibraryError(explain(display_path(backup), error)) from error


def _set_aside(library: Path) -> Path:
    """Give a library a second name, with the choices that its log still holds.

    It keeps the first one as well, so that there is a library at every moment.

    Raises:
        LibraryError: another program has it open.
    """
    numbers = ("", *(f"-{number}" for number in range(2, 1000)))
    names = (library.with_name(f"{library.name}.replaced{number}") for number in numbers)
    kept = next(name for name in names if not name.exists())
    _end_log(library)
    try:
        kept.hardlink_to(library)
    except OSError:  # a file system without hard links
        shutil.copy2(library, kept)
    for log, name in zip(_logs(library), _logs(kept), strict=True):
        with contextlib.suppress(FileNotFoundError):  # a damaged library may have left one
            log.rename(name)
    return kept


def _end_log(library: Path) -> None:
    """Make a library's log part of it, so that nothing is left to be read into another file.

    Raises:
        LibraryError: another program has it open.
    """
    with contextlib.closing(sqlite3.connect(library, timeout=1)) as connection:
        try:
            connection.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.OperationalError as error:
            raise LibraryError(
                f"the library {display_path(library)} is in use; end the other photoaesth first"
            ) from error
        except sqlite3.DatabaseError:
            pass  # a damaged one stays as it is


def _logs(library: Path) -> list[Path]:
    return [library.with_name(library.name + suffix) for suffix in ("-wal", "-shm")]


@contextlib.contextmanager
def _part_of(target: Path) -> Iterator[Path]:
    """Yield a new file in the target's folder that is gone at the end."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".photoaesth-", dir=target.parent) as folder:
            yield Path(folder, "library.db")
    except OSError as error:
        raise write_error(target, error) from error
