from collections.abc import Callable

import numpy as np
import pytest

from photoaesth.errors import PhotoaesthError
from photoaesth.learning.evaluation.method import Learned
from photoaesth.learning.evaluation.protocol import (
    RaterUnderTest,
    Trial,
    draw_trial,
    draw_unequal,
    judge,
    rater_under_test,
    rng_for,
    shuffled_pairs,
)
from photoaesth.learning.evaluation.rating_files import Study


def rater_of(scores: list[float], name: str = "ann") -> RaterUnderTest:
    """A rater whose test file is the train file; photo 100 is the first."""
    photos = np.arange(100, 100 + len(scores))
    values = np.array(scores, dtype=np.float64)
    return RaterUnderTest(name, photos, values, photos, values)


def trial_of(rater: RaterUnderTest, shots: int, seed: int = 0) -> Trial:
    trial = draw_trial(rater, shots, seed)
    assert isinstance(trial, Trial)
    return trial


def test_the_photos_not_drawn_are_predicted() -> None:
    """With one file for both, shots and test photos together are the rater's, none twice."""
    rater = rater_of([1, 2, 3, 4, 5, 6, 7, 8])
    trial = trial_of(rater, 3)
    assert len(trial.shots) == 3
    assert sorted([*trial.shots, *trial.test]) == list(range(100, 108))
    assert (rater.scores[trial.shots - 100] == trial.scores).all()
    assert (rater.scores[trial.test - 100] == trial.truth).all()


def test_a_photo_drawn_is_not_predicted_from_another_file_either() -> None:
    """Where the files overlap, a shot is no test photo."""
    photos, scores = np.arange(6), np.arange(6.0)
    rater = RaterUnderTest("ann", photos[:4], scores[:4], photos[2:], scores[2:])
    trial = trial_of(rater, 4)
    assert sorted(trial.shots) == [0, 1, 2, 3]
    assert trial.test.tolist() == [4, 5]


def test_the_draw_depends_on_name_and_seed_alone() -> None:
    """The same rater draws the same again, fewer shots among more; others draw otherwise."""
    rater = rater_of(list(range(40)))
    shots = trial_of(rater, 20).shots.tolist()
    assert trial_of(rater, 20).shots.tolist() == shots
    assert trial_of(rater, 5).shots.tolist() == shots[:5]
    assert trial_of(rater, 20, seed=1).shots.tolist() != shots
    assert trial_of(rater_of(list(range(40)), "bob"), 20).shots.tolist() != shots


@pytest.mark.parametrize(
    ("scores", "shots", "reason"),
    [
        ([1, 2, 3], 4, "fewer than 4 rated photos"),
        ([1, 2, 3], 2, "fewer than two photos to predict"),
        ([2, 2, 2, 2], 2, "the same score for every photo to predict"),
    ],
)
def test_a_rater_who_cannot_be_tested_has_a_reason(
    scores: list[float], shots: int, reason: str
) -> None:
    """Too few photos, or nothing to correlate with, leave a rater out by name of the reason."""
    assert draw_trial(rater_of(scores), shots, 0) == reason


def test_pairs_have_unequal_scores_and_are_drawn_once() -> None:
    """Of 10 pairs among scores 1 1 2 3 3, 8 are unequal; asked for more, just these come."""
    rater = rater_of([1, 1, 2, 3, 3, 9, 8])
    trial = Trial(rater.photos[:5], rater.scores[:5], rater.photos[5:], rater.scores[5:])
    choices = draw_unequal(trial, 100, rng_for("ann", 0))
    pairs = {frozenset(p) for p in zip(choices.left.tolist(), choices.right.tolist(), strict=True)}
    assert len(choices.left) == len(pairs) == 8
    left, right = rater.scores[choices.left - 100], rater.scores[choices.right - 100]
    assert choices.outcomes.tolist() == (left > right).astype(float).tolist()
    assert (left != right).all()
    assert choices.shots.tolist() == trial.shots.tolist()
    assert len(draw_unequal(trial, 3, rng_for("ann", 0)).left) == 3


def test_sides_are_random() -> None:
    """The preferred photo stands on either side about as often: 2 of 435 pairs' sd is 21."""
    trial = trial_of(rater_of(list(range(40))), 30)
    outcomes = draw_unequal(trial, 1000, rng_for("ann", 0)).outcomes
    assert len(outcomes) == 30 * 29 // 2
    assert abs(outcomes.sum() - 435 / 2) < 3 * np.sqrt(435) / 2


def test_shuffled_pairs_are_all_pairs() -> None:
    """Each unordered pair comes once, and the order depends on the source of chance."""
    first, second = shuffled_pairs(5, rng_for("ann", 0))
    assert {frozenset(p) for p in zip(first.tolist(), second.tolist(), strict=True)} == {
        frozenset((a, b)) for a in range(5) for b in range(a)
    }
    assert len(first) == 10
    assert first.tolist() != shuffled_pairs(5, rng_for("ann", 1))[0].tolist()


