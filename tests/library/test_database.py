"""The library file: made, migrated, refused, locked, full."""

import os
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
import sqlite_utils

from photoaesth.errors import LibraryError
from photoaesth.library import database
from photoaesth.library.database import Library, check_integrity, open_library
from photoaesth.library.migrations import MIGRATIONS


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A new library, closed."""
    path = tmp_path / "library.db"
    read(path, create=True)
    return path


@pytest.fixture
def outdated(file: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A library made before the program had one more migration."""
    monkeypatch.setattr(MIGRATIONS, "_migrations", list(MIGRATIONS._migrations))

    @MIGRATIONS(name="9999_stars")
    def _stars(db: sqlite_utils.Database) -> None:
        db.execute("ALTER TABLE photos ADD COLUMN stars INTEGER")

    return file


def read(path: Path, *, create: bool = False) -> list[str]:
    with open_library(path, create=create) as library:
        return profiles(library.connection)


def write(path: Path, *names: str, pragma: str = "") -> None:
    """Add profiles in one transaction."""
    with open_library(path) as library:
        library.connection.execute(pragma)
        add_profiles(library, *names)


def add_profiles(library: Library, *names: str, failure: BaseException | None = None) -> None:
    with library.transaction() as connection:
        for name in names:
            connection.execute("INSERT INTO profiles (name) VALUES (?)", (name,))
        if failure:
            raise failure


def profiles(connection: sqlite3.Connection) -> list[str]:
    return [row[0] for row in connection.execute("SELECT name FROM profiles ORDER BY id")]


def columns(connection: sqlite3.Connection, table: str) -> set[str]:
    return {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}


def run_elsewhere(path: Path, *statements: str) -> None:
    """Change an SQLite file as another program would."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def test_a_library_is_made_only_when_asked_for(tmp_path: Path) -> None:
    """Opening a library that is not there says how to make one, and makes none."""
    path = tmp_path / "no" / "library.db"
    with pytest.raises(LibraryError, match=r"no library at .*photoaesth index DIR"):
        read(path)
    assert not path.parent.exists()
    read(path, create=True)
    assert path.exists()


def test_connection_is_safe_by_default(file: Path) -> None:
    """Every connection writes ahead, flushes fully and enforces foreign keys."""
    with open_library(file) as library:
        pragma = {
            name: library.connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragma == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_every_table_is_strict(file: Path) -> None:
    """No column of ours takes a value of another type than it declares."""
    tables = "SELECT name, sql FROM sqlite_master WHERE type = 'table'"
    text_for_a_number = (
        "INSERT INTO photos (content_hash, width, height, perceptual_hash) "
        "VALUES (x'00', 'x', 1, 1)"
    )
    with closing(sqlite3.connect(file)) as connection:
        sql = dict(connection.execute(tables).fetchall())
        with pytest.raises(sqlite3.IntegrityError, match="cannot store TEXT value in INTEGER"):
            connection.execute(text_for_a_number)
    ours = set(sql) - {MIGRATIONS.migrations_table, "sqlite_sequence"}
    assert {"photos", "files", "comparisons", "scores"} <= ours
    assert all("STRICT" in sql[name].rsplit(")", 1)[1] for name in ours)


def test_transaction_is_all_or_nothing(file: Path) -> None:
    """A block that fails leaves nothing behind, and the next one works."""
    with open_library(file) as library:
        with pytest.raises(KeyboardInterrupt):
            add_profiles(library, "lost", failure=KeyboardInterrupt())
        add_profiles(library, "kept")
    assert read(file) == ["kept"]


def test_dangling_rows_are_refused_and_found(file: Path) -> None:
    """A file of an unknown photo cannot be stored; one that got in otherwise is reported."""
    row = "INSERT INTO files (path, photo_id, size, mtime_ns) VALUES (x'61', 77, 1, 1)"
    with open_library(file) as library:
        with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
            library.connection.execute(row)
        assert check_integrity(library) == []
    run_elsewhere(file, row)
    with open_library(file) as library:
        (problem,) = check_integrity(library)
    assert "files points to no photos" in problem


def test_newer_library_is_refused_by_name(file: Path) -> None:
    """A library with a migration we do not know is left alone."""
    run_elsewhere(
        file,
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) "
        "VALUES ('photoaesth', '0042_from_the_future', '2030')",
    )
    with pytest.raises(LibraryError, match=r"newer photoaesth .*0042_from_the_future"):
        read(file)


@pytest.mark.parametrize(
    "more",
    [
        [],
        [
            "CREATE TABLE _sqlite_migrations (migration_set TEXT, name TEXT, applied_at TEXT)",
            "INSERT INTO _sqlite_migrations VALUES ('cook', '0001_pans', '2026')",
        ],
    ],
    ids=["plain", "with migrations of its own"],
)
def test_file_of_another_program_is_refused(tmp_path: Path, more: list[str]) -> None:
    """An SQLite file with tables that are not ours gets none of ours."""
    path = tmp_path / "other.db"
    run_elsewhere(path, "CREATE TABLE recipes (name TEXT)", *more)
    before = path.read_bytes()
    with pytest.raises(LibraryError, match="another program"):
        read(path, create=True)
    assert path.read_bytes() == before


def test_garbage_is_refused(tmp_path: Path) -> None:
    """A file that is no SQLite file is named as such and left as it is."""
    path = tmp_path / "library.db"
    path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(LibraryError, match="not a sound library"):
        read(path, create=True)
    assert path.read_bytes() == b"not a database at all" * 100


def test_damage_is_one_line(file: Path) -> None:
    """A library overwritten in the middle ends in a LibraryError, not in a traceback."""
    write(file, *(f"profile {number} {'x' * 100}" for number in range(200)))
    data = bytearray(file.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    file.write_bytes(data)
    with pytest.raises(LibraryError, match="not a sound library") as caught:
        read(file)
    assert "\n" not in str(caught.value)


def test_place_that_cannot_hold_a_library(tmp_path: Path) -> None:
    """A file where a folder should be, and a folder where the file should be, are one line."""
    (tmp_path / "file").touch()
    for path in (tmp_path / "file" / "library.db", tmp_path):
        with pytest.raises(LibraryError, match="cannot open the library"):
            read(path, create=True)


def test_locked_library_says_so(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While another program writes, reading goes on, writing waits and then names the library."""
    monkeypatch.setattr(database, "_LOCK_TIMEOUT_S", 0.1)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert read(file) == []
        with pytest.raises(LibraryError, match="busy"):
            write(file, "waiting")
        other.execute("ROLLBACK")
    write(file, "served")
    assert read(file) == ["served"]


