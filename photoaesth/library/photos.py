"""Photos, their files and roots: what the library knows of the disk."""

import hashlib
import itertools
import os
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from photoaesth import __version__
from photoaesth.domain import Exif, Photo
from photoaesth.library.database import Library, now
from photoaesth.library.scan import FoundFile

_EXIF_COLUMNS = (
    "taken_at, camera, lens, focal_length_mm, aperture_f, exposure_time_s, iso, latitude, longitude"
)
_PHOTO_COLUMNS = f"p.id, p.content_hash, p.width, p.height, {_EXIF_COLUMNS}"
_OTHER_FILE = "(SELECT 1 FROM files o WHERE o.photo_id = f.photo_id AND o.path <> f.path)"


@dataclass(frozen=True, slots=True)
class PhotoFilter:
    """Which photos a ranking is about; the empty filter means all.

    Attributes:
        under: only files in or below this folder, absolute.
        since: only photos taken on this day or later.
        until: only photos taken on this day or earlier.
        camera: only cameras whose name contains this text, in any case.
    """

    under: Path | None = None
    since: date | None = None
    until: date | None = None
    camera: str | None = None


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A file as the library last saw it."""

    photo_id: int
    size: int
    mtime_ns: int
    missing: bool


@dataclass(frozen=True, slots=True)
class NewPhoto:
    """What indexing learned of one file, ready to be stored."""

    file: FoundFile
    content_hash: str
    width: int
    height: int
    exif: Exif


# --- roots


def add_root(library: Library, root: Path) -> None:
    """Remember an absolute folder as one to index."""
    library.connection.execute(
        "INSERT OR IGNORE INTO roots VALUES (?, ?)", (os.fsencode(root), now())
    )


def roots(library: Library) -> list[Path]:
    """Return the indexed folders in order of their names."""
    rows = library.connection.execute("SELECT path FROM roots ORDER BY path")
    return [_path(row[0]) for row in rows]


def forget_root(library: Library, root: Path) -> int:
    """Drop a root and its photos, but no photo that a choice or a rating is about.

    Such a photo keeps the name of one file, marked missing, to be called by.

    Returns:
        How many files the library no longer looks after.
    """
    with library.transaction() as connection:
        connection.execute("DELETE FROM roots WHERE path = ?", (os.fsencode(root),))
        kept = [_path(row[0]) for row in connection.execute("SELECT path FROM roots")]
        gone = [
            path
            for path in known_files(library, [root])
            if not any(other in path.parents for other in kept)
        ]
        spoken_of = (
            "(SELECT left_photo FROM comparisons UNION SELECT right_photo FROM comparisons "
            "UNION SELECT photo_id FROM ratings)"
        )
        connection.executemany(
            f"DELETE FROM files AS f WHERE path = ? AND (photo_id NOT IN {spoken_of} "
            f"OR EXISTS {_OTHER_FILE})",
            [(os.fsencode(path),) for path in gone],
        )
        mark_missing(library, gone)
        connection.execute(
            "DELETE FROM unreadable WHERE path >= ? AND path < ?", _prefix_range(root)
        )
        connection.execute(
            "DELETE FROM photos WHERE id NOT IN (SELECT photo_id FROM files) "
            f"AND id NOT IN {spoken_of}"
        )
    return len(gone)


# --- files


def known_files(library: Library, folders: Iterable[Path]) -> dict[Path, KnownFile]:
    """Return the files known in or below the folders."""
    known: dict[Path, KnownFile] = {}
    for folder in folders:
        rows = library.connection.execute(
            "SELECT path, photo_id, size, mtime_ns, missing_at FROM files "
            "WHERE path >= ? AND path < ?",
            _prefix_range(folder),
        )
        for path, photo_id, size, mtime_ns, missing_at in rows:
            known[_path(path)] = KnownFile(photo_id, size, mtime_ns, missing_at is not None)
    return known


def content_hash(data: bytes) -> str:
    """Return what a photo is known by: hex BLAKE2b-160 of its file's bytes."""
    return hashlib.blake2b(data, digest_size=20).hexdigest()


def content_hashes(library: Library) -> dict[str, int]:
    """Return every photo's content hash with its id."""
    return dict(library.connection.execute("SELECT content_hash, id FROM photos"))


