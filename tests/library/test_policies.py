"""Trained policies and the rounds of a training: kept by profile, given up when of no use."""

import pytest

from photoaesth.library import comparisons, policies
from photoaesth.library.database import Library, check_integrity, open_library
from photoaesth.library.policies import StoredRound


@pytest.fixture
def me(library: Library) -> int:
    return comparisons.profile_id(library, "me")


def test_the_last_training_speaks(library: Library, me: int) -> None:
    """The newest policy is in use, for the embeddings it reads; one that kept none ends it."""
    assert policies.enhancement_policy(library, me, "space") is None
    policies.add_policies(library, me, "space", enhancement=b"first", report={})
    policies.add_policies(library, me, "space", enhancement=b"second", report={"rounds": []})
    with open_library(library.path) as other:
        assert policies.enhancement_policy(other, me, "space") == b"second"
        assert policies.enhancement_policy(other, me, "another space") is None
        assert policies.enhancement_policy(other, me + 1, "space") is None
    policies.add_policies(library, me, "space", enhancement=None, report={})
    assert policies.enhancement_policy(library, me, "space") is None


def test_old_policies_take_no_room(library: Library, me: int) -> None:
    """Of earlier trainings only the reports stay."""
    policies.add_policies(library, me, "space", enhancement=b"first", report={"orders": 1})
    policies.add_policies(library, me, "space", enhancement=b"second", report={"orders": 2})
    rows = library.connection.execute("SELECT enhancement, report FROM policies ORDER BY id")
    assert rows.fetchall() == [(None, '{"orders": 1}'), (b"second", '{"orders": 2}')]


def test_rounds_are_there_for_the_same_run_only(library: Library, me: int) -> None:
    """They come back in order, by part; another run gives them up, as the end of one does."""
    first, second = StoredRound(1, b"policy", b"head"), StoredRound(2, None, b"head")
    policies.add_round(library, me, "run", 3, second)
    policies.add_round(library, me, "run", 3, first)
    with open_library(library.path) as other:
        assert policies.rounds(other, me, "run", 3) == [first, second]
        assert policies.rounds(other, me, "run", 0) == []
        assert policies.rounds(other, me, "another", 3) == []
    policies.add_round(library, me, "another", 0, first)
    assert policies.rounds(library, me, "run", 3) == []
    policies.add_policies(library, me, "space", enhancement=None, report={})
    assert policies.rounds(library, me, "another", 0) == []
    assert check_integrity(library) == []
