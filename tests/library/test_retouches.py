"""Retouches and orders: durable, taken back without being lost, stored once."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from photoaesth.library import comparisons, retouches
from photoaesth.library.database import Library, open_library
from photoaesth.library.retouches import NewOrder, NewRetouch


@pytest.fixture
def me(library: Library) -> int:
    return comparisons.profile_id(library, "me")


def _rows(library: Library, table: str) -> list[tuple[str, bool]]:
    """The uid of every row, and whether it still counts."""
    return library.connection.execute(
        f"SELECT uid, retracted_at IS NULL FROM {table} ORDER BY id"  # noqa: S608 - our own names
    ).fetchall()


def test_a_retouch_comes_back_as_it_was_stored(
    library: Library, add_photo: Callable[..., int], me: int
) -> None:
    """All of it, from another connection; what was left open is made up or None."""
    photo = add_photo("a.jpg")
    given = NewRetouch(photo, "round", {"exposure": 0.3}, 0.4, 0.9, "uid", "2026-01-01T00:00:00Z")
    retouches.add_retouches(library, me, [given, NewRetouch(photo, "", {})], source="retouch")
    with open_library(library.path) as other:
        first, second = retouches.retouches(other, me)
    for name in ("photo", "round", "parameters", "rating_before", "rating_after", "uid"):
        assert getattr(first, name) == getattr(given, name)
    assert (first.created_at, first.source) == (given.created_at, "retouch")
    assert (second.rating_before, second.rating_after) == (None, None)
    assert len(second.uid) == 32
    assert second.created_at > "2026"


def test_a_uid_counts_once(library: Library, add_photo: Callable[..., int], me: int) -> None:
    """What is known is passed over; what was retracted counts again; profiles are apart."""
    edit = NewRetouch(add_photo("a.jpg"), "r", {}, uid="x")
    (stored,) = retouches.add_retouches(library, me, [edit], source="retouch")
    assert retouches.add_retouches(library, me, [edit], source="import") == []
    assert retouches.knows_retouch(library, me, "x")
    retouches.retract_retouch(library, stored.id)
    assert not retouches.knows_retouch(library, me, "x")
    assert retouches.add_retouches(library, me, [edit], source="import") == [stored]
    other = comparisons.profile_id(library, "other")
    assert retouches.retouches(library, other) == []
    assert len(retouches.add_retouches(library, other, [edit], source="import")) == 1
    assert _rows(library, "retouches") == [("x", True), ("x", True)]


def test_what_is_taken_back_stays_in_the_library(
    library: Library, add_photo: Callable[..., int], me: int
) -> None:
    """Retracted retouches and orders are marked and not returned."""
    photos = [add_photo(name) for name in ("a.jpg", "b.jpg")]
    edits = [NewRetouch(photo, "r", {}, uid=str(photo)) for photo in photos]
    first, second = retouches.add_retouches(library, me, edits, source="retouch")
    (order,) = retouches.add_orders(library, me, [NewOrder(photos, "r", "o")], source="rerank")
    assert retouches.orders(library, me) == [order]
    assert order.photos == tuple(photos)
    retouches.retract_retouch(library, first.id)
    retouches.retract_order(library, order.id)
    assert retouches.retouches(library, me) == [second]
    assert retouches.orders(library, me) == []
    assert _rows(library, "retouches") == [(first.uid, False), (second.uid, True)]
    assert _rows(library, "orders") == [("o", False)]


@pytest.mark.parametrize("rating", [-0.1, 1.1, 7])
def test_all_or_nothing(
    library: Library, add_photo: Callable[..., int], me: int, rating: float
) -> None:
    """A rating outside [0, 1] is refused by the schema, and the others with it."""
    photo = add_photo("a.jpg")
    edits = [NewRetouch(photo, "r", {}), NewRetouch(photo, "r", {}, rating_after=rating)]
    with pytest.raises(sqlite3.IntegrityError):
        retouches.add_retouches(library, me, edits, source="retouch")
    assert _rows(library, "retouches") == []


def test_a_photo_that_is_another_takes_its_edits_along(
    library: Library, add_photo: Callable[..., int], me: int
) -> None:
    """Retouches go to the photo that stays; an order has it once, at the better place."""
    a, b, c = (add_photo(f"{name}.jpg") for name in "abc")
    retouches.add_retouches(library, me, [NewRetouch(a, "r", {"tint": 0.1})], source="retouch")
    retouches.add_orders(
        library, me, [NewOrder([a, c, b], "r"), NewOrder([c, b], "r")], source="rerank"
    )
    with library.transaction():
        retouches.give_to(library, a, into=b)
    assert [edit.photo for edit in retouches.retouches(library, me)] == [b]
    assert [order.photos for order in retouches.orders(library, me)] == [(b, c), (c, b)]


def test_a_kill_leaves_what_was_stored(
    library: Library, add_photo: Callable[..., int], me: int, tmp_path: Path
) -> None:
    """A copy of the files as they lie on disk, with the library open, holds the retouch."""
    import shutil

    photo = add_photo("a.jpg")
    retouches.add_retouches(library, me, [NewRetouch(photo, "r", {}, uid="x")], source="retouch")
    (tmp_path / "after").mkdir()
    for file in library.path.parent.glob("library.db*"):
        shutil.copy(file, tmp_path / "after")
    with open_library(tmp_path / "after" / "library.db") as other:
        assert retouches.knows_retouch(other, me, "x")
