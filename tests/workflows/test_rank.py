"""Ranking the library."""

import shutil
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from photoaesth.attributes import mask_of
from photoaesth.errors import PhotoaesthError
from photoaesth.learning.crowd import OPINIONS, load_crowd_model
from photoaesth.library import attributes, comparisons, models, photos, ratings
from photoaesth.library.database import open_library
from photoaesth.library.keywords import set_keywords
from photoaesth.workflows.looks import LAYOUT
from photoaesth.workflows.rank import (
    Order,
    Period,
    PhotoFilter,
    Query,
    rank,
    rank_library,
)


def test_best_and_worst_are_the_two_ends(album) -> None:
    """Best first and worst first are the same order reversed; rank counts from the end shown."""
    best = rank(album.library, "me", Query(count=99)).photos
    worst = rank(album.library, "me", Query(count=99, order=Order.WORST)).photos
    assert [photo.path for photo in worst] == [photo.path for photo in best][::-1]
    scores = [photo.score for photo in best]
    assert scores == sorted(scores, reverse=True)
    assert [photo.rank for photo in best] == [photo.rank for photo in worst] == list(range(1, 21))
    top = rank(album.library, "me", Query(count=3)).photos
    assert [photo.path for photo in top] == [photo.path for photo in best[:3]]


def test_filters_narrow_the_ranking(album, monkeypatch: pytest.MonkeyPatch) -> None:
    """Folder, days and camera keep exactly the photos they describe, in the same order."""
    everything = rank(album.library, "me", Query(count=99)).photos

    def names(**chosen: object) -> list[str]:
        report = rank(album.library, "me", Query(PhotoFilter(**chosen), count=99))
        return [photo.path.name for photo in report.photos]

    record = everything[0].photo
    assert record is not None
    folder, day, camera = record.path.parent, record.exif.taken_at.date(), record.exif.camera
    expected = [p.path.name for p in everything if p.path.parent == folder]
    assert 0 < len(expected) < 20
    assert names(under=folder) == expected
    monkeypatch.chdir(folder)
    assert names(under=Path()) == expected
    with pytest.raises(PhotoaesthError, match="there is no folder"):
        names(under=folder / "nowhere")

    def taken(photo) -> date:
        return photo.photo.exif.taken_at.date()

    assert names(since=day) == [p.path.name for p in everything if taken(p) >= day]
    assert names(until=day) == [p.path.name for p in everything if taken(p) <= day]
    some = camera.split()[-1].lower()
    assert names(camera=some) == [
        p.path.name for p in everything if some in p.photo.exif.camera.lower()
    ]


def test_copies_and_missing_photos(place) -> None:
    """A photo with two files stands in the ranking once; a vanished one does not."""
    a, b, c = place.add("a.jpg", "b.jpg", "c.jpg")
    shutil.copyfile(a, place.root / "copy.jpg")
    place.index()
    c.unlink()
    place.index()
    ranked = rank(place.library, "me", Query(count=99)).photos
    assert sorted(photo.path for photo in ranked) == [a, b]


def test_empty_library_ranks_nothing(tmp_path: Path) -> None:
    """Without photos there is an empty ranking and the note of the generic model."""
    with open_library(tmp_path / "library.db", create=True):
        pass
    report = rank(tmp_path / "library.db", "me", Query(count=5))
    assert (report.photos, report.personal) == ([], False)
    assert "not trained yet" in report.note


def test_photo_changed_in_place_is_scored_anew(place) -> None:
    """After an edit was indexed, the ranking shows the new picture's score."""
    a, b = place.add("a.jpg", "b.jpg")
    place.index()
    before = {photo.path: photo.score for photo in rank(place.library, "me", Query(count=9)).photos}
    place.draw(a, seed=99)
    place.index()
    with open_library(place.library) as library:
        assert library.connection.execute("SELECT count(*) FROM photos").fetchone() == (2,)
    after = {photo.path: photo.score for photo in rank(place.library, "me", Query(count=9)).photos}
    assert after[a] != before[a]
    assert after[b] == before[b]


def test_rated_photos_are_those_of_the_profile_that_asks(place) -> None:
    """What one profile rated is not rated for another."""
    a, b = place.add("a.jpg", "b.jpg")
    place.index()
    with open_library(place.library) as library:
        me = comparisons.profile_id(library, "me")
        photo = photos.photo_by_path(library, a).id
        ratings.set_ratings(library, me, {photo: 0.7}, source="import")

    def paths(profile: str, *, rated: bool) -> set[Path]:
        report = rank(place.library, profile, Query(PhotoFilter(rated=rated)))
        return {photo.path for photo in report.photos}

    assert (paths("me", rated=True), paths("me", rated=False)) == ({a}, {b})
    assert (paths("other", rated=True), paths("other", rated=False)) == (set(), {a, b})


