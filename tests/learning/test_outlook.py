"""What is said about more choices, and about how far people agree with themselves."""

import numpy as np
import pytest
from numpy.typing import NDArray

from photoaesth.learning.outlook import Consistency, Outlook, consistency, outlook

Floats = NDArray[np.float64]

SIZES = np.array([50.0, 100, 200])


def hits(*accuracies: float, pairs: int) -> Floats:
    """Probabilities that are right for the first pairs, nested as one model gains on another."""
    places = (np.arange(pairs) + 0.5) / pairs
    return np.stack([np.where(places < accuracy, 0.9, 0.1) for accuracy in accuracies])


def seen(*accuracies: float, pairs: int, choices: int) -> Outlook:
    return outlook(SIZES, hits(*accuracies, pairs=pairs), np.ones(pairs), choices=choices)


def test_a_curve_that_rises_promises_what_the_power_law_says() -> None:
    """On many pairs, a = 0.9 and b = 1: from 250 choices, one point takes 103 more.

    0.9 - 1 / √250 is 0.8368; 0.9 - 1 / √353 is 0.8468. What is said is rounded.
    """
    found = seen(*(0.9 - SIZES**-0.5), pairs=20_000, choices=250)
    assert found.verdict == "more"
    assert found.choices == 100
    assert found.curve[-1] == (200, pytest.approx(0.9 - 200**-0.5, abs=1e-3))


def test_a_level_curve_says_that_more_will_hardly_help() -> None:
    """Three hundred choices after which nothing has changed for long are enough."""
    assert seen(0.75, 0.75, 0.75, pairs=300, choices=300).verdict == "enough"


def test_few_choices_say_nothing() -> None:
    """After forty choices, neither a level curve nor a rise by two of forty pairs is believed."""
    sizes = np.array([8.0, 16, 32])
    for accuracies in ((0.7, 0.7, 0.7), (0.65, 0.675, 0.7)):
        found = outlook(sizes, hits(*accuracies, pairs=40), np.ones(40), choices=40)
        assert (found.verdict, found.choices) == ("unclear", None)


def test_nothing_learned_from_says_nothing() -> None:
    """Where bursts left nothing for the smallest share, there is no curve to speak of."""
    found = outlook(np.array([0.0, 1, 2]), hits(0.5, 0.5, 0.5, pairs=9), np.ones(9), choices=40)
    assert found.verdict == "unclear"


def test_statements_are_rarely_wrong() -> None:
    """Of people with b = 0.2 ± 0.3, what is promised comes on average, and `enough` is enough.

    Each curve is measured on 300 pairs whose luck is shared between its points, as it is in
    training; 400 people at 300 choices.
    """
    rng = np.random.default_rng(0)
    promised, enough = [], []
    for _ in range(400):
        slope = max(rng.normal(0.2, 0.3), 0)
        luck, noise = rng.random(300), rng.normal(0, 0.15, (3, 300))
        accuracies = 0.75 - slope * SIZES[:, None] ** -0.5
        right = luck + noise < accuracies
        found = outlook(SIZES, np.where(right, 0.9, 0.1), np.ones(300), choices=300)
        if found.choices is not None:
            promised.append(slope * (300**-0.5 - (300 + found.choices) ** -0.5))
        elif found.verdict == "enough":
            enough.append(slope * (300**-0.5 - 600**-0.5))
    assert np.mean(promised) > 0.005  # half a point at least, of the one that was promised
    assert np.mean(np.array(enough) < 0.01) > 0.85


def test_consistency_by_hand() -> None:
    """A pair answered alike, one reversed with sides swapped alike, one tied against a choice."""
    answers = [(1, 2, 1.0), (1, 2, 1.0), (3, 4, 0.0), (4, 3, 1.0), (5, 6, 0.5), (6, 5, 1.0)]
    # 1 ≻ 2 twice: 1. 4 ≻ 3 twice: 1. A tie and 6 ≻ 5: ½.
    assert consistency(answers) == Consistency(3, pytest.approx(2.5 / 3))


def test_contradictions_and_many_repeats() -> None:
    """Three answers to one pair make three couples, of which one agrees; it is still one pair."""
    assert consistency([(1, 2, 1.0), (2, 1, 1.0), (1, 2, 1.0)]) == Consistency(
        1, pytest.approx(1 / 3)
    )


def test_no_repeats_no_figure() -> None:
    """Pairs that were answered once say nothing about consistency."""
    assert consistency([(1, 2, 1.0), (2, 3, 0.5)]) is None
