"""Which pictures the terminal holds, and what has to be written so that it does."""

import pytest

from photoaesth.graphics.memory import Memory
from photoaesth.graphics.picture import Upload


def upload(name: str, pieces: int = 1) -> Upload:
    return Upload([f"{name}{n} " for n in range(pieces)], f"cancel-{name} ", f"delete-{name} ")


@pytest.fixture
def memory() -> Memory:
    return Memory()


def test_what_is_missing_is_sent_once(memory):
    """A picture that is there already is not sent again."""
    one, other = upload("a", 2), upload("b")

    assert memory.bring([one]) == "a0 a1 "
    assert memory.bring([one, other]) == "b0 "
    assert memory.bring([other, one]) == ""


def test_parts_are_short_and_make_the_whole(memory):
    """Between two parts there is time for a key; together they are all pieces, in order."""
    large = upload("a", 40)

    parts = [memory.bring_some([large]) for _ in range(4)]

    assert "".join(parts) == "".join(large.pieces)
    assert [part.count("a") for part in parts] == [15, 15, 10, 0]


def test_what_was_begun_is_finished_when_it_is_needed(memory):
    """Who presses a key early waits for the rest only."""
    large, small = upload("a", 20), upload("b")

    begun = memory.bring_some([large, small])

    assert begun + memory.bring([large, small]) == "".join(large.pieces) + "b0 "


def test_what_was_begun_in_vain_is_cancelled_first(memory):
    """No command about another picture may come in between."""
    vain, needed = upload("a", 20), upload("b")
    begun = memory.bring_some([vain])

    assert memory.bring([needed]) == "cancel-a b0 "
    assert begun + memory.bring([vain]) != begun  # from the beginning
    assert memory.keep_only([needed]) == "delete-a "


def test_what_is_not_to_be_kept_is_deleted(memory):
    """Whole or half: afterwards the terminal holds what is kept, and no more."""
    kept, old, vain = upload("kept"), upload("old"), upload("vain", 20)
    memory.bring([old, kept])
    memory.bring_some([vain])

    assert memory.keep_only([kept]) == "cancel-vain delete-old "
    assert memory.keep_only([kept]) == ""
    assert memory.bring([kept, old]) == "old0 "
    assert memory.keep_only([]) == "delete-kept delete-old "
