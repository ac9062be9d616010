"""Which file contents the library knows already: asked by processes that only read files."""

import contextlib
import sqlite3
from pathlib import Path
from urllib.parse import quote

from photoaesth.errors import LibraryError

_TIMEOUT_S = 15.0


class FamiliarContent:
    """Content hashes that need no decoding: those of photos with an embedding, and of our outputs.

    Opened read-only, and without what opening a library for writing takes to load.
    """

    def __init__(self, library: Path, space: str) -> None:
        """Open the library.

        Args:
            library: the SQLite file; it must exist.
            space: the embedding space that a known photo has an embedding in.
        """
        self._connection = sqlite3.connect(
            f"file:{quote(str(library.absolute()))}?mode=ro",
            uri=True,
            timeout=_TIMEOUT_S,
            isolation_level=None,
        )
        self._space = space

    def __contains__(self, content_hash: object) -> bool:
        """Return whether the content with this hash, in hex, is known.

        Raises:
            LibraryError: the library cannot be read.
        """
        try:
            row = self._connection.execute(
                "SELECT EXISTS (SELECT 1 FROM outputs WHERE content_hash = :hash) OR EXISTS "
                "(SELECT 1 FROM photos p JOIN embeddings e ON e.photo_id = p.id "
                "WHERE p.content_hash = :hash AND e.backbone = :space)",
                {"hash": bytes.fromhex(str(content_hash)), "space": self._space},
            ).fetchone()
        except sqlite3.Error as error:
            raise LibraryError(f"the library cannot be read: {error}") from error
        return bool(row[0])

    def close(self) -> None:
        """Let go of the library."""
        with contextlib.suppress(sqlite3.Error):
            self._connection.close()
