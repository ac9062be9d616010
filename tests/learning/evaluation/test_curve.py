from itertools import combinations

import numpy as np
import pytest

from photoaesth.learning.evaluation.curve import active_curve, random_curve
from photoaesth.learning.evaluation.method import Choices, Indices, Learned
from photoaesth.learning.evaluation.protocol import Trial

COUNTS = (5, 20, 30)


class Recorder:
    """A method that notes its choices, and asks about the pairs of its shots from the last on."""

    def __init__(self, *, proposes: bool = True) -> None:
        self.choices: list[Choices] = []
        self.told: list[tuple[int, Choices]] = []
        self._proposes = proposes

    def __call__(self, choices: Choices) -> Learned:
        self.choices.append(choices)
        return Learned(np.arange(30.0), proposal=self._propose if self._proposes else None)

    def _propose(self, choices: Choices, rng: np.random.Generator) -> tuple[int, int]:
        self.told.append((len(self.choices[-1].left), choices))
        asked = pairs_of(choices.left, choices.right)
        pairs = combinations(range(len(choices.shots) - 1, -1, -1), 2)
        return next(p for p in pairs if frozenset(choices.shots[list(p)].tolist()) not in asked)


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


def test_random_pairs_do_not_depend_on_scores(trial: Trial) -> None:
    """With other scores the very same pairs are asked."""
    other = Trial(trial.shots, trial.scores[::-1].copy(), trial.test, trial.truth)
    first, second = Recorder(), Recorder()
    random_curve(first, trial, (10,), "ann", 0)
    random_curve(second, other, (10,), "ann", 0)
    assert first.choices[0].left.tolist() == second.choices[0].left.tolist()
    assert first.choices[0].outcomes.tolist() != second.choices[0].outcomes.tolist()


@pytest.mark.parametrize("rule", [random_curve, active_curve])
def test_where_there_are_too_few_pairs_all_are_used(trial: Trial, rule: type[None]) -> None:
    """Asked for 1,000 of 66 pairs, the method gets 66, and the figure stands at 1,000."""
    recorder = Recorder()
    assert list(rule(recorder, trial, (1000,), "ann", 0)) == [1000]
    assert len(pairs_of(recorder.choices[-1].left, recorder.choices[-1].right)) == 66


def test_each_pair_is_proposed_knowing_all_answers_before(trial: Trial) -> None:
    """From the first pair on, which is proposed knowing nothing, no answer is waited for."""
    recorder = Recorder()
    active_curve(recorder, trial, (30,), "ann", 0)
    assert [len(choices.left) for _, choices in recorder.told] == list(range(30))
    last = recorder.choices[-1]
    for count, (_, choices) in enumerate(recorder.told):
        assert choices.left.tolist() == last.left[:count].tolist()
        assert choices.outcomes.tolist() == last.outcomes[:count].tolist()
    assert {*last.left[:3].tolist(), *last.right[:3].tolist()} == {11, 10, 9, 8}


def test_an_active_method_is_fitted_in_rounds(trial: Trial) -> None:
    """It proposes from fits to 0, 5, 10 and 20 answers: every ten, and at counts of the curve."""
    recorder = Recorder()
    figures = active_curve(recorder, trial, COUNTS, "ann", 0)
    assert figures is not None
    assert list(figures) == list(COUNTS)
    fitted_to = [fitted for fitted, _ in recorder.told]
    assert fitted_to == [0] * 5 + [5] * 5 + [10] * 10 + [20] * 10
    assert len(recorder.choices[-1].left) == 30


def test_a_method_without_proposals_has_no_active_curve(trial: Trial) -> None:
    """It is asked at random only, and said so."""
    assert active_curve(Recorder(proposes=False), trial, COUNTS, "ann", 0) is None
