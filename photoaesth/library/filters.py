"""Which photos somebody wants to see."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from photoaesth.library.locations import prefix_range

# The names of the cameras, each found by one step through the index.
_CAMERAS = """
WITH RECURSIVE cameras(name) AS (
    SELECT min(camera) FROM photos UNION ALL
    SELECT (SELECT min(camera) FROM photos WHERE camera > name) FROM cameras
    WHERE name IS NOT NULL
)
SELECT name FROM cameras WHERE instr(lower(name), lower(?)) > 0
"""


@dataclass(frozen=True, slots=True)
class PhotoFilter:
    """Which photos something is about; the empty filter means all.

    Attributes:
        under: only files in or below this folder, absolute.
        since: only photos taken on this day or later.
        until: only photos taken on this day or earlier.
        camera: only cameras whose name contains this text, in any case.
        one_per_burst: of a burst or of near-duplicates only the foremost; brackets and panoramas
            stay whole, for their frames are of no use alone.
    """

    under: Path | None = None
    since: date | None = None
    until: date | None = None
    camera: str | None = None
    one_per_burst: bool = False


def condition(chosen: PhotoFilter) -> tuple[str, list[object]]:
    """Return an SQL condition on `photos p` and, for a folder, `files f`; with parameters.

    `one_per_burst` is not in it: which one that is depends on the ranking.
    """
    conditions, values = list[str](), list[object]()
    if chosen.under is not None:
        conditions.append("f.path >= ? AND f.path < ?")
        values += prefix_range(chosen.under)
    if chosen.since is not None:
        conditions.append("p.taken_at >= ?")
        values.append(chosen.since.isoformat())
    if chosen.until is not None:
        conditions.append("p.taken_at < ?")
        values.append(f"{chosen.until.isoformat()}~")  # sorts after every time of that day
    if chosen.camera is not None:
        conditions.append(f"p.camera IN ({_CAMERAS})")
        values.append(chosen.camera)
    return " AND ".join(conditions) or "TRUE", values
