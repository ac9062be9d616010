import random
from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photoaesth.ranking.sampling import next_pair


def seeded(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311  # chance, not cryptography


def ask_all(
    photos: list[int], *, groups: dict[int, int], seed: int, limit: int = 1000
) -> list[tuple[int, int]]:
    """Ask until there is nothing left, keeping count as a session does."""
    rng = seeded(seed)
    shown: Counter[int] = Counter()
    asked: set[frozenset[int]] = set()
    questions: list[tuple[int, int]] = []
    while len(questions) < limit:
        pair = next_pair(photos, shown=shown, asked=asked, groups=groups, rng=rng)
        if pair is None:
            break
        questions.append(pair)
        asked.add(frozenset(pair))
        shown.update(pair)
    return questions


@given(
    count=st.integers(0, 9),
    groups=st.dictionaries(st.integers(0, 8), st.integers(0, 2)),
    seed=st.integers(0, 2**32),
)
def test_every_pair_of_a_small_library_is_asked_once(
    count: int, groups: dict[int, int], seed: int
) -> None:
    """All pairs but those within a group come up, none twice, and then there are none left."""
    photos = list(range(count))
    askable = {
        frozenset(pair)
        for pair in combinations(photos, 2)
        if not (pair[0] in groups and groups[pair[0]] == groups.get(pair[1]))
    }
    questions = ask_all(photos, groups=groups, seed=seed)
    assert len(questions) == len(askable)
    assert {frozenset(pair) for pair in questions} == askable


def test_a_photo_that_met_everyone_does_not_end_the_session() -> None:
    """The least shown photo has no partner left, and the other pairs are asked nevertheless."""
    pair = next_pair(
        [1, 2, 3],
        shown={1: 0, 2: 9, 3: 9},
        asked={frozenset((1, 2)), frozenset((1, 3))},
        groups={},
        rng=seeded(0),
    )
    assert pair is not None
    assert set(pair) == {2, 3}


def test_choices_spread_over_a_large_library() -> None:
    """After 300 questions about 300 photos (two showings each) none is shown over four times."""
    photos = list(range(300))
    questions = ask_all(photos, groups={}, seed=1, limit=300)
    shown = Counter(photo for pair in questions for photo in pair)
    assert max(shown.values()) <= 4
    assert sum(photo in shown for photo in photos) >= 270


def test_sides_are_random() -> None:
    """The less shown photo stands left in about half of 400 questions (± 4 sd = 40)."""
    on_the_left = 0
    for seed in range(400):
        rng = seeded(seed)
        pair = next_pair([1, 2], shown={1: 5}, asked=set(), groups={}, rng=rng)
        on_the_left += pair == (2, 1)
    assert 160 <= on_the_left <= 240


def test_the_same_seed_asks_the_same() -> None:
    """A seed decides the whole session."""
    photos = list(range(40))
    assert ask_all(photos, groups={}, seed=7, limit=50) == ask_all(
        photos, groups={}, seed=7, limit=50
    )


@pytest.mark.parametrize("photos", [[], [1], [1, 2]])
def test_nothing_to_ask(photos: list[int]) -> None:
    """No photo, one photo, or two frames of one group make no question."""
    groups = dict.fromkeys(photos, 1)
    pair = next_pair(photos, shown={}, asked=set(), groups=groups, rng=seeded(0))
    assert pair is None
