"""What was measured of photos: a vector of attributes and the labels that hold.

Derived, like embeddings: rows that another version of the attributes wrote do not count, and are
measured again. What the numbers mean is the business of `photoaesth.attributes`.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photoaesth.library.database import Library

_PRESENT = "EXISTS (SELECT 1 FROM files f WHERE f.photo_id = p.id AND f.missing_at IS NULL)"


@dataclass(frozen=True, slots=True)
class Layout:
    """Which attributes are current.

    Attributes:
        version: identifies them; changes with any formula.
        size: A, how many numbers there are of a photo.
    """

    version: str
    size: int


@dataclass(frozen=True, slots=True)
class AttributeTable:
    """Attributes and labels of photos.

    Attributes:
        photos: `(N,)` int64 ids, ascending unless they were asked for in another order.
        values: `(N, A)` float32; NaN where unknown.
        labels: `(N,)` int64; bit i says that label i holds.
    """

    photos: NDArray[np.int64]
    values: NDArray[np.float32]
    labels: NDArray[np.int64]


def store(
    library: Library, layout: Layout, photo_id: int, values: NDArray[np.floating], labels: int
) -> None:
    """Keep what was measured of a photo, inside the caller's transaction.

    Args:
        library: where.
        layout: of `values`.
        photo_id: whose.
        values: `(A,)`; kept in half precision.
        labels: bitmask.
    """
    library.connection.execute(
        "INSERT OR REPLACE INTO attributes (photo_id, version, vector, labels) VALUES (?, ?, ?, ?)",
        (photo_id, layout.version, values.astype("<f2").tobytes(), labels),
    )


def attributes_of(
    library: Library, layout: Layout, ids: Sequence[int] | None = None
) -> AttributeTable:
    """Return what is stored of photos; nothing is measured.

    Args:
        library: where.
        layout: the current one.
        ids: which photos, in this order; all that are present when None.
    """
    if ids is None:
        rows = library.connection.execute(f"SELECT id FROM photos p WHERE {_PRESENT} ORDER BY id")
        ids = [photo for (photo,) in rows]
    found = library.connection.execute(
        "SELECT photo_id, vector, labels FROM attributes WHERE version = ? AND photo_id IN "
        "(SELECT value FROM json_each(?))",
        (layout.version, json.dumps(list(map(int, ids)))),
    )
    photos = np.array(ids, np.int64)
    values = np.full((len(photos), layout.size), np.nan, np.float32)
    labels = np.zeros(len(photos), np.int64)
    row_of = {int(photo): row for row, photo in enumerate(photos)}
    for photo, vector, mask in found:
        row = row_of[photo]
        values[row] = np.frombuffer(vector, "<f2")
        labels[row] = mask
    return AttributeTable(photos, values, labels)


def unmeasured(library: Library, layout: Layout) -> list[int]:
    """Return the photos that are present and have no attributes of the current layout."""
    rows = library.connection.execute(
        f"SELECT id FROM photos p WHERE {_PRESENT} AND NOT EXISTS "
        "(SELECT 1 FROM attributes a WHERE a.photo_id = p.id AND a.version = ?) ORDER BY id",
        (layout.version,),
    )
    return [photo for (photo,) in rows]
