"""Where photos stand: the indexed folders and the files in them."""

import os
from pathlib import Path

from photoaesth.library.database import Library, now
from photoaesth.library.found import FoundFile

# --- indexed folders


def add_root(library: Library, root: Path) -> None:
    """Remember an absolute folder as one to index, and that it can be reached."""
    library.connection.execute(
        "INSERT INTO roots (path, added_at) VALUES (?, ?) "
        "ON CONFLICT (path) DO UPDATE SET offline_since = NULL WHERE offline_since IS NOT NULL",
        (os.fsencode(root), now()),
    )


def mark_offline(library: Library, root: Path) -> None:
    """Note that an indexed folder cannot be reached: its photos are offline, not missing."""
    library.connection.execute(
        "UPDATE roots SET offline_since = ? WHERE path = ? AND offline_since IS NULL",
        (now(), os.fsencode(root)),
    )


def roots(library: Library) -> dict[Path, bool]:
    """Return the indexed folders in order of their names, and whether each was reached last."""
    rows = library.connection.execute("SELECT path, offline_since FROM roots ORDER BY path")
    return {as_path(path): offline_since is None for path, offline_since in rows}


def reachable_roots(library: Library) -> dict[Path, bool]:
    """Return the indexed folders, and whether each was reached last and is there now."""
    return {root: reached and root.is_dir() for root, reached in roots(library).items()}


def forget_root(library: Library, root: Path) -> int:
    """Drop a root and its photos, but no photo that a choice or a rating is about.

    Such a photo keeps the name of one file, marked missing, to be called by.

    Returns:
        How many files the library no longer looks after.
    """
    below = prefix_range(root)
    with library.transaction() as connection:
        connection.execute("DELETE FROM roots WHERE path = ?", (os.fsencode(root),))
        kept = [
            bound
            for (path,) in connection.execute("SELECT path FROM roots")
            for bound in prefix_range(as_path(path))
        ]
        connection.execute("CREATE TEMP TABLE gone (path BLOB PRIMARY KEY)")
        elsewhere = " OR ".join(["path >= ? AND path < ?"] * (len(kept) // 2)) or "FALSE"
        count = connection.execute(
            "INSERT INTO gone SELECT path FROM files "
            f"WHERE path >= ? AND path < ? AND NOT ({elsewhere})",
            (*below, *kept),
        ).rowcount
        spoken_of = (
            "(SELECT left_photo FROM comparisons UNION SELECT right_photo FROM comparisons "
            "UNION SELECT photo_id FROM ratings)"
        )
        connection.execute(
            "DELETE FROM files AS f WHERE path IN (SELECT path FROM gone) "
            f"AND (photo_id NOT IN {spoken_of} OR EXISTS "
            "(SELECT 1 FROM files o WHERE o.photo_id = f.photo_id "
            "AND (o.path < f.path OR o.path NOT IN (SELECT path FROM gone))))"
        )
        connection.execute(
            "UPDATE files SET missing_at = ? WHERE path IN (SELECT path FROM gone) "
            "AND missing_at IS NULL",
            (now(),),
        )
        connection.execute("DROP TABLE gone")
        connection.execute("DELETE FROM unreadable WHERE path >= ? AND path < ?", below)
        connection.execute(
            "DELETE FROM photos WHERE id NOT IN (SELECT photo_id FROM files) "
            f"AND id NOT IN {spoken_of}"
        )
    return int(count)


# --- files


def knows_files_below(library: Library, folder: Path) -> bool:
    """Return whether any file in or below a folder is or was a photo."""
    row = library.connection.execute(
        "SELECT EXISTS (SELECT 1 FROM files WHERE path >= ? AND path < ?)", prefix_range(folder)
    ).fetchone()
    return bool(row[0])


def count_present_below(library: Library, folder: Path) -> int:
    """Return how many files in or below a folder are thought to be present."""
    row = library.connection.execute(
        "SELECT count(*) FROM files WHERE path >= ? AND path < ? AND missing_at IS NULL",
        prefix_range(folder),
    ).fetchone()
    return int(row[0])


def vanished_files(library: Library) -> list[Path]:
    """Return one file, below the indexed folders, of each photo whose files have all vanished."""
    bounds = [bound for root in roots(library) for bound in prefix_range(root)]
    below = " OR ".join(["path >= ? AND path < ?"] * (len(bounds) // 2)) or "FALSE"
    rows = library.connection.execute(
        f"SELECT min(path) FROM files f WHERE missing_at IS NOT NULL AND ({below}) AND NOT EXISTS "
        "(SELECT 1 FROM files o WHERE o.photo_id = f.photo_id AND o.missing_at IS NULL) "
        "AND path NOT IN (SELECT path FROM unreadable) "  # told of by its reason
        "GROUP BY photo_id ORDER BY 1",
        bounds,
    )
    return [as_path(path) for (path,) in rows]


def attach_file(library: Library, file: FoundFile, photo_id: int) -> None:
    """Say that a file, as it is now, holds a photo, inside the caller's transaction."""
    library.connection.execute(
        "INSERT INTO files (path, photo_id, size, mtime_ns, companion) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (path) DO UPDATE SET photo_id = excluded.photo_id, size = excluded.size, "
        "mtime_ns = excluded.mtime_ns, companion = excluded.companion, missing_at = NULL",
        (file.key, photo_id, file.size, file.mtime_ns, file.beside is not None),
    )
    library.connection.execute("DELETE FROM unreadable WHERE path = ?", (file.key,))


def mark_missing(library: Library, key: bytes) -> bool:
    """Note that a file has vanished, inside the caller's transaction; its photo stays.

    Returns:
        Whether it was thought to be present.
    """
    return bool(
        library.connection.execute(
            "UPDATE files SET missing_at = ? WHERE path = ? AND missing_at IS NULL", (now(), key)
        ).rowcount
    )


def drop_file(library: Library, key: bytes) -> None:
    """Forget a path whose photo is known to stand elsewhere now."""
    library.connection.execute("DELETE FROM files WHERE path = ?", (key,))


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


# --- paths as the library keeps them


def prefix_range(folder: Path) -> tuple[bytes, bytes]:
    """Return the bounds between which the paths below a folder sort."""
    below = os.path.join(os.fsencode(folder), b"")  # noqa: PTH118  # pathlib has no bytes
    return below, below[:-1] + bytes([below[-1] + 1])


def as_path(key: bytes) -> Path:
    """Return a stored path; its bytes need not be UTF-8."""
    return Path(os.fsdecode(key))
