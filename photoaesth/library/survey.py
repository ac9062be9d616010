"""What a walk through the folders met, set against what the library knows.

The files stand in temporary tables and are compared by SQLite, so that memory does not grow with
the library and a hundred thousand unchanged files cost little more than the walk itself.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from photoaesth import __version__
from photoaesth.domain import Skipped
from photoaesth.library.database import Library, now
from photoaesth.library.found import FoundFile
from photoaesth.library.locations import as_path, prefix_range

_PAGE_ROWS = 2000
_TABLES = """
CREATE TEMP TABLE seen (
    path BLOB PRIMARY KEY, size INTEGER, mtime_ns INTEGER, beside BLOB, turn INTEGER
) WITHOUT ROWID;
CREATE INDEX temp.seen_beside ON seen(beside) WHERE beside IS NOT NULL;
CREATE TEMP TABLE unseen (path BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TEMP TABLE unseen_below (below BLOB PRIMARY KEY, beyond BLOB) WITHOUT ROWID;
CREATE TEMP TABLE left_behind (path BLOB PRIMARY KEY, photo_id INTEGER, newly INTEGER);
CREATE INDEX temp.left_behind_photo ON left_behind(photo_id);
CREATE TEMP TABLE work (
    number INTEGER PRIMARY KEY, path BLOB UNIQUE, size INTEGER, mtime_ns INTEGER, raw BLOB,
    photo_id INTEGER
);
"""
# A file is settled when it is as it was, and its photo has what scoring needs.
_AS_IT_WAS = (
    "f.size = s.size AND f.mtime_ns = s.mtime_ns AND EXISTS "
    "(SELECT 1 FROM embeddings e WHERE e.photo_id = f.photo_id AND e.backbone = :space)"
)
_ORPHAN = (
    "s.beside IS NOT NULL AND NOT EXISTS "
    "(SELECT 1 FROM files d WHERE d.path = s.beside AND d.missing_at IS NULL)"
)


@dataclass(frozen=True, slots=True)
class Work:
    """A file that has to be read.

    Attributes:
        file: which.
        raw: key of the RAW file of the same shot beside it.
        photo_id: the photo that the library last saw there; None for a new file.
    """

    file: FoundFile
    raw: bytes | None
    photo_id: int | None


class Survey:
    """One run's view of the files below some folders.

    First everything is noted (`add`, `leave_out`), then compared (`compare`), then worked off.
    """

    def __init__(self, library: Library, folders: Sequence[Path], space: str) -> None:
        """Begin a survey.

        Args:
            library: what is known.
            folders: where the walk goes; files elsewhere are not judged.
            space: the embedding space that a settled photo has an embedding in.
        """
        self._connection = library.connection
        self._space = {"space": space}
        bounds = itertools.chain.from_iterable(map(prefix_range, folders))
        self._bounds = {f"bound{number}": bound for number, bound in enumerate(bounds)}
        names = [f":{name}" for name in self._bounds]
        self._scope = " OR ".join(
            f"(f.path >= {low} AND f.path < {high})"
            for low, high in zip(names[::2], names[1::2], strict=True)
        )
        for table in ("seen", "unseen", "unseen_below", "left_behind", "work"):
            self._connection.execute(f"DROP TABLE IF EXISTS temp.{table}")
        for statement in _TABLES.split(";\n"):
            self._connection.execute(statement)

    # --- noting

    def add(self, folders: Iterable[list[FoundFile]]) -> int:
        """Note the files that a walk meets, folder by folder; return how many."""
        count = 0
        self._connection.execute("BEGIN")
        for files in folders:
            count += len(files)
            self._connection.executemany(
                "INSERT OR IGNORE INTO seen VALUES (?, ?, ?, ?, ?)",
                (
                    (*file, turn)
                    for file, turn in zip(files, _van_der_corput(len(files)), strict=True)
                ),
            )
        self._connection.execute("COMMIT")
        return count

    def leave_out(self, keys: Iterable[bytes]) -> None:
        """Note, once, all files and folders that the walk did not look at: they are not judged."""
        left_out = sorted(set(keys))
        # Of folders in one another the outer is enough; so one look finds what holds a path.
        folders: list[tuple[bytes, bytes]] = []
        for below, beyond in sorted(prefix_range(as_path(key)) for key in left_out):
            if not folders or below >= folders[-1][1]:
                folders.append((below, beyond))
        self._connection.executemany("INSERT INTO unseen VALUES (?)", [(key,) for key in left_out])
        self._connection.executemany("INSERT INTO unseen_below VALUES (?, ?)", folders)

    def met_below(self, folder: Path) -> bool:
        """Return whether the walk met a photo in or below a folder."""
        low, high = prefix_range(folder)
        row = self._connection.execute(
            "SELECT EXISTS (SELECT 1 FROM seen WHERE path >= ? AND path < ?)", (low, high)
        ).fetchone()
        return bool(row[0])

    # --- comparing

    def compare(self) -> None:
        """Find out what has vanished and what has to be read; change nothing."""
        self._execute(
            "INSERT INTO left_behind SELECT f.path, f.photo_id, f.missing_at IS NULL FROM files f "
            f"WHERE ({self._scope}) AND f.path NOT IN (SELECT path FROM seen) "
            f"AND (f.missing_at IS NOT NULL OR NOT {_unseen('f')})"
        )
        self._enlist("s.beside IS NULL")

    @property
    def unchanged(self) -> int:
        """How many files are as they were, RAW files beside others not counted."""
        return self._unchanged("s.beside IS NULL")

    @property
    def vanished(self) -> int:
        """How many files are gone since the last time and were not met elsewhere."""
        return self._number("SELECT count(*) FROM left_behind WHERE newly")

    @property
    def waiting(self) -> int:
        """How many files have to be read."""
        return self._number("SELECT count(*) FROM work")

    def broken(self) -> list[Skipped]:
        """Return the files that could not be decoded before and have not changed since."""
        rows = self._execute(
            "SELECT s.path, u.reason FROM seen s JOIN unreadable u ON u.path = s.path "
            f"WHERE {_unchanged_broken()} AND (s.beside IS NULL OR {_ORPHAN}) ORDER BY s.path"
        )
        return [Skipped(as_path(path), reason) for path, reason in rows]

    # --- working off

    def apply(self) -> None:
        """Mark what has vanished and what is back, inside the caller's transaction."""
        self._execute(
            "UPDATE files SET missing_at = :now WHERE path IN "
            "(SELECT path FROM left_behind WHERE newly)",
            now=now(),
        )
        self._execute(
            "UPDATE files AS f SET missing_at = NULL WHERE missing_at IS NOT NULL AND EXISTS "
            f"(SELECT 1 FROM seen s WHERE s.path = f.path AND {_AS_IT_WAS})"
        )
        self._execute(
            f"DELETE FROM unreadable AS f WHERE ({self._scope}) "
            f"AND path NOT IN (SELECT path FROM seen) AND NOT {_unseen('f')}"
        )

    def work(self, *, known: bool) -> Iterator[Work]:
        """Yield the files to read, those of every beginning a fair sample of all.

        Args:
            known: those that the library knows with other content; else the new ones.
        """
        last = 0
        while rows := self._execute(
            "SELECT number, path, size, mtime_ns, raw, photo_id FROM work "
            "WHERE number > :last AND (photo_id IS NOT NULL) = :known ORDER BY number LIMIT :rows",
            last=last,
            known=known,
            rows=_PAGE_ROWS,
        ).fetchall():
            for _, path, size, mtime_ns, raw, photo_id in rows:
                yield Work(FoundFile(path, size, mtime_ns), raw, photo_id)
            last = rows[-1][0]

    def settle(self, key: bytes) -> None:
        """Take a file off the work: it needs no reading."""
        self._execute("DELETE FROM work WHERE path = :path", path=key)

    def leave_changed(self) -> None:
        """Note of every known file that is still to be read that its photo has left it.

        Content is looked at before names: where photos changed places, each is recognised before
        a file with new content can inherit the photo that stood at its path.
        """
        self._execute(
            "INSERT OR IGNORE INTO left_behind "
            "SELECT path, photo_id, 0 FROM work WHERE photo_id IS NOT NULL"
        )

    def origin_of(self, photo_id: int) -> bytes | None:
        """Return a path where a photo no longer stands, once: it has moved from there."""
        row = self._execute(
            "SELECT l.path FROM left_behind l JOIN files f "
            "ON f.path = l.path AND f.photo_id = l.photo_id "
            "WHERE l.photo_id = :photo AND NOT f.companion ORDER BY l.path LIMIT 1",
            photo=photo_id,
        ).fetchone()
        if row is None:
            return None
        self._execute("DELETE FROM left_behind WHERE path = :path", path=row[0])
        return bytes(row[0])

    def lose(self, key: bytes) -> None:
        """Count a file among the vanished whose photo was replaced by what is none."""
        self._execute("INSERT OR REPLACE INTO left_behind VALUES (:path, NULL, 1)", path=key)

    # --- RAW files beside developed ones

    def twins(self) -> list[tuple[int, int]]:
        """Return photos that are RAW files alone, each with the photo developed beside it.

        They were known as two photos before they stood side by side.
        """
        rows = self._execute(
            "SELECT DISTINCT f.photo_id, d.photo_id FROM seen s JOIN files d ON d.path = s.beside "
            "JOIN files f ON f.path = s.path WHERE d.missing_at IS NULL AND NOT f.companion "
            "AND f.photo_id <> d.photo_id AND NOT EXISTS (SELECT 1 FROM files o "
            "WHERE o.photo_id = f.photo_id AND o.path <> f.path AND o.missing_at IS NULL)"
        )
        return [(raw, developed) for raw, developed in rows]

    def attach_companions(self) -> tuple[int, int]:
        """Give RAW files the photo of the developed file beside them, in a transaction.

        Returns:
            How many were attached anew, and how many are as they were.
        """
        as_before = (
            "FROM seen s JOIN files d ON d.path = s.beside JOIN files f ON f.path = s.path "
            "WHERE d.missing_at IS NULL AND f.photo_id = d.photo_id AND f.companion "
            "AND f.missing_at IS NULL AND f.size = s.size AND f.mtime_ns = s.mtime_ns"
        )
        unchanged = self._number(f"SELECT count(*) {as_before}")
        attached = self._number(
            "SELECT count(*) FROM seen s JOIN files d ON d.path = s.beside "
            "LEFT JOIN files f ON f.path = s.path WHERE d.missing_at IS NULL "
            "AND NOT coalesce(f.photo_id = d.photo_id AND f.companion, FALSE)"
        )
        self._execute(
            "INSERT INTO files (path, photo_id, size, mtime_ns, companion) "
            "SELECT s.path, d.photo_id, s.size, s.mtime_ns, 1 FROM seen s "
            "JOIN files d ON d.path = s.beside WHERE d.missing_at IS NULL "
            f"AND s.path NOT IN (SELECT s.path {as_before}) "
            "ON CONFLICT (path) DO UPDATE SET photo_id = excluded.photo_id, "
            "size = excluded.size, mtime_ns = excluded.mtime_ns, companion = 1, missing_at = NULL"
        )
        self._execute(
            "DELETE FROM unreadable WHERE path IN "
            "(SELECT s.path FROM seen s JOIN files f ON f.path = s.path WHERE f.companion)"
        )
        # Moved along with the photo: their old names are nobody's any more.
        moved = (
            "SELECT l.path FROM left_behind l JOIN files old ON old.path = l.path "
            "JOIN files new ON new.photo_id = old.photo_id AND new.path <> old.path "
            "WHERE old.companion AND new.companion AND new.missing_at IS NULL"
        )
        self._execute(f"DELETE FROM files WHERE path IN ({moved})")
        self._execute(
            "DELETE FROM left_behind WHERE photo_id IS NOT NULL "
            "AND path NOT IN (SELECT path FROM files)"
        )
        return attached, unchanged

    def enlist_orphans(self) -> int:
        """Put RAW files to the work whose developed file turned out to be no photo.

        Returns:
            How many others of them are as they were.
        """
        self._execute("DELETE FROM work")
        self._enlist(_ORPHAN)
        return self._unchanged(_ORPHAN)

    def _unchanged(self, condition: str) -> int:
        return self._number(
            "SELECT count(*) FROM seen s JOIN files f ON f.path = s.path "
            f"WHERE {condition} AND NOT f.companion AND {_AS_IT_WAS}"
        )

    def _enlist(self, condition: str) -> None:
        self._execute(
            "INSERT INTO work (path, size, mtime_ns, raw, photo_id) "
            "SELECT s.path, s.size, s.mtime_ns, "
            "(SELECT r.path FROM seen r WHERE r.beside = s.path), f.photo_id FROM seen s "
            "LEFT JOIN files f ON f.path = s.path LEFT JOIN unreadable u ON u.path = s.path "
            f"WHERE {condition} AND NOT coalesce(NOT f.companion AND {_AS_IT_WAS}, FALSE) "
            f"AND NOT coalesce({_unchanged_broken()}, FALSE) ORDER BY s.turn, s.path"
        )

    def _execute(self, query: str, **values: object):  # type: ignore[no-untyped-def]  # a cursor
        parameters = self._space | self._bounds | {"version": __version__} | values
        return self._connection.execute(query, parameters)

    def _number(self, query: str) -> int:
        return int(self._execute(query).fetchone()[0])


def _unseen(table: str) -> str:
    return (
        f"({table}.path IN (SELECT path FROM unseen) OR {table}.path < coalesce("
        f"(SELECT n.beyond FROM unseen_below n WHERE n.below <= {table}.path "
        "ORDER BY n.below DESC LIMIT 1), x''))"
    )


def _unchanged_broken() -> str:
    return "u.version = :version AND u.size = s.size AND u.mtime_ns = s.mtime_ns"


def _van_der_corput(count: int) -> list[int]:
    """Return the turn of each of so many files: the next is the one farthest from those before.

    First, middle, quarters, …: so that of a library of any size the first 200 photos already
    show its variety.
    """
    bits = max(count - 1, 1).bit_length()
    order = (int(f"{number:0{bits}b}"[::-1], 2) for number in range(2**bits))
    turns = [0] * count
    for turn, index in enumerate(index for index in order if index < count):
        turns[index] = turn
    return turns
