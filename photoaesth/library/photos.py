"""Photos: what the library knows of each."""

import itertools
import json
import os
import random
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from photoaesth import __version__
from photoaesth.domain import Exif, Photo
from photoaesth.library import retouches
from photoaesth.library.database import Library, now
from photoaesth.library.filters import PhotoFilter, condition
from photoaesth.library.found import NewPhoto
from photoaesth.library.locations import as_path, attach_file, prefix_range, roots

_EXIF_COLUMNS = (
    "taken_at, camera, lens, focal_length_mm, aperture_f, exposure_time_s, iso, latitude, "
    "longitude, exposure_bias_ev"
)
_DRAWS = 8  # random numbers per photo wanted: enough unless most of a library is gone
_PHOTO_COLUMNS = f"p.id, p.content_hash, p.width, p.height, {_EXIF_COLUMNS}"


def store_photo(library: Library, photo: NewPhoto, *, raw: bytes | None = None) -> int:
    """Store a photo or bring it up to date, inside the caller's transaction.

    A photo is known by its content first, then by its path: content that is known already gets
    one more file; else a file whose content changed in place (a rating written into it, say)
    keeps its photo, and so its choices, unless another file that is present holds the old content.

    Args:
        library: where.
        photo: what was read.
        raw: key of the RAW file beside it, whose photo it is if that is known.

    Returns:
        The photo's id.
    """
    connection = library.connection
    photo_id = known = photo_by_content(library, photo.content_hash)
    for key in (photo.file.key, raw):
        if photo_id is None and key is not None:
            photo_id = _sole_photo_of(connection, key)
    values = (
        bytes.fromhex(photo.content_hash),
        photo.width,
        photo.height,
        photo.perceptual_hash,
        *_exif_values(photo.exif),
    )
    if photo_id is None:
        marks = ", ".join("?" * (4 + len(_EXIF_COLUMNS.split(", "))))
        photo_id = connection.execute(
            f"INSERT INTO photos (content_hash, width, height, perceptual_hash, {_EXIF_COLUMNS}) "
            f"VALUES ({marks})",
            values,
        ).lastrowid
    elif known is None:
        assignments = ", ".join(f"{column} = ?" for column in _EXIF_COLUMNS.split(", "))
        connection.execute(
            f"UPDATE photos SET content_hash = ?, width = ?, height = ?, perceptual_hash = ?, "
            f"group_id = NULL, grouped = 0, {assignments} "
            "WHERE id = ?",
            (*values, photo_id),
        )
        # Missing files held the old content; one that comes back is to be read anew.
        connection.execute(
            "DELETE FROM files WHERE photo_id = ? AND missing_at IS NOT NULL", (photo_id,)
        )
        # Derived from the old content, and scores with it; indexing stores the new one right after.
        connection.execute("DELETE FROM embeddings WHERE photo_id = ?", (photo_id,))
    assert photo_id is not None
    attach_file(library, photo.file, photo_id)
    return int(photo_id)


def merge(library: Library, gone: int, *, into: int) -> None:
    """Give what was said of one photo to another that shows the same shot.

    Inside the caller's transaction. What was said of the two against each other, and a rating
    where the other has one, is retracted: no photo compares with itself.

    Args:
        library: where.
        gone: the photo that is one no more.
        into: the photo that stays.
    """
    connection = library.connection
    both = {"gone": gone, "stays": into, "now": now()}
    for side, other in (("left_photo", "right_photo"), ("right_photo", "left_photo")):
        connection.execute(
            f"UPDATE comparisons SET {side} = :stays WHERE {side} = :gone AND {other} <> :stays",
            both,
        )
    connection.execute(
        "UPDATE OR IGNORE ratings SET photo_id = :stays WHERE photo_id = :gone", both
    )
    for table, where in (
        ("comparisons", ":gone IN (left_photo, right_photo)"),
        ("ratings", "photo_id = :gone"),
    ):
        connection.execute(
            f"UPDATE {table} SET retracted_at = :now WHERE retracted_at IS NULL AND {where}", both
        )
    retouches.give_to(library, gone, into=into)
    connection.execute("UPDATE files SET photo_id = :stays WHERE photo_id = :gone", both)
    connection.execute(
        "DELETE FROM photos WHERE id = :gone AND id NOT IN (SELECT left_photo FROM comparisons "
        "UNION SELECT right_photo FROM comparisons UNION SELECT photo_id FROM ratings)",
        both,
    )


