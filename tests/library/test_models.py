"""Embeddings, models and scores in the database."""

import os
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pytest

from photoaesth.library import comparisons, models, photos
from photoaesth.library.database import Library
from photoaesth.library.photos import PhotoFilter

AddPhoto = Callable[..., int]


def embed(library: Library, photo: int, *numbers: float, space: str = "space") -> None:
    with library.transaction():
        models.store_embedding(library, photo, space, np.array(numbers, np.float16))


@pytest.fixture
def generic(library: Library) -> int:
    """The id of the generic model."""
    return models.generic_model(library, "crowd-1").id


def score(library: Library, model: int, **scores: float) -> None:
    ids = [photos.photo_by_path(library, Path(f"/photos/{name}.jpg")).id for name in scores]
    values = np.array(list(scores.values()))
    models.store_scores(library, model, ids, values, np.full(len(ids), 0.25))


def ranked(
    library: Library, model: int, *, limit: int = 99, best_first: bool = True, **chosen: object
) -> list[str]:
    rows = models.ranking(library, model, PhotoFilter(**chosen), limit=limit, best_first=best_first)
    return [Path(os.fsdecode(row.path)).stem for row in rows]


def test_embeddings_come_back_exactly(library: Library, add_photo: AddPhoto) -> None:
    """Float16 vectors are read back bit by bit, of the space asked for and no other."""
    first, second = add_photo("a.jpg"), add_photo("b.jpg")
    vector = np.array([0.1, -65504, 6e-8], np.float16)
    embed(library, first, *vector)
    embed(library, second, 1, 2, 3, space="older")
    found = models.embeddings_of(library, [first, second, 99], "space")
    assert list(found) == [first]
    np.testing.assert_array_equal(found[first], vector)
    assert models.embedded_photos(library, "older") == {second}


def test_unscored_photos_are_handed_out_until_none_is_left(
    library: Library, add_photo: AddPhoto, generic: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Chunks cover every embedded photo without a score once, and only those."""
    monkeypatch.setattr(models, "_CHUNK_ROWS", 2)
    ids = [add_photo(f"{number}.jpg") for number in range(6)]
    for photo in ids[:5]:
        embed(library, photo, photo, 0)
    models.store_scores(library, generic, ids[:1], np.ones(1), np.ones(1))
    chunks = []
    for photo_ids, vectors in models.unscored(library, generic, "space"):
        assert vectors[:, 0].tolist() == photo_ids
        chunks.append(photo_ids)
        models.store_scores(library, generic, photo_ids, vectors[:, 0], vectors[:, 1])
    assert [len(chunk) for chunk in chunks] == [2, 2]
    assert sorted(chunks[0] + chunks[1]) == ids[1:5]


def test_generic_model_is_made_once(library: Library) -> None:
    """The crowd model has one entry per library; another crowd model has another."""
    first = models.generic_model(library, "crowd-1")
    assert models.generic_model(library, "crowd-1") == first
    assert models.generic_model(library, "crowd-2").id != first.id
    assert (first.method, first.kept, first.head) == ("generic", "generic", None)


def test_latest_model_of_a_profile_counts(library: Library, add_photo: AddPhoto) -> None:
    """Training again replaces the scores of the profile's earlier model and nobody else's."""
    photo = add_photo("a.jpg")
    me, other = (comparisons.profile_id(library, name) for name in ("me", "other"))
    assert models.latest_model(library, me) is None
    kept = {"method": "personal", "kept": "personal"}
    old = models.add_model(library, me, "crowd-1", head=b"1", **kept)
    theirs = models.add_model(library, other, "crowd-1", head=b"2", **kept)
    for model in (old, theirs):
        models.store_scores(library, model.id, [photo], np.ones(1), np.ones(1))
    new = models.add_model(library, me, "crowd-1", head=b"3", report={"pairs": 4}, **kept)
    assert models.latest_model(library, me) == new
    assert (new.head, new.report) == (b"3", {"pairs": 4})
    rows = library.connection.execute("SELECT model_id FROM scores").fetchall()
    assert rows == [(theirs.id,)]


def test_ranking_is_by_score_from_either_end(
    library: Library, add_photo: AddPhoto, generic: int
) -> None:
    """Best first or worst first, as many as asked for; equal scores keep a fixed order."""
    for name in "abcd":
        add_photo(f"{name}.jpg")
    score(library, generic, a=5.0, b=9.0, c=1.0, d=5.0)
    assert ranked(library, generic) == ["b", "d", "a", "c"]
    assert ranked(library, generic, best_first=False) == ["c", "a", "d", "b"]
    assert ranked(library, generic, limit=2) == ["b", "d"]
    assert ranked(library, generic, limit=0) == []


def test_ranking_shows_each_present_photo_once(
    library: Library, add_photo: AddPhoto, generic: int
) -> None:
    """Copies appear once, by their first name; a photo whose files are gone does not appear."""
    add_photo("b.jpg", "two files")
    add_photo("a.jpg", "two files")
    add_photo("gone.jpg")
    score(library, generic, a=5.0, gone=9.0)
    with library.transaction():
        photos.mark_missing(library, [Path("/photos/gone.jpg")])
    assert ranked(library, generic) == ["a"]


def test_filters(library: Library, add_photo: AddPhoto, generic: int) -> None:
    """Folder, first and last day and camera each narrow the ranking, alone and together."""

    def day(number: int, hour: int = 12) -> datetime:
        return datetime(2024, 5, number, hour, 59, 59, 999_999)  # noqa: DTZ001 - camera time

    add_photo("x/1.jpg", taken_at=day(1), camera="Kamera X100")
    add_photo("x/2.jpg", taken_at=day(2, 0), camera="Kamera X100")
    add_photo("xy/3.jpg", taken_at=day(2, 23), camera="Other")
    add_photo("xy/4.jpg", taken_at=day(3), camera="Other")
    add_photo("xy/5.jpg")
    score(library, generic, **{"x/1": 5.0, "x/2": 4.0, "xy/3": 3.0, "xy/4": 2.0, "xy/5": 1.0})
    may = [date(2024, 5, number) for number in range(1, 5)]
    assert ranked(library, generic) == list("12345")
    assert ranked(library, generic, under=Path("/photos/x")) == list("12")
    assert ranked(library, generic, since=may[1]) == list("234")
    assert ranked(library, generic, until=may[1]) == list("123")
    assert ranked(library, generic, since=may[1], until=may[1]) == list("23")
    assert ranked(library, generic, camera="kamera x") == list("12")
    assert ranked(library, generic, camera="x", since=may[1]) == ["2"]
    assert ranked(library, generic, camera="100%") == []


def test_copy_is_shown_where_the_filter_looks(
    library: Library, add_photo: AddPhoto, generic: int
) -> None:
    """Of a photo with two files, the one below the folder asked for is shown."""
    add_photo("a/first.jpg", "same")
    add_photo("b/second.jpg", "same")
    score(library, generic, **{"a/first": 5.0})
    assert ranked(library, generic, under=Path("/photos/b")) == ["second"]
