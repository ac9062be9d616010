"""What ratings imply."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from photoaesth.ranking.implied import ROUNDS, implied_pairs


@given(
    st.dictionaries(st.integers(1, 500), st.sampled_from([0, 0.2, 0.4, 0.6, 0.8, 1.0])),
    st.integers(0, 9),
)
def test_pairs_follow_the_ratings(ratings: dict[int, float], seed: int) -> None:
    """Better first, never equal, no pair twice, no photo twice in a round; the seed decides."""
    rounds = implied_pairs(ratings, seed=seed)
    assert rounds == implied_pairs(ratings, seed=seed)
    assert len(rounds) == ROUNDS
    pairs = [pair for drawn in rounds for pair in drawn]
    assert all(ratings[better] > ratings[worse] for better, worse in pairs)
    assert len(set(pairs)) == len(pairs)
    for drawn in rounds:
        assert max(Counter(photo for pair in drawn for photo in pair).values(), default=1) == 1


def test_every_rating_takes_part_and_none_much() -> None:
    """With ten levels, a hundred photos meet between one and four others each."""
    pairs = [p for drawn in implied_pairs({n: n // 10 for n in range(100)}) for p in drawn]
    met = Counter(photo for pair in pairs for photo in pair)
    assert set(met) == set(range(100))
    assert max(met.values()) <= ROUNDS


def test_pairs_spread_over_the_scale() -> None:
    """Partners are near and far: a third of the scale apart on average, as chance has it."""
    pairs = [p for drawn in implied_pairs({n: n / 100 for n in range(101)}) for p in drawn]
    gaps = [better - worse for better, worse in pairs]
    assert 28 < sum(gaps) / len(gaps) < 39
    assert min(gaps) < 10
    assert max(gaps) > 80


def test_thousands_of_ratings_stay_few_pairs() -> None:
    """However many photos are rated, 250 pairs are drawn at most."""
    assert sum(map(len, implied_pairs({n: n % 5 for n in range(5000)}))) == 250
