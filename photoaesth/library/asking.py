"""Which pairs are being asked about right now, so that two sittings never ask the same."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from photoaesth.library.database import Library, now

# A sitting that was killed cannot say that it is over. Few look at two photos for so long.
_FORGOTTEN_AFTER = timedelta(minutes=10)


def claim(
    library: Library, profile: int, pair: Sequence[int], sitting: str, *, again: bool = False
) -> bool:
    """Take a pair for a sitting, unless another has it or it was answered.

    Args:
        library: where.
        profile: who is asked.
        pair: two photo ids, in any order.
        sitting: names the sitting among all there are.
        again: also a pair that was answered, to hear it once more.

    Returns:
        Whether the sitting has the pair now.
    """
    one, other = sorted(pair)
    expired = (datetime.now(UTC) - _FORGOTTEN_AFTER).isoformat(timespec="milliseconds")
    values = {
        "profile": profile,
        "one": one,
        "other": other,
        "sitting": sitting,
        "now": now(),
        "expired": expired,
        "again": again,
    }
    with library.transaction() as connection:
        cursor = connection.execute(
            "INSERT INTO asking SELECT :profile, :one, :other, :sitting, :now "
            "WHERE :again OR NOT EXISTS (SELECT 1 FROM comparisons WHERE retracted_at IS NULL "
            "AND profile_id = :profile AND left_photo IN (:one, :other) "
            "AND right_photo IN (:one, :other)) "
            "ON CONFLICT DO UPDATE SET sitting = excluded.sitting, since = excluded.since "
            "WHERE since < :expired",
            values,
        )
        return cursor.rowcount == 1


def release(library: Library, sitting: str, pair: Sequence[int] | None = None) -> None:
    """Give back a pair that a sitting holds, photo ids in any order; all of them when None."""
    with library.transaction() as connection:
        if pair is None:
            connection.execute("DELETE FROM asking WHERE sitting = ?", (sitting,))
        else:
            connection.execute(
                "DELETE FROM asking WHERE sitting = ? AND one_photo = ? AND other_photo = ?",
                (sitting, *sorted(pair)),
            )
