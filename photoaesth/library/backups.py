"""Verified copies of the library file, and the way back."""

import contextlib
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

from photoaesth.errors import LibraryError
from photoaesth.files import display_path, write_error
from photoaesth.library.database import Library, check_integrity, explain, open_library


def back_up(library: Library, target: Path, *, overwrite: bool = False) -> None:
    """Write a copy of a library that stands alone, in one step, once it is seen to be sound.

    Other programs may go on writing to the library meanwhile: the copy is of one moment.

    Raises:
        LibraryError: the target exists and `overwrite` is false, or the copy is not sound.
        PhotoaesthError: the target cannot be written.
    """
    if target.exists() and not overwrite:
        raise LibraryError(f"{display_path(target)} exists; choose another name or add --overwrite")
    with _part_of(target) as part:
        with contextlib.closing(sqlite3.connect(part)) as copy:
            library.connection.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # readable from a read-only place, too
        _check(part, target)
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
    """Move a library out of the way, with the choices that its log still holds.

    Raises:
        LibraryError: another program has it open.
    """
    numbers = ("", *(f"-{number}" for number in range(2, 1000)))
    names = (library.with_name(f"{library.name}.replaced{number}") for number in numbers)
    kept = next(name for name in names if not name.exists())
    with contextlib.closing(sqlite3.connect(library, timeout=1)) as connection:
        try:
            connection.execute("PRAGMA journal_mode = DELETE")  # its log becomes part of it
        except sqlite3.OperationalError as error:
            raise LibraryError(
                f"the library {display_path(library)} is in use; end the other photoaesth first"
            ) from error
        except sqlite3.DatabaseError:
            pass  # a damaged one is moved as it is
    library.rename(kept)
    for log in ("-wal", "-shm"):  # left by a crash beside a damaged library
        with contextlib.suppress(FileNotFoundError):
            library.with_name(library.name + log).rename(kept.with_name(kept.name + log))
    return kept


@contextlib.contextmanager
def _part_of(target: Path) -> Iterator[Path]:
    """Yield a new file in the target's folder that is gone at the end."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".photoaesth-", dir=target.parent) as folder:
            yield Path(folder, "library.db")
    except OSError as error:
        raise write_error(target, error) from error
