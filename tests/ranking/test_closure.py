from itertools import combinations, permutations
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from photoaesth.ranking.closure import Preference, transitive_closure

preferences = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=25)


def by_definition(direct: list[Preference]) -> tuple[set[Preference], set[Preference]]:
    """What is kept and what is dropped, spelled out over every pair and every middle photo."""
    photos = {photo for pair in direct for photo in pair}

    def follows(a: int, c: int) -> bool:
        return any((a, b) in direct and (b, c) in direct for b in photos - {a, c})

    kept, dropped = set(), set()
    for a, c in permutations(photos, 2):
        if follows(a, c) and (a, c) not in direct:
            (dropped if (c, a) in direct or follows(c, a) else kept).add((a, c))
    return kept, dropped


def test_one_hop() -> None:
    """From A ≻ B and B ≻ C follows A ≻ C."""
    assert transitive_closure([(1, 2), (2, 3)]).inferred == ((1, 3),)


def test_inferred_rankings_are_no_premises() -> None:
    """Along 1 ≻ 2 ≻ 3 ≻ 4 each neighbour but one follows, and 1 ≻ 4 (two hops) does not."""
    assert transitive_closure([(1, 2), (2, 3), (3, 4)]).inferred == ((1, 3), (2, 4))


@given(preferences)
def test_agrees_with_the_definition(direct: list[Preference]) -> None:
    """Kept and dropped rankings are those of the definition, for any choices."""
    closure = transitive_closure(direct)
    kept, dropped = by_definition(direct)
    assert closure.inferred == tuple(sorted(kept))
    assert closure.contradicted == tuple(sorted(dropped))


@given(preferences)
def test_a_direct_choice_always_counts(direct: list[Preference]) -> None:
    """Nothing that is inferred repeats or contradicts a choice or another inference."""
    closure = transitive_closure(direct)
    inferred = set(closure.inferred)
    chosen = set(direct)
    assert not inferred & chosen
    assert not any((b, a) in chosen | inferred for a, b in inferred)


@given(preferences, st.randoms(use_true_random=False))
def test_order_and_repeats_do_not_matter(direct: list[Preference], shuffler: Random) -> None:
    """The same choices in another order, some made twice, lead to the same closure."""
    again = [*direct, *direct[::2]]
    shuffler.shuffle(again)
    assert transitive_closure(again) == transitive_closure(direct)


@given(st.permutations(range(7)), st.sets(st.sampled_from(list(combinations(range(7), 2)))))
def test_a_consistent_taste_has_no_conflicts(
    ranking: list[int], asked: set[tuple[int, int]]
) -> None:
    """Whatever is asked of somebody who follows one ranking, what follows agrees with it."""
    closure = transitive_closure((ranking[i], ranking[j]) for i, j in asked)
    assert closure.conflicts == 0
    assert all(ranking.index(a) < ranking.index(b) for a, b in closure.inferred)


def test_a_direct_choice_outweighs_an_inferred_one() -> None:
    """1 ≻ 2 ≻ 3 says 1 ≻ 3, the choice says 3 ≻ 1: with it the three form a circle."""
    closure = transitive_closure([(1, 2), (2, 3), (3, 1)])
    assert closure.inferred == ()
    assert closure.contradicted == ((1, 3), (2, 1), (3, 2))
    assert closure.contested == ()
    assert closure.conflicts == 3


def test_two_inferences_that_disagree_are_both_dropped() -> None:
    """1 ≻ 2 ≻ 4 and 4 ≻ 3 ≻ 1 leave the pair 1, 4 open and count as one conflict on it."""
    closure = transitive_closure([(1, 2), (2, 4), (4, 3), (3, 1)])
    assert {(1, 4), (4, 1)} <= set(closure.contradicted)
    assert not {(1, 4), (4, 1)} & set(closure.inferred)
    assert closure.conflicts == len({frozenset(pair) for pair in closure.contradicted}) == 2


def test_a_pair_chosen_both_ways_is_contested_once() -> None:
    """1 ≻ 2 and 2 ≻ 1 are one conflict, and both still count as premises."""
    closure = transitive_closure([(2, 1), (1, 2), (1, 2), (2, 3)])
    assert closure.contested == ((1, 2),)
    assert closure.inferred == ((1, 3),)
    assert closure.conflicts == 1


def test_a_photo_is_not_better_than_itself() -> None:
    """A photo set against itself says nothing."""
    assert transitive_closure([(1, 1), (1, 2)]) == transitive_closure([(1, 2)])
