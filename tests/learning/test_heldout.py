"""What is held out together, and what its model may not have seen."""

from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from photoaesth.learning.heldout import FOLDS, Fold, gain_interval, measure, split_by_time

NOON = datetime(2026, 5, 1, 12)  # noqa: DTZ001 - cameras know no time zone

pairs_of_few_photos = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 30)).filter(lambda pair: pair[0] != pair[1]),
    max_size=60,
)
some_groups = st.dictionaries(st.integers(0, 30), st.integers(0, 5))
some_times = st.dictionaries(st.integers(0, 30), st.integers(0, 100_000))


def clock(seconds: dict[int, int]) -> dict[int, datetime | None]:
    times: dict[int, datetime | None] = dict.fromkeys(range(31))
    return times | {photo: NOON + timedelta(seconds=s) for photo, s in seconds.items()}


@given(pairs_of_few_photos, some_groups, some_times, st.booleans(), st.integers(0, 9))
def test_nothing_leaks(
    pairs: list[tuple[int, int]],
    groups: dict[int, int],
    seconds: dict[int, int],
    new_photos: bool,
    seed: int,
) -> None:
    """Each choice is held out once; its pair and groups are not learned from, nor new photos."""
    folds = split_by_time(pairs, clock(seconds), groups, new_photos=new_photos, seed=seed)
    different = {frozenset(pair) for pair in pairs}
    moments = {("group", groups[p]) if p in groups else p for pair in pairs for p in pair}
    if min(len(different), len(moments)) < 5:
        assert folds == []
        return
    held_out = [place for fold in folds for place in fold.held_out]
    assert sorted(held_out) == list(range(len(pairs)))
    for fold in folds:
        tested = {photo for place in fold.held_out for photo in pairs[place]}
        learned = {photo for pair in pairs if fold.allows(*pair) for photo in pair}
        for place in fold.held_out:
            assert not fold.allows(*pairs[place])
            assert not (new_photos and learned & set(pairs[place]))
        seen, hidden = ({groups[p] for p in side if p in groups} for side in (learned, tested))
        assert not seen & hidden


def test_blocks_are_cut_at_long_breaks() -> None:
    """A hundred photos of twenty outings: what is hidden with a choice is one outing, and its pair.

    Outings of four to six photos a minute apart, hours between them, so that even shares of five
    would cut through outings.
    """
    rng = np.random.default_rng(0)
    sizes = [4, 6] * 10
    outing = np.repeat(np.arange(20), sizes)
    order = rng.permutation(100)  # ids say nothing about time
    times = {
        int(photo): NOON + timedelta(hours=int(outing[n]) * 5, minutes=n)
        for n, photo in enumerate(order)
    }
    of_photo = {int(photo): int(outing[n]) for n, photo in enumerate(order)}
    pairs = [tuple(rng.choice(100, 2, replace=False).tolist()) for _ in range(200)]
    compared = {photo for pair in pairs for photo in pair}
    folds = split_by_time(pairs, times, {})
    assert len(folds) == FOLDS == 20
    for fold in folds:
        tested = [pairs[place] for place in fold.held_out]
        whole = [
            number
            for number in range(20)
            if {p for p in compared if of_photo[p] == number} <= fold.hidden
        ]
        # Some one outing is hidden altogether, and every choice has a photo of it.
        assert any(all(number in {of_photo[a], of_photo[b]} for a, b in tested) for number in whole)


def test_most_choices_are_left_to_learn_from() -> None:
    """With as many choices as photos, a fold hides a seventh of the photos at most."""
    rng = np.random.default_rng(1)
    pairs = [tuple(rng.choice(300, 2, replace=False).tolist()) for _ in range(300)]
    folds = split_by_time(pairs, dict.fromkeys(range(300)), {})
    assert max(len(fold.hidden) for fold in folds) < 300 / 7
    learned = [sum(fold.allows(*pair) for pair in pairs) for fold in folds]
    assert min(learned) > 0.7 * len(pairs)


def test_repeats_of_a_pair_are_held_out_together() -> None:
    """The same two photos, whichever way round, share a fold."""
    pairs = [(n, n + 1) for n in range(0, 20, 2)] * 2 + [(n + 1, n) for n in range(0, 20, 2)]
    for fold in split_by_time(pairs, dict.fromkeys(range(20)), {}):
        for place in fold.held_out:
            assert {(place + 10) % 30, (place + 20) % 30} <= set(fold.held_out)


def test_the_seed_decides_the_folds() -> None:
    """The same seed holds out the same choices, another one others."""
    pairs = [(n, n + 1) for n in range(60)]

    def folds(seed: int) -> list[Fold]:
        return split_by_time(pairs, dict.fromkeys(range(61)), {}, seed=seed)

    assert folds(0) == folds(0) != folds(1)


def test_agreement_by_hand() -> None:
    """Of three decided pairs generic gets one right and personal two; the tie is in the losses."""
    outcomes = np.array([1.0, 0, 1, 0.5])
    generic, personal = np.array([0.8, 0.6, 0.4, 0.5]), np.array([0.8, 0.4, 0.4, 0.5])
    found = measure(generic, personal, outcomes)
    assert found is not None
    assert (found.pairs, found.generic, found.personal) == (3, 1 / 3, 2 / 3)
    assert found.generic_log_loss == pytest.approx(-np.log([0.8, 0.4, 0.4, 0.5]).mean())
    assert found.personal_log_loss == pytest.approx(-np.log([0.8, 0.6, 0.4, 0.5]).mean())
    assert found.personal_wins
    assert measure(generic, personal, np.full(4, 0.5)) is None


def test_a_model_that_only_doubts_does_not_win() -> None:
    """Against a generic model that is surely wrong, even chances are no proof of a taste."""
    outcomes = np.array([0.0, 0, 1, 1])
    found = measure(np.array([0.9, 0.9, 0.1, 0.1]), np.full(4, 0.5), outcomes)
    assert found is not None
    assert found.personal_log_loss < found.generic_log_loss
    assert not found.personal_wins


def test_gain_interval_by_hand() -> None:
    """Eight pairs gained, two lost, ten the same: 6 / 22 ± 1.96 √(11 − 36 / 22) / 22."""
    first = np.array([0] * 8 + [1] * 2 + [1] * 10, np.float64)
    second = np.array([1] * 8 + [0] * 2 + [1] * 10, np.float64)
    low, high = gain_interval(first, second)
    middle, reach = 6 / 22, 1.959964 * np.sqrt(11 - 36 / 22) / 22
    assert (low, high) == (pytest.approx(middle - reach), pytest.approx(middle + reach))


def test_gain_interval_covers_the_truth() -> None:
    """Of 500 simulated trainings with a true gain of 0.1, the interval holds it in 93 % or more."""
    rng = np.random.default_rng(0)
    covered = 0
    for _ in range(500):
        draw = rng.random(100)
        first = (draw < 0.6).astype(np.float64)
        second = ((draw < 0.5) | (draw > 0.8)).astype(np.float64)  # loses 0.1, gains 0.2
        low, high = gain_interval(first, second)
        covered += low <= 0.1 <= high
    assert covered >= 465
