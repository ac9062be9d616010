"""Trained policies, and the rounds of a training that is under way: derived, made again at will."""

import json
from dataclasses import dataclass
from typing import Any

from photoaesth.library.database import Library, now


@dataclass(frozen=True, slots=True)
class StoredRound:
    """What a round of a training that goes on left.

    Attributes:
        number: of the round, from 1.
        enhancement: the enhancement policy after it; None where none is learned.
        head: the ranking policy after it.
    """

    number: int
    enhancement: bytes | None
    head: bytes


def add_policies(
    library: Library,
    profile: int,
    space: str,
    *,
    enhancement: bytes | None,
    report: dict[str, Any],
) -> None:
    """Keep what a training led to in the place of earlier ones, and drop its rounds.

    Args:
        library: where to.
        profile: whose.
        space: name of the embeddings that the enhancement policy reads.
        enhancement: that policy; None if it is not to be used.
        report: what training printed, as JSON values.
    """
    with library.transaction() as connection:
        connection.execute("DELETE FROM policy_rounds WHERE profile_id = ?", (profile,))
        connection.execute(
            "UPDATE policies SET enhancement = NULL WHERE profile_id = ?", (profile,)
        )
        connection.execute(
            "INSERT INTO policies (profile_id, space, enhancement, report, created_at) "
            "VALUES (?, ?, ?, ?, ?)",
            (profile, space, enhancement, json.dumps(report), now()),
        )


def enhancement_policy(library: Library, profile: int, space: str) -> bytes | None:
    """Return the enhancement policy in use; None if the last training kept none.

    Args:
        library: where.
        profile: whose.
        space: name of the embeddings that it has to read.
    """
    row = library.connection.execute(
        "SELECT space, enhancement FROM policies WHERE profile_id = ? ORDER BY id DESC LIMIT 1",
        (profile,),
    ).fetchone()
    return row[1] if row and row[0] == space else None


def add_round(library: Library, profile: int, run: str, part: int, done: StoredRound) -> None:
    """Keep a finished round; those of other runs are given up.

    Args:
        library: where.
        profile: whose.
        run: what the training depends on: only the same training goes on from here.
        part: which of the trainings of a run, a fold for instance.
        done: what it left.
    """
    with library.transaction() as connection:
        connection.execute(
            "DELETE FROM policy_rounds WHERE profile_id = ? AND run <> ?", (profile, run)
        )
        connection.execute(
            "INSERT OR REPLACE INTO policy_rounds VALUES (?, ?, ?, ?, ?, ?)",
            (profile, run, part, done.number, done.enhancement, done.head),
        )


def rounds(library: Library, profile: int, run: str, part: int) -> list[StoredRound]:
    """Return the finished rounds of a part of a run, the first one first."""
    rows = library.connection.execute(
        "SELECT round, enhancement, head FROM policy_rounds "
        "WHERE profile_id = ? AND run = ? AND part = ? ORDER BY round",
        (profile, run, part),
    )
    return [StoredRound(*row) for row in rows]
