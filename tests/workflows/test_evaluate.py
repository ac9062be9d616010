"""The published protocol from files to figures, with made-up raters of drawn photos."""

import csv
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import timm
import torch
from PIL import Image
from safetensors.torch import save_file

from photoaesth.errors import PhotoaesthError, UsageError
from photoaesth.learning.download import file_sha256
from photoaesth.learning.evaluation import measured, methods
from photoaesth.learning.evaluation.crowds import WAYS_TO_FIT, Crowd, CrowdFits
from photoaesth.learning.evaluation.method import Choices, Fold, Learned, Learner, Ratings
from photoaesth.workflows import evaluate as workflow
from photoaesth.workflows.evaluate import (
    EvaluationRequest,
    check_picture,
    evaluate,
    write_picture,
)

PHOTOS, RATERS = 24, 6


def _extract(inputs: Sequence[np.ndarray]) -> np.ndarray:
    """Stand in for the backbone: mean colours."""
    return np.array([image.mean(axis=(0, 1)) / 128 - 1 for image in inputs], dtype=np.float32)


def _stand_in(seen: measured.Measured) -> Crowd:
    """Return a crowd model that nothing is asked of."""
    model: Any = None
    return Crowd(model, seen.rows[measured.PLAIN])


def _any_pair(choices: Choices) -> tuple[int, int]:
    asked = {frozenset(pair) for pair in zip(choices.left, choices.right, strict=True)}
    pairs = combinations(range(len(choices.shots)), 2)
    return next(p for p in pairs if frozenset(choices.shots[list(p)]) not in asked)


@pytest.fixture
def fits(monkeypatch: pytest.MonkeyPatch) -> list[Choices]:
    """Offer `generic`, which knows nothing, and `colour`, which learns; note their choices."""
    seen: list[Choices] = []

    def generic(fold: Fold) -> Learner:
        return lambda choices: Learned(np.zeros(len(fold.paths)))

    def colour(fold: Fold) -> Learner:
        def learn(choices: Choices) -> Learned:
            seen.append(choices)
            rows = fold.features
            ahead = rows[choices.left] - rows[choices.right]
            score = rows @ ((choices.outcomes - 0.5) @ ahead)
            return Learned(
                score,
                lambda left, right: 1 / (1 + np.exp(score[right] - score[left])),
                lambda choices, rng: _any_pair(choices),
            )

        return learn

    monkeypatch.setattr(methods, "known_methods", lambda: {"generic": generic, "colour": colour})
    monkeypatch.setattr(workflow, "shipped_crowd", _stand_in)
    monkeypatch.setattr(measured, "_extractor", lambda way, device, named: _extract)
    monkeypatch.setattr(measured, "_code_version", lambda way, named: "")
    return seen


@pytest.fixture
def folder(tmp_path: Path, draw_photo: Callable[..., Path]) -> Path:
    for number in range(PHOTOS):
        draw_photo(tmp_path / "photos" / f"{number:02}.png", seed=number)
    return tmp_path / "photos"