# --- photos


@dataclass(frozen=True, slots=True)
class LibraryCounts:
    """How much a library holds.

    Attributes:
        photos: photos with a file that is present, or offline.
        offline: those of them whose files all stand below folders that cannot be reached.
        missing: photos whose files in the indexed folders have all vanished.
        files: files that are present, or offline.
        unreadable: files that this version could not decode.
        pending: present photos that have no embedding yet in the current space.
    """

    photos: int
    offline: int
    missing: int
    files: int
    unreadable: int
    pending: int


def count(library: Library, backbone: str, offline_roots: Iterable[Path] = ()) -> LibraryCounts:
    """Count what the library holds.

    Args:
        library: which.
        backbone: the embedding space that counts as done.
        offline_roots: indexed folders that cannot be reached now.
    """

    def number(query: str, values: Sequence[object] = ()) -> int:
        return int(library.connection.execute(query, values).fetchone()[0])

    # Of a million photos, every walk through an index takes a tenth of a second and every look
    # into a table for each of them a second.
    present = "files WHERE missing_at IS NULL"
    vanished = "files f WHERE missing_at IS NOT NULL"
    photos = reachable = number(f"SELECT count(DISTINCT photo_id) FROM {present}")
    below, bounds = _below(offline_roots)
    if bounds:
        reachable = number(
            f"SELECT count(DISTINCT photo_id) FROM {present} AND NOT ({below})", bounds
        )
    below, bounds = _below(roots(library))
    return LibraryCounts(
        photos=photos,
        offline=photos - reachable,
        missing=number(
            f"SELECT count(DISTINCT photo_id) FROM {vanished} AND ({below}) AND NOT EXISTS "
            "(SELECT 1 FROM files o WHERE o.photo_id = f.photo_id AND o.missing_at IS NULL)",
            bounds,
        ),
        files=number("SELECT count(*) FROM files") - number(f"SELECT count(*) FROM {vanished}"),
        unreadable=number("SELECT count(*) FROM unreadable WHERE version = ?", [__version__]),
        # Where all photos have an embedding none waits; else both sides are merged in order.
        pending=number(
            "SELECT iif((SELECT count(*) FROM embeddings WHERE backbone = ?) = "
            "(SELECT count(*) FROM photos), 0, "
            f"(SELECT count(*) FROM (SELECT photo_id FROM {present} EXCEPT "
            "SELECT photo_id FROM embeddings WHERE backbone = ? ORDER BY photo_id)))",
            [backbone, backbone],
        ),
    )


def comparable_photos(
    library: Library, *, at_most: int, rng: random.Random, chosen: PhotoFilter | None = None
) -> dict[int, int | None]:
    """Draw photos that can be set against each other: with an embedding and a present file.

    Args:
        library: where.
        at_most: how many.
        rng: source of chance.
        chosen: which photos; all when None.

    Returns:
        The group, or None, of each photo: of all of them when there are no more than `at_most`,
        else of a random sample in which each is as likely as any other.
    """
    chosen = chosen or PhotoFilter()
    (last,) = library.connection.execute("SELECT coalesce(max(id), 0) FROM photos").fetchone()
    numbers = range(1, last + 1)
    if last > _DRAWS * at_most:
        drawn = json.dumps(rng.sample(numbers, _DRAWS * at_most))
        found = _comparable(library, chosen, "id IN (SELECT value FROM json_each(?))", drawn)
        if len(found) >= at_most:
            return {photo: found[photo] for photo in rng.sample(list(found), at_most)}
    # A small library, or one of which most is gone or not asked for.
    found = _comparable(library, chosen, "TRUE")
    if len(found) <= at_most:
        return found
    return {photo: found[photo] for photo in rng.sample(list(found), at_most)}


