"""What the rounds of retouching and reranking left: append-only facts. Undo retracts them."""

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from photoaesth.library.database import Library, now


@dataclass(frozen=True, slots=True)
class NewRetouch:
    """A photographer's edit of a photo, to be stored.

    Attributes:
        photo: photo id.
        round: which photos were retouched together, to be reranked together.
        parameters: values by name as in the registry of operations; those left out are at their
            identity.
        rating_before: of the original, in [0, 1]; None if it was not rated.
        rating_after: of the edit, the same.
        uid: identifies it across libraries and repeated imports; made up when None.
        created_at: UTC, ISO 8601; the present when None.
    """

    photo: int
    round: str
    parameters: Mapping[str, float]
    rating_before: float | None = None
    rating_after: float | None = None
    uid: str | None = None
    created_at: str | None = None


@dataclass(frozen=True, slots=True)
class Retouch:
    """A stored edit; see `NewRetouch`.

    Attributes:
        id: the library's number for it.
        source: how it came about: `retouch` on the page, `import` from a file.
    """

    id: int
    photo: int
    round: str
    parameters: dict[str, float]
    rating_before: float | None
    rating_after: float | None
    uid: str
    created_at: str
    source: str


@dataclass(frozen=True, slots=True)
class NewOrder:
    """Photos as the photographer put them in order, to be stored.

    Attributes:
        photos: photo ids, the best first.
        round: of the retouches of these photos.
        uid: identifies it across libraries and repeated imports; made up when None.
        created_at: UTC, ISO 8601; the present when None.
    """

    photos: Sequence[int]
    round: str
    uid: str | None = None
    created_at: str | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """A stored order; see `NewOrder`.

    Attributes:
        id: the library's number for it.
        source: how it came about: `rerank` on the page, `import` from a file.
    """

    id: int
    photos: tuple[int, ...]
    round: str
    uid: str
    created_at: str
    source: str


# --- retouches


def add_retouches(
    library: Library, profile: int, edits: Iterable[NewRetouch], *, source: str
) -> list[Retouch]:
    """Store edits durably before returning.

    Args:
        library: where to.
        profile: whose.
        edits: one whose uid the profile has already is passed over, or counts again if it was
            retracted.
        source: `retouch` or `import`.

    Returns:
        Those that count from now on and did not before.
    """
    found = []
    with library.transaction() as connection:
        for edit in edits:
            cursor = connection.execute(
                "INSERT INTO retouches (uid, profile_id, photo_id, round, parameters, "
                "rating_before, rating_after, source, created_at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (profile_id, uid) DO UPDATE SET "
                f"retracted_at = NULL WHERE retracted_at IS NOT NULL RETURNING {_RETOUCH}",
                (
                    edit.uid or uuid.uuid4().hex,
                    profile,
                    edit.photo,
                    edit.round,
                    json.dumps(dict(edit.parameters)),
                    edit.rating_before,
                    edit.rating_after,
                    source,
                    edit.created_at or now(),
                ),
            )
            found += [_retouch(row) for row in cursor.fetchall()]
    return found


def retouches(library: Library, profile: int) -> list[Retouch]:
    """Return the profile's edits that were not retracted, in the order they were stored."""
    rows = library.connection.execute(
        f"SELECT {_RETOUCH} FROM retouches "
        "WHERE profile_id = ? AND retracted_at IS NULL ORDER BY id",
        (profile,),
    )
    return [_retouch(row) for row in rows]


def knows_retouch(library: Library, profile: int, uid: str) -> bool:
    """Return whether the profile has an edit with that uid that was not retracted."""
    row = library.connection.execute(
        "SELECT 1 FROM retouches WHERE profile_id = ? AND uid = ? AND retracted_at IS NULL",
        (profile, uid),
    ).fetchone()
    return row is not None


def retract_retouch(library: Library, number: int) -> None:
    """Mark an edit as taken back; it stays in the library."""
    _retract(library, "retouches", number)


# --- orders


def add_orders(
    library: Library, profile: int, orders: Iterable[NewOrder], *, source: str
) -> list[Order]:
    """Store orders durably before returning; as `add_retouches` does, with `rerank` as a source."""
    found = []
    with library.transaction() as connection:
        for order in orders:
            cursor = connection.execute(
                "INSERT INTO orders (uid, profile_id, round, photos, source, created_at) "
                "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (profile_id, uid) DO UPDATE SET "
                f"retracted_at = NULL WHERE retracted_at IS NOT NULL RETURNING {_ORDER}",
                (
                    order.uid or uuid.uuid4().hex,
                    profile,
                    order.round,
                    json.dumps(list(order.photos)),
                    source,
                    order.created_at or now(),
                ),
            )
            found += [_order(row) for row in cursor.fetchall()]
    return found


def orders(library: Library, profile: int) -> list[Order]:
    """Return the profile's orders that were not retracted, in the order they were stored."""
    rows = library.connection.execute(
        f"SELECT {_ORDER} FROM orders WHERE profile_id = ? AND retracted_at IS NULL ORDER BY id",
        (profile,),
    )
    return [_order(row) for row in rows]


def retract_order(library: Library, number: int) -> None:
    """Mark an order as taken back; it stays in the library."""
    _retract(library, "orders", number)


# --- both


def give_to(library: Library, gone: int, *, into: int) -> None:
    """Give what is known of one photo to another that shows the same shot.

    Inside the caller's transaction. An order that has both keeps the better place.
    """
    connection = library.connection
    connection.execute("UPDATE retouches SET photo_id = ? WHERE photo_id = ?", (into, gone))
    rows = connection.execute(
        "SELECT id, photos FROM orders WHERE EXISTS "
        "(SELECT 1 FROM json_each(photos) WHERE value = ?)",
        (gone,),
    )
    for number, photos in rows.fetchall():
        moved = dict.fromkeys(into if photo == gone else photo for photo in json.loads(photos))
        connection.execute(
            "UPDATE orders SET photos = ? WHERE id = ?", (json.dumps(list(moved)), number)
        )


_RETOUCH = "id, photo_id, round, parameters, rating_before, rating_after, uid, created_at, source"
_ORDER = "id, photos, round, uid, created_at, source"


def _retouch(row: tuple[object, ...]) -> Retouch:
    number, photo, round_, parameters, *others = row
    values = json.loads(parameters)  # type: ignore[arg-type]  # STRICT tables guarantee the types
    return Retouch(number, photo, round_, values, *others)  # type: ignore[arg-type]


def _order(row: tuple[object, ...]) -> Order:
    number, photos, *others = row
    return Order(number, tuple(json.loads(photos)), *others)  # type: ignore[arg-type]


def _retract(library: Library, table: str, number: int) -> None:
    with library.transaction() as connection:
        connection.execute(
            f"UPDATE {table} SET retracted_at = ? WHERE id = ? AND retracted_at IS NULL",
            (now(), number),
        )
