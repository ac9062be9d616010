"""`photoaesth evaluate`."""

import math
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from photoaesth.cli.console import (
    finish,
    note,
    plural,
    print_json,
    print_table,
    progress,
    skipped_json,
)
from photoaesth.cli.help import Command
from photoaesth.cli.options import Device, DeviceOption, Settings, global_options
from photoaesth.errors import UsageError
from photoaesth.files import display_path

if TYPE_CHECKING:
    from photoaesth.learning.evaluation.summary import Difference, Statistics
    from photoaesth.workflows.evaluate import EvaluationReport


class Folds(StrEnum):
    """How the data takes turns in learning the crowd and being tested."""

    NONE = "none"
    PHOTO_SETS = "photo-sets"
    CATEGORY = "category"


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("evaluate", cls=Command)(_evaluate)


@global_options
def _evaluate(
    settings: Settings,
    photos: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of the rated photos.")],
    train_ratings: Annotated[
        Path,
        typer.Option(
            metavar="FILE.csv",
            help="What people say, to learn from; columns rater, photo and score.",
        ),
    ],
    test_ratings: Annotated[
        Path | None,
        typer.Option(metavar="FILE.csv", help="What to predict [default: the rest of the same]."),
    ] = None,
    crowd_ratings: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.csv",
            help="Refit the crowd model on these, less the raters and photos under test.",
        ),
    ] = None,
    folds: Annotated[
        Folds,
        typer.Option(
            metavar="HOW",
            help="Test every part with a crowd refitted on the others: none, photo-sets or "
            "category.",
        ),
    ] = Folds.NONE,
    categories: Annotated[
        Path | None,
        typer.Option(metavar="FILE.csv", help="Columns photo and category, for --folds category."),
    ] = None,
    shots: Annotated[
        str, typer.Option(metavar="N,…", help="Photos of each rater to draw pairs from.")
    ] = "10,100",
    pairs: Annotated[
        int, typer.Option(min=1, metavar="N", help="Pairs with unequal scores to learn from.")
    ] = 100,
    curve: Annotated[
        str | None,
        typer.Option(
            metavar="N,…",
            help="Measure after so many pairs too, asked at random and by the method itself.",
        ),
    ] = None,
    methods: Annotated[
        str, typer.Option(metavar="NAME,…", help="What to compare.")
    ] = "generic,personal",
    raters: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Test at most so many, drawn [default: all]."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, metavar="N", help="Decides every draw.")] = 0,
    jobs: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Processes [default: all cores].")
    ] = None,
    picture: Annotated[
        Path | None,
        typer.Option(metavar="FILE.png", help="Draw the curve; FILE.svg works as well."),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an existing picture.")
    ] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Do anew what an earlier run has finished.")
    ] = False,
    backbone: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="What sees the photos: efficientnet-lite0, vgg16 or timm:NAME. All but the first "
            "need --folds or --crowd-ratings.",
        ),
    ] = "efficientnet-lite0",
    weights: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Weights for that backbone, if not the pulled ones."),
    ] = None,
    device: DeviceOption = Device.AUTO,
) -> None:
    """Measure how well methods know people, on rated photos.

    Of every rater's photos some are drawn, and pairs among them; a method learns from those
    and predicts the rater's other photos. What is finished is kept: the same command carries on.

    Example: photoaesth evaluate photos --train-ratings ratings.csv
    """
    from photoaesth.workflows.evaluate import (
        EvaluationRequest,
        check_picture,
        evaluate,
        write_picture,
    )

    if picture is not None:
        if curve is None:
            raise UsageError("--picture draws the curve; add --curve 10,20,50,100")
        check_picture(picture, overwrite=overwrite)
    request = EvaluationRequest(
        photos=photos,
        train_ratings=train_ratings,
        test_ratings=test_ratings,
        crowd_ratings=crowd_ratings,
        folds=folds,
        categories=categories,
        methods=_names(methods),
        shots=_numbers("--shots", shots, least=2),
        pairs=pairs,
        curve=() if curve is None else _numbers("--curve", curve, least=1),
        raters=raters,
        seed=seed,
        jobs=jobs,
        device=device,
        fresh=fresh,
        backbone=backbone,
        weights=weights,
    )
    with _Stages(settings) as on_progress:
        report = evaluate(request, on_progress)
    if report.resumed:
        note(settings, f"{plural(report.resumed, 'result')} kept from an earlier run")
    if backbone != "efficientnet-lite0":
        note(settings, f"Photos seen by {report.backbone}, the crowd's second opinion apart")
    if picture is not None:
        write_picture(report, picture, overwrite=overwrite)
        note(settings, f"Drew {display_path(picture)}")
    if settings.json:
        print_json(evaluation_json(report))
    else:
        _print_report(report)
        _note_left_out(settings, report)
    finish(settings, report.skipped)


