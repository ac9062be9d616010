from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from photoaesth.domain import Outcome
from photoaesth.samples.photographer import DEMO_PHOTOGRAPHER, Photographer, standardise
from photoaesth.samples.traits import TRAITS

SIMPLE = Photographer("Ada", "Bright.", {"brightness": 1.0}, noise=1.0)


def _bright(value: float) -> dict[str, float]:
    return dict.fromkeys(TRAITS, 0.0) | {"brightness": value}


def _answers(left: float, right: float, count: int = 20_000) -> Counter[Outcome]:
    rng = np.random.default_rng(2)
    return Counter(SIMPLE.choose(_bright(left), _bright(right), rng) for _ in range(count))


def test_choices_follow_the_bradley_terry_model() -> None:
    """One noise unit of difference wins 1 / (1 + e⁻¹) = 73.1 % of what is not a tie."""
    answers = _answers(1.0, 0.0)

    decided = answers[Outcome.LEFT] + answers[Outcome.RIGHT]
    assert answers[Outcome.LEFT] / decided == pytest.approx(0.731, abs=0.012)


def test_choices_do_not_depend_on_the_side() -> None:
    """Swapping the pictures swaps the answers and leaves the ties."""
    one, other = _answers(0.7, 0.0), _answers(0.0, 0.7)

    assert one[Outcome.LEFT] == pytest.approx(other[Outcome.RIGHT], rel=0.03)
    assert one[Outcome.TIE] == pytest.approx(other[Outcome.TIE], rel=0.15)


def test_ties_are_rare_and_between_equals() -> None:
    """Equals tie in 0.12 / 2.12 = 5.7 % of cases, pictures far apart hardly ever."""
    assert _answers(0.0, 0.0)[Outcome.TIE] / 20_000 == pytest.approx(0.057, abs=0.006)
    assert _answers(8.0, 0.0)[Outcome.TIE] / 20_000 < 0.004
    assert set(_answers(1000.0, 0.0)) == {Outcome.LEFT}


def test_standardising_gives_every_trait_the_same_scale() -> None:
    """Means are 0 and deviations 1; a trait that never varies is 0, not a division by zero."""
    rng = np.random.default_rng(0)
    album = [
        dict(zip(TRAITS, rng.normal(5, 3, 6), strict=True)) | {"warmth": 0.3} for _ in range(40)
    ]

    table = np.array([list(traits.values()) for traits in standardise(album)])

    assert table.mean(axis=0) == pytest.approx(np.zeros(6), abs=1e-9)
    assert table.std(axis=0) == pytest.approx([1, 1, 0, 1, 1, 1])


def test_the_demo_photographer_repeats_nine_answers_in_ten() -> None:
    """Asked twice about random pairs, they agree with themselves about as people do."""
    rng = np.random.default_rng(1)
    album = standardise([dict(zip(TRAITS, rng.normal(size=6), strict=True)) for _ in range(60)])
    same = 0
    for _ in range(4000):
        left, right = rng.choice(60, 2, replace=False)
        first, second = (DEMO_PHOTOGRAPHER.choose(album[left], album[right], rng) for _ in range(2))
        same += first == second

    assert same / 4000 == pytest.approx(0.90, abs=0.03)


def test_the_demo_photographer_means_what_they_say() -> None:
    """Dark, cool, muted and simple each raise the utility; the crowd's bright colours lower it."""
    plain = dict.fromkeys(TRAITS, 0.0)
    for trait, sign in (
        ("brightness", -1),
        ("warmth", -1),
        ("colourfulness", -1),
        ("simplicity", 1),
    ):
        assert DEMO_PHOTOGRAPHER.utility(plain | {trait: float(sign)}) > 0
    assert set(DEMO_PHOTOGRAPHER.weights) <= set(TRAITS)
    assert replace(DEMO_PHOTOGRAPHER, weights={}).utility(plain) == 0
