"""The journal of what was written into sidecars and photos, so that it can be taken back.

A run is one `xmp write`. What stood in a file before is stored, durably, before the file is
touched: whatever interrupts a run, what it did can be undone.
"""

import os
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from photoaesth.library.database import Library, now
from photoaesth.library.locations import as_path


@dataclass(frozen=True, slots=True)
class Entry:
    """What a run did to one file.

    Attributes:
        path: the sidecar, or the photo itself.
        embedded: whether it is the photo.
        before: the sidecar as it was; None where there was none, and for photos.
        after: what the sidecar is known by when it is as the run left it; empty for photos.
        changes: what the fields of ours were and what they became: a JSON object.
    """

    path: Path
    embedded: bool
    before: bytes | None
    after: str
    changes: str


@dataclass(frozen=True, slots=True)
class Run:
    """One `xmp write`.

    Attributes:
        id: the library's number for it.
        created_at: when it began: UTC, ISO 8601.
    """

    id: int
    created_at: str


@dataclass(frozen=True, slots=True)
class WrittenOver:
    """What another profile wrote over a run.

    Attributes:
        profile: its name.
        files: how many files of the run.
    """

    profile: str
    files: int


def begin_run(library: Library, profile: int) -> int:
    """Open a run of a profile; return its number."""
    cursor = library.connection.execute(
        "INSERT INTO sidecar_runs (profile_id, created_at) VALUES (?, ?)", (profile, now())
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def record(library: Library, run: int, entries: Sequence[Entry]) -> None:
    """Store what a run is about to do, durably before returning.

    An entry for a file that the run has one for already replaces it.
    """
    with library.transaction() as connection:
        connection.executemany(
            "INSERT OR REPLACE INTO sidecar_writes "
            "(run_id, path, kind, before, after_hash, changes) VALUES (?, ?, ?, ?, ?, ?)",
            [
                (
                    run,
                    os.fsencode(entry.path),
                    "embedded" if entry.embedded else "sidecar",
                    None if entry.before is None else zlib.compress(entry.before),
                    bytes.fromhex(entry.after),
                    entry.changes,
                )
                for entry in entries
            ],
        )


def withdraw(library: Library, run: int, path: Path) -> None:
    """Take an entry back: its file was not written after all."""
    library.connection.execute(
        "DELETE FROM sidecar_writes WHERE run_id = ? AND path = ?", (run, os.fsencode(path))
    )


def last_run(library: Library, profile: int) -> Run | None:
    """Return the profile's last run that did something and was not undone."""
    row = library.connection.execute(
        "SELECT id, created_at FROM sidecar_runs r WHERE profile_id = ? AND undone_at IS NULL "
        "AND EXISTS (SELECT 1 FROM sidecar_writes w WHERE w.run_id = r.id) "
        "ORDER BY id DESC LIMIT 1",
        (profile,),
    ).fetchone()
    return Run(*row) if row else None


def written_over(library: Library, run: int) -> WrittenOver | None:
    """Return which other profile wrote into a run's files since, and stands; the latest of them."""
    row = library.connection.execute(
        "SELECT p.name, count(DISTINCT own.path) FROM sidecar_runs this "
        "JOIN sidecar_runs later ON later.id > this.id AND later.undone_at IS NULL "
        "AND later.profile_id != this.profile_id "
        "JOIN sidecar_writes own ON own.run_id = this.id "
        "JOIN sidecar_writes theirs ON theirs.run_id = later.id AND theirs.path = own.path "
        "JOIN profiles p ON p.id = later.profile_id "
        "WHERE this.id = ? GROUP BY p.id ORDER BY max(later.id) DESC LIMIT 1",
        (run,),
    ).fetchone()
    return WrittenOver(*row) if row else None


def count(library: Library, run: int) -> int:
    """Return how many files a run wrote, or was about to write."""
    row = library.connection.execute(
        "SELECT count(*) FROM sidecar_writes WHERE run_id = ?", (run,)
    ).fetchone()
    return int(row[0])


def entries(library: Library, run: int) -> Iterator[Entry]:
    """Yield what a run did, by path."""
    rows = library.connection.execute(
        "SELECT path, kind = 'embedded', before, after_hash, changes FROM sidecar_writes "
        "WHERE run_id = ? ORDER BY path",
        (run,),
    )
    for path, embedded, before, after, changes in rows:
        yield Entry(
            path=as_path(path),
            embedded=bool(embedded),
            before=None if before is None else zlib.decompress(before),
            after=after.hex(),
            changes=changes,
        )


def dates_before(library: Library) -> dict[tuple[Path, str], str | None]:
    """Return how files were dated before the writes that dated them anew.

    Returns:
        By file and what it is known by when it is as a write left it: the date that it had until
        then, by the first of several writes; None where it had none.
    """
    rows = library.connection.execute(
        """SELECT path, after_hash, changes ->> '$."xmp:MetadataDate"[0]', """
        """changes ->> '$."xmp:MetadataDate"[1]' AS after FROM sidecar_writes """
        "WHERE after IS NOT NULL ORDER BY run_id"
    )
    dated: dict[tuple[Path, str], str | None] = {}
    found: dict[tuple[Path, str], str | None] = {}
    for key, after_hash, before, after in rows:
        path = as_path(key)
        dated[path, after] = found[path, after_hash.hex()] = dated.get((path, before), before)
    return found


def mark_undone(library: Library, run: int) -> None:
    """Note that a run was taken back; it is never undone again."""
    library.connection.execute("UPDATE sidecar_runs SET undone_at = ? WHERE id = ?", (now(), run))
