"""Opening the library file: connection, migrations, and what SQLite refuses, in one line."""

import contextlib
import sqlite3
import time
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import sqlite_utils

from photoaesth.errors import LibraryError
from photoaesth.files import display_path
from photoaesth.library.migrations import MIGRATIONS

_LOCK_TIMEOUT_S = 15.0


class Library:
    """An open library: the connection and where the file stands.

    The sibling modules read and write it (`photos`, `comparisons`, `models`, …); nothing
    outside this package sees SQL.

    Attributes:
        path: the SQLite file.
        connection: in autocommit mode; writes go through `transaction`.
        made_at: when the library was made, to the microsecond; tells it from other libraries,
            whose photos have the same ids.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, made_at: str) -> None:
        self.path = path
        self.connection = connection
        self.made_at = made_at

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Yield the connection inside one transaction: all of the block is written, or nothing."""
        with _immediately(self.connection):
            yield self.connection


@contextlib.contextmanager
def open_library(path: Path, *, create: bool = False) -> Iterator[Library]:
    """Open a library, bring its schema up to date, close it at the end.

    What SQLite refuses inside the block leaves it as a `LibraryError` of one line.

    Args:
        path: the SQLite file.
        create: make a new library when there is none.

    Raises:
        LibraryError: there is no library, it is locked, damaged, not a library, read-only,
            written by a newer version, or the disk is full.
    """
    _check_place(path, create=create)
    try:
        with contextlib.closing(
            sqlite3.connect(path, timeout=_LOCK_TIMEOUT_S, isolation_level=None)
        ) as connection:
            yield Library(path, connection, _prepare(path, connection))
    except sqlite3.Error as error:
        raise LibraryError(explain(display_path(path), error)) from error


def now() -> str:
    """Return the time as the library stores it: UTC, ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def check_integrity(library: Library) -> list[str]:
    """Return what SQLite's own checks find wrong; an empty list means a sound library."""
    problems = [row[0] for row in library.connection.execute("PRAGMA integrity_check")]
    dangling = library.connection.execute("PRAGMA foreign_key_check").fetchall()
    problems += [f"row {row[1]} of {row[0]} points to no {row[2]}" for row in dangling]
    return [problem for problem in problems if problem != "ok"]


def _check_place(path: Path, *, create: bool) -> None:
    name = display_path(path)
    try:
        if create:
            path.parent.mkdir(parents=True, exist_ok=True)
        elif not path.exists():
            raise LibraryError(
                f"there is no library at {name} yet; make one with: photoaesth index DIR"
            )
    except OSError as error:
        raise LibraryError(
            f"cannot open the library {name}: {(error.strerror or str(error)).lower()}; "
            "choose another with --library"
        ) from error


def _prepare(path: Path, connection: sqlite3.Connection) -> str:
    """Bring the schema up to date; return when the library was made."""
    connection.create_function("casefold", 1, _casefold, deterministic=True)
    connection.execute("PRAGMA foreign_keys = ON")
    # FULL also for derived data: it costs one flush per batch, and one setting is easy to trust.
    connection.execute("PRAGMA synchronous = FULL")
    db = sqlite_utils.Database(connection)
    # In this order: another process may make the library between the two looks.
    has_tables = bool(db.table_names())
    applied = [migration.name for migration in MIGRATIONS.applied(db)]
    if has_tables and not applied:
        raise LibraryError(
            f"{display_path(path)} is an SQLite file of another program; "
            "choose another with --library"
        )
    newer = [name for name in applied if name not in _known_names()]
    if newer:
        raise LibraryError(
            f"the library {display_path(path)} was written by a newer photoaesth "
            f"(it knows {newer[-1]}); upgrade with: pip install --upgrade photoaesth"
        )
    if MIGRATIONS.pending(db):
        _switch_to_wal(connection)
        if applied:
            _back_up(path, connection, applied[-1])
        # Locked first, so that of two processes that meet here one migrates and one waits.
        with _immediately(connection):
            MIGRATIONS.apply(db)
    return MIGRATIONS.applied(db)[0].applied_at


def _casefold(text: str | None) -> str | None:
    """Return a text as it is compared in any case: SQLite itself knows only the case of ASCII."""
    return None if text is None else unicodedata.normalize("NFC", text).casefold()


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    """Set the journal mode; SQLite refuses at once, without waiting, while others are at it."""
    deadline = time.monotonic() + _LOCK_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _known_names() -> set[str]:
    with contextlib.closing(sqlite3.connect(":memory:")) as empty:
        return {migration.name for migration in MIGRATIONS.pending(sqlite_utils.Database(empty))}


@contextlib.contextmanager
def _immediately(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _back_up(path: Path, connection: sqlite3.Connection, state: str) -> None:
    copy = path.with_name(f"{path.name}.{state}.bak")
    with contextlib.closing(sqlite3.connect(copy)) as target:
        connection.backup(target)


def explain(name: str, error: sqlite3.Error) -> str:
    """Return what SQLite refused, as a line for the user.

    Args:
        name: of the library, printable.
        error: what SQLite raised.
    """
    message = str(error)
    if "locked" in message or "busy" in message:
        return (
            f"the library {name} is busy: another program has been writing to it for "
            f"{_LOCK_TIMEOUT_S:.0f} s; try again when it is done"
        )
    if "full" in message:
        return f"cannot write the library {name}: the disk is full; free some space and try again"
    if "readonly" in message or "read-only" in message:
        return f"cannot write the library {name}: it is read-only; choose another with --library"
    if "not a database" in message or "malformed" in message:
        return (
            f"{name} is not a sound library ({message}); restore a copy of it, "
            "or choose another with --library"
        )
    if "unable to open" in message:
        return f"cannot open the library {name}; check the folder, or choose another with --library"
    return f"the library {name} cannot be used: {message}"
