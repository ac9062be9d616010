"""Groups of photos that belong together: bursts, brackets, panoramas, near-duplicates."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from photoaesth.domain import Exif, GroupKind, Outcome, Source
from photoaesth.library.database import Library
from photoaesth.library.filters import PhotoFilter, condition

_PAUSE = timedelta(minutes=10)  # no series goes on after it

_PRESENT = (
    "EXISTS (SELECT 1 FROM files f WHERE f.photo_id = p.id AND f.missing_at IS NULL) "
    "AND EXISTS (SELECT 1 FROM embeddings e WHERE e.photo_id = p.id AND e.backbone = :space)"
)


class Taken(NamedTuple):
    """A photo with what tells whether it is part of a series."""

    photo: int
    width: int
    height: int
    perceptual_hash: int
    exif: Exif


class Day(NamedTuple):
    """A day on which a camera took photos; None is a camera that gave no name."""

    camera: str | None
    day: str


def days_to_group(library: Library) -> Iterator[Day]:
    """Yield the cameras and days of photos that are new since they were grouped last."""
    rows = library.connection.execute(
        "SELECT DISTINCT camera, substr(taken_at, 1, 10) FROM photos "
        "WHERE NOT grouped AND taken_at IS NOT NULL ORDER BY 1, 2"
    )
    yield from [Day(*row) for row in rows]


def taken_on(library: Library, day: Day, space: str) -> list[Taken]:
    """Return the photos that a camera took on a day, in order of time.

    Those before and after midnight that may be part of a series across it belong to them.

    Args:
        library: where.
        day: which.
        space: the embedding space that they have an embedding in; others are left out.
    """
    midnight, one_day = datetime.fromisoformat(day.day), timedelta(days=1)
    rows = library.connection.execute(
        "SELECT id, width, height, perceptual_hash, taken_at, focal_length_mm, aperture_f, "
        "exposure_time_s, iso, exposure_bias_ev FROM photos p "
        "WHERE camera IS :camera AND taken_at >= :low AND taken_at < :high "
        f"AND {_PRESENT} ORDER BY taken_at, id",
        {
            "camera": day.camera,
            "low": (midnight - one_day).isoformat(),
            "high": (midnight + 2 * one_day).isoformat(),
            "space": space,
        },
    ).fetchall()
    times = [datetime.fromisoformat(row[4]) for row in rows]
    first = bisect_left(times, midnight)
    end = bisect_left(times, midnight + one_day)
    while 0 < first < len(times) and times[first] - times[first - 1] < _PAUSE:
        first -= 1
    while 0 < end < len(times) and times[end] - times[end - 1] < _PAUSE:
        end += 1
    return [
        Taken(photo, width, height, perceptual_hash, _exif(day.camera, taken_at, *others))
        for taken_at, (photo, width, height, perceptual_hash, _, *others) in zip(
            times[first:end], rows[first:end], strict=True
        )
    ]


def _exif(
    camera: str | None,
    taken_at: datetime,
    focal_length_mm: float | None,
    aperture_f: float | None,
    exposure_time_s: float | None,
    iso: int | None,
    exposure_bias_ev: float | None,
) -> Exif:
    return Exif(
        taken_at=taken_at,
        camera=camera,
        focal_length_mm=focal_length_mm,
        aperture_f=aperture_f,
        exposure_time_s=exposure_time_s,
        iso=iso,
        exposure_bias_ev=exposure_bias_ev,
    )


def groups_to_cull(library: Library) -> list[int]:
    """Return the bursts and groups of near-duplicates, the latest indexed first."""
    rows = library.connection.execute(
        "SELECT id FROM groups WHERE kind IN (?, ?) ORDER BY id DESC",
        (GroupKind.BURST, GroupKind.NEAR_DUPLICATES),
    )
    return [row[0] for row in rows]


def contenders(library: Library, profile: int, group: int, chosen: PhotoFilter) -> list[int]:
    """Return the photos of a group that may be its keeper, in order of time.

    These are the present ones that pass, without those that were asked about and not chosen.
    """
    possible, values = _may_be_keeper(profile, chosen)
    rows = library.connection.execute(
        f"SELECT id FROM photos p WHERE group_id = ? AND {possible} ORDER BY taken_at, id",
        (group, *values),
    )
    return [row[0] for row in rows]


def count_to_cull(library: Library, profile: int, chosen: PhotoFilter) -> int:
    """Return in how many bursts and groups of near-duplicates more than one may be the keeper."""
    possible, values = _may_be_keeper(profile, chosen)
    row = library.connection.execute(
        "SELECT count(*) FROM (SELECT 1 FROM groups g JOIN photos p ON p.group_id = g.id "
        f"WHERE g.kind IN (?, ?) AND {possible} GROUP BY g.id HAVING count(*) > 1)",
        (GroupKind.BURST, GroupKind.NEAR_DUPLICATES, *values),
    ).fetchone()
    return int(row[0])


def _may_be_keeper(profile: int, chosen: PhotoFilter) -> tuple[str, list[object]]:
    """Return an SQL condition on `photos p` that one may be its group's keeper; with parameters."""
    passes, values = condition(chosen)
    present = "f.photo_id = p.id AND f.missing_at IS NULL"
    conditions = [f"EXISTS (SELECT 1 FROM files f WHERE {present} AND {passes})"]
    for side, chosen_side in (("left_photo", Outcome.LEFT), ("right_photo", Outcome.RIGHT)):
        conditions.append(
            f"NOT EXISTS (SELECT 1 FROM comparisons c WHERE c.{side} = p.id AND c.profile_id = ? "
            "AND c.retracted_at IS NULL AND c.source = ? AND c.outcome <> ?)"
        )
        values += [profile, Source.BURST, chosen_side]
    return " AND ".join(conditions), values


