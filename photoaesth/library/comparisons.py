"""Choices: append-only facts. Undo retracts; nothing here deletes."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from photoaesth.domain import Comparison, Outcome, Source
from photoaesth.library.database import Library, now


@dataclass(frozen=True, slots=True)
class NewComparison:
    """An answer to be stored.

    Attributes:
        left: photo id.
        right: photo id.
        outcome: the answer.
        uid: identifies it across libraries and repeated imports; made up when None.
        created_at: UTC, ISO 8601; the present when None.
    """

    left: int
    right: int
    outcome: Outcome
    uid: str | None = None
    created_at: str | None = None


def profile_id(library: Library, name: str) -> int:
    """Return the profile's id; a name that is new becomes a profile."""
    find = "SELECT id FROM profiles WHERE name = ?"
    row = library.connection.execute(find, (name,)).fetchone()
    if row is None:  # looked up first, because inserting waits for whoever is writing
        library.connection.execute("INSERT OR IGNORE INTO profiles (name) VALUES (?)", (name,))
        row = library.connection.execute(find, (name,)).fetchone()
    return int(row[0])


def add_comparisons(
    library: Library, profile: int, answers: Sequence[NewComparison], *, source: Source
) -> list[int]:
    """Store answers durably before returning.

    Args:
        library: where to.
        profile: whose answers.
        answers: in the order given; one whose uid the profile has already is passed over, or
            counts again if it was retracted.
        source: how they came about.

    Returns:
        The ids of those that count from now on and did not before.
    """
    ids: list[int] = []
    with library.transaction() as connection:
        for answer in answers:
            cursor = connection.execute(
                "INSERT INTO comparisons "
                "(uid, profile_id, left_photo, right_photo, outcome, source, created_at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (profile_id, uid) "
                "DO UPDATE SET retracted_at = NULL WHERE retracted_at IS NOT NULL RETURNING id",
                (
                    answer.uid or uuid.uuid4().hex,
                    profile,
                    answer.left,
                    answer.right,
                    answer.outcome,
                    source,
                    answer.created_at or now(),
                ),
            )
            ids += [row[0] for row in cursor.fetchall()]
    return ids


def comparisons(library: Library, profile: int) -> list[Comparison]:
    """Return the profile's answers that were not retracted, in the order they were given."""
    rows = library.connection.execute(
        "SELECT id, left_photo, right_photo, outcome, created_at, uid, source FROM comparisons "
        "WHERE profile_id = ? AND retracted_at IS NULL ORDER BY id",
        (profile,),
    )
    return [
        Comparison(number, left, right, Outcome(outcome), created_at, uid, Source(source))
        for number, left, right, outcome, created_at, uid, source in rows
    ]


def retract(library: Library, ids: Sequence[int]) -> None:
    """Mark answers as taken back; they stay in the library."""
    with library.transaction() as connection:
        connection.executemany(
            "UPDATE comparisons SET retracted_at = ? WHERE id = ? AND retracted_at IS NULL",
            [(now(), number) for number in ids],
        )


def reinstate(library: Library, ids: Sequence[int]) -> None:
    """Let answers that were taken back count again."""
    with library.transaction() as connection:
        connection.executemany(
            "UPDATE comparisons SET retracted_at = NULL WHERE id = ?", [(n,) for n in ids]
        )


def count(library: Library, profile: int, *, since: str = "") -> tuple[int, int]:
    """Count the profile's choices and ties, all of them and those made after a time.

    Args:
        library: where.
        profile: whose.
        since: UTC, ISO 8601.
    """
    row = library.connection.execute(
        "SELECT count(*), count(CASE WHEN created_at > ? THEN 1 END) FROM comparisons "
        "WHERE profile_id = ? AND retracted_at IS NULL AND outcome <> 'skip'",
        (since, profile),
    ).fetchone()
    return int(row[0]), int(row[1])


def profiles_with_choices(library: Library, *, without: str) -> list[str]:
    """Return the names of the profiles that have made choices, but for one."""
    rows = library.connection.execute(
        "SELECT name FROM profiles p WHERE name <> ? AND EXISTS "
        "(SELECT 1 FROM comparisons c WHERE c.profile_id = p.id) ORDER BY name",
        (without,),
    )
    return [row[0] for row in rows]