def evaluation_json(report: "EvaluationReport") -> dict[str, Any]:
    """Return the JSON shape of an evaluation; null stands for what cannot be known."""
    return {
        "methods": _plain(report.methods),
        "curve": _plain(report.curve),
        "folds": _plain(report.folds),
        "comparisons": _plain(report.comparisons),
        "skipped": skipped_json(report.skipped),
        "backbone": report.backbone,
        "resumed": report.resumed,
        "seconds": round(report.seconds, 3),
    }


class _Stages:
    """One progress bar after another."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stack = ExitStack()
        self._stage = ""

    def __enter__(self) -> "_Stages":
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage != self._stage:
            self._stack.close()
            self._bar = self._stack.enter_context(progress(self._settings, stage))
            self._stage = stage
        self._bar(done, total)


def _numbers(option: str, text: str, *, least: int) -> tuple[int, ...]:
    try:
        numbers = sorted({int(part) for part in text.split(",")})
    except ValueError:
        numbers = []
    if not numbers or numbers[0] < least:
        raise UsageError(f"{option} takes numbers from {least} up, as in 10,100; not {text!r}")
    return tuple(numbers)


def _names(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not names:
        raise UsageError("--methods takes names, as in generic,personal")
    return names


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return None if math.isnan(value) else value
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return value if isinstance(value, int | str) else _plain(asdict(value))


def _print_report(report: "EvaluationReport") -> None:
    shots = list(next(iter(report.methods.values())))
    typer.echo("Spearman's ρ with the ratings of the other photos, mean ± sd over raters:")
    header = ["method", *(f"{number} photos" for number in shots)]
    print_table(header, [[name, *_cells(found)] for name, found in report.methods.items()])
    typer.echo()
    print_table(
        ["method", "photos", "raters", "ρ", "se", "PLCC", "KRCC", "pairs", "ECE", "gain", "p"],
        [
            _detail(name, number, found[number], report.comparisons.get(name, {}).get(number))
            for name, found in report.methods.items()
            for number in found
        ],
        right="photos raters ρ se PLCC KRCC pairs ECE gain p",
    )
    against = next((d.against for by in report.comparisons.values() for d in by.values()), None)
    if against is not None:
        typer.echo(f"gain: in ρ over {against} on the same raters; p: paired t test")
    if len(report.folds) > 1:
        typer.echo()
        rows = [
            [fold, name, *_cells(found)]
            for fold, by_method in report.folds.items()
            for name, found in by_method.items()
        ]
        print_table(["fold", *header], rows)
    for rule, by_count in report.curve.items():
        typer.echo(f"\nρ after so many {'random pairs' if rule == 'random' else 'chosen pairs'}:")
        rows = [
            [name, *(f"{_figure(found[name].srcc_mean)}" for found in by_count.values())]
            for name in next(iter(by_count.values()))
        ]
        print_table(["method", *map(str, by_count)], rows)


def _cells(found: "Mapping[int, Statistics]") -> list[str]:
    return [f"{_figure(s.srcc_mean)} ± {_figure(s.srcc_sd)}" for s in found.values()]


def _detail(
    name: str, shots: int, found: "Statistics", difference: "Difference | None"
) -> list[str]:
    return [
        name,
        f"{shots}",
        f"{found.raters}",
        _figure(found.srcc_mean),
        _figure(found.srcc_se),
        _figure(found.plcc_mean),
        _figure(found.krcc_mean),
        _figure(found.pairwise_accuracy),
        _figure(found.calibration_error),
        "" if difference is None else f"{difference.mean:+.3f}",
        "" if difference is None or math.isnan(difference.p_value) else f"{difference.p_value:.2g}",
    ]


def _figure(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.3f}"


def _note_left_out(settings: Settings, report: "EvaluationReport") -> None:
    for name, by_shots in report.methods.items():
        for number, found in by_shots.items():
            for reason, count in found.left_out.items():
                raters = plural(count, "rater")
                note(settings, f"{name}, {number} photos: {raters} left out: {reason}")
