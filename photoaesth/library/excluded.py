"""Files that are no photos of the library: what cannot be decoded, and what we wrote ourselves."""

import os
from collections.abc import Iterable
from pathlib import Path

from photoaesth import __version__
from photoaesth.library.database import Library
from photoaesth.library.scan import FoundFile


def remember_unreadable(library: Library, file: FoundFile, reason: str) -> None:
    """Note that a file could not be decoded, so that it is not tried again unchanged."""
    library.connection.execute(
        "INSERT OR REPLACE INTO unreadable VALUES (?, ?, ?, ?, ?)",
        (os.fsencode(file.path), file.size, file.mtime_ns, reason, __version__),
    )


def unreadable_files(library: Library) -> dict[Path, tuple[int, int, str]]:
    """Return size, time and reason of the files that this version could not decode."""
    rows = library.connection.execute(
        "SELECT path, size, mtime_ns, reason FROM unreadable WHERE version = ?", (__version__,)
    )
    return {
        Path(os.fsdecode(path)): (size, mtime_ns, reason) for path, size, mtime_ns, reason in rows
    }


def forget_unreadable(library: Library, paths: Iterable[Path]) -> None:
    """Drop files that are gone from those that could not be decoded."""
    library.connection.executemany(
        "DELETE FROM unreadable WHERE path = ?", [(os.fsencode(path),) for path in paths]
    )


def remember_output(library: Library, path: Path, content_hash: str) -> None:
    """Note a file that the program wrote itself, so that it is never indexed as a photo."""
    library.connection.execute(
        "INSERT OR IGNORE INTO outputs VALUES (?, ?)", (content_hash, os.fsencode(path))
    )


def output_hashes(library: Library) -> set[str]:
    """Return the content hashes of the files that the program wrote."""
    return {row[0] for row in library.connection.execute("SELECT content_hash FROM outputs")}


def output_paths(library: Library) -> set[Path]:
    """Return where the program wrote files."""
    return {
        Path(os.fsdecode(row[0])) for row in library.connection.execute("SELECT path FROM outputs")
    }
