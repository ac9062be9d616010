"""`photoaesth evaluate`: what is asked for reaches the workflow, what is found the screen."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from photoaesth.cli.app import app
from photoaesth.domain import Skipped
from photoaesth.learning.evaluation.summary import Difference, Statistics
from photoaesth.workflows import evaluate as workflow
from photoaesth.workflows.evaluate import EvaluationReport, EvaluationRequest

OPTIONS = ["photos", "--train-ratings", "ratings.csv"]


def statistics(srcc: float, *, ece: float = math.nan, **left_out: int) -> Statistics:
    return Statistics(
        raters=30,
        srcc_mean=srcc,
        srcc_sd=0.1,
        srcc_se=0.018,
        plcc_mean=srcc + 0.01,
        krcc_mean=srcc - 0.1,
        pairwise_accuracy=0.7,
        calibration_error=ece,
        left_out=left_out,
    )


def report(**changes: Any) -> EvaluationReport:
    methods = {
        "generic": {10: statistics(0.49), 100: statistics(0.5)},
        "personal": {10: statistics(0.51, ece=0.03), 100: statistics(0.55, ece=0.04, dull=2)},
    }
    values: dict[str, Any] = {
        "methods": methods,
        "curve": {},
        "folds": {"all": methods},
        "comparisons": {
            "personal": {
                10: Difference("generic", 30, 0.02, 0.01, 0.052),
                100: Difference("generic", 30, 0.05, 0.01, math.nan),
            }
        },
        "skipped": (),
        "backbone": "efficientnet-lite0",
        "resumed": 0,
        "seconds": 1.23456,
    }
    return EvaluationReport(**(values | changes))


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> Callable[[EvaluationReport], list[Any]]:
    """Let the workflow return a report; note what it was asked."""

    def answer(with_report: EvaluationReport) -> list[Any]:
        seen: list[Any] = []

        def evaluate(request: EvaluationRequest, on_progress: Any) -> EvaluationReport:
            on_progress("Measuring photos", 1, 2)
            on_progress("Evaluating", 0, 4)
            seen.append(request)
            return with_report

        monkeypatch.setattr(workflow, "evaluate", evaluate)
        return seen

    return answer


def run(*arguments: str, code: int = 0) -> Result:
    result = CliRunner().invoke(app, ["evaluate", *arguments])
    assert result.exit_code == code, result.output
    return result


def test_the_defaults_are_the_published_protocol(requests: Callable[..., list[Any]]) -> None:
    """100 pairs among 10 and among 100 photos, generic beside personal, every rater."""
    seen = requests(report())
    run(*OPTIONS)
    (request,) = seen
    assert request.photos == Path("photos")
    assert (request.shots, request.pairs, request.curve) == ((10, 100), 100, ())
    assert request.methods == ("generic", "personal")
    assert (request.folds, request.seed, request.raters, request.jobs) == ("none", 0, None, None)
    assert request.test_ratings is request.crowd_ratings is request.categories is None
    assert (request.backbone, request.weights) == ("efficientnet-lite0", None)
    assert not request.fresh


def test_options_reach_the_workflow(requests: Callable[..., list[Any]]) -> None:
    """Lists are sorted and free of repeats; names keep their order."""
    seen = requests(report())
    lists = ["--shots", "50, 5,5", "--curve", "20,10", "--methods", "b, a,b"]
    files = ["--test-ratings", "t.csv", "--crowd-ratings", "c.csv", "--categories", "p.csv"]
    numbers = ["--pairs", "7", "--raters", "9", "--seed", "3", "--jobs", "2"]
    sight = ["--backbone", "timm:resnet10t", "--weights", "w.safetensors", "--device", "cpu"]
    run(*OPTIONS, *lists, *files, *numbers, "--folds", "category", "--fresh", *sight)
    (request,) = seen
    assert (request.shots, request.curve, request.methods) == ((5, 50), (10, 20), ("b", "a"))
    assert (request.test_ratings, request.crowd_ratings) == (Path("t.csv"), Path("c.csv"))
    assert (request.categories, request.folds) == (Path("p.csv"), "category")
    assert (request.pairs, request.raters, request.seed, request.jobs) == (7, 9, 3, 2)
    assert request.fresh
    assert (request.backbone, request.weights) == ("timm:resnet10t", Path("w.safetensors"))
    assert request.device == "cpu"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--shots", "1,10"], "--shots takes numbers from 2 up"),
        (["--shots", "ten"], "--shots takes numbers from 2 up"),
        (["--shots", ""], "--shots takes numbers from 2 up"),
        (["--curve", "0"], "--curve takes numbers from 1 up"),
        (["--methods", " ,"], "--methods takes names"),
        (["--picture", "curve.png"], "add --curve"),
        (["--folds", "some"], "--folds"),
    ],
)
def test_nonsense_is_refused(
    requests: Callable[..., list[Any]], arguments: list[str], message: str
) -> None:
    """Wrong usage ends with code 2 and a line that says how it is right."""
    seen = requests(report())
    assert message in run(*OPTIONS, *arguments, code=2).stderr
    assert seen == []


def test_the_table_has_the_published_form(requests: Callable[..., list[Any]]) -> None:
    """One line per method with mean ± sd at every number of shots; details below."""
    requests(report())
    result = run(*OPTIONS)
    lines = [line.split() for line in result.stdout.splitlines()]
    assert ["method", "10", "photos", "100", "photos"] in lines
    assert ["generic", "0.490", "±", "0.100", "0.500", "±", "0.100"] in lines
    assert ["personal", "0.510", "±", "0.100", "0.550", "±", "0.100"] in lines
    detail = "personal 10 30 0.510 0.018 0.520 0.410 0.700 0.030 +0.020 0.052"
    assert detail.split() in lines
    assert "gain: in ρ over generic" in result.stdout
    assert "fold" not in result.stdout
    assert "personal, 100 photos: 2 raters left out: dull" in result.stderr


def test_folds_and_curves_have_tables_of_their_own(requests: Callable[..., list[Any]]) -> None:
    """A line per fold and method; a table per rule with a column per number of pairs."""
    folds = {
        name: {"generic": {10: statistics(srcc)}} for name, srcc in (("Animal", 0.1), ("Cat", 0.2))
    }
    curve = {
        "random": {5: {"generic": statistics(0.4)}, 20: {"generic": statistics(0.45)}},
        "active": {5: {"generic": statistics(0.6)}, 20: {"generic": statistics(0.65)}},
    }
    requests(report(folds=folds, curve=curve))
    output = run(*OPTIONS).stdout
    lines = [line.split() for line in output.splitlines()]
    assert ["Animal", "generic", "0.100", "±", "0.100"] in lines
    assert lines.count(["method", "5", "20"]) == 2
    random, chosen = output.split("random pairs:")[1].split("chosen pairs:")
    assert random.splitlines()[2].split() == ["generic", "0.400", "0.450"]
    assert chosen.splitlines()[2].split() == ["generic", "0.600", "0.650"]


def test_another_backbone_is_named(requests: Callable[..., list[Any]]) -> None:
    """Beside the table stands which weights saw the photos; of the default nothing is said."""
    requests(report(backbone="vgg16-397923af"))
    assert "Photos seen by vgg16-397923af" in run(*OPTIONS, "--backbone", "vgg16").stderr
    requests(report())
    assert "Photos seen" not in run(*OPTIONS).stderr


def test_json(requests: Callable[..., list[Any]]) -> None:
    """The stable shape, null for what cannot be known, and nothing but JSON on stdout."""
    curve = {"random": {5: {"generic": statistics(0.4)}}}
    requests(report(curve=curve, resumed=3))
    result = run(*OPTIONS, "--json")
    found = json.loads(result.stdout)
    ten = found["methods"]["generic"]["10"]
    assert {"srcc_mean", "srcc_sd", "srcc_se", "pairwise_accuracy", "raters"} <= ten.keys()
    assert (ten["srcc_mean"], ten["raters"], ten["calibration_error"]) == (0.49, 30, None)
    assert found["methods"]["personal"]["100"]["left_out"] == {"dull": 2}
    assert found["curve"]["random"]["5"]["generic"]["srcc_mean"] == 0.4
    assert found["folds"]["all"]["personal"]["10"]["srcc_mean"] == 0.51
    assert found["comparisons"]["personal"]["10"]["p_value"] == 0.052
    assert found["comparisons"]["personal"]["100"]["p_value"] is None
    assert (found["skipped"], found["resumed"], found["seconds"]) == ([], 3, 1.235)
    assert found["backbone"] == "efficientnet-lite0"
    assert "3 results kept from an earlier run" in result.stderr


def test_skipped_photos_are_named_at_the_end(requests: Callable[..., list[Any]]) -> None:
    """The figures are printed all the same; the exit code says that some photos are missing."""
    requests(report(skipped=(Skipped(Path("a.jpg"), "the file is cut off"),)))
    result = run(*OPTIONS, code=3)
    assert "0.490 ± 0.100" in result.stdout
    assert "a.jpg: the file is cut off" in result.stderr
    skipped = json.loads(run(*OPTIONS, "--json", code=3).stdout)["skipped"]
    assert skipped == [{"path": "a.jpg", "reason": "the file is cut off"}]


def test_a_picture_that_cannot_be_drawn_is_refused_first(
    requests: Callable[..., list[Any]], tmp_path: Path
) -> None:
    """An existing file ends the command before hours of work, not after."""
    seen = requests(report())
    target = tmp_path / "curve.png"
    target.write_text("mine")
    options = [*OPTIONS, "--curve", "5", "--picture", str(target)]
    assert "--overwrite" in run(*options, code=1).stderr
    assert target.read_text() == "mine"
    assert seen == []
