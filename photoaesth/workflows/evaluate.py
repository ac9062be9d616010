"""Measure how well methods know people, by the published protocol on rated photos."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from photoaesth.domain import Skipped
from photoaesth.errors import PhotoaesthError, UsageError
from photoaesth.files import display_path, write_result
from photoaesth.learning.backbones import DEFAULT_BACKBONE, NamedBackbone, load_named_backbone
from photoaesth.learning.evaluation import finetune, summary
from photoaesth.learning.evaluation.bench import Setting
from photoaesth.learning.evaluation.crowds import (
    WAYS_SHIPPED,
    WAYS_TO_FIT,
    Crowd,
    CrowdFits,
    shipped_crowd,
)
from photoaesth.learning.evaluation.measured import PLAIN, Measured, measure
from photoaesth.learning.evaluation.method import Pairs
from photoaesth.learning.evaluation.methods import find_method
from photoaesth.learning.evaluation.protocol import Protocol
from photoaesth.learning.evaluation.rating_files import (
    Row,
    Study,
    categories_of,
    number,
    read_categories,
    read_ratings,
)
from photoaesth.learning.evaluation.resumable import run_resumably
from photoaesth.learning.evaluation.splits import (
    Split,
    draw_raters,
    split_by_category,
    split_by_photo_set,
    unsplit,
)
from photoaesth.learning.evaluation.summary import Difference, Statistics
from photoaesth.ranking.closure import transitive_closure
from photoaesth.report.curve_picture import PICTURE_FORMATS, Curve, curve_picture, new_figure

GENERIC = "generic"
FOLDS = ("none", "photo-sets", "category")
# They look at the photos themselves, or know which columns of the features are whose.
_BOUND_TO_DEFAULT = ("nima", "mpada", *finetune.METHODS)

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done and how much there is."""


@dataclass(frozen=True, slots=True)
class EvaluationRequest:
    """What to measure.

    Attributes:
        photos: the folder that names of photos in the ratings are relative to.
        train_ratings: CSV file to draw shots from.
        test_ratings: CSV file to predict; None for the same.
        crowd_ratings: CSV file to refit the crowd model on; None for the shipped model, or with
            folds for the ratings above.
        folds: one of `FOLDS`.
        categories: CSV file with each photo's category.
        methods: names of methods.
        shots: numbers of photos of each rater to draw pairs from.
        pairs: pairs with unequal scores to learn from.
        curve: numbers of pairs to measure the curve at; empty for none.
        raters: at most so many are tested; None for all.
        seed: decides every draw.
        jobs: processes; None for one per core.
        device: where networks run.
        fresh: whether to do anew what an interrupted evaluation has finished.
        backbone: what measures the photos' features, as `backbones.load_named_backbone` takes it.
            The crowd's second opinion stays with the default one.
        weights: a local file for that backbone; None for the pulled one.
    """

    photos: Path
    train_ratings: Path
    test_ratings: Path | None
    crowd_ratings: Path | None
    folds: str
    categories: Path | None
    methods: tuple[str, ...]
    shots: tuple[int, ...]
    pairs: int
    curve: tuple[int, ...]
    raters: int | None
    seed: int
    jobs: int | None
    device: str
    fresh: bool
    backbone: str = DEFAULT_BACKBONE
    weights: Path | None = None


@dataclass(frozen=True, slots=True)
class EvaluationReport:
    """What was measured.

    Attributes:
        methods: statistics by method and number of shots.
        curve: statistics by rule, number of pairs and method; empty without a curve.
        folds: statistics by fold, method and number of shots.
        comparisons: each method against `generic`, or the first method without it, by method
            and number of shots.
        skipped: photos that could not be used; their ratings count for nothing.
        backbone: what the features were measured with; of all but the default, with the beginning
            of its weights' SHA-256.
        resumed: results that were kept from before.
        seconds: wall-clock time.
    """

    methods: dict[str, dict[int, Statistics]]
    curve: dict[str, dict[int, dict[str, Statistics]]]
    folds: dict[str, dict[str, dict[int, Statistics]]]
    comparisons: dict[str, dict[int, Difference]]
    skipped: tuple[Skipped, ...]
    backbone: str
    resumed: int
    seconds: float


def evaluate(
    request: EvaluationRequest,
    on_progress: Progress = lambda stage, done, total: None,
) -> EvaluationReport:
    """Test every method on every rater; what is finished is kept for the next time.

    Raises:
        PhotoaesthError: the ratings cannot be read or do not suffice, no photo can be read, a
            method cannot be used, or the backbone's weights are missing or damaged.
    """
    from photoaesth.learning.device import resolve_device

    started = time.monotonic()
    _check(request)
    device = resolve_device(request.device)
    named = _named_backbone(request, device)
    train, test, crowd = _read(request)
    refit = request.folds != "none" or crowd is not None
    names = sorted({photo for _, photo, _ in (*train, *test, *(crowd or ()))})
    measured = measure(
        request.photos,
        names,
        WAYS_TO_FIT if refit else WAYS_SHIPPED,
        device=device,
        named=named,
        on_progress=partial(on_progress, "Measuring photos"),
    )
    if not measured.names:
        raise PhotoaesthError(
            f"none of the rated photos can be read in {display_path(request.photos)}; "
            f"the first is {display_path(measured.skipped[0].path)}: {measured.skipped[0].reason}"
        )
    study = number(train, test, crowd, measured.names)
    splits = _splits(request, study)
    setting = Setting(
        paths=measured.paths,
        features=measured.rows[PLAIN].astype("float32"),
        crowds=_crowds(measured, splits, device, on_progress),
        ratings=tuple(split.crowd for split in splits),
        protocol=Protocol(request.shots, request.pairs, request.curve, request.seed),
        device=device,
        infer=_infer,
    )
    finished = run_resumably(
        setting,
        study,
        splits,
        request.methods,
        jobs=request.jobs or os.cpu_count() or 1,
        fresh=request.fresh,
        on_progress=partial(on_progress, "Evaluating"),
    )
    results, methods = finished.results, request.methods
    against = GENERIC if GENERIC in methods else methods[0]
    return EvaluationReport(
        methods={method: summary.by_shots(results, method) for method in methods},
        curve=summary.by_pairs(results, methods),
        folds={
            split.name: {
                method: summary.by_shots(results, method, split=split.name) for method in methods
            }
            for split in splits
            if len(split.raters)
        },
        comparisons={
            method: summary.compare(results, method, against)
            for method in methods
            if method != against
        },
        skipped=measured.skipped,
        backbone=named.name if named else DEFAULT_BACKBONE,
        resumed=finished.resumed,
        seconds=time.monotonic() - started,
    )


