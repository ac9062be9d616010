from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from photoaesth.config import cache_folder
from photoaesth.errors import PhotoaesthError
from photoaesth.learning.crowd import OPINIONS, CrowdModel
from photoaesth.learning.evaluation import finetune_learner
from photoaesth.learning.evaluation.finetune import METHODS
from photoaesth.learning.evaluation.finetune_learner import (
    prepare,
    training_set,
)
from photoaesth.learning.evaluation.method import Choices, Fold, Ratings
from photoaesth.learning.finetune.options import FinetuneOptions, Schedule
from photoaesth.learning.metrics import spearman
from photoaesth.ranking.closure import transitive_closure

PHOTOS, RATED = 18, 10  # the rated come first
OPTIONS = FinetuneOptions(
    regression_schedule=Schedule(8, 4, backbone_rate=0.0, head_rate=1e-3, halve_every=0, frozen=8),
    ranking_schedule=Schedule(40, 8, backbone_rate=0.0, head_rate=2e-4, halve_every=0, frozen=8),
)
# Brightness from 30 to 220, in an order that has nothing to do with the photos' numbers.
LEVELS = np.random.default_rng(4).permutation(np.linspace(30, 220, PHOTOS))


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    """Textured photos of different brightness."""
    folder = tmp_path_factory.mktemp("photos")
    rng = np.random.default_rng(5)
    files = []
    for number, level in enumerate(LEVELS):
        pixels = (level + rng.normal(0, 25, (66, 66, 3))).clip(0, 255).astype(np.uint8)
        files.append(folder / f"{number}.png")
        Image.fromarray(pixels).save(files[-1])
    return tuple(files)


def crowd_head(embeddings: NDArray[np.float32]) -> NDArray[np.float32]:
    """All that the method asks of a crowd model: distributions, here from embeddings alone."""
    odds = np.exp(embeddings[:, :6] @ np.linspace(-0.2, 0.2, 60).reshape(6, 10).astype(np.float32))
    return np.asarray(odds / odds.sum(1, keepdims=True))


@pytest.fixture
def fold(paths: tuple[Path, ...]) -> Fold:
    """A crowd of three who like bright photos; eight photos they have not seen."""
    photo = np.tile(np.arange(RATED), 3)
    score = 1 + 6 * (LEVELS[photo] - 30) / 190
    rng = np.random.default_rng(6)
    return Fold(
        paths=paths,
        features=rng.normal(size=(PHOTOS, 9)).astype(np.float32),
        embeddings=rng.normal(size=(PHOTOS, 6 + OPINIONS)).astype(np.float32),
        crowd=cast("CrowdModel", SimpleNamespace(head=crowd_head)),
        ratings=Ratings(np.repeat(np.arange(3), RATED), photo, score),
        device="cpu",
        seed=0,
        infer=lambda pairs: transitive_closure(pairs).inferred,
    )


def choices(left: list[int], right: list[int], outcomes: list[float]) -> Choices:
    shots = np.unique([*left, *right])
    return Choices(shots, np.array(left), np.array(right), np.array(outcomes))


def dark_lover() -> Choices:
    """Whoever prefers the darker of two photos; every other pair is answered "right"."""
    order = np.argsort(LEVELS)[::2]
    pairs = list(pairwise(order))
    left = [int(a if n % 2 else b) for n, (a, b) in enumerate(pairs)]
    right = [int(b if n % 2 else a) for n, (a, b) in enumerate(pairs)]
    return choices(left, right, [float(n % 2) for n in range(len(pairs))])


def test_the_table_has_the_method_and_its_ablations() -> None:
    """Each row of Z21's table 1 that is the method's own has a name."""
    assert list(METHODS) == [
        "finetune",
        "finetune-exp",
        "finetune-logistic",
        "finetune-no-attention",
        "finetune-no-rankings",
        "finetune-no-pretraining",
    ]


def test_regression_then_rankings(fold: Fold) -> None:
    """The crowd's taste is learned from rated photos; a rater with the opposite one turns it."""
    unseen = np.argsort(LEVELS)[1::2]  # neither among the rater's
    choosing = dark_lover()
    generic = prepare(fold, replace(OPTIONS, rankings=False))(choosing).score
    personal = prepare(fold, OPTIONS)(choosing).score
    assert generic.shape == personal.shape == (PHOTOS,)
    assert spearman(generic[RATED:], LEVELS[RATED:]) > 0.8
    assert spearman(personal[unseen], -LEVELS[unseen]) > 0.5


