"""Stars and ratings: append-only facts. A new rating supersedes; nothing here deletes."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from photoaesth.library.database import Library, now


@dataclass(frozen=True, slots=True)
class Rating:
    """A rating that counts.

    Attributes:
        value: in [0, 1], higher is better.
        source: what it comes from.
        created_at: when it was stored: UTC, ISO 8601.
    """

    value: float
    source: str
    created_at: str


def set_ratings(
    library: Library, profile: int, values: Mapping[int, float | None], *, source: str
) -> int:
    """Store ratings durably before returning.

    Args:
        library: where to.
        profile: whose ratings.
        values: by photo id, in [0, 1], higher is better; None takes a rating back.
        source: what they come from: `import`, `xmp`, `compare`, `retouch` or
            `rerank`.

    Returns:
        How many photos have another rating than before, or one at last, or none any more.
    """
    with library.transaction() as connection:
        current = ratings(library, profile)
        changed = {p: value for p, value in values.items() if value != current.get(p)}
        connection.executemany(
            "UPDATE ratings SET retracted_at = ? "
            "WHERE profile_id = ? AND photo_id = ? AND retracted_at IS NULL",
            [(now(), profile, photo) for photo in changed],
        )
        connection.executemany(
            "INSERT INTO ratings (uid, profile_id, photo_id, value, source, created_at) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            [
                (uuid.uuid4().hex, profile, photo, value, source, now())
                for photo, value in changed.items()
                if value is not None
            ],
        )
    return len(changed)


def take_back(
    library: Library, profile: int, photos: Sequence[int], *, source: str, since: str, until: str
) -> None:
    """Retract ratings of photos that came from one source; those that they superseded count again.

    Args:
        library: where.
        profile: whose.
        photos: whose ratings, if they are of that source.
        source: what they came from.
        since: UTC, ISO 8601; ratings up to then stay.
        until: the same; later ratings stay.
    """
    with library.transaction() as connection:
        for photo in photos:
            row = connection.execute(
                "SELECT id FROM ratings WHERE profile_id = ? AND photo_id = ? AND source = ? "
                "AND created_at > ? AND created_at <= ? AND retracted_at IS NULL",
                (profile, photo, source, since, until),
            ).fetchone()
            if row is None:
                continue
            connection.execute("UPDATE ratings SET retracted_at = ? WHERE id = ?", (now(), row[0]))
            connection.execute(
                "UPDATE ratings SET retracted_at = NULL WHERE id = (SELECT max(id) FROM ratings "
                "WHERE profile_id = ? AND photo_id = ? AND id < ?)",
                (profile, photo, row[0]),
            )


def ratings(library: Library, profile: int) -> dict[int, float]:
    """Return the profile's ratings that count, in [0, 1], by photo id."""
    rows = library.connection.execute(
        "SELECT photo_id, value FROM ratings WHERE profile_id = ? AND retracted_at IS NULL "
        "ORDER BY photo_id",
        (profile,),
    )
    return dict(rows.fetchall())


def standing(library: Library, profile: int) -> dict[int, Rating]:
    """Return the profile's ratings that count, with where they come from, by photo id."""
    rows = library.connection.execute(
        "SELECT photo_id, value, source, created_at FROM ratings "
        "WHERE profile_id = ? AND retracted_at IS NULL",
        (profile,),
    )
    return {photo: Rating(*rest) for photo, *rest in rows}


def last_from(library: Library, profile: int, source: str) -> dict[int, float]:
    """Return what a source said last of each photo, whether or not that still counts."""
    rows = library.connection.execute(
        "SELECT photo_id, value FROM ratings WHERE profile_id = ? AND source = ? ORDER BY id",
        (profile, source),
    )
    return dict(rows.fetchall())


def count(library: Library, profile: int, *, since: str = "") -> tuple[int, int]:
    """Count the profile's ratings, all of them and those given or taken back after a time.

    Args:
        library: where.
        profile: whose.
        since: UTC, ISO 8601.
    """
    row = library.connection.execute(
        "SELECT count(CASE WHEN retracted_at IS NULL THEN 1 END), "
        "count(DISTINCT CASE WHEN created_at > ? OR retracted_at > ? THEN photo_id END) "
        "FROM ratings WHERE profile_id = ?",
        (since, since, profile),
    ).fetchone()
    return int(row[0]), int(row[1])