def test_read_only_library_says_so(file: Path) -> None:
    """Writing to a connection that must not write is one line about the library."""
    with pytest.raises(LibraryError, match="it is read-only"):
        write(file, "me", pragma="PRAGMA query_only = ON")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="this user may write everywhere")
def test_library_without_permission_says_so(file: Path) -> None:
    """A file and folder without write permission give one line."""
    file.chmod(0o400)
    file.parent.chmod(0o500)
    try:
        with pytest.raises(LibraryError, match=r"read-only|cannot open"):
            write(file, "me")
    finally:
        file.parent.chmod(0o700)


def test_full_disk_says_so_and_loses_nothing(file: Path) -> None:
    """A transaction that does not fit is rolled back, and what was there stays."""
    write(file, "early")
    too_much = [f"{number} {'x' * 200}" for number in range(500)]
    with pytest.raises(LibraryError, match="the disk is full"):
        write(file, *too_much, pragma="PRAGMA max_page_count = 1")  # no more than it has
    assert read(file) == ["early"]
    with open_library(file) as library:
        assert check_integrity(library) == []


def test_backup_is_taken_before_migrating(outdated: Path) -> None:
    """An older library is copied, with what is in it, and then brought up to date."""
    run_elsewhere(outdated, "INSERT INTO profiles (name) VALUES ('me')")
    with open_library(outdated) as library:
        assert "stars" in columns(library.connection, "photos")
        assert profiles(library.connection) == ["me"]
    with closing(sqlite3.connect(f"{outdated}.0002_curating.bak")) as backup:
        assert "stars" not in columns(backup, "photos")
        assert profiles(backup) == ["me"]


def test_current_library_needs_no_backup(file: Path) -> None:
    """Making a library, and opening it again, leaves no backup beside it."""
    read(file)
    assert list(file.parent.glob("*.bak")) == []


def test_failed_migration_changes_nothing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A migration that fails half-way leaves the library as it was, for a corrected version."""
    known = list(MIGRATIONS._migrations)
    monkeypatch.setattr(MIGRATIONS, "_migrations", known)

    @MIGRATIONS(name="9999_broken")
    def _broken(db: sqlite_utils.Database) -> None:
        db.execute("ALTER TABLE photos ADD COLUMN stars INTEGER")
        db.execute("ALTER TABLE no_such_table ADD COLUMN stars INTEGER")

    with pytest.raises(LibraryError, match="no such table"):
        read(file)
    known.pop()
    with open_library(file) as library:
        names = columns(library.connection, "photos")
    assert "id" in names
    assert "stars" not in names


def test_two_processes_may_make_a_library_at_once(tmp_path: Path) -> None:
    """Whoever comes second waits for the first, and both find one whole library."""
    path = tmp_path / "library.db"
    failures: list[Exception] = []
    start = threading.Barrier(4)

    def make() -> None:
        start.wait()
        try:
            read(path, create=True)
        except LibraryError as error:
            failures.append(error)

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_library_keeps_its_birthday(tmp_path: Path) -> None:
    """Two libraries are told apart by when they were made, whenever they are opened."""
    births = []
    for name in ("a.db", "b.db", "a.db"):
        with open_library(tmp_path / name, create=True) as library:
            births.append(library.made_at)
    assert births[0] == births[2] != births[1]
