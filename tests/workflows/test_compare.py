"""A sitting of A/B questions."""

import re
import shutil
import sqlite3
from contextlib import AbstractContextManager, closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from photoaesth.config import cache_folder
from photoaesth.domain import Outcome
from photoaesth.errors import PhotoaesthError, UnreadableImageError
from photoaesth.library.database import open_library
from photoaesth.library.thumbnails import load_thumbnail, thumbnail_file
from photoaesth.workflows.compare import (
    REPLIES,
    CompareOptions,
    CompareSession,
    Question,
    compare_session,
    pairs,
    pool,
)


@pytest.fixture
def small(place):
    """Five indexed photos: ten pairs."""
    place.add(*(f"{number}.jpg" for number in range(5)))
    place.index()
    return place


def sitting(place, profile: str = "me", **options: Any) -> AbstractContextManager[CompareSession]:
    return compare_session(place.library, profile, CompareOptions(**options))


def pair(question: Question) -> frozenset[int]:
    return frozenset(side.photo.id for side in question.sides)


def paths(question: Question) -> set[Path]:
    return {side.photo.path for side in question.sides}


def stored(place) -> list[str]:
    """The outcomes that count, as another program sees them."""
    with closing(sqlite3.connect(place.library)) as other:
        rows = other.execute("SELECT outcome FROM comparisons WHERE retracted_at IS NULL")
        return [row[0] for row in rows]


def burst_exif(number: int) -> bytes:
    moment = datetime(2026, 1, 1) + timedelta(seconds=number)  # noqa: DTZ001 - camera time
    exif = Image.Exif()
    exif.update({0x0110: "Kamera X", 0x0132: moment.strftime("%Y:%m:%d %H:%M:%S")})
    return exif.tobytes()


def test_every_answer_is_on_disk_before_the_next_question(small) -> None:
    """Another connection sees each answer at once, whatever it was."""
    given = []
    with sitting(small, pairs=4, seed=1) as session:
        for outcome in Outcome:
            session.answer(session.next(), REPLIES[outcome])
            given.append(str(outcome))
            assert stored(small) == given


def test_pairs_never_repeat_and_run_out(small) -> None:
    """All ten pairs of five photos are asked once, over two sittings; then it is over."""
    seen = []
    with sitting(small, pairs=4, seed=1) as session:
        while (question := session.next()) is not None:
            seen.append(pair(question))
            session.answer(question, "skip")
        assert session.complete
    with sitting(small, seed=2) as session:
        while (question := session.next()) is not None:
            seen.append(pair(question))
            session.answer(question, 0)
        assert not session.complete
    assert len(seen) == len(set(seen)) == 10


def test_counts_of_a_sitting(small) -> None:
    """Questions are numbered; skips count as answers of the sitting but not as choices."""
    with sitting(small, pairs=3, seed=1) as session:
        counts = []
        for outcome in (Outcome.LEFT, Outcome.SKIP, Outcome.TIE):
            question = session.next()
            counts.append((question.number, question.of, question.choices))
            session.answer(question, REPLIES[outcome])
        assert (session.answered, session.choices) == (3, 2)
        assert session.next() is None
    assert counts == [(1, 3, 0), (2, 3, 1), (3, 3, 1)]
    with sitting(small, seed=1) as session:
        assert (session.answered, session.choices) == (0, 2)
    with sitting(small, "somebody else", seed=1) as session:
        assert session.choices == 0


def test_undo_goes_back_as_far_as_the_sitting(small) -> None:
    """Each undo returns the question before, retracts its answer and restores the counts."""
    with sitting(small, seed=1) as session:
        session.answer(session.next(), 0)
    with sitting(small, seed=2) as session:
        questions = []
        for outcome in (Outcome.LEFT, Outcome.SKIP, Outcome.TIE):
            questions.append(session.next())
            session.answer(questions[-1], REPLIES[outcome])
        for question in reversed(questions):
            assert session.undo() is question
        assert session.undo() is None
        assert (session.answered, session.choices) == (0, 1)
        assert stored(small) == ["left"]
        session.answer(questions[0], 1)
        assert (session.answered, session.choices) == (1, 2)
    assert stored(small) == ["left", "right"]


def test_photos_of_a_group_are_never_set_against_each_other(small) -> None:
    """Of three photos of one group and two others, seven of ten pairs are asked."""
    group = {small.root / f"{number}.jpg" for number in range(3)}
    ids = [small.photo(path) for path in group]
    with open_library(small.library) as library, library.transaction() as connection:
        connection.execute("UPDATE photos SET group_id = NULL")
        (number,) = connection.execute(
            "INSERT INTO groups (kind) VALUES ('burst') RETURNING id"
        ).fetchone()
        connection.executemany(
            "UPDATE photos SET group_id = ? WHERE id = ?", [(number, photo) for photo in ids]
        )
    asked = 0
    with sitting(small, seed=3) as session:
        while (question := session.next()) is not None:
            asked += 1
            assert not paths(question) <= group
            session.answer(question, 0)
    assert asked == 7