def store_photo(library: Library, photo: NewPhoto) -> int:
    """Store a photo or bring it up to date, inside the caller's transaction.

    A photo is known by its content first, then by its path: content that is known already gets
    one more file; else a file whose content changed in place (a rating written into it, say)
    keeps its photo, and so its choices, unless another file that is present holds the old content.

    Returns:
        The photo's id.
    """
    connection = library.connection
    row = connection.execute(
        "SELECT id FROM photos WHERE content_hash = ?", (photo.content_hash,)
    ).fetchone()
    photo_id = row[0] if row else _sole_photo_of(connection, photo.file.path)
    values = (photo.content_hash, photo.width, photo.height, *_exif_values(photo.exif))
    if photo_id is None:
        marks = ", ".join("?" * (3 + len(_EXIF_COLUMNS.split(", "))))
        photo_id = connection.execute(
            f"INSERT INTO photos (content_hash, width, height, {_EXIF_COLUMNS}) VALUES ({marks})",
            values,
        ).lastrowid
    elif not row:
        assignments = ", ".join(f"{column} = ?" for column in _EXIF_COLUMNS.split(", "))
        connection.execute(
            f"UPDATE photos SET content_hash = ?, width = ?, height = ?, {assignments} "
            "WHERE id = ?",
            (*values, photo_id),
        )
        # Missing files held the old content; one that comes back is to be read anew.
        connection.execute(
            "DELETE FROM files WHERE photo_id = ? AND missing_at IS NOT NULL", (photo_id,)
        )
        # Derived from the old content; indexing stores the new embedding right after.
        connection.execute("DELETE FROM embeddings WHERE photo_id = ?", (photo_id,))
        connection.execute("DELETE FROM scores WHERE photo_id = ?", (photo_id,))
    assert photo_id is not None
    attach_file(library, photo.file, photo_id)
    return int(photo_id)


def attach_file(library: Library, file: FoundFile, photo_id: int) -> None:
    """Say that a file, as it is now, holds a photo."""
    key = os.fsencode(file.path)
    library.connection.execute(
        "INSERT INTO files (path, photo_id, size, mtime_ns) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (path) DO UPDATE SET photo_id = excluded.photo_id, size = excluded.size, "
        "mtime_ns = excluded.mtime_ns, missing_at = NULL",
        (key, photo_id, file.size, file.mtime_ns),
    )
    library.connection.execute("DELETE FROM unreadable WHERE path = ?", (key,))


def mark_missing(library: Library, paths: Iterable[Path]) -> None:
    """Note that files have vanished, inside the caller's transaction; their photos stay."""
    library.connection.executemany(
        "UPDATE files SET missing_at = ? WHERE path = ? AND missing_at IS NULL",
        [(now(), os.fsencode(path)) for path in paths],
    )


def drop_file(library: Library, path: Path) -> None:
    """Forget a path whose photo is known to stand elsewhere now."""
    library.connection.execute("DELETE FROM files WHERE path = ?", (os.fsencode(path),))


def is_current(library: Library, path: Path) -> bool:
    """Return whether a file still looks as it did when it was indexed."""
    try:
        status = path.stat()
    except OSError:
        return False
    row = library.connection.execute(
        "SELECT size, mtime_ns FROM files WHERE path = ?", (os.fsencode(path),)
    ).fetchone()
    return bool(row == (status.st_size, status.st_mtime_ns))


# --- photos


@dataclass(frozen=True, slots=True)
class LibraryCounts:
    """How much a library holds.

    Attributes:
        photos: photos with a file that is present.
        missing: photos whose files in the indexed folders have all vanished.
        files: files that are present.
        unreadable: files that this version could not decode.
        pending: present photos that have no embedding yet in the current space.
    """

    photos: int
    missing: int
    files: int
    unreadable: int
    pending: int


def count(library: Library, backbone: str) -> LibraryCounts:
    """Count what the library holds.

    Args:
        library: which.
        backbone: the embedding space that counts as done.
    """

    def number(query: str, *values: object) -> int:
        return int(library.connection.execute(query, values).fetchone()[0])

    present = "(SELECT photo_id FROM files WHERE missing_at IS NULL)"
    bounds = [_prefix_range(root) for root in roots(library)]
    below_roots = " OR ".join(["path >= ? AND path < ?"] * len(bounds)) or "FALSE"
    return LibraryCounts(
        photos=number(f"SELECT count(*) FROM photos WHERE id IN {present}"),
        missing=number(
            f"SELECT count(DISTINCT photo_id) FROM files WHERE ({below_roots}) "
            f"AND photo_id NOT IN {present}",
            *itertools.chain.from_iterable(bounds),
        ),
        files=number("SELECT count(*) FROM files WHERE missing_at IS NULL"),
        unreadable=number("SELECT count(*) FROM unreadable WHERE version = ?", __version__),
        pending=number(
            f"SELECT count(*) FROM photos WHERE id IN {present} AND id NOT IN "
            "(SELECT photo_id FROM embeddings WHERE backbone = ?)",
            backbone,
        ),
    )


