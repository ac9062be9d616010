"""What reaches a method, and what must not: the evaluation is worth what these tests hold."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from photoaesth.errors import PhotoaesthError
from photoaesth.learning.evaluation import methods, workers
from photoaesth.learning.evaluation.bench import Bench, Job, Setting
from photoaesth.learning.evaluation.journal import RaterResult
from photoaesth.learning.evaluation.method import Fold, Learner
from photoaesth.learning.evaluation.protocol import (
    Figures,
    Protocol,
    draw_trial,
    rater_under_test,
)
from photoaesth.learning.evaluation.rating_files import Study
from photoaesth.learning.evaluation.splits import Split, split_by_category, unsplit

PROTOCOL = Protocol(shots=(10, 30), pairs=60, curve=(), seed=0)


def run_all(
    study: Study, setting: Setting, splits: Sequence[Split], method: str
) -> list[RaterResult]:
    """Test a method on everybody, in this process."""
    raters = {
        (place, method): [rater_under_test(study, int(r), split.photos) for r in split.raters]
        for place, split in enumerate(splits)
    }
    return [result for _, _, result in workers.run(setting, 1, raters)]


def correlations(results: Sequence[RaterResult], shots: int) -> np.ndarray:
    found = [result.shots[shots] for result in results]
    return np.array([figures.srcc for figures in found if isinstance(figures, Figures)])


def test_a_taste_is_found_and_shuffled_test_scores_are_not(
    scores: np.ndarray,
    make_study: Callable[..., Study],
    make_setting: Callable[..., Setting],
    linear: Any,
) -> None:
    """ρ is well above 0 for real scores; with test scores shuffled its mean is 0 within 3 se."""
    rng = np.random.default_rng(3)
    setting = make_setting(PROTOCOL)
    shuffled: list[float] = []
    for _ in range(5):
        study = make_study(scores, rng.permuted(scores, axis=1))
        splits = unsplit(study, shots=30, raters=None, seed=0)
        shuffled.extend(correlations(run_all(study, setting, splits, "linear"), 30))
    study = make_study(scores)
    splits = unsplit(study, shots=30, raters=None, seed=0)
    real = correlations(run_all(study, setting, splits, "linear"), 30)
    assert len(real) == len(scores)
    assert real.mean() > 0.5
    assert len(shuffled) == 5 * len(scores)
    assert abs(np.mean(shuffled)) < 3 * np.std(shuffled) / np.sqrt(len(shuffled))


def test_scores_of_photos_not_drawn_do_not_reach_the_learner(
    scores: np.ndarray,
    make_study: Callable[..., Study],
    make_setting: Callable[..., Setting],
    linear: Any,
) -> None:
    """Whatever the rater says of the other photos, the choices are the same, of shots alone."""
    study = make_study(scores)
    everything = np.ones(scores.shape[1], dtype=bool)
    setting = make_setting(Protocol(shots=(30,), pairs=60, curve=(20, 40), seed=0))
    rater = rater_under_test(study, 0, everything)
    trial = draw_trial(rater, 30, 0)
    assert not isinstance(trial, str)
    other = scores.copy()
    other[0, trial.test] = other[0, trial.test][::-1]
    assert not np.array_equal(other, scores)
    changed = rater_under_test(make_study(other), 0, everything)
    for person in (rater, changed):
        Bench(setting).do(Job(0, "linear", person))
    assert len(linear.choices) > 4
    half = len(linear.choices) // 2
    for before, after in zip(linear.choices[:half], linear.choices[half:], strict=True):
        assert set(before.left) | set(before.right) <= set(trial.shots) == set(before.shots)
        assert not np.isin(trial.test, before.shots).any()
        assert before.left.tolist() == after.left.tolist()
        assert before.right.tolist() == after.right.tolist()
        assert before.outcomes.tolist() == after.outcomes.tolist()


def test_nothing_under_test_reaches_a_method(
    scores: np.ndarray,
    make_study: Callable[..., Study],
    make_setting: Callable[..., Setting],
    linear: Any,
) -> None:
    """A method's fold holds no rater and no photo that is tested, and its own split's crowd."""
    study = make_study(scores)
    categories = [("cat", "dog")[place % 2] for place in range(len(study.photos))]
    splits = split_by_category(study, categories, seed=0)
    protocol = replace(PROTOCOL, shots=(10,))
    setting = make_setting(protocol, tuple(split.crowd for split in splits))
    results = run_all(study, setting, splits, "linear")
    assert len(results) == len(scores)
    assert len(linear.folds) == 2
    for place, (split, fold) in enumerate(zip(splits, linear.folds, strict=True)):
        assert len(fold.ratings) == len(scores) // 2 * len(study.photos) // 2
        assert not np.isin(fold.ratings.rater, split.raters).any()
        assert not split.photos[fold.ratings.photo].any()
        assert np.array_equal(fold.embeddings, setting.features + place)


def test_the_shipped_crowd_comes_with_no_ratings(
    scores: np.ndarray,
    make_study: Callable[..., Study],
    make_setting: Callable[..., Setting],
    linear: Any,
) -> None:
    """Without a refit, a method gets the shipped model and no ratings at all, learned once."""
    study = make_study(scores)
    splits = unsplit(study, shots=10, raters=4, seed=0)
    run_all(study, make_setting(PROTOCOL), splits, "linear")
    (fold,) = linear.folds
    assert len(fold.ratings) == 0
    assert fold.crowd.name == "stand-in"
    assert len(linear.choices) == 4 * 2


def test_a_rater_who_cannot_be_learned_from_is_left_out_by_name_of_the_reason(
    scores: np.ndarray,
    make_study: Callable[..., Study],
    make_setting: Callable[..., Setting],
    linear: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A learner's complaint is a result; a method's, which holds for everybody, ends the run."""

    def picky(fold: Fold) -> Learner:
        def learn(choices: Any) -> Any:
            raise PhotoaesthError("too few choices")

        return learn

    def impossible(fold: Fold) -> Learner:
        raise PhotoaesthError("scikit-learn is not installed")

    known = {"picky": picky, "impossible": impossible}
    monkeypatch.setattr(methods, "known_methods", lambda: known)
    study, setting = make_study(scores), make_setting(PROTOCOL)
    splits = unsplit(study, shots=10, raters=2, seed=0)
    for result in run_all(study, setting, splits, "picky"):
        assert result == RaterResult({10: "too few choices", 30: "too few choices"})
    with pytest.raises(PhotoaesthError, match="scikit-learn"):
        run_all(study, setting, splits, "impossible")


def test_only_the_largest_number_of_shots_has_a_curve(
    scores: np.ndarray,
    make_study: Callable[..., Study],
    make_setting: Callable[..., Setting],
    linear: Any,
) -> None:
    """Random and active figures at every number of pairs; random alone without proposals."""
    study = make_study(scores)
    setting = make_setting(replace(PROTOCOL, curve=(5, 20)))
    splits = unsplit(study, shots=10, raters=1, seed=0)
    (result,) = run_all(study, setting, splits, "linear")
    assert {rule: list(by_count) for rule, by_count in result.curve.items()} == {
        "random": [5, 20],
        "active": [5, 20],
    }
    assert {len(choices.shots) for choices in linear.choices} == {10, 30}
    assert sum(len(choices.shots) == 10 for choices in linear.choices) == 1
    (result,) = run_all(study, setting, splits, "blind")
    assert list(result.curve) == ["random"]
