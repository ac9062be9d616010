"""The photos that pass a filter, and the file by which each is shown."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from photoaesth.domain import GroupKind
from photoaesth.library.database import Library
from photoaesth.library.filters import PhotoFilter, condition
from photoaesth.library.locations import prefix_range, reachable_roots

_ALIKE = frozenset({GroupKind.BURST, GroupKind.NEAR_DUPLICATES})  # one of them is enough


@dataclass(frozen=True, slots=True)
class Shown:
    """How a photo is shown, and the burst, or group of copies, that it is one of."""

    photo_id: int
    path: bytes
    burst: int | None


def shown(library: Library, embeddings: Iterable[int], chosen: PhotoFilter) -> dict[int, Shown]:
    """Return how to show those of some embeddings, given by number, that pass and are present.

    By the first of their files by name that passes, one that can be reached before one on an
    absent drive, and a developed one before a RAW file.
    """
    file, values = _file(library, chosen)
    rows = library.connection.execute(
        f"SELECT e.id, e.photo_id, g.id, g.kind, {file} FROM json_each(?) AS candidate "
        "CROSS JOIN embeddings e ON e.id = candidate.value "
        "CROSS JOIN photos p ON p.id = e.photo_id LEFT JOIN groups g ON g.id = p.group_id",
        # In the order in which they are stored, which is several times as fast.
        (*values, json.dumps(sorted(embeddings))),
    )
    return {
        number: Shown(photo_id, path, group if kind in _ALIKE else None)
        for number, photo_id, group, kind, path in rows
        if path is not None
    }


def passing(library: Library, chosen: PhotoFilter) -> Iterator[tuple[int, str | None]]:
    """Yield the embeddings of all photos that pass, present or not, and when they were taken.

    Some may come twice.
    """
    passes, values = condition(chosen)
    photos = "photos p"
    if chosen.under is not None:
        photos = "files f CROSS JOIN photos p ON p.id = f.photo_id"
    yield from library.connection.execute(
        f"SELECT e.id, p.taken_at FROM {photos} "
        f"CROSS JOIN embeddings e ON e.photo_id = p.id WHERE {passes}",
        values,
    )


def shown_paths(library: Library, chosen: PhotoFilter) -> dict[int, bytes]:
    """Return the embeddings of all photos that pass and are present, and how each is shown.

    As `shown` says it, but in one walk through the files, which for all photos is ten times as
    fast.
    """
    passes, values = condition(chosen)
    rows = library.connection.execute(
        "SELECT e.id, f.companion, f.path FROM files f CROSS JOIN photos p ON p.id = f.photo_id "
        f"CROSS JOIN embeddings e ON e.photo_id = p.id WHERE f.missing_at IS NULL AND {passes}",
        values,
    )
    offline = _offline(library)
    best: dict[int, tuple[bool, int, bytes]] = {}
    for number, companion, path in rows:
        file = (any(low <= path < high for low, high in offline), companion, path)
        if number not in best or file < best[number]:
            best[number] = file
    return {number: path for number, (_, _, path) in best.items()}


def _file(library: Library, chosen: PhotoFilter) -> tuple[str, list[object]]:
    """Return the SQL for the file by which one of `photos p` is shown; with parameters."""
    passes, values = condition(chosen)
    offline = _offline(library)
    absent = " OR ".join(["f.path >= ? AND f.path < ?"] * len(offline)) or "FALSE"
    query = (
        "(SELECT f.path FROM files f WHERE f.photo_id = p.id AND f.missing_at IS NULL "
        f"AND {passes} ORDER BY {absent}, f.companion, f.path LIMIT 1)"
    )
    return query, [*values, *(bound for bounds in offline for bound in bounds)]


def _offline(library: Library) -> list[tuple[bytes, bytes]]:
    """Return the bounds of the paths that cannot be reached now."""
    return [prefix_range(root) for root, there in reachable_roots(library).items() if not there]
