"""Backups: sound copies that stand alone, and the way back without losing what is there."""

import contextlib
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from photoaesth.errors import LibraryError
from photoaesth.library.backups import back_up, restore
from photoaesth.library.comparisons import profile_id
from photoaesth.library.database import open_library


def make(path: Path, *names: str) -> Path:
    with open_library(path, create=True) as library:
        for name in names:
            profile_id(library, name)
    return path


def names(path: Path) -> list[str]:
    with open_library(path) as library:
        rows = library.connection.execute("SELECT name FROM profiles ORDER BY name")
        return [name for (name,) in rows]


def save(library: Path, target: Path, *, overwrite: bool = False) -> Path:
    with open_library(library) as opened:
        back_up(opened, target, overwrite=overwrite)
    return target


def mode(path: Path) -> str:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return str(connection.execute("PRAGMA journal_mode").fetchone()[0])


def test_a_backup_is_one_file_with_all_of_it(tmp_path: Path) -> None:
    """What is in the library's log is in the copy, which has no log beside it."""
    library = make(tmp_path / "library.db", "me")
    copy = tmp_path / "drive" / "copy.db"
    with open_library(library) as opened:
        profile_id(opened, "noor")  # still in the log
        back_up(opened, copy)
    assert [file.name for file in copy.parent.iterdir()] == ["copy.db"]
    assert mode(copy) == "delete"
    assert names(copy) == ["me", "noor"]


def test_restoring_keeps_what_it_replaces(tmp_path: Path) -> None:
    """The library is as it was when the copy was made; what was there since is beside it."""
    library = make(tmp_path / "library.db", "me")
    copy = save(library, tmp_path / "copy.db")
    make(library, "since")
    kept = restore(copy, library)
    assert names(library) == ["me"]
    assert mode(library) == "wal"
    assert kept is not None
    assert names(kept) == ["me", "since"]
    again = restore(copy, library)
    assert again not in {None, kept}, "a second restore does not overwrite what the first kept"


def test_a_library_can_be_restored_where_there_is_none(tmp_path: Path) -> None:
    """As on a new machine."""
    copy = save(make(tmp_path / "library.db", "me"), tmp_path / "copy.db")
    elsewhere = tmp_path / "new" / "library.db"
    assert restore(copy, elsewhere) is None
    assert names(elsewhere) == ["me"]


def test_a_damaged_library_is_replaced_and_kept(tmp_path: Path) -> None:
    """Restoring is what one does after damage; the damaged file is kept byte for byte."""
    library = make(tmp_path / "library.db", "me")
    copy = save(library, tmp_path / "copy.db")
    library.write_bytes(b"not a database at all" * 100)
    kept = restore(copy, library)
    assert names(library) == ["me"]
    assert kept is not None
    assert kept.read_bytes().startswith(b"not a database")


def test_what_is_no_sound_backup_replaces_nothing(tmp_path: Path) -> None:
    """Another file, another program's database, half a copy: one line, the library untouched."""
    library = make(tmp_path / "library.db", "me")
    text = tmp_path / "text.db"
    text.write_text("hello" * 1000)
    foreign = tmp_path / "foreign.db"
    with contextlib.closing(sqlite3.connect(foreign)) as connection:
        connection.execute("CREATE TABLE songs (id)")
    half = tmp_path / "half.db"
    half.write_bytes(save(library, tmp_path / "copy.db").read_bytes()[:9000])
    for bad in (text, foreign, half, tmp_path / "missing.db", library):
        with pytest.raises(LibraryError) as raised:
            restore(bad, library)
        assert "\n" not in str(raised.value)
    assert names(library) == ["me"]
    assert not list(tmp_path.glob("*.replaced*"))
    assert not list(tmp_path.glob(".photoaesth-*"))


def test_a_library_in_use_is_not_replaced(tmp_path: Path) -> None:
    """Choices that another program is writing would be lost with the file."""
    library = make(tmp_path / "library.db", "me")
    copy = save(library, tmp_path / "copy.db")
    with open_library(library), pytest.raises(LibraryError, match="in use"):
        restore(copy, library)
    assert names(library) == ["me"]


def test_an_existing_file_is_not_replaced_unasked(tmp_path: Path) -> None:
    """A backup overwrites an older one only when told to."""
    library = make(tmp_path / "library.db", "me")
    target = tmp_path / "copy.db"
    target.write_text("a photo, say")
    with pytest.raises(LibraryError, match="exists; choose another name or add --overwrite"):
        save(library, target)
    with pytest.raises(LibraryError, match="is no backup"):
        save(library, target, overwrite=True)
    assert target.read_text() == "a photo, say"
    older = save(library, tmp_path / "older.db")
    make(library, "since")
    assert names(save(library, older, overwrite=True)) == ["me", "since"]


def test_a_log_left_beside_an_old_backup_is_not_read_into_the_new_one(tmp_path: Path) -> None:
    """A program that used the old backup was killed: the new one holds the library, no less."""
    library = make(tmp_path / "library.db", "me")
    copy = save(library, tmp_path / "copy.db")
    killed = "import os, sys; from pathlib import Path\n"
    killed += "from photoaesth.library.database import open_library\n"
    killed += "with open_library(Path(sys.argv[1])) as library:\n"
    killed += "    library.connection.execute('PRAGMA journal_mode = WAL')\n"
    killed += "    library.connection.execute(\"INSERT INTO profiles (name) VALUES ('old')\")\n"
    killed += "    os._exit(0)\n"
    subprocess.run([sys.executable, "-c", killed, str(copy)], check=True)
    assert copy.with_name("copy.db-wal").exists()
    make(library, "since")
    assert names(save(library, copy, overwrite=True)) == ["me", "since"]


def test_a_backup_in_use_and_the_library_itself_are_not_replaced(tmp_path: Path) -> None:
    """Neither may be pulled away from under a program that writes to it."""
    library = make(tmp_path / "library.db", "me")
    copy = tmp_path / "copy.db"
    copy.write_bytes(save(library, tmp_path / "other.db").read_bytes())
    with contextlib.closing(sqlite3.connect(copy)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("SELECT * FROM profiles").fetchall()
        with pytest.raises(LibraryError, match="in use"):
            save(library, copy, overwrite=True)
    with pytest.raises(LibraryError, match="its own backup"):
        save(library, library, overwrite=True)


def test_a_library_is_there_at_every_moment_of_a_restore(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed just before the copy takes its place, the library still stands where it stood."""
    library = make(tmp_path / "library.db", "me")
    copy = save(library, tmp_path / "copy.db")
    monkeypatch.setattr(Path, "replace", lambda *_: pytest.exit("killed"))
    with pytest.raises(pytest.exit.Exception):
        restore(copy, library)
    assert names(library) == ["me"]
