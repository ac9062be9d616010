from collections.abc import Callable, Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import expit

from photoaesth.domain import Comparison, Outcome
from photoaesth.learning.heldout import FOLDS, HeldOut, cross_validate
from photoaesth.learning.metrics import pairwise_accuracy
from photoaesth.learning.personal import PersonalHead, choice_probability
from photoaesth.learning.personal_fit import fit_personal

Answers = Sequence[Comparison]
Predictions = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]
VALUES = {Outcome.LEFT: 1.0, Outcome.RIGHT: 0.0, Outcome.TIE: 0.5}


def answer(number: int, left: int, right: int, outcome: Outcome = Outcome.LEFT) -> Comparison:
    return Comparison(number, left, right, outcome, "2024-05-01T12:00:00+00:00", str(number))


def pair_of(choice: Comparison) -> frozenset[int]:
    return frozenset((choice.left, choice.right))


answers_of_few_photos = st.lists(
    st.tuples(st.integers(0, 11), st.integers(0, 11), st.sampled_from(list(VALUES))).filter(
        lambda choice: choice[0] != choice[1]
    ),
    max_size=40,
).map(lambda choices: [answer(number, *choice) for number, choice in enumerate(choices)])


class Recorder:
    """Stands for a model; keeps what it was shown and predicts an answer's own number."""

    def __init__(self) -> None:
        self.folds: list[tuple[Answers, Answers]] = []

    def __call__(self, training: Answers, held_out: Answers) -> Predictions:
        self.folds.append((training, held_out))
        numbers = np.array([float(choice.id) for choice in held_out])
        return numbers, -numbers, np.array([VALUES[choice.outcome] for choice in held_out])


@given(
    answers_of_few_photos, st.dictionaries(st.integers(0, 11), st.integers(0, 3)), st.integers(0, 9)
)
def test_nothing_leaks(answers: list[Comparison], bursts: dict[int, int], seed: int) -> None:
    """No pair and no burst is on both sides, and every answer is predicted exactly once."""
    recorder = Recorder()
    held_out = cross_validate(answers, bursts, recorder, seed=seed)
    if len({pair_of(choice) for choice in answers}) < FOLDS:
        assert held_out is None
        assert recorder.folds == []
        return
    assert held_out is not None
    assert len(recorder.folds) == FOLDS
    for training, tested in recorder.folds:
        assert tested
        assert not {pair_of(c) for c in training} & {pair_of(c) for c in tested}
        seen, hidden = (
            {bursts[photo] for c in side for photo in pair_of(c) if photo in bursts}
            for side in (training, tested)
        )
        assert not seen & hidden
    predicted = [choice.id for _, tested in recorder.folds for choice in tested]
    assert sorted(predicted) == [choice.id for choice in answers]
    # Predictions and outcomes stand in one order, and the two models are not mixed up.
    np.testing.assert_array_equal(held_out.generic, predicted)
    np.testing.assert_array_equal(held_out.personal, -held_out.generic)
    by_id = {choice.id: VALUES[choice.outcome] for choice in answers}
    np.testing.assert_array_equal(held_out.outcomes, [by_id[number] for number in predicted])


def test_only_what_would_leak_is_left_out() -> None:
    """Without bursts a model learns from all answers but those it is tested on."""
    answers = [answer(n, n, n + 1) for n in range(20)]
    recorder = Recorder()
    cross_validate(answers, {}, recorder)
    for training, tested in recorder.folds:
        assert len(tested) == 4
        assert len(training) == 16


def test_too_few_pairs() -> None:
    """Four different pairs, however often they were asked, are not enough for five folds."""
    answers = [answer(n, n % 4, 10) for n in range(40)]
    assert cross_validate(answers, {}, Recorder()) is None
    assert cross_validate([], {}, Recorder()) is None
    assert cross_validate([*answers, answer(99, 5, 10)], {}, Recorder()) is not None


def test_the_seed_decides_the_folds() -> None:
    """The same seed holds out the same answers, another one others."""
    answers = [answer(n, n, n + 1) for n in range(20)]

    def tested(seed: int) -> list[list[int]]:
        recorder = Recorder()
        cross_validate(answers, {}, recorder, seed=seed)
        return [[choice.id for choice in held_out] for _, held_out in recorder.folds]

    assert tested(0) == tested(0) != tested(1)


def bradley_terry(rows: NDArray[np.float64]) -> Callable[[Answers, Answers], Predictions]:
    """Fit the real personal model to photos with the given rows."""
    size = rows.shape[1]
    start = PersonalHead(mean=np.zeros(size), covariance=np.eye(size))

    def differences(answers: Answers) -> NDArray[np.float64]:
        return rows[[c.left for c in answers]] - rows[[c.right for c in answers]]

    def outcomes(answers: Answers) -> NDArray[np.float64]:
        return np.array([VALUES[choice.outcome] for choice in answers])

    def run(training: Answers, held_out: Answers) -> Predictions:
        head = start
        if training:
            head = fit_personal(
                start,
                differences(training),
                outcomes(training),
                np.ones(len(training)),
                slope=1.0,
                device="cpu",
            )
        generic, personal = (
            choice_probability(h, differences(held_out), slope=1.0) for h in (start, head)
        )
        return generic, personal, outcomes(held_out)

    return run


def accuracy(held_out: HeldOut | None) -> float:
    assert held_out is not None
    return pairwise_accuracy(held_out.personal, held_out.outcomes)


def test_a_planted_taste_is_predicted_and_shuffled_answers_are_not() -> None:
    """300 choices by a taste reach over 0.8; the same choices shuffled stay a coin (± 4 sd)."""
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(60, 5))
    utility = rows @ np.array([2.0, -1, 1, 0, 0.5])
    pairs = [rng.choice(60, 2, replace=False) for _ in range(300)]
    won = rng.random(300) < expit(np.array([utility[a] - utility[b] for a, b in pairs]))

    def validated(outcomes: NDArray[np.bool_]) -> float:
        answers = [
            answer(n, int(a), int(b), Outcome.LEFT if left else Outcome.RIGHT)
            for n, ((a, b), left) in enumerate(zip(pairs, outcomes, strict=True))
        ]
        return accuracy(cross_validate(answers, {}, bradley_terry(rows)))

    assert validated(won) > 0.8
    assert abs(validated(rng.permutation(won)) - 0.5) < 4 * 0.5 / np.sqrt(300)


def test_bursts_would_leak_if_they_were_not_known() -> None:
    """Random answers, each repeated on the next frames: learned by heart unless bursts are known.

    Photos 2n and 2n + 1 are frames of one burst and look alike. Two such pairs of frames get
    the same answer, so a model that may train on one frame knows the other.
    """
    rng = np.random.default_rng(0)
    rows = np.repeat(rng.normal(size=(160, 100)), 2, axis=0)
    answers = []
    for question in range(80):
        left, right = 4 * question, 4 * question + 2
        outcome = (Outcome.LEFT, Outcome.RIGHT)[rng.integers(2)]
        answers += [
            answer(2 * question + frame, left + frame, right + frame, outcome) for frame in (0, 1)
        ]
    bursts = {photo: photo // 2 for photo in range(320)}
    model = bradley_terry(rows)
    assert accuracy(cross_validate(answers, {}, model)) > 0.75
    assert abs(accuracy(cross_validate(answers, bursts, model)) - 0.5) < 4 * 0.5 / np.sqrt(80)
