import numpy as np
import pytest

from photoaesth.learning.evaluation.curve import ROUND, active_curve, random_curve
from photoaesth.learning.evaluation.method import Choices, Indices, Learned
from photoaesth.learning.evaluation.protocol import Trial

COUNTS = (5, 20, 30)


class Recorder:
    """A method that notes its choices and would rather hear of photos with high numbers."""

    def __init__(self, *, proposes: bool = True) -> None:
        self.choices: list[Choices] = []
        self.offered: list[set[frozenset[int]]] = []
        self._proposes = proposes

    def __call__(self, choices: Choices) -> Learned:
        self.choices.append(choices)
        return Learned(np.arange(30.0), proposal=self._propose if self._proposes else None)

    def _propose(self, left: Indices, right: Indices) -> np.ndarray:
        self.offered.append(pairs_of(left, right))
        return (left + right).astype(np.float64)


def pairs_of(left: Indices, right: Indices) -> set[frozenset[int]]:
    return {frozenset(pair) for pair in zip(left.tolist(), right.tolist(), strict=True)}


@pytest.fixture
def trial() -> Trial:
    """Twelve shots with many equal scores, and other photos to predict."""
    scores = np.array([1.0, 2, 3] * 4)
    return Trial(np.arange(12), scores, np.arange(12, 30), np.arange(18.0))


def test_random_pairs_grow(trial: Trial) -> None:
    """Each number of pairs begins with those of the one before, and no pair comes twice."""
    recorder = Recorder()
    figures = random_curve(recorder, trial, COUNTS, "ann", 0)
    assert list(figures) == list(COUNTS)
    assert [len(choices.left) for choices in recorder.choices] == list(COUNTS)
    largest = recorder.choices[-1]
    assert len(pairs_of(largest.left, largest.right)) == 30
    for choices in recorder.choices:
        count = len(choices.left)
        assert choices.left.tolist() == largest.left[:count].tolist()
        assert choices.right.tolist() == largest.right[:count].tolist()


@pytest.mark.parametrize("rule", [random_curve, active_curve])
def test_ties_are_answers_that_count(trial: Trial, rule: type[None]) -> None:
    """Scores are not looked at to choose pairs: equal ones come as ½ and are among the count."""
    recorder = Recorder()
    rule(recorder, trial, (66,), "ann", 0)  # all there are
    choices = recorder.choices[-1]
    assert len(choices.left) == 66
    tied = trial.scores[choices.left] == trial.scores[choices.right]
    assert tied.sum() == 3 * 6
    assert ((choices.outcomes == 0.5) == tied).all()


@pytest.mark.parametrize("rule", [random_curve, active_curve])
def test_what_is_asked_does_not_depend_on_scores_not_seen(trial: Trial, rule: type[None]) -> None:
    """With other scores the first round asks the very same pairs."""
    other = Trial(trial.shots, trial.scores[::-1].copy(), trial.test, trial.truth)
    first, second = Recorder(), Recorder()
    rule(first, trial, (10,), "ann", 0)
    rule(second, other, (10,), "ann", 0)
    assert first.choices[0].left.tolist() == second.choices[0].left.tolist()
    assert first.choices[0].outcomes.tolist() != second.choices[0].outcomes.tolist()


@pytest.mark.parametrize("rule", [random_curve, active_curve])
def test_where_there_are_too_few_pairs_all_are_used(trial: Trial, rule: type[None]) -> None:
    """Asked for 1,000 of 66 pairs, the method gets 66, and the figure stands at 1,000."""
    recorder = Recorder()
    assert list(rule(recorder, trial, (1000,), "ann", 0)) == [1000]
    assert len(pairs_of(recorder.choices[-1].left, recorder.choices[-1].right)) == 66


def test_active_pairs_come_in_rounds(trial: Trial) -> None:
    """Fits at 5, 15, 20 and 30 pairs: at every count of the curve and after every round."""
    recorder = Recorder()
    figures = active_curve(recorder, trial, COUNTS, "ann", 0)
    assert figures is not None
    assert list(figures) == list(COUNTS)
    assert [len(choices.left) for choices in recorder.choices] == [5, 15, 20, 30]


def test_the_first_round_is_that_of_the_random_curve(trial: Trial) -> None:
    """Without an answer there is nothing to propose from."""
    active, random = Recorder(), Recorder()
    active_curve(active, trial, COUNTS, "ann", 0)
    random_curve(random, trial, COUNTS, "ann", 0)
    assert active.choices[0].left.tolist() == random.choices[0].left.tolist()


def test_the_best_proposals_are_asked_and_no_photo_twice_in_a_round(trial: Trial) -> None:
    """Of the pairs not asked, the best comes first; the round's others avoid its photos."""
    recorder = Recorder()
    active_curve(recorder, trial, (5, 9), "ann", 0)
    before, after = recorder.choices
    asked = pairs_of(before.left, before.right)
    assert recorder.offered[0].isdisjoint(asked)
    new = [
        frozenset(p) for p in zip(after.left[5:].tolist(), after.right[5:].tolist(), strict=True)
    ]
    assert sum(new[0]) == max(sum(pair) for pair in recorder.offered[0])
    assert len(frozenset().union(*new)) == 2 * len(new) == 8


def test_a_round_is_filled_though_photos_repeat(trial: Trial) -> None:
    """Twelve photos make six separate pairs; the other four of a round use photos again."""
    recorder = Recorder()
    active_curve(recorder, trial, (ROUND, 2 * ROUND), "ann", 0)
    assert len(pairs_of(recorder.choices[-1].left, recorder.choices[-1].right)) == 2 * ROUND


def test_a_method_without_proposals_has_no_active_curve(trial: Trial) -> None:
    """It is asked at random only, and said so."""
    assert active_curve(Recorder(proposes=False), trial, COUNTS, "ann", 0) is None
