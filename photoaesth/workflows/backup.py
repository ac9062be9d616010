"""A verified copy of the library, and the way back."""

from pathlib import Path

from photoaesth.library import backups
from photoaesth.library.database import open_library


def backup(library_path: Path, target: Path, *, overwrite: bool = False) -> None:
    """Write a sound copy of the library; see `library.backups.back_up`."""
    with open_library(library_path) as library:
        backups.back_up(library, target, overwrite=overwrite)


def restore(backup_path: Path, library_path: Path) -> Path | None:
    """Put a copy in the library's place; see `library.backups.restore`."""
    return backups.restore(backup_path, library_path)
