"""Files that are no photos of the library: what cannot be decoded, and what we wrote ourselves."""

import os
from pathlib import Path

from photoaesth import __version__
from photoaesth.domain import Skipped
from photoaesth.library.database import Library
from photoaesth.library.found import FoundFile


def remember_unreadable(library: Library, file: FoundFile, reason: str) -> None:
    """Note that a file could not be decoded, so that it is not tried again unchanged."""
    library.connection.execute(
        "INSERT OR REPLACE INTO unreadable VALUES (?, ?, ?, ?, ?)",
        (file.key, file.size, file.mtime_ns, reason, __version__),
    )


def unreadable_files(library: Library) -> list[Skipped]:
    """Return the files that this version could not decode, with the reasons."""
    rows = library.connection.execute(
        "SELECT path, reason FROM unreadable WHERE version = ? ORDER BY path", (__version__,)
    )
    return [Skipped(Path(os.fsdecode(path)), reason) for path, reason in rows]


def remember_output(library: Library, path: Path, content_hash: str) -> bool:
    """Note a file that the program wrote itself, so that it is never indexed as a photo.

    Returns:
        Whether it was not noted before.
    """
    cursor = library.connection.execute(
        "INSERT OR IGNORE INTO outputs VALUES (?, ?)",
        (bytes.fromhex(content_hash), os.fsencode(path)),
    )
    return cursor.rowcount == 1


def forget_output(library: Library, path: Path, content_hash: str) -> None:
    """Take back what `remember_output` noted, for a file that was not written after all."""
    library.connection.execute(
        "DELETE FROM outputs WHERE content_hash = ? AND path = ?",
        (bytes.fromhex(content_hash), os.fsencode(path)),
    )


def is_output(library: Library, content_hash: str) -> bool:
    """Return whether the program wrote a file with this content, in hex, itself."""
    (found,) = library.connection.execute(
        "SELECT EXISTS (SELECT 1 FROM outputs WHERE content_hash = ?)",
        (bytes.fromhex(content_hash),),
    ).fetchone()
    return bool(found)


def output_paths(library: Library) -> set[Path]:
    """Return where the program wrote files."""
    return {
        Path(os.fsdecode(row[0])) for row in library.connection.execute("SELECT path FROM outputs")
    }
