"""The files that hold photos now, and what is known of one whose metadata we rewrote."""

import contextlib
import filecmp
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from photoaesth.library.database import Library
from photoaesth.library.locations import as_path, prefix_range, reachable_roots


@dataclass(frozen=True, slots=True)
class PhotoFile:
    """A file of a photo.

    Attributes:
        photo_id: whose.
        path: where it stands.
        companion: whether it is the RAW file beside a developed one of the same shot.
    """

    photo_id: int
    path: Path
    companion: bool


def photo_files(
    library: Library, *, ids: Sequence[int] | None = None, under: Sequence[Path] = ()
) -> list[PhotoFile]:
    """Return the files that were present when they were indexed, by path.

    Files below folders that cannot be reached now are left out.

    Args:
        library: where.
        ids: of which photos; of all when None.
        under: only these files, and those in or below these folders, absolute; all when empty.
    """
    conditions, values = ["missing_at IS NULL"], list[object]()
    if ids is not None:
        conditions.append("photo_id IN (SELECT value FROM json_each(?))")
        values.append(json.dumps(list(ids)))
    if under:
        conditions.append(f"({' OR '.join(['path = ? OR path >= ? AND path < ?'] * len(under))})")
        for path in under:
            values += [os.fsencode(path), *prefix_range(path)]
    rows = library.connection.execute(
        f"SELECT photo_id, path, companion FROM files WHERE {' AND '.join(conditions)} "
        "ORDER BY path",
        values,
    )
    away = [prefix_range(root) for root, there in reachable_roots(library).items() if not there]
    return [
        PhotoFile(photo_id, as_path(path), bool(companion))
        for photo_id, path, companion in rows
        if not any(low <= path < high for low, high in away)
    ]


def as_indexed(path: Path) -> Path:
    """Return a path as the library has it: absolute, links followed in its folders only."""
    path = path.expanduser()
    return path.resolve() if path.is_dir() else path.parent.resolve() / path.name


def holds_photos(library: Library, folder: Path) -> bool:
    """Return whether a folder itself, not one below it, holds files that are present photos."""
    low, high = prefix_range(as_indexed(folder))
    row = library.connection.execute(
        "SELECT EXISTS (SELECT 1 FROM files WHERE path >= ? AND path < ? "
        "AND missing_at IS NULL AND instr(substr(path, ?), ?) = 0)",
        (low, high, len(low) + 1, os.fsencode(os.sep)),
    ).fetchone()
    return bool(row[0])


def identical_copy(library: Library, file: PhotoFile) -> Path | None:
    """Return another file that holds the same bytes as a photo's; None where there is none.

    Files that cannot be reached now are none, nor are links to the same file.

    Raises:
        OSError: the file itself cannot be read.
    """
    for other in photo_files(library, ids=[file.photo_id]):
        if other.path == file.path or other.companion:
            continue
        with contextlib.suppress(FileNotFoundError):
            is_link = os.path.realpath(other.path) == os.path.realpath(file.path)
            if not is_link and filecmp.cmp(file.path, other.path, shallow=False):
                return other.path
    return None


def rewritten(library: Library, file: PhotoFile, content_hash: str) -> str | None:
    """Know a file by its new content after its metadata, and nothing else, were rewritten.

    The photo keeps what was derived from its pixels, and all that was said of it. Of a RAW file
    beside a developed one, and where another photo has that content, only size and time change.

    Args:
        library: where.
        file: which file.
        content_hash: of its content now, hex.

    Returns:
        What the photo was known by until now; None when it still is.
    """
    status = file.path.stat()
    with library.transaction() as connection:
        connection.execute(
            "UPDATE files SET size = ?, mtime_ns = ? WHERE path = ?",
            (status.st_size, status.st_mtime_ns, os.fsencode(file.path)),
        )
        if file.companion:
            return None
        (before,) = connection.execute(
            "SELECT content_hash FROM photos WHERE id = ?", (file.photo_id,)
        ).fetchone()
        changed = connection.execute(
            "UPDATE OR IGNORE photos SET content_hash = ? WHERE id = ?",
            (bytes.fromhex(content_hash), file.photo_id),
        ).rowcount
    return before.hex() if changed else None