def _comparable(
    library: Library, chosen: PhotoFilter, drawn: str, *values: object
) -> dict[int, int | None]:
    passes, wanted = condition(chosen)
    rows = library.connection.execute(
        f"SELECT id, group_id FROM photos p WHERE {drawn} AND EXISTS "
        f"(SELECT 1 FROM files f WHERE f.photo_id = p.id AND f.missing_at IS NULL AND {passes}) "
        "AND EXISTS (SELECT 1 FROM embeddings e WHERE e.photo_id = p.id) ORDER BY id",
        (*values, *wanted),
    )
    return dict(rows.fetchall())


def photo_by_content(library: Library, content_hash: str) -> int | None:
    """Return the photo with this content, in hex, whether or not a file still holds it."""
    row = library.connection.execute(
        "SELECT id FROM photos WHERE content_hash = ?", (bytes.fromhex(content_hash),)
    ).fetchone()
    return row[0] if row else None


def photo_by_path(library: Library, path: Path) -> Photo | None:
    """Return the photo that an absolute path holds or held."""
    row = library.connection.execute(
        f"SELECT {_PHOTO_COLUMNS}, f.path FROM files f JOIN photos p ON p.id = f.photo_id "
        "WHERE f.path = ?",
        (os.fsencode(path),),
    ).fetchone()
    return _photo(row) if row else None


def photos_by_id(library: Library, ids: Sequence[int]) -> dict[int, Photo]:
    """Return photos by id, each with a file that is present, if there is one, and developed."""
    found: dict[int, Photo] = {}
    for start in range(0, len(ids), 500):  # SQLite limits the number of parameters
        part = ids[start : start + 500]
        marks = ", ".join("?" * len(part))
        rows = library.connection.execute(
            f"SELECT {_PHOTO_COLUMNS}, (SELECT path FROM files f WHERE f.photo_id = p.id ORDER BY "
            "missing_at IS NOT NULL, companion, path LIMIT 1) FROM photos p "
            f"WHERE p.id IN ({marks})",
            part,
        )
        found |= {row[0]: _photo(row) for row in rows}
    return found


def groups_of(library: Library, ids: Sequence[int]) -> dict[int, int]:
    """Return the number of the group of each of the photos that is in one."""
    rows = library.connection.execute(
        "SELECT id, group_id FROM photos WHERE group_id IS NOT NULL "
        "AND id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(ids)),),
    )
    return dict(rows.fetchall())


def _below(folders: Iterable[Path]) -> tuple[str, list[bytes]]:
    """Return an SQL condition that a file stands below one of the folders, with parameters.

    The pluses keep SQLite from looking for these files in another index than the query is about.
    """
    bounds = list(itertools.chain.from_iterable(map(prefix_range, folders)))
    return " OR ".join(["+path >= ? AND +path < ?"] * (len(bounds) // 2)) or "FALSE", bounds


def _sole_photo_of(connection: sqlite3.Connection, key: bytes) -> int | None:
    row = connection.execute(
        "SELECT photo_id FROM files f WHERE path = ? AND NOT EXISTS (SELECT 1 FROM files o "
        "WHERE o.photo_id = f.photo_id AND o.path <> f.path AND o.missing_at IS NULL "
        "AND NOT o.companion)",
        (key,),
    ).fetchone()
    return row[0] if row else None


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
        exif.exposure_bias_ev,
    )


def _photo(row: tuple[object, ...]) -> Photo:
    photo_id, content_hash, width, height, taken_at, *exif, path = row
    return Photo(
        id=photo_id,  # type: ignore[arg-type]  # STRICT tables guarantee the types
        path=as_path(path) if isinstance(path, bytes) else Path(),
        content_hash=content_hash.hex(),  # type: ignore[attr-defined]
        width=width,  # type: ignore[arg-type]
        height=height,  # type: ignore[arg-type]
        exif=Exif(_time(taken_at), *exif),  # type: ignore[arg-type]
    )