def test_a_large_library_is_sampled_again_and_again(small, monkeypatch: pytest.MonkeyPatch) -> None:
    """With two photos at a time to draw from, those of other samples turn up as well."""
    monkeypatch.setattr(pool, "SIZE", 2)
    monkeypatch.setattr(pool, "_SAMPLE", 2)
    seen = set()
    with sitting(small, seed=1) as session:
        while (question := session.next()) is not None:
            assert pair(question) not in seen
            seen.add(pair(question))
            session.answer(question, 0)
    assert len(set().union(*seen)) > 2


def test_sides_show_the_photo(small) -> None:
    """A side has name, caption and details, among them what the model says of the photo."""
    exif = burst_exif(0)
    for number in range(5):
        small.draw(small.root / f"{number}.jpg", seed=50 + number, exif=exif)
    small.draw(small.root / "later.jpg", seed=9, exif=burst_exif(100))
    small.index()
    with sitting(small, seed=1) as session:
        side = session.next().sides[0]
    assert side.name == side.photo.path.name
    assert side.caption.startswith("2026-01-01 00:0")
    assert side.caption.endswith("· Kamera X")
    details = dict(side.details())
    assert details["File"] == str(side.photo.path)
    assert details["Size"] == "96 × 64, 0.0 MP"
    assert re.fullmatch(r"[\d.]+ ± [\d.]+", details["Score"])


def test_lost_thumbnails_are_made_again(small) -> None:
    """With the cache gone or cut off, photos are shown from their files and cached again."""
    shutil.rmtree(cache_folder())
    with sitting(small, seed=1) as session:
        question = session.next()
        whole = load_thumbnail(question.sides[0].photo.content_hash)
        assert whole is not None
        thumbnail_file(question.sides[0].photo.content_hash).write_bytes(whole[: len(whole) // 2])
        session.answer(question, 0)
    with sitting(small, seed=2) as session:
        while (question := session.next()) is not None:
            session.answer(question, 0)
    assert len(list(cache_folder().rglob("*.jpg"))) == 5


def test_photo_that_cannot_be_shown_is_not_asked_about(small) -> None:
    """A photo without thumbnail and file is passed over; the other pairs are all asked."""
    lost = small.root / "0.jpg"
    shutil.rmtree(cache_folder())
    lost.unlink()
    with sitting(small, seed=1) as session:
        asked = 0
        while (question := session.next()) is not None:
            assert lost not in paths(question)
            session.answer(question, 0)
            asked += 1
    assert asked == 6


def test_photo_whose_thumbnail_is_left_is_shown(small) -> None:
    """While the drive is away, thumbnails are enough to choose."""
    shutil.rmtree(small.root)
    with sitting(small, seed=1) as session:
        assert session.next() is not None


@pytest.mark.parametrize("count", [0, 1])
def test_two_photos_are_needed(place, count: int) -> None:
    """With fewer than two photos, one line says how many there are and what to do."""
    place.add(*["a.jpg", "b.jpg"][: count or 2])
    place.index()
    if not count:
        for path in place.root.iterdir():
            path.write_bytes(b"")
        place.index()
    with (
        pytest.raises(PhotoaesthError, match=f"the library has {count} that .*photoaesth index"),
        sitting(place),
    ):
        pass


def test_photos_indexed_meanwhile_are_asked_about(small, monkeypatch: pytest.MonkeyPatch) -> None:
    """Indexing goes on in another connection during a sitting, and its photos turn up."""
    monkeypatch.setattr(pairs, "REFRESH_AFTER", 2)
    with sitting(small, seed=1) as session:
        session.answer(session.next(), 0)
        (new,) = small.add("new.jpg")
        assert small.index().indexed == 1
        shown = set()
        while (question := session.next()) is not None:
            shown |= paths(question)
            session.answer(question, 0)
    assert new in shown
    assert len(stored(small)) == 15


def test_answering_during_an_index_run(small) -> None:
    """While indexing is between two batches, an answer is stored at once."""
    small.add("new.jpg")
    with sitting(small, seed=1) as session:

        def answer_one(done: int, total: int) -> None:
            session.answer(session.next(), 0)

        assert small.index(on_progress=answer_one).indexed == 1
    assert stored(small) == ["left"]


def test_pictures_are_as_large_as_asked_for(place) -> None:
    """A side has the pixels asked for where the photo has them, else all that there are."""
    place.add("a.png", "b.png", size=(900, 600))
    place.index()
    with sitting(place, seed=1) as session:
        side = session.next().sides[0]
    assert side.image(0).size == (512, 341)
    assert side.image(800).size == (900, 600)
    assert side.image(5000).size == side.full().size == (900, 600)
    side.photo.path.unlink()
    with pytest.raises(UnreadableImageError):
        side.full()