def check_picture(target: Path, *, overwrite: bool) -> None:
    """Find out, before hours of work, that a picture could not be drawn.

    Raises:
        PhotoaesthError: the target exists and may not be replaced, its ending names no format
            that can be drawn, or matplotlib is not installed.
    """
    if target.suffix.lower() not in PICTURE_FORMATS:
        raise UsageError(
            f"cannot draw {display_path(target)}; name a file that ends in "
            + " or ".join(PICTURE_FORMATS)
        )
    if target.exists() and not overwrite:
        raise _exists(target)
    if not target.resolve().parent.is_dir():
        raise PhotoaesthError(f"there is no folder {display_path(target.resolve().parent)}")
    new_figure()


def write_picture(report: EvaluationReport, target: Path, *, overwrite: bool = False) -> None:
    """Draw the curves: correlation over the number of pairs, one line per method and rule.

    Raises:
        PhotoaesthError: the target exists and `overwrite` is false, or cannot be written.
    """
    curves = [
        Curve(
            label=method,
            dashed=rule == "random",
            pairs=tuple(by_count),
            means=tuple(methods[method].srcc_mean for methods in by_count.values()),
            errors=tuple(methods[method].srcc_se for methods in by_count.values()),
        )
        for rule, by_count in report.curve.items()
        for method in next(iter(by_count.values()))
    ]
    image = curve_picture(curves, PICTURE_FORMATS[target.suffix.lower()])
    with write_result(target, *PICTURE_FORMATS, overwrite=overwrite) as file:
        file.write(image)


def _exists(target: Path) -> PhotoaesthError:
    return PhotoaesthError(f"{display_path(target)} exists; choose another name or add --overwrite")


def _read(request: EvaluationRequest) -> tuple[list[Row], list[Row], list[Row] | None]:
    train = read_ratings(request.train_ratings)
    test = train if request.test_ratings is None else read_ratings(request.test_ratings)
    crowd = None if request.crowd_ratings is None else read_ratings(request.crowd_ratings)
    return train, test, crowd


def _splits(request: EvaluationRequest, study: Study) -> list[Split]:
    shots, seed = min(request.shots), request.seed
    if request.folds == "none":
        return unsplit(study, shots=shots, raters=request.raters, seed=seed)
    if request.folds == "photo-sets":
        splits = split_by_photo_set(study)
    else:
        assert request.categories is not None
        categories = categories_of(study, read_categories(request.categories))
        splits = split_by_category(study, categories, seed=seed)
    return draw_raters(splits, study, shots=shots, count=request.raters, seed=seed)


def _crowds(
    measured: Measured, splits: Sequence[Split], device: str, on_progress: Progress
) -> tuple[Crowd | None, ...]:
    """Return the crowd model of every split that has raters."""
    fits = CrowdFits(measured, device)
    crowds: list[Crowd | None] = []
    for place, split in enumerate(splits, start=1):
        if not len(split.raters):
            crowds.append(None)
        elif split.crowd is None:
            crowds.append(shipped_crowd(measured))
        else:
            stage = f"Learning crowd {place} of {len(splits)}"
            crowds.append(fits.crowd(split.crowd, partial(on_progress, stage)))
    return tuple(crowds)


def _infer(pairs: Pairs) -> Pairs:
    return transitive_closure(pairs).inferred


def _check(request: EvaluationRequest) -> None:
    if request.folds not in FOLDS:
        raise UsageError(f"no folds {request.folds!r}; choose one of {', '.join(FOLDS)}")
    if (request.folds == "category") != (request.categories is not None):
        raise UsageError("--folds category and --categories FILE go together")
    for name in request.methods:
        find_method(name)
    if request.backbone != DEFAULT_BACKBONE:
        _check_other_backbone(request)


def _check_other_backbone(request: EvaluationRequest) -> None:
    if request.folds == "none" and request.crowd_ratings is None:
        raise UsageError(
            f"the shipped crowd model knows {DEFAULT_BACKBONE} only; have one learned for "
            f"{request.backbone} with --folds or --crowd-ratings"
        )
    bound = [name for name in request.methods if name in _BOUND_TO_DEFAULT]
    if bound:
        raise UsageError(
            f"there is no {' or '.join(bound)} on another backbone than {DEFAULT_BACKBONE}; "
            "leave it out of --methods"
        )


def _named_backbone(request: EvaluationRequest, device: str) -> NamedBackbone | None:
    if request.backbone == DEFAULT_BACKBONE and request.weights is None:
        return None  # the features' own code takes it, and only if something is to be measured
    return load_named_backbone(request.backbone, device=device, weights=request.weights)
