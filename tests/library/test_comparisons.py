"""Choices in the database."""

import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest

from photoaesth.domain import Outcome, Source
from photoaesth.library import comparisons
from photoaesth.library.comparisons import NewComparison
from photoaesth.library.database import Library

AddPhoto = Callable[..., int]


@pytest.fixture
def pair(add_photo: AddPhoto) -> tuple[int, int]:
    """Two photos."""
    return add_photo("a.jpg"), add_photo("b.jpg")


def add(library: Library, *answers: NewComparison, profile: str = "me") -> list[int]:
    number = comparisons.profile_id(library, profile)
    return comparisons.add_comparisons(library, number, answers, source=Source.RANDOM)


def outcomes(library: Library, profile: str = "me") -> list[Outcome]:
    number = comparisons.profile_id(library, profile)
    return [answer.outcome for answer in comparisons.comparisons(library, number)]


def test_an_answer_is_on_disk_at_once(library: Library, pair: tuple[int, int]) -> None:
    """A second connection sees an answer as soon as storing it returns."""
    add(library, NewComparison(*pair, Outcome.TIE))
    with closing(sqlite3.connect(library.path)) as other:
        assert other.execute("SELECT outcome FROM comparisons").fetchall() == [("tie",)]


def test_answers_come_back_in_order(library: Library, pair: tuple[int, int]) -> None:
    """Answers are listed as they were given, with sides, time and a uid of their own."""
    left, right = pair
    add(library, *(NewComparison(left, right, outcome) for outcome in Outcome))
    found = comparisons.comparisons(library, comparisons.profile_id(library, "me"))
    assert [answer.outcome for answer in found] == list(Outcome)
    assert {(answer.left, answer.right) for answer in found} == {pair}
    assert len({answer.uid for answer in found}) == len(Outcome)
    assert all(answer.created_at.endswith("+00:00") for answer in found)


def test_profiles_are_separate(library: Library, pair: tuple[int, int]) -> None:
    """The same uid may stand once with every profile; each sees its own answers."""
    answer = NewComparison(*pair, Outcome.LEFT, uid="same")
    assert len(add(library, answer)) == len(add(library, answer, profile="other")) == 1
    assert add(library, answer) == []
    assert len(outcomes(library)) == len(outcomes(library, "other")) == 1


def test_profile_is_looked_up_without_writing(library: Library) -> None:
    """A profile that exists is found while another connection is writing."""
    number = comparisons.profile_id(library, "me")
    library.connection.execute("PRAGMA busy_timeout = 0")
    with closing(sqlite3.connect(library.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert comparisons.profile_id(library, "me") == number


def test_retracted_answers_stay_in_the_library(library: Library, pair: tuple[int, int]) -> None:
    """Undo hides an answer from training; the row stays, with the time it was taken back."""
    (number,) = add(library, NewComparison(*pair, Outcome.LEFT))
    comparisons.retract(library, [number])
    assert outcomes(library) == []
    rows = library.connection.execute("SELECT retracted_at IS NOT NULL FROM comparisons")
    assert rows.fetchall() == [(1,)]


def test_retracted_answer_can_be_given_again(library: Library, pair: tuple[int, int]) -> None:
    """An answer whose uid was retracted counts again under its old id."""
    answer = NewComparison(*pair, Outcome.LEFT, uid="x")
    (number,) = add(library, answer)
    comparisons.retract(library, [number])
    assert add(library, answer) == [number]
    assert outcomes(library) == [Outcome.LEFT]


def test_bad_answers_store_nothing(library: Library, pair: tuple[int, int]) -> None:
    """One answer that cannot be takes the whole set back: nothing is half imported."""
    left, right = pair
    good = NewComparison(left, right, Outcome.LEFT)
    for bad in (NewComparison(left, left, Outcome.LEFT), NewComparison(left, 999, Outcome.LEFT)):
        with pytest.raises(sqlite3.IntegrityError):
            add(library, good, bad)
    assert outcomes(library) == []


def test_skips_are_not_choices(library: Library, pair: tuple[int, int]) -> None:
    """Choices and ties count, skips do not; those after a time are told apart."""
    left, right = pair
    profile = comparisons.profile_id(library, "me")
    for outcome, year in ((Outcome.LEFT, 2024), (Outcome.TIE, 2026), (Outcome.SKIP, 2026)):
        time = f"{year}-01-01T00:00:00.000+00:00"
        add(library, NewComparison(left, right, outcome, created_at=time))
    assert comparisons.count(library, profile) == (2, 2)
    assert comparisons.count(library, profile, since="2025-01-01") == (2, 1)
    assert comparisons.count(library, comparisons.profile_id(library, "nobody")) == (0, 0)
