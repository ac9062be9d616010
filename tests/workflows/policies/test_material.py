"""What policies learn from: what is held out together, and lists with enhanced copies in them."""

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from photoaesth.enhance.small_photo import SmallPhoto
from photoaesth.library import comparisons, retouches
from photoaesth.library.database import open_library
from photoaesth.library.retouches import NewOrder
from photoaesth.workflows.policies.alternation import joined_lists
from photoaesth.workflows.policies.material import Edit, Material, Order, deal, read_material

COPY = SmallPhoto(np.full((12, 16, 3), 90, np.uint8))


def edit(photo: int, before: float | None = None, after: float | None = None, **more: Any) -> Edit:
    return Edit(photo, photo, more.get("round", "r"), COPY, {"exposure": 0.5}, before, after)


def material(
    edits: list[Edit], orders: list[Order], groups: dict[int, int] | None = None
) -> Material:
    about = {e.photo for e in edits} | {p for order in orders for p in order.photos}
    embeddings = {photo: np.full(4, photo, np.float16) for photo in about}
    return Material(tuple(edits), tuple(orders), {}, embeddings, groups or {}, 0)


@pytest.mark.parametrize("seed", [0, 1])
def test_everything_is_held_out_once(seed: int) -> None:
    """Each retouch and each order is met in one fold, whose photos are hidden."""
    given = material(
        [edit(photo) for photo in range(20)],
        [Order(n, str(n), tuple(range(4 * n, 4 * n + 4))) for n in range(4)],
    )
    folds = deal(given, seed=seed)
    assert sorted(e.photo for fold in folds for e in fold.edits) == list(range(20))
    assert sorted(o.number for fold in folds for o in fold.orders) == list(range(4))
    for fold in folds:
        left = given.without(fold.hidden)
        seen = {e.photo for e in left.edits} | {p for o in left.orders for p in o.photos}
        met = {e.photo for e in fold.edits} | {p for o in fold.orders for p in o.photos}
        assert seen.isdisjoint(met)
        assert seen | met == set(range(20))


def test_bursts_and_shared_photos_do_not_leak() -> None:
    """With a photo its burst is hidden, and with an order all its photos, wherever they belong."""
    orders = [Order(n, str(n), (2 * n, 2 * n + 1, 2 * n + 2)) for n in range(4)]
    given = material([edit(90), edit(91)], orders, {90: 7, 91: 7})
    for fold in deal(given, seed=0):
        assert (90 in fold.hidden) == (91 in fold.hidden)
        for order in fold.orders:
            assert fold.hidden.issuperset(order.photos)


def test_a_hidden_photo_leaves_a_shorter_order() -> None:
    """What is left of an order keeps its sequence; one photo alone is no order."""
    given = material([], [Order(1, "a", (5, 3, 8)), Order(2, "b", (3, 9))])
    left = given.without(frozenset({3}))
    assert [order.photos for order in left.orders] == [(5, 8)]


def test_an_edit_that_was_rated_higher_ranks_above_its_original() -> None:
    """And one rated lower below; equal ratings leave it open."""
    copies = {n: np.full(4, 100 + n, np.float16) for n in (1, 2, 3)}
    for photo, after, above, below in (
        (1, 0.8, True, False),
        (2, 0.2, False, True),
        (3, 0.5, 0, 0),
    ):
        given = material([edit(photo, 0.5, after)], [Order(1, "r", (photo, 9))])
        (joined,) = joined_lists(given, {photo: copies[photo]})
        assert_array_equal(joined.photos[2], copies[photo])
        assert (joined.above[2, 0], joined.above[0, 2]) == (above, below)
        assert not joined.above[2, 1]  # the other photo was not rated
        assert not joined.above[1, 2]


def test_the_order_says_how_originals_rank_and_ratings_the_rest() -> None:
    """Ratings that contradict the order of originals count for copies only."""
    edits = [edit(1, before=0.2, after=0.9), edit(2, before=0.6, after=0.7)]
    given = material(edits, [Order(1, "r", (1, 2))])
    copies = {1: np.full(4, 101, np.float16), 2: np.full(4, 102, np.float16)}
    (joined,) = joined_lists(given, copies)  # 1, 2, copy of 1, copy of 2
    expected = [[0, 1, 0, 0], [0, 0, 0, 0], [1, 1, 0, 1], [1, 1, 0, 0]]
    assert_array_equal(joined.above, np.array(expected, bool))


def test_rated_rounds_without_an_order_are_lists_of_ratings() -> None:
    """Without an order, ratings rank originals too; without copies nothing is said of them."""
    given = material([edit(1, 0.2, 0.9), edit(2, 0.6, 0.7)], [])
    copies = {1: np.full(4, 101, np.float16), 2: np.full(4, 102, np.float16)}
    (joined,) = joined_lists(given, copies)
    expected = [[0, 0, 0, 0], [1, 0, 0, 0], [1, 1, 0, 1], [1, 1, 0, 0]]
    assert_array_equal(joined.above, np.array(expected, bool))
    assert joined_lists(given, {}) == []


def test_orders_come_after_rounds_that_were_rated_only() -> None:
    """Of too many lists the last ones count, and those are to be orders."""
    given = material([edit(1, 0.2, 0.9, round="rated")], [Order(1, "ordered", (5, 6, 7))])
    joined = joined_lists(given, {1: np.full(4, 101, np.float16)})
    assert [len(one.photos) for one in joined] == [2, 3]


def test_a_round_that_was_ordered_again_counts_once(studio: Any) -> None:
    """The newest order of a round is meant, and its place is that of the newest."""
    first, second = studio.ids[:3], studio.ids[3:6]
    with open_library(studio.library) as library:
        number = comparisons.profile_id(library, "me")
        for photos, round_ in ((first, "a"), (second, "b"), (first[::-1], "a")):
            retouches.add_orders(library, number, [NewOrder(photos, round_)], source="rerank")
        read = read_material(
            library, "me", studio.crowd, seed=0, on_progress=lambda task, done, total: None
        )
    assert [(order.round, list(order.photos)) for order in read.orders] == [
        ("b", second),
        ("a", first[::-1]),
    ]