def write_ratings(path: Path, folder: Path, *, sets: int = 1, shuffled: bool = False) -> Path:
    """Write scores of people who each like a colour; a set's raters see its photos only."""
    rng = np.random.default_rng(0)
    photos = sorted(folder.glob("*.png"))
    means = np.array([np.asarray(Image.open(photo)).mean(axis=(0, 1)) for photo in photos])
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["rater", "photo", "score"])
        for rater in range(RATERS):
            seen = [p for p in range(len(photos)) if p * sets // len(photos) == rater % sets]
            scores = np.round(means[seen] @ rng.normal(size=3) / 10)
            if shuffled:
                rng.shuffle(scores)
            writer.writerows(
                (f"r{rater}", photos[p].name, score) for p, score in zip(seen, scores, strict=True)
            )
    return path


@pytest.fixture
def request_(tmp_path: Path, folder: Path, fits: list[Choices]) -> EvaluationRequest:
    return EvaluationRequest(
        photos=folder,
        train_ratings=write_ratings(tmp_path / "ratings.csv", folder),
        test_ratings=None,
        crowd_ratings=None,
        folds="none",
        categories=None,
        methods=("generic", "colour"),
        shots=(4, 12),
        pairs=30,
        curve=(),
        raters=None,
        seed=0,
        jobs=1,
        device="cpu",
        fresh=False,
    )


def test_a_taste_is_measured(request_: EvaluationRequest) -> None:
    """What learns is better than what knows nothing, by figures that belong together."""
    report = evaluate(request_)
    assert list(report.methods) == ["generic", "colour"]
    assert list(report.methods["colour"]) == [4, 12]
    colour, generic = report.methods["colour"][12], report.methods["generic"][12]
    assert colour.raters == generic.raters == RATERS
    assert generic.srcc_mean == 0
    assert generic.pairwise_accuracy == 0.5
    assert colour.srcc_mean > 0.6
    assert colour.srcc_se == pytest.approx(colour.srcc_sd / math.sqrt(RATERS))
    assert list(report.comparisons) == ["colour"]
    difference = report.comparisons["colour"][12]
    assert difference.against == "generic"
    assert difference.mean == pytest.approx(colour.srcc_mean)
    assert difference.p_value < 0.01
    assert list(report.folds) == ["all"]
    assert report.curve == {}
    assert report.skipped == ()


def test_another_file_is_predicted(request_: EvaluationRequest, tmp_path: Path) -> None:
    """With shuffled scores in the test file nothing can be predicted, however well learned."""
    test = write_ratings(tmp_path / "test.csv", request_.photos, shuffled=True)
    report = evaluate(replace(request_, test_ratings=test))
    assert abs(report.methods["colour"][12].srcc_mean) < 0.4
    assert evaluate(request_).methods["colour"][12].srcc_mean > 0.6


def test_what_is_finished_is_not_done_again(
    request_: EvaluationRequest, fits: list[Choices]
) -> None:
    """Interrupted, the same command carries on; other seeds and --fresh begin anew."""

    def stop(stage: str, done: int, total: int) -> None:
        if stage == "Evaluating" and done == RATERS + 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evaluate(request_, stop)
    fits.clear()
    report = evaluate(request_)
    assert report.resumed == RATERS + 2
    assert len(fits) == 2 * (RATERS - 2)
    fits.clear()
    again = evaluate(request_)
    assert again.resumed == 2 * RATERS
    assert fits == []
    assert repr(again.methods) == repr(report.methods)  # NaN is not equal to itself
    assert evaluate(replace(request_, seed=1)).resumed == 0
    fresh = evaluate(replace(request_, fresh=True))
    assert fresh.resumed == 0
    assert fresh.methods["colour"] == report.methods["colour"]


def test_more_raters_and_methods_join_what_is_there(
    request_: EvaluationRequest, fits: list[Choices]
) -> None:
    """Three raters under one method, then all under two: three results are used again."""
    first = evaluate(replace(request_, raters=3, methods=("colour",)))
    assert first.methods["colour"][4].raters == 3
    assert evaluate(request_).resumed == 3


def test_the_same_seed_gives_the_same_figures(request_: EvaluationRequest) -> None:
    """Two fresh runs agree to the last bit; another seed draws other photos."""
    runs = [
        evaluate(replace(request_, fresh=True, seed=seed)).methods["colour"] for seed in (0, 0, 1)
    ]
    assert runs[0] == runs[1] != runs[2]


def test_a_bad_photo_stops_nothing(request_: EvaluationRequest) -> None:
    """A broken and a missing photo are named; their ratings count for nothing."""
    broken, missing = (request_.photos / f"{number:02}.png" for number in (3, 7))
    broken.write_text("no picture")
    missing.unlink()
    report = evaluate(request_)
    assert {item.path for item in report.skipped} == {broken, missing}
    assert report.methods["colour"][12].raters == RATERS


def test_a_folder_without_the_photos_is_named(request_: EvaluationRequest, tmp_path: Path) -> None:
    """The wrong folder ends in a line with the first photo that was looked for."""
    with pytest.raises(PhotoaesthError, match=r"none of the rated photos .*00\.png"):
        evaluate(replace(request_, photos=tmp_path))


def test_the_curve_asks_at_random_and_actively(request_: EvaluationRequest) -> None:
    """ρ at every number of pairs; a method without proposals is only asked at random."""
    report = evaluate(replace(request_, curve=(5, 15)))
    assert {rule: list(by_count) for rule, by_count in report.curve.items()} == {
        "random": [5, 15],
        "active": [5, 15],
    }
    assert list(report.curve["random"][15]) == ["generic", "colour"]
    assert list(report.curve["active"][15]) == ["colour"]
    assert report.curve["active"][15]["colour"].raters == RATERS


@pytest.fixture
def fitted(monkeypatch: pytest.MonkeyPatch) -> list[Ratings]:
    """Note what crowds are learned from; each is the stand-in in the end."""
    seen: list[Ratings] = []

    def crowd(fits: CrowdFits, ratings: Ratings, on_step: Any) -> Crowd:
        assert set(fits.measured.rows) == set(WAYS_TO_FIT)
        seen.append(ratings)
        return _stand_in(fits.measured)

    monkeypatch.setattr(CrowdFits, "crowd", crowd)
    return seen


def test_photo_sets_take_turns(
    request_: EvaluationRequest, tmp_path: Path, fitted: list[Ratings]
) -> None:
    """Three sets of eight photos: each is tested once, its crowd learned from the others."""
    ratings = write_ratings(tmp_path / "sets.csv", request_.photos, sets=3)
    report = evaluate(replace(request_, train_ratings=ratings, folds="photo-sets", shots=(4,)))
    assert list(report.folds) == ["photo set 1", "photo set 2", "photo set 3"]
    assert [report.folds[fold]["colour"][4].raters for fold in report.folds] == [2, 2, 2]
    assert report.methods["colour"][4].raters == RATERS
    sets = [set(range(start, start + 8)) for start in (0, 8, 16)]
    assert len(fitted) == 3
    for under_test, ratings_seen in zip(sets, fitted, strict=True):
        assert set(ratings_seen.photo.tolist()) == set(range(PHOTOS)) - under_test
        assert len(set(ratings_seen.rater.tolist())) == RATERS - 2


def test_categories_take_turns(
    request_: EvaluationRequest, tmp_path: Path, fitted: list[Ratings]
) -> None:
    """Each category is tested with a crowd learned from the other."""
    file = tmp_path / "photos.csv"
    rows = [f"{number:02}.png,{'odd' if number % 2 else 'even'}" for number in range(PHOTOS)]
    file.write_text("\n".join(["photo,category", *rows]))
    request = replace(request_, folds="category", categories=file, shots=(4,))
    report = evaluate(request)
    assert list(report.folds) == ["even", "odd"]
    assert {photo % 2 for photo in fitted[0].photo.tolist()} == {1}
    assert {photo % 2 for photo in fitted[1].photo.tolist()} == {0}
    with pytest.raises(UsageError, match="--categories"):
        evaluate(replace(request, categories=None))


def test_a_refit_without_anything_left_names_folds(request_: EvaluationRequest) -> None:
    """The same file for everything leaves no crowd; the line says what to do."""
    with pytest.raises(PhotoaesthError, match="--folds photo-sets"):
        evaluate(replace(request_, crowd_ratings=request_.train_ratings))


def test_an_unknown_method_is_refused_before_anything_is_read(
    request_: EvaluationRequest, tmp_path: Path
) -> None:
    """A typing error costs no minute of measuring."""
    with pytest.raises(UsageError, match="no method 'colr'"):
        evaluate(replace(request_, methods=("colr",), train_ratings=tmp_path / "nowhere.csv"))


def test_the_picture_is_written_and_not_replaced_unasked(
    request_: EvaluationRequest, tmp_path: Path
) -> None:
    """A picture of the curve; an existing one is refused, before and after, without a yes."""
    pytest.importorskip("matplotlib", reason="the picture needs the eval extra")
    report = evaluate(replace(request_, curve=(5, 15)))
    for name, start in (("curve.png", b"\x89PNG"), ("curve.SVG", b"<?xml")):
        target = tmp_path / name
        check_picture(target, overwrite=False)
        write_picture(report, target)
        assert target.read_bytes().startswith(start)
        with pytest.raises(PhotoaesthError, match="--overwrite"):
            check_picture(target, overwrite=False)
        with pytest.raises(PhotoaesthError, match="--overwrite"):
            write_picture(report, target)
        check_picture(target, overwrite=True)
    with pytest.raises(UsageError, match=r"\.png or \.svg"):
        check_picture(tmp_path / "curve.jpg", overwrite=False)
    with pytest.raises(PhotoaesthError, match="there is no folder"):
        check_picture(tmp_path / "nowhere" / "curve.png", overwrite=False)


def test_processes_find_what_one_finds(tmp_path: Path, draw_photo: Callable[..., Path]) -> None:
    """The real generic model gives two processes the figures of one, but for rounding.

    BLAS adds in another order with another number of threads.
    """
    folder = tmp_path / "photos"
    for number in range(PHOTOS):
        draw_photo(folder / f"{number:02}.png", seed=number)
    ratings = write_ratings(tmp_path / "ratings.csv", folder)
    reports = [
        evaluate(
            EvaluationRequest(
                photos=folder,
                train_ratings=ratings,
                test_ratings=None,
                crowd_ratings=None,
                folds="none",
                categories=None,
                methods=("generic",),
                shots=(4,),
                pairs=5,
                curve=(),
                raters=None,
                seed=0,
                jobs=jobs,
                device="cpu",
                fresh=True,
            )
        )
        for jobs in (1, 2)
    ]
    first, second = (report.methods["generic"][4] for report in reports)
    assert first.raters == second.raters == RATERS
    assert first.srcc_mean == pytest.approx(second.srcc_mean, abs=0.01)
    assert first.plcc_mean == pytest.approx(second.plcc_mean, abs=0.01)
    assert -1 < first.srcc_mean < 1


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """Random weights of a small network of timm."""
    torch.manual_seed(0)
    file = tmp_path / "resnet.safetensors"
    save_file(timm.create_model("test_resnet").state_dict(), file)
    return file


def write_opposites(path: Path, folder: Path) -> Path:
    """Write scores of people who like warm photos and of as many who like cold ones.

    Four of them see the first half of the photos, four the second.
    """
    photos = sorted(folder.glob("*.png"))
    means = [np.asarray(Image.open(photo)).mean(axis=(0, 1)) for photo in photos]
    warmth = np.array([red - blue for red, _, blue in means]) / 10
    rows = [
        f"r{rater},{photo.name},{round(float((-1) ** rater * value), 1)}"
        for number, (photo, value) in enumerate(zip(photos, warmth, strict=True))
        for rater in (range(4) if number < len(photos) / 2 else range(4, 8))
    ]
    path.write_text("\n".join(["rater,photo,score", *rows]))
    return path


def test_a_crowd_is_learned_for_another_backbone(
    tmp_path: Path,
    draw_photo: Callable[..., Path],
    weights: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """From features of another width a person is known who is unlike the crowd."""
    monkeypatch.setattr(measured, "model_input", np.asarray)  # as small as they are drawn: quick
    folder = tmp_path / "photos"
    for number in range(60):  # from 20 ratings on, a rater tells something about tastes
        draw_photo(folder / f"{number:02}.png", seed=number)
    request = EvaluationRequest(
        photos=folder,
        train_ratings=write_opposites(tmp_path / "ratings.csv", folder),
        test_ratings=None,
        crowd_ratings=None,
        folds="photo-sets",
        categories=None,
        methods=("generic", "personal"),
        shots=(16,),
        pairs=40,
        curve=(),
        raters=None,
        seed=0,
        jobs=1,
        device="cpu",
        fresh=True,
        backbone="timm:test_resnet",
        weights=weights,
    )
    report = evaluate(request)
    assert report.backbone == f"timm-test_resnet.r160_in1k-{file_sha256(weights)[:8]}"
    generic, personal = (report.methods[name][16] for name in request.methods)
    assert generic.raters == personal.raters == 8
    assert abs(generic.srcc_mean) < 0.3  # half of them rate the other way round
    assert personal.srcc_mean > 0.5


def test_the_shipped_crowd_knows_its_own_backbone_only(
    request_: EvaluationRequest, weights: Path, fitted: list[Ratings]
) -> None:
    """Another backbone needs ratings to learn a crowd from; nothing is measured without."""
    other = replace(request_, backbone="timm:test_resnet", weights=weights)
    with pytest.raises(UsageError, match=r"efficientnet-lite0 only.*--folds or --crowd-ratings"):
        evaluate(other)
    assert fitted == []


@pytest.mark.parametrize("method", ["nima", "mpada", "finetune", "finetune-no-attention"])
def test_methods_of_the_default_backbone_are_refused_with_another(
    request_: EvaluationRequest, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """They would see the photos otherwise than the table says; one line names them."""
    known = dict.fromkeys(["generic", method])
    monkeypatch.setattr(methods, "known_methods", lambda: known)
    request = replace(request_, methods=("generic", method), folds="photo-sets", backbone="vgg16")
    with pytest.raises(UsageError, match=f"no {method} on another backbone than effi"):
        evaluate(request)


def test_weights_that_are_not_there_are_named(request_: EvaluationRequest, tmp_path: Path) -> None:
    """Not pulled: how to; not on the disk: which; for the default: there is nothing to give."""
    request = replace(request_, folds="photo-sets")
    with pytest.raises(PhotoaesthError, match="photoaesth models pull vgg16"):
        evaluate(replace(request, backbone="vgg16"))
    nowhere = tmp_path / "nowhere.safetensors"
    with pytest.raises(PhotoaesthError, match=r"no weights file .*nowhere"):
        evaluate(replace(request, backbone="vgg16", weights=nowhere))
    with pytest.raises(UsageError, match="leave out --weights"):
        evaluate(replace(request, weights=nowhere))


def test_rankings_are_inferred_by_transitivity() -> None:
    """Methods get the closure of the ranking layer: from 1 ≻ 2 and 2 ≻ 3 follows 1 ≻ 3."""
    assert list(workflow._infer([(1, 2), (2, 3)])) == [(1, 3)]
