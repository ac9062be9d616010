"""Files that are no photos of the library: what cannot be decoded, and what we wrote ourselves."""

import os
from pathlib import Path

from photoaesth import __version__
from photoaesth.library.database import Library
from photoaesth.library.found import FoundFile


def remember_unreadable(library: Library, file: FoundFile, reason: str) -> None:
    """Note that a file could not be decoded, so that it is not tried again unchanged."""
    library.connection.execute(
        "INSERT OR REPLACE INTO unreadable VALUES (?, ?, ?, ?, ?)",
        (file.key, file.size, file.mtime_ns, reason, __version__),
    )


def remember_output(library: Library, path: Path, content_hash: str) -> None:
    """Note a file that the program wrote itself, so that it is never indexed as a photo."""
    library.connection.execute(
        "INSERT OR IGNORE INTO outputs VALUES (?, ?)",
        (bytes.fromhex(content_hash), os.fsencode(path)),
    )


def output_paths(library: Library) -> set[Path]:
    """Return where the program wrote files."""
    return {
        Path(os.fsdecode(row[0])) for row in library.connection.execute("SELECT path FROM outputs")
    }