def test_equal_scores_are_answered_as_ties() -> None:
    """Preferred, tied, beaten: 1, ½, 0."""
    trial = Trial(np.array([7, 8, 9]), np.array([2.0, 1.0, 2.0]), np.arange(2), np.arange(2.0))
    choices = trial.answer(np.array([0, 0, 1]), np.array([1, 2, 2]))
    assert choices.outcomes.tolist() == [1, 0.5, 0]
    assert choices.left.tolist() == [7, 7, 8]
    assert choices.right.tolist() == [8, 9, 9]


@pytest.fixture
def four() -> Trial:
    """Test photos 0 to 3 with the scores 1 2 2 4."""
    return Trial(np.array([9]), np.array([1.0]), np.arange(4), np.array([1.0, 2, 2, 4]))


def test_figures(four: Trial) -> None:
    """Predicted 1 3 2 3: of the 5 unequal pairs 4 agree and one (2, 3) is undecided: 4.5 / 5.

    Ranks 1 3½ 2 3½ and 1 2½ 2½ 4, centred: (2.25 + 0 + 0 + 1.5) / 4.5 = 0.833.
    """
    figures = judge(Learned(np.array([1.0, 3, 2, 3])), four)
    assert figures.pairwise_accuracy == pytest.approx(4.5 / 5)
    assert figures.srcc == pytest.approx(3.75 / 4.5)
    assert figures.calibration is None


def test_probabilities_are_judged_on_the_unequal_pairs(four: Trial) -> None:
    """Saying 0.7 of every pair: 5 predictions in one bin, with the left photo's wins beside."""
    asked: list[tuple[int, int]] = []

    def probability(left: np.ndarray, right: np.ndarray) -> np.ndarray:
        asked.extend(zip(left.tolist(), right.tolist(), strict=True))
        return np.full(len(left), 0.7)

    figures = judge(Learned(np.arange(4.0), probability), four)
    assert {frozenset(pair) for pair in asked} == {
        frozenset(pair) for pair in [(0, 1), (0, 2), (0, 3), (1, 3), (2, 3)]
    }
    wins = sum(four.truth[left] > four.truth[right] for left, right in asked)
    assert figures.calibration is not None
    assert figures.calibration[7] == pytest.approx((5, 3.5, wins))


def test_knowing_nothing_counts_as_zero(four: Trial) -> None:
    """The same prediction for every photo has correlation 0 and half of the pairs."""
    figures = judge(Learned(np.zeros(4)), four)
    assert (figures.srcc, figures.plcc, figures.krcc) == (0, 0, 0)
    assert figures.pairwise_accuracy == 0.5


def test_predictions_that_are_no_numbers_are_refused(four: Trial) -> None:
    """A method that diverged is told so, not ranked."""
    with pytest.raises(PhotoaesthError, match="no finite numbers"):
        judge(Learned(np.array([1.0, np.nan, 2, 3])), four)


@pytest.mark.parametrize("chance", [-0.1, 1.1, np.nan])
def test_probabilities_that_are_none_are_refused(four: Trial, chance: float) -> None:
    """A method that diverged is told so in its probabilities too."""
    learned = Learned(np.arange(4.0), lambda left, right: np.full(len(left), chance))
    with pytest.raises(PhotoaesthError, match="probabilities that are none"):
        judge(learned, four)


def test_very_many_test_photos_take_a_sample_of_pairs() -> None:
    """Of 2,000 test photos at most 10,000 pairs are judged, and still all for ρ."""
    truth = np.random.default_rng(0).normal(size=2000)
    trial = Trial(np.array([2000]), np.array([1.0]), np.arange(2000), truth)
    counts: list[int] = []

    def probability(left: np.ndarray, right: np.ndarray) -> np.ndarray:
        counts.append(len(left))
        return np.where(truth[left] > truth[right], 0.9, 0.1)

    figures = judge(Learned(truth**3, probability), trial)
    assert counts == [10_000]
    assert figures.srcc == pytest.approx(1)
    assert figures.pairwise_accuracy == 1


def test_a_rater_is_seen_through_the_split(
    scores: np.ndarray, make_study: Callable[..., Study]
) -> None:
    """Only photos under test are asked about and predicted, with the rater's own scores."""
    shown = np.arange(scores.shape[1]) % 2 == 0
    rater = rater_under_test(make_study(scores), 3, shown)
    assert rater.name == "r03"
    assert rater.photos.tolist() == np.flatnonzero(shown).tolist()
    assert rater.scores.tolist() == scores[3, shown].tolist()
    assert rater.test_scores.tolist() == scores[3, shown].tolist()