def test_without_pretraining_the_crowd_counts_for_nothing(fold: Fold) -> None:
    """Other ratings, same result; and with ties alone there is nothing to learn from."""
    options = replace(OPTIONS, pretraining=False)
    other = replace(fold, ratings=replace(fold.ratings, score=fold.ratings.score[::-1].copy()))
    scores = [prepare(f, options)(dark_lover()).score for f in (fold, other)]
    np.testing.assert_array_equal(*scores)
    with pytest.raises(PhotoaesthError, match="all ties"):
        prepare(fold, options)(choices([0, 1], [2, 3], [0.5, 0.5]))


def test_ties_leave_the_generic_model(fold: Fold) -> None:
    """The pairwise losses know no ties: a rater who cannot decide gets the crowd's taste."""
    learn = prepare(fold, OPTIONS)
    undecided = learn(choices([0, 1], [2, 3], [0.5, 0.5])).score
    generic = prepare(fold, replace(OPTIONS, rankings=False))(dark_lover()).score
    np.testing.assert_array_equal(undecided, generic)


def test_raters_do_not_meet(fold: Fold) -> None:
    """What one rater chose leaves no trace in what is learned of the next."""
    learn = prepare(fold, OPTIONS)
    first = learn(dark_lover()).score
    learn(choices([0, 3, 5], [1, 2, 4], [1.0, 1.0, 0.0]))
    np.testing.assert_array_equal(learn(dark_lover()).score, first)


def test_no_photo_under_test_reaches_the_regression(fold: Fold) -> None:
    """Only rated photos are learned from, each with its own ratings: 1 + 9 (s - 1) / 6 on ten."""
    photos, distributions = training_set(fold)
    np.testing.assert_array_equal(photos, np.arange(RATED))
    low, high = fold.ratings.score.min(), fold.ratings.score.max()
    expected = 1 + 9 * (fold.ratings.score[:RATED] - low) / (high - low)
    np.testing.assert_allclose(distributions @ np.arange(1, 11), expected)


def test_the_nearest_rated_photos_are_learned_from(
    fold: Fold, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With K = 1 and every photo under test beside rated photo 7, only that one is taken."""
    embeddings = fold.embeddings.copy()
    embeddings[RATED:] = 2 * embeddings[7]
    near = replace(fold, embeddings=embeddings)
    retrieve = finetune_learner.retrieve
    monkeypatch.setattr(finetune_learner, "retrieve", lambda a, b: retrieve(a, b, 1))
    assert training_set(near)[0].tolist() == [7]


def test_the_shipped_crowd_is_learned_from_as_it_is(fold: Fold) -> None:
    """Without ratings the network learns the crowd model's own distributions of all photos."""
    nothing = np.empty(0, np.int64)
    shipped = replace(fold, ratings=Ratings(nothing, nothing, np.empty(0)))
    photos, distributions = training_set(shipped)
    np.testing.assert_array_equal(photos, np.arange(PHOTOS))
    np.testing.assert_array_equal(distributions, fold.crowd.head(fold.embeddings))
    assert np.isfinite(prepare(shipped, OPTIONS)(dark_lover()).score).all()


def test_a_regression_is_fitted_once(fold: Fold, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another loss, and another process, take it from the cache; other ratings do not."""
    prepare(fold, OPTIONS)
    (kept,) = (cache_folder() / "finetune").iterdir()
    written = kept.stat().st_mtime_ns
    prepare(fold, replace(OPTIONS, loss="exp"))
    assert [p.stat().st_mtime_ns for p in kept.parent.iterdir()] == [written]
    more = replace(fold, ratings=fold.ratings.where(fold.ratings.photo != 3))
    prepare(more, OPTIONS)
    assert len(list(kept.parent.iterdir())) == 2


def test_an_unreadable_photo_is_named(fold: Fold, tmp_path: Path) -> None:
    """One line with its path, before anything is trained."""
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no picture")
    with pytest.raises(PhotoaesthError, match=r"broken\.jpg"):
        prepare(replace(fold, paths=(broken, *fold.paths[1:])), OPTIONS)


def test_what_follows_from_the_choices_is_learned(
    fold: Fold, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fold says what follows from the decided choices, and that reaches the training."""
    asked: list[tuple[int, int]] = []
    given: list[list[list[int]]] = []

    def infer(pairs: Iterable[tuple[int, int]]) -> Iterable[tuple[int, int]]:
        asked.extend(pairs)
        return [(3, 1)]

    def rank(start: Any, photos: Any, direct: Any, inferred: Any, options: Any) -> Any:
        given.append(inferred.tolist())
        return start

    monkeypatch.setattr(finetune_learner, "fit_rankings", rank)
    choices = Choices(
        np.arange(4), np.array([0, 1, 2]), np.array([1, 2, 3]), np.array([1.0, 0.0, 0.5])
    )
    prepare(replace(fold, infer=infer), OPTIONS)(choices)
    assert asked == [(0, 1), (2, 1)]
    assert given == [[[3, 1]]]