def photo_by_path(library: Library, path: Path) -> Photo | None:
    """Return the photo that an absolute path holds or held."""
    row = library.connection.execute(
        f"SELECT {_PHOTO_COLUMNS}, f.path FROM files f JOIN photos p ON p.id = f.photo_id "
        "WHERE f.path = ?",
        (os.fsencode(path),),
    ).fetchone()
    return _photo(row) if row else None


def photos_by_id(library: Library, ids: Sequence[int]) -> dict[int, Photo]:
    """Return photos by id, each with a file that is present if there is one."""
    found: dict[int, Photo] = {}
    for start in range(0, len(ids), 500):  # SQLite limits the number of parameters
        part = ids[start : start + 500]
        marks = ", ".join("?" * len(part))
        rows = library.connection.execute(
            f"SELECT {_PHOTO_COLUMNS}, (SELECT path FROM files f WHERE f.photo_id = p.id "
            f"ORDER BY missing_at IS NOT NULL, path LIMIT 1) FROM photos p WHERE p.id IN ({marks})",
            part,
        )
        found |= {row[0]: _photo(row) for row in rows}
    return found


def present_photos(library: Library) -> list[tuple[int, str | None, datetime | None]]:
    """Return id, camera and capture time of every photo that has an embedding and a file."""
    rows = library.connection.execute(
        "SELECT id, camera, taken_at FROM photos p "
        "WHERE EXISTS (SELECT 1 FROM files f WHERE f.photo_id = p.id AND f.missing_at IS NULL) "
        "AND EXISTS (SELECT 1 FROM embeddings e WHERE e.photo_id = p.id)"
    )
    return [(row[0], row[1], _time(row[2])) for row in rows]


def filter_clause(chosen: PhotoFilter) -> tuple[str, list[object]]:
    """Return an SQL condition on `photos p` and `files f`, with its parameters."""
    conditions, values = ["f.missing_at IS NULL"], list[object]()
    if chosen.under is not None:
        conditions.append("f.path >= ? AND f.path < ?")
        values += _prefix_range(chosen.under)
    if chosen.since is not None:
        conditions.append("p.taken_at >= ?")
        values.append(chosen.since.isoformat())
    if chosen.until is not None:
        conditions.append("p.taken_at < ?")
        values.append(f"{chosen.until.isoformat()}~")  # sorts after every time of that day
    if chosen.camera is not None:
        conditions.append("instr(lower(p.camera), lower(?)) > 0")
        values.append(chosen.camera)
    return " AND ".join(conditions), values


def _sole_photo_of(connection: sqlite3.Connection, path: Path) -> int | None:
    row = connection.execute(
        "SELECT photo_id FROM files f WHERE path = ? AND NOT EXISTS (SELECT 1 FROM files o "
        "WHERE o.photo_id = f.photo_id AND o.path <> f.path AND o.missing_at IS NULL)",
        (os.fsencode(path),),
    ).fetchone()
    return row[0] if row else None


def _prefix_range(folder: Path) -> tuple[bytes, bytes]:
    """Return the bounds between which the paths below a folder sort."""
    below = os.path.join(os.fsencode(folder), b"")  # noqa: PTH118  # pathlib has no bytes
    return below, below[:-1] + bytes([below[-1] + 1])


def _path(key: bytes) -> Path:
    return Path(os.fsdecode(key))


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _exif_values(exif: Exif) -> tuple[object, ...]:
    taken_at = exif.taken_at.isoformat() if exif.taken_at else None
    return (
        taken_at,
        exif.camera,
        exif.lens,
        exif.focal_length_mm,
        exif.aperture_f,
        exif.exposure_time_s,
        exif.iso,
        exif.latitude,
        exif.longitude,
    )


def _photo(row: tuple[object, ...]) -> Photo:
    photo_id, content_hash, width, height, taken_at, *exif, path = row
    return Photo(
        id=photo_id,  # type: ignore[arg-type]  # STRICT tables guarantee the types
        path=_path(path) if isinstance(path, bytes) else Path(),
        content_hash=content_hash,  # type: ignore[arg-type]
        width=width,  # type: ignore[arg-type]
        height=height,  # type: ignore[arg-type]
        exif=Exif(_time(taken_at), *exif),  # type: ignore[arg-type]
    )