def test_tags_are_keywords_styles_and_contents(place) -> None:
    """A label counts under its name however its words are joined, and all tags must hold."""
    a, b, c = place.add("a.jpg", "b.jpg", "c.jpg")
    place.index()
    with open_library(place.library) as library:
        ids = [photos.photo_by_path(library, path).id for path in (a, b, c)]
        nothing = np.zeros(LAYOUT.size)
        masks = [mask_of(["low key", "people"]), mask_of(["low key"]), 0]
        with library.transaction():
            for photo, mask in zip(ids, masks, strict=True):
                attributes.store(library, LAYOUT, photo, nothing, mask)
        set_keywords(library, ids[2], ["Low key", "holiday"])

    def tagged(*tags: str) -> set[Path]:
        report = rank(place.library, "me", Query(PhotoFilter(tags=tags)))
        return {photo.path for photo in report.photos}

    assert tagged("low key") == {a, b, c}
    assert tagged("Low-Key") == {a, b}
    assert tagged("low key", "people") == {a}
    assert tagged("low key", "HOLIDAY") == {c}
    assert tagged("holidays") == set()


def test_a_style_is_looked_for_where_it_was_not_yet(place) -> None:
    """Photos that an older version indexed are measured by the first tag that is a label."""
    place.add("a.jpg", "b.jpg")
    place.index()
    with open_library(place.library) as library:
        with library.transaction() as connection:
            connection.execute("DELETE FROM attributes")
        told = list[tuple[int, int]]()
        for tag, left in (("seaside", 2), ("macro", 0)):
            query = Query(PhotoFilter(tags=(tag,)))
            rank_library(library, "me", query, on_progress=lambda *done: told.append(done))
            assert len(attributes.unmeasured(library, LAYOUT)) == left
    assert told == [(2, 2)]


def test_a_diverse_list_is_less_alike_and_little_poorer(album) -> None:
    """It begins with the best photo; the nearest of its photos are farther apart."""
    best = rank(album.library, "me", Query(count=8)).photos
    diverse = rank(album.library, "me", Query(count=8, diverse=True)).photos
    assert diverse[0].path == best[0].path
    assert [photo.rank for photo in diverse] == list(range(1, 9))
    assert _likeness(album, diverse) < _likeness(album, best)
    assert np.mean([p.score for p in diverse]) <= np.mean([p.score for p in best])
    worst = rank(album.library, "me", Query(count=8, order=Order.WORST)).photos
    bad = rank(album.library, "me", Query(count=8, order=Order.WORST, diverse=True)).photos
    assert bad[0].path == worst[0].path
    assert np.mean([p.score for p in bad]) < np.mean([p.score for p in best])


def _likeness(album, shown) -> float:
    with open_library(album.library) as library:
        ids = [photo.photo.id for photo in shown]
        space = load_crowd_model().embedding_name
        vectors = models.embeddings_of(library, ids, space)
    rows = np.stack([vectors[photo] for photo in ids]).astype(float)[:, :-OPINIONS]
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return float(np.mean(np.sort(rows @ rows.T, axis=1)[:, -2]))  # to the nearest other


def test_the_best_of_each_day(album) -> None:
    """As many of each day as asked for, the days in order, each with its best first."""
    everything = rank(album.library, "me", Query(count=99)).photos
    expected: dict[str, list[Path]] = {}
    for photo in everything:
        expected.setdefault(photo.photo.exif.taken_at.date().isoformat(), []).append(photo.path)
    report = rank(album.library, "me", Query(count=2, period=Period.DAY)).photos
    assert [(photo.period, photo.path) for photo in report] == [
        (day, path) for day in sorted(expected) for path in expected[day][:2]
    ]
    assert [photo.rank for photo in report] == list(range(1, len(report) + 1))
    assert len({photo.period for photo in report}) > 1
    assert {photo.period for photo in everything} == {None}


@pytest.mark.parametrize("period", [None, Period.DAY, Period.FOLDER])
def test_of_two_that_are_alike_a_diverse_list_begins_with_one(studio, period) -> None:
    """The best photo and one with its very embedding are the best two, and never listed so."""
    first = rank(studio.library, "me", Query(count=1)).photos[0].photo.id
    second = next(photo for photo in studio.ids if photo != first)
    with open_library(studio.library) as library, library.transaction():
        space = studio.crowd.embedding_name
        look = models.embeddings_of(library, [first], space)[first]
        models.store_embedding(library, second, space, look)

    def best(*, diverse: bool) -> set[int]:
        report = rank(studio.library, "me", Query(count=2, diverse=diverse, period=period))
        return {photo.photo.id for photo in report.photos}

    assert best(diverse=False) == {first, second}
    assert len(best(diverse=True)) == 2
    assert len(best(diverse=True) & {first, second}) == 1
