"""Profiles: listed with what they said, renamed, dropped with everything that is theirs."""

from collections.abc import Callable

import pytest

from photoaesth.domain import Outcome, Source
from photoaesth.errors import PhotoaesthError
from photoaesth.library import comparisons, models, ratings
from photoaesth.library.comparisons import NewComparison
from photoaesth.library.database import Library, check_integrity
from photoaesth.library.profiles import drop_profile, profiles, rename_profile


@pytest.fixture
def two_profiles(library: Library, add_photo: Callable[..., int]) -> Library:
    """Both `me` and `noor` have chosen and rated; `me` was trained."""
    a, b = add_photo("a.jpg"), add_photo("b.jpg")
    for name in ("noor", "me"):
        number = comparisons.profile_id(library, name)
        answer = NewComparison(a, b, Outcome.LEFT)
        comparisons.add_comparisons(library, number, [answer], source=Source.RANDOM)
        ratings.set_ratings(library, number, {a: 0.8}, source="import")
    models.add_model(
        library,
        comparisons.profile_id(library, "me"),
        crowd="crowd",
        method="personal",
        kept="generic",
        head=None,
        report={},
    )
    return library


def test_profiles_are_listed_with_what_they_said(two_profiles: Library) -> None:
    """The list is by name and counts what is in force."""
    me, noor = profiles(two_profiles)
    assert (me.name, me.choices, me.ratings, me.retouches) == ("me", 1, 1, 0)
    assert me.trained_at
    assert (noor.name, noor.choices, noor.trained_at) == ("noor", 1, None)


def test_dropping_a_profile_leaves_the_other_as_it_was(two_profiles: Library) -> None:
    """Everything of the one goes, nothing of the other, and no row dangles."""
    drop_profile(two_profiles, "me")
    assert [(p.name, p.choices, p.ratings) for p in profiles(two_profiles)] == [("noor", 1, 1)]
    assert check_integrity(two_profiles) == []


def test_every_table_of_a_profile_is_emptied(two_profiles: Library) -> None:
    """Whatever table points to a profile, now or later, has no row of it afterwards."""
    connection = two_profiles.connection
    number = comparisons.profile_id(two_profiles, "me")
    now = "2026-01-01T00:00:00.000+00:00"
    connection.execute(
        "INSERT INTO sidecar_runs (id, profile_id, created_at) VALUES (1, ?, ?)", (number, now)
    )
    connection.execute(
        "INSERT INTO sidecar_writes (run_id, path, kind, after_hash, changes) "
        "VALUES (1, x'00', 'sidecar', x'00', '{}')"
    )
    connection.execute(
        "INSERT INTO albums (profile_id, name, query, created_at) VALUES (?, 'best', '{}', ?)",
        (number, now),
    )
    drop_profile(two_profiles, "me")
    for table in ("comparisons", "ratings", "models", "albums", "sidecar_runs"):
        query = f"SELECT count(*) FROM {table} WHERE profile_id = ?"  # noqa: S608 - names from above
        left = connection.execute(query, (number,)).fetchone()
        assert left == (0,), table
    assert connection.execute("SELECT count(*) FROM sidecar_writes").fetchone() == (0,)


def test_a_renamed_profile_keeps_what_it_said(two_profiles: Library) -> None:
    """Only the name changes."""
    rename_profile(two_profiles, "me", "ada")
    assert [(p.name, p.choices) for p in profiles(two_profiles)] == [("ada", 1), ("noor", 1)]


def test_asking_for_a_name_makes_no_profile(two_profiles: Library) -> None:
    """A mistyped name that only read is not listed, is no profile to drop, and its name is free."""
    comparisons.profile_id(two_profiles, "nor")
    assert [p.name for p in profiles(two_profiles)] == ["me", "noor"]
    with pytest.raises(PhotoaesthError, match="no profile 'nor'"):
        drop_profile(two_profiles, "nor")
    rename_profile(two_profiles, "noor", "nor")
    assert [p.name for p in profiles(two_profiles)] == ["me", "nor"]


def test_unknown_and_taken_names_are_refused(two_profiles: Library) -> None:
    """The line names the profiles that there are, and nothing changes."""
    with pytest.raises(PhotoaesthError, match="no profile 'jo'; the library knows: me, noor"):
        drop_profile(two_profiles, "jo")
    with pytest.raises(PhotoaesthError, match="there is a profile 'noor' already"):
        rename_profile(two_profiles, "me", "noor")
    assert [p.name for p in profiles(two_profiles)] == ["me", "noor"]
