"""Sittings about less than any pair: bursts, contradictions, repetitions, some of the photos."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import date
from string import ascii_lowercase

import pytest

from photoaesth.domain import GroupKind
from photoaesth.errors import PhotoaesthError
from photoaesth.library import groups
from photoaesth.library.database import open_library
from photoaesth.workflows.compare import CompareOptions, PhotoFilter, Question, compare_session
from photoaesth.workflows.compare import pairs as pairs_module
from photoaesth.workflows.comparisons import undo_comparisons
from photoaesth.workflows.evidence import RATING_WEIGHT, statements_of


@pytest.fixture
def small(place):
    """Six indexed photos."""
    place.add(*(f"{number}.jpg" for number in range(6)))
    place.index()
    return place


def sitting(place, **options):
    return compare_session(place.library, "me", CompareOptions(seed=1, **options))


def names(question: Question) -> list[str]:
    return [side.name for side in question.sides]


def rows(place, query: str) -> list[tuple]:
    with closing(sqlite3.connect(place.library)) as other:
        return other.execute(query).fetchall()


def group(place, kind: GroupKind, names: Iterable[str]) -> None:
    ids = [place.photo(place.root / name) for name in names]
    with open_library(place.library) as library, library.transaction():
        groups.add_group(library, kind, ids)


def test_neither_rates_both_low_and_undo_restores(small) -> None:
    """`neither` gives both photos one star; taken back, they have the ratings from before."""
    with sitting(small) as session:
        question = session.next()
        session.answer(question, "neither")
        given = rows(small, "SELECT photo_id, value FROM ratings WHERE retracted_at IS NULL")
        assert dict(given) == {side.photo.id: 0.2 for side in question.sides}
        assert session.choices == 0
        session.undo()
        assert rows(small, "SELECT count(*) FROM ratings WHERE retracted_at IS NULL") == [(0,)]
        assert session.next() is question


def test_neither_is_taken_back_after_the_sitting_too(small) -> None:
    """`comparisons undo` gives both their ratings from before, and leaves earlier ones alone."""
    with sitting(small) as session:
        earlier = session.next()
        session.answer(earlier, "neither")
        stays = {side.photo.id for side in earlier.sides}
        rated = earlier
        while {side.photo.id for side in rated.sides} & stays:
            rated = session.next()
            if {side.photo.id for side in rated.sides} & stays:
                session.answer(rated, "skip")
        session.answer(rated, "neither")
    assert len(undo_comparisons(small.library, "me", 1)) == 1
    left = rows(small, "SELECT photo_id FROM ratings WHERE retracted_at IS NULL")
    assert {photo for (photo,) in left} == stays


def test_photos_that_are_no_good_lose_against_chosen_ones(studio) -> None:
    """What was rated no good is learned from, though nothing else was rated."""
    a, b, bad = studio.ids[:3]
    studio.choose([(a, b)], lambda left, right: "left")
    studio.rate({bad: 0.2})
    with open_library(studio.library) as library:
        found = statements_of(library, 1, studio.crowd)
    (only,) = [said for drawn in found.implied for said in drawn]
    assert (only.pair, only.outcome, only.weight) == ((a, bad), 1.0, RATING_WEIGHT)


def test_only_photos_that_pass_are_asked_about(small) -> None:
    """A folder limits the questions; too few photos, or no such folder, is one line."""
    small.add("below/a.jpg", "below/b.jpg", "below/c.jpg")
    small.index()
    with sitting(small, among=PhotoFilter(under=small.root / "below")) as session:
        asked = []
        while (question := session.next()) is not None:
            asked += names(question)
            session.answer(question, 0)
    assert sorted(set(asked)) == ["a.jpg", "b.jpg", "c.jpg"]
    assert len(asked) == 6
    with (
        pytest.raises(PhotoaesthError, match="these filters leave 0; widen them"),
        sitting(small, among=PhotoFilter(since=date(2030, 1, 1))),
    ):
        pass
    with (
        pytest.raises(PhotoaesthError, match="there is no folder"),
        sitting(small, among=PhotoFilter(under=small.root / "nowhere")),
    ):
        pass


def test_the_keeper_of_a_burst_beats_all_others(small) -> None:
    """One question shows the burst; the choice of one is a choice against each of the others."""
    group(small, GroupKind.BURST, ["0.jpg", "1.jpg", "2.jpg"])
    group(small, GroupKind.BRACKET, ["3.jpg", "4.jpg"])
    with sitting(small, about="bursts") as session:
        question = session.next()
        assert sorted(names(question)) == ["0.jpg", "1.jpg", "2.jpg"]
        keeper = question.sides[1].photo.id
        session.answer(question, 1)
        assert session.next() is None
    won = rows(
        small,
        "SELECT iif(outcome = 'left', left_photo, right_photo), source FROM comparisons",
    )
    assert won == [(keeper, "burst")] * 2
    with sitting(small, about="bursts") as session:
        assert session.next() is None


def test_a_tied_or_skipped_burst_is_not_asked_again_and_undo_brings_it_back(small) -> None:
    """Each of two bursts is asked once; an answer that was taken back is asked for again."""
    group(small, GroupKind.BURST, ["0.jpg", "1.jpg", "2.jpg"])
    group(small, GroupKind.NEAR_DUPLICATES, ["3.jpg", "4.jpg"])
    with sitting(small, about="bursts") as session:
        first = session.next()
        session.answer(first, "tie")
        session.answer(session.next(), "skip")
        assert session.next() is None
        session.undo()
        assert session.undo() is first
        session.answer(first, 0)
        session.answer(session.next(), 1)
        assert session.next() is None
    assert rows(small, "SELECT count(*) FROM comparisons WHERE retracted_at IS NULL") == [(3,)]


def test_a_large_burst_goes_on_with_the_keeper(place) -> None:
    """Of twenty photos, nine are shown at a time, and what was chosen meets the rest."""
    place.add(*(f"{letter}.jpg" for letter in ascii_lowercase[:20]))
    place.index()
    group(place, GroupKind.BURST, [f"{letter}.jpg" for letter in ascii_lowercase[:20]])
    shown, kept = [], []
    with sitting(place, about="bursts") as session:
        while (question := session.next()) is not None:
            shown.append(names(question))
            kept.append(shown[-1][-1])
            session.answer(question, len(question.sides) - 1)
    assert [len(each) for each in shown] == [9, 9, 4]
    assert kept[0] in shown[1]
    assert kept[1] in shown[2]
    assert len(set().union(*shown)) == 20


def test_review_asks_about_contradictions_and_the_answer_counts_alone(small) -> None:
    """a > b, b > c, c > a: after the last one is turned round, nothing contradicts any more."""
    a, b, c = (small.root / f"{number}.jpg" for number in range(3))
    for winner, loser in ((a, b), (b, c), (c, a)):
        small.choose(winner, loser)
    with sitting(small, about="review") as session:
        question = session.next()
        assert "your choices disagree: 1 for the left one, 1 for the right one" in question.remark
        winner = max(question.sides, key=lambda side: (side.photo.path in (a, c), side.name == "0"))
        before = small.choices()
        pair = set(names(question))
        (old,) = [choice for choice in before if set(choice) == pair]
        turned = names(question).index(old[1])
        session.answer(question, turned)
        assert session.next() is None
        assert len(small.choices()) == 3
        assert tuple(reversed(old)) in small.choices()
        session.undo()
        assert sorted(small.choices()) == sorted(before)
        session.answer(question, "skip")
        assert set(before) <= set(small.choices())
    assert winner in question.sides


def test_review_asks_about_surprising_choices(studio) -> None:
    """The one choice that goes against forty others is asked about, and few of the others are."""
    liked = studio.utility([1.5, 0, 0, 0, 0, 0])
    every = [pair for pair in studio.pairs(80) if abs(liked[pair[0]] - liked[pair[1]]) > 0.5]
    odd = max(every, key=lambda pair: abs(liked[pair[0]] - liked[pair[1]]))
    others = [pair for pair in every if pair != odd]
    studio.choose(others, lambda left, right: "left" if liked[left] > liked[right] else "right")
    studio.choose([odd], lambda left, right: "left" if liked[left] < liked[right] else "right")
    from photoaesth.workflows.compare.review import ReviewAsker
    from photoaesth.workflows.compare.taste import LiveTaste

    with open_library(studio.library) as library:
        asker = ReviewAsker(library, "me", 1, LiveTaste(library, "me", 1), "here")
        drawn = []
        while (question := asker.draw()) is not None:
            drawn.append(question)
    surprising = [question for question in drawn if "likely" in question.remark]
    assert set(odd) in [set(question.photos) for question in drawn]
    assert len(surprising) < len(every) / 4


def test_repeated_pairs_are_old_with_sides_swapped(place, monkeypatch: pytest.MonkeyPatch) -> None:
    """With --repeat, some answered pairs come again, mirrored; without it none does."""
    monkeypatch.setattr(pairs_module, "_REST", 3)
    monkeypatch.setattr(pairs_module, "REPEATED_SHARE", 0.5)
    place.add(*(f"{number}.jpg" for number in range(8)))
    place.index()
    seen: list[tuple[int, ...]] = []
    again = 0
    with sitting(place, repeat=True, pairs=24) as session:
        while (question := session.next()) is not None:
            photos = tuple(side.photo.id for side in question.sides)
            if question.drawn.source == "repeat":
                again += 1
                assert photos[::-1] in seen[:-3]
            else:
                assert photos not in seen
                assert photos[::-1] not in seen
            seen.append(photos)
            session.answer(question, 0)
    assert again >= 5
    assert rows(place, "SELECT count(*) FROM comparisons WHERE source = 'repeat'") == [(again,)]


def test_two_sittings_at_once_never_ask_the_same(small) -> None:
    """Two sittings of one profile share fifteen pairs; another profile has all of them."""
    seen = []
    with sitting(small) as one, sitting(small) as other:
        open_ = [one, other]
        while open_:
            for session in list(open_):
                question = session.next()
                if question is None:
                    open_.remove(session)
                    continue
                seen.append(frozenset(names(question)))
                session.answer(question, 0)
    assert len(seen) == len(set(seen)) == 15
    assert rows(small, "SELECT count(*) FROM asking") == [(0,)]


def test_pairs_are_marked_as_drawn_evenly_or_not(place) -> None:
    """About every fifth pair is drawn evenly, for the model to be judged by; the rest are not."""
    place.add(*(f"{number}.jpg" for number in range(20)))
    place.index()
    with sitting(place, pairs=120) as session:
        while (question := session.next()) is not None:
            session.answer(question, "skip")
    counts = dict(rows(place, "SELECT source, count(*) FROM comparisons GROUP BY source"))
    assert counts.keys() == {"random", "active"}
    assert 10 <= counts["random"] <= 40


def test_what_is_known_shows_in_the_progress(small) -> None:
    """After answers, a sentence tells how often the model expects to agree."""
    with sitting(small, in_step=False) as session:
        for _ in range(4):
            session.answer(session.next(), 0)
        session.next()
        session._ahead._thread.submit_later(lambda: None).result()  # all is thought about
        progress = session.progress()
    assert (progress.answered, progress.choices) == (4, 4)
    assert "of new pairs" in progress.sentence


def test_the_same_seed_asks_the_same_in_step(small) -> None:
    """In step, two sittings of two profiles with one seed ask the same questions."""

    def asked(profile: str) -> list[list[str]]:
        options = CompareOptions(seed=3, pairs=8, in_step=True)
        with compare_session(small.library, profile, options) as session:
            found = []
            while (question := session.next()) is not None:
                found.append(names(question))
                session.answer(question, len(found) % 2)
        return found

    assert asked("a") == asked("b")
