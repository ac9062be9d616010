"""Ratings: the newest counts, and nothing is lost."""

import sqlite3
from collections.abc import Callable

import pytest

from photoaesth.library import comparisons, ratings
from photoaesth.library.database import Library


@pytest.fixture
def me(library: Library) -> int:
    return comparisons.profile_id(library, "me")


def history(library: Library) -> list[tuple[float, bool]]:
    """Every value ever stored, and whether it still counts."""
    return library.connection.execute(
        "SELECT value, retracted_at IS NULL FROM ratings ORDER BY id"
    ).fetchall()


def test_the_newest_rating_counts(library: Library, add_photo: Callable[..., int], me: int) -> None:
    """A changed rating supersedes the old one, which stays; the same rating adds nothing."""
    photo = add_photo("a.jpg")
    assert ratings.set_ratings(library, me, {photo: 0.4}, source="import") == 1
    assert ratings.set_ratings(library, me, {photo: 0.4}, source="import") == 0
    assert ratings.set_ratings(library, me, {photo: 0.8}, source="import") == 1
    assert ratings.ratings(library, me) == {photo: 0.8}
    assert history(library) == [(0.4, False), (0.8, True)]


def test_a_rating_can_be_taken_back(
    library: Library, add_photo: Callable[..., int], me: int
) -> None:
    """None retracts what there is; where there is nothing, nothing changes."""
    rated, other = add_photo("a.jpg"), add_photo("b.jpg")
    ratings.set_ratings(library, me, {rated: 0.0}, source="import")
    assert ratings.set_ratings(library, me, {rated: None, other: None}, source="import") == 1
    assert ratings.ratings(library, me) == {}
    assert history(library) == [(0.0, False)]


def test_profiles_rate_on_their_own(
    library: Library, add_photo: Callable[..., int], me: int
) -> None:
    """Two people's ratings of one photo stand side by side."""
    photo, other = add_photo("a.jpg"), comparisons.profile_id(library, "other")
    ratings.set_ratings(library, me, {photo: 0.2}, source="import")
    ratings.set_ratings(library, other, {photo: 1.0}, source="import")
    assert ratings.ratings(library, me) == {photo: 0.2}
    assert ratings.ratings(library, other) == {photo: 1.0}


def test_all_or_nothing(library: Library, add_photo: Callable[..., int], me: int) -> None:
    """A value outside [0, 1] is refused by the schema, and the others with it."""
    photos = [add_photo("a.jpg"), add_photo("b.jpg")]
    with pytest.raises(sqlite3.IntegrityError):
        ratings.set_ratings(library, me, dict(zip(photos, (0.5, 1.5), strict=True)), source="x")
    assert history(library) == []


def test_counting(library: Library, add_photo: Callable[..., int], me: int) -> None:
    """All that count, and the photos with news since a time: new, changed or taken back."""
    a, b, c, d = (add_photo(f"{name}.jpg") for name in "abcd")
    ratings.set_ratings(library, me, {a: 0.1, b: 0.2, c: 0.3}, source="import")
    library.connection.execute("UPDATE ratings SET created_at = '2020-01-01T00:00:00.000+00:00'")
    ratings.set_ratings(library, me, {a: 0.9, b: None, d: 0.4}, source="import")
    assert ratings.count(library, me) == (3, 4)
    assert ratings.count(library, me, since="2021-01-01T00:00:00.000+00:00") == (3, 3)


def test_where_ratings_come_from(library: Library, add_photo: Callable[..., int], me: int) -> None:
    """A rating that counts names its source; what a source said last is known when it counts no
    more."""
    photo, other = add_photo("a.jpg"), add_photo("b.jpg")
    ratings.set_ratings(library, me, {photo: 0.4, other: 1.0}, source="xmp")
    ratings.set_ratings(library, me, {photo: 0.8}, source="compare")
    standing = ratings.standing(library, me)
    assert (standing[photo].value, standing[photo].source) == (0.8, "compare")
    assert standing[other].source == "xmp"
    assert ratings.last_from(library, me, "xmp") == {photo: 0.4, other: 1.0}
