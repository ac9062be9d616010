"""Rounds of retouching and reranking: what is shown, what is stored, what can be taken back."""

from collections.abc import Callable
from typing import Any

import pytest

from photoaesth.errors import PhotoaesthError
from photoaesth.library import comparisons, ratings, retouches
from photoaesth.library.database import open_library
from photoaesth.library.retouches import Order, Retouch
from photoaesth.workflows.retouch import RetouchSession, rerank_session, retouch_session


@pytest.fixture
def shelf(place: Any) -> Any:
    """Six indexed photos."""
    place.add(*(f"{name}.jpg" for name in "abcdef"))
    place.index()
    return place


@pytest.fixture
def known(shelf: Any) -> Callable[[], tuple[list[Retouch], list[Order], dict[int, float]]]:
    """Reads what counts: edits, orders and ratings."""

    def read() -> tuple[list[Retouch], list[Order], dict[int, float]]:
        with open_library(shelf.library) as library:
            me = comparisons.profile_id(library, "me")
            return (
                retouches.retouches(library, me),
                retouches.orders(library, me),
                ratings.ratings(library, me),
            )

    return read


def _play(session: RetouchSession, before: float, after: float, **parameters: float) -> int:
    """Retouch the photo of now; return its id."""
    task = session.next()
    assert task is not None
    session.keep(task, parameters, before, after)
    return task.picture.photo.id


def test_an_edit_is_stored_before_the_next_photo(shelf: Any, known: Any) -> None:
    """It is in the library at once, with its ratings; the one before counts as a rating."""
    with retouch_session(shelf.library, "me", count=2, seed=1) as session:
        photo = _play(session, 3, 8, exposure=0.5, contrast=0.0)
        ((edit,), _, rated) = known()
        assert (edit.photo, edit.parameters) == (photo, {"exposure": 0.5})
        assert (edit.rating_before, edit.rating_after, edit.source) == (0.3, 0.8, "retouch")
        assert rated == {photo: 0.3}
        assert not session.complete
        _play(session, 0, 10)
        assert session.complete
        assert session.next() is None
        assert (session.retouched, session.altogether) == (2, 2)
    edits, _, _ = known()
    assert edits[0].round == edits[1].round


def test_no_photo_is_retouched_twice(shelf: Any, known: Any) -> None:
    """Rounds go on with other photos, those that were skipped among them, until none is left."""
    with retouch_session(shelf.library, "me", count=4, seed=1) as session:
        session.next()
        session.skip()
        first = {_play(session, 5, 6) for _ in range(4)}
    with retouch_session(shelf.library, "me", count=4, seed=1) as session:
        second = {_play(session, 5, 6) for _ in range(2)}
        assert session.next() is None
        assert session.complete
    assert len(first | second) == 6
    assert len({edit.round for edit in known()[0]}) == 2
    with (
        pytest.raises(PhotoaesthError, match="no photo left to retouch"),
        retouch_session(shelf.library, "me"),
    ):
        pass


def test_undo_brings_the_photo_back_as_it_was(shelf: Any, known: Any) -> None:
    """Sliders and ratings are those of the edit; an earlier rating counts again."""
    with retouch_session(shelf.library, "me", seed=1) as session:
        assert session.undo() is None
        photo = session.next().picture.photo.id
        with open_library(shelf.library) as library:
            me = comparisons.profile_id(library, "me")
            ratings.set_ratings(library, me, {photo: 0.9}, source="import")
        _play(session, 2, 4, tint=0.1)
        waiting = session.next()
        task = session.undo()
        assert task is session.next()
        assert task.picture.photo.id == photo
        assert (task.number, task.parameters) == (1, {"tint": 0.1})
        assert (task.rating_before, task.rating_after) == (2, 4)
        assert known() == ([], [], {photo: 0.9})
        _play(session, 3, 4)
        assert session.next().picture.photo.id == waiting.picture.photo.id
    assert [edit.rating_before for edit in known()[0]] == [0.3]


def test_a_photo_that_cannot_be_read_is_passed_over(shelf: Any) -> None:
    """Of six photos one is damaged and one is gone: four can be retouched."""
    (shelf.root / "a.jpg").write_bytes(b"no picture")
    (shelf.root / "b.jpg").unlink()
    with retouch_session(shelf.library, "me") as session:
        names = []
        while (task := session.next()) is not None:
            names.append(task.picture.name)
            session.keep(task, {}, 5, 5)
    assert sorted(names) == ["c.jpg", "d.jpg", "e.jpg", "f.jpg"]


def test_an_edit_shows_what_the_operations_do(shelf: Any) -> None:
    """The preview is the photo under the operations, within what a table of colours errs."""
    import numpy as np
    import torch

    from photoaesth.enhance.operations import PARAMETERS, apply, to_vector

    parameters = {p.name: p.identity + 0.3 * (p.high - p.identity) for p in PARAMETERS}
    with retouch_session(shelf.library, "me", seed=1) as session:
        picture = session.next().picture
    plain = np.asarray(picture.image(1200))
    assert np.array_equal(np.asarray(picture.edited({}, 1200)), plain)
    pixels = torch.from_numpy(plain.copy()).permute(2, 0, 1)[None].float() / 255
    exact = apply(pixels, to_vector(parameters)[None])[0].permute(1, 2, 0).numpy() * 255
    for stage in ({"exposure": 0.3}, parameters):  # also from one edit to the next
        seen = np.asarray(picture.edited(stage, 1200), np.float32)
    assert np.abs(seen - exact).mean() < 1.5
    assert np.abs(plain - exact).mean() > 10
    assert picture.edited({}, 48).size == (48, 32)


def test_the_last_round_is_put_in_order(shelf: Any, known: Any) -> None:
    """Its photos alone, as originals; order and ratings are stored and taken back together."""
    with retouch_session(shelf.library, "me", count=2, seed=1) as session:
        earlier = {_play(session, 5, 6) for _ in range(2)}
    with retouch_session(shelf.library, "me", count=3, seed=1) as session:
        photos = {_play(session, 5, 6, exposure=2.0) for _ in range(3)}
    before = known()
    with rerank_session(shelf.library, "me") as session:
        assert {picture.photo.id for picture in session.pictures} == photos
        best, middle, worst = session.pictures
        assert not session.undo()
        session.store([best, middle, worst], {best.photo.id: 9.0})
        assert session.stored
        session.store([middle, best, worst], {best.photo.id: 8.0, worst.photo.id: 1.0})
        edits, (order,), rated = known()
        assert order.photos == tuple(p.photo.id for p in (middle, best, worst))
        assert (order.round, order.source) == (edits[-1].round, "rerank")
        assert rated == dict.fromkeys(earlier | photos, 0.5) | {
            best.photo.id: 0.8,
            worst.photo.id: 0.1,
        }
        assert session.undo()
        assert known() == before


def test_without_a_round_there_is_nothing_to_put_in_order(shelf: Any) -> None:
    """The line says what to do first."""
    with (
        pytest.raises(PhotoaesthError, match="make one with: photoaesth retouch"),
        rerank_session(shelf.library, "me"),
    ):
        pass
