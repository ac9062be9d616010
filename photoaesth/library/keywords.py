"""The keywords that photographers gave their photos, as `xmp import` found them.

A hierarchical keyword keeps its levels: `places|Italy|Rome`. Upper and lower case are the same.
"""

import json
from collections.abc import Iterable, Sequence

from photoaesth.library.database import Library


def set_keywords(library: Library, photo_id: int, keywords: Iterable[str]) -> None:
    """Replace the keywords of a photo, inside the caller's transaction if there is one.

    Args:
        library: where.
        photo_id: whose.
        keywords: flat or with `|` between levels; empty ones are dropped.
    """
    connection = library.connection
    connection.execute("DELETE FROM keywords WHERE photo_id = ?", (photo_id,))
    connection.executemany(
        "INSERT OR IGNORE INTO keywords (photo_id, keyword) VALUES (?, ?)",
        [(photo_id, keyword) for keyword in keywords if keyword],
    )


def keywords_of(library: Library, ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Return the keywords of those of the photos that have any, sorted."""
    rows = library.connection.execute(
        "SELECT photo_id, keyword FROM keywords "
        "WHERE photo_id IN (SELECT value FROM json_each(?)) ORDER BY photo_id, keyword",
        (json.dumps(list(ids)),),
    )
    found: dict[int, tuple[str, ...]] = {}
    for photo_id, keyword in rows:
        found[photo_id] = (*found.get(photo_id, ()), keyword)
    return found