def dissolve(library: Library, photos: Sequence[int]) -> None:
    """Take photos, and all others of their groups, out of them, in the caller's transaction."""
    ours = [(photo,) for photo in photos]
    library.connection.execute(
        "CREATE TEMP TABLE IF NOT EXISTS dissolved (group_id INTEGER PRIMARY KEY)"
    )
    library.connection.execute("DELETE FROM dissolved")
    library.connection.executemany(
        "INSERT OR IGNORE INTO dissolved "
        "SELECT group_id FROM photos WHERE id = ? AND group_id IS NOT NULL",
        ours,
    )
    library.connection.execute(
        "UPDATE photos SET group_id = NULL, grouped = 0 "
        "WHERE group_id IN (SELECT group_id FROM dissolved)"
    )
    library.connection.execute("DELETE FROM groups WHERE id IN (SELECT group_id FROM dissolved)")


def add_group(library: Library, kind: GroupKind, photos: Iterable[int]) -> int:
    """Put photos into a new group, in the caller's transaction; return its number."""
    number = library.connection.execute("INSERT INTO groups (kind) VALUES (?)", (kind,)).lastrowid
    assert number is not None
    library.connection.executemany(
        "UPDATE photos SET group_id = ? WHERE id = ?", [(number, photo) for photo in photos]
    )
    return number


def add_copies(library: Library, copies: dict[int, int]) -> None:
    """Put near-duplicates into the group of what they copy, in the caller's transaction.

    Args:
        library: where.
        copies: for each copy its original; one that is in no group begins one with it.
    """
    begun: dict[int, int] = {}
    for copy, original in copies.items():
        group = begun.get(original) or group_of(library, original)
        if group is None:
            group = add_group(library, GroupKind.NEAR_DUPLICATES, [original])
        begun[original] = group
        library.connection.execute("UPDATE photos SET group_id = ? WHERE id = ?", (group, copy))


def group_of(library: Library, photo: int) -> int | None:
    """Return the number of the group that a photo is in."""
    row = library.connection.execute(
        "SELECT group_id FROM photos WHERE id = ?", (photo,)
    ).fetchone()
    return row[0] if row else None


def hashes_of_new(library: Library, space: str) -> NDArray[np.int64]:
    """Return new photos in no group and their perceptual hashes, `(N, 2)`, oldest first."""
    return _numbers(
        library.connection.execute(
            "SELECT id, perceptual_hash FROM photos p "
            f"WHERE NOT grouped AND group_id IS NULL AND {_PRESENT} ORDER BY id",
            {"space": space},
        )
    )


def hashes_of_originals(library: Library, space: str) -> NDArray[np.int64]:
    """Return what new photos may copy and its perceptual hashes, `(N, 2)`, oldest first.

    These are all other photos but those that are copies themselves.
    """
    return _numbers(
        library.connection.execute(
            "SELECT id, perceptual_hash FROM photos p "
            "WHERE (grouped OR group_id IS NOT NULL) AND (group_id IS NULL OR id = "
            "(SELECT min(q.id) FROM photos q WHERE q.group_id = p.group_id) "
            "OR (SELECT kind FROM groups g WHERE g.id = p.group_id) <> :copies) "
            f"AND {_PRESENT} ORDER BY id",
            {"copies": GroupKind.NEAR_DUPLICATES, "space": space},
        )
    )


def mark_grouped(library: Library) -> None:
    """Note that all photos have been looked at for groups, in the caller's transaction."""
    library.connection.execute("UPDATE photos SET grouped = 1 WHERE NOT grouped")


def _numbers(rows: Iterable[tuple[int, int]]) -> NDArray[np.int64]:
    flat = np.fromiter((number for row in rows for number in row), np.int64)
    return flat.reshape(-1, 2)
