"""`photoaesth train`: what it prints. The figures themselves are tested with the workflow."""

import json
from dataclasses import asdict, replace
from typing import Any

import pytest
from typer.testing import CliRunner

from photoaesth.cli.app import app
from photoaesth.learning.heldout import Agreement
from photoaesth.learning.outlook import Consistency, Outlook
from photoaesth.workflows import train as workflow
from photoaesth.workflows.finetune import FinetuneRequest
from photoaesth.workflows.policies.report import (
    EnhancementFigures,
    PoliciesReport,
    RankingFigures,
    RoundFigures,
)
from photoaesth.workflows.train import TrainReport

AGREEMENT = Agreement(
    pairs=120,
    generic=0.6,
    personal=0.725,
    interval=(0.64, 0.798),
    gain_interval=(0.024, 0.216),
    generic_log_loss=0.66,
    personal_log_loss=0.57,
)
REPORT = TrainReport(
    method="personal",
    direct=120,
    inferred=64,
    conflicts=1,
    ratings=0,
    unusable=0,
    heldout=AGREEMENT,
    evenly=True,
    finetune=None,
    new_photos=True,
    consistency=None,
    outlook=None,
    kept="personal",
    early=False,
    scored=2000,
    note="",
)


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run the command on a report; return what it printed and what it asked for."""
    asked: dict[str, Any] = {}

    def say(report: TrainReport, *arguments: str) -> tuple[str, dict[str, Any]]:
        def train(library: object, profile: str, **options: Any) -> TrainReport:
            options["on_progress"]("Learning", 1, 2)
            options["on_progress"]("Scoring", 1, 2)
            asked.update(options)
            return report

        monkeypatch.setattr(workflow, "train", train)
        result = CliRunner().invoke(app, ["train", *arguments])
        assert result.exit_code == 0, result.output
        return result.stdout, asked

    return say


def test_what_is_printed(said) -> None:
    """What was used, both accuracies, the interval of the better and of its gain, the verdict."""
    assert said(REPORT)[0].splitlines() == [
        "Used 120 choices; 64 more rankings follow from the choices; 1 pair in conflict.",
        "Agreement with 120 held-out choices, on photos new to the models:",
        "  generic    60.0%   log loss 0.660",
        "  personal   72.5%   log loss 0.570   95 %: 64% to 80%, gain +2 to +22 points",
        "The personal model is in use. Scored 2,000 photos.",
    ]


def test_a_network_stands_beside_the_personal_model(said) -> None:
    """Where one was fitted, its agreement is the third line."""
    tuned = replace(AGREEMENT, personal=0.75)
    lines = said(replace(REPORT, finetune=tuned, kept="finetune"))[0].splitlines()
    assert lines[4].startswith("  finetune   75.0%   log loss 0.570")
    assert lines[-1] == "The finetune model is in use. Scored 2,000 photos."


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (
            {"new_photos": False},
            "Agreement with 120 held-out choices, on pairs new to the models:",
        ),
        (
            {"consistency": Consistency(11, 0.82)},
            "You agree with yourself 82% of the time, on 11 repeated pairs.",
        ),
        (
            {"outlook": Outlook("more", 80, ())},
            "About 80 more choices would likely add 1 point of agreement.",
        ),
        (
            {"outlook": Outlook("enough", None, ())},
            "More choices will hardly help: twice as many would likely add less than 1 point.",
        ),
        (
            {"ratings": 40},
            (
                "Used 120 choices and 40 ratings; 64 more rankings follow from the choices; "
                "1 pair in conflict."
            ),
        ),
        ({"direct": 0, "ratings": 40}, "Used 40 ratings; there are no choices yet."),
        (
            {"direct": 3, "early": True},
            (
                "It is too early to judge with 3 choices; the personal model is used with due "
                "doubt. Scored 2,000 photos."
            ),
        ),
        (
            {"kept": "generic"},
            "The personal model does not predict you better yet; the generic one stays.",
        ),
    ],
    ids=["known", "consistency", "more", "enough", "both", "ratings", "early", "generic"],
)
def test_lines_that_depend(said, changes: dict[str, Any], line: str) -> None:
    """Each is there when it applies, and only then."""
    assert line in said(replace(REPORT, **changes))[0].splitlines()
    assert line not in said(REPORT)[0].splitlines()


POLICIES = PoliciesReport(
    retouches=24,
    orders=6,
    unusable=0,
    rounds=(RoundFigures(1, 4.5, 3.0, 0.41), RoundFigures(2, 4.0, 3.5, 0.43)),
    enhancement=EnhancementFigures(retouches=24, policy=4.0, without=6.25, untouched=7.5),
    ranking=RankingFigures(orders=6, policy=0.43, without=0.40),
    enhancement_kept=True,
    ranking_kept=True,
)


def test_policies_are_reported_round_by_round(said) -> None:
    """What was held out of each round, both verdicts, and the model in use."""
    report = replace(REPORT, method="policies", kept="policies", policies=POLICIES)
    assert said(report, "--method", "policies")[0].splitlines()[-7:] == [
        "Policies from 24 retouched photos and 6 orders.",
        "  held out   ΔE2000   reward        τ",
        "  round 1      4.50     3.00     0.41",
        "  round 2      4.00     3.50     0.43",
        (
            "The enhancement policy comes within 4.0 ΔE2000 of your edits, enhance without it "
            "6.2, no edit 7.5: enhance follows it."
        ),
        (
            "The ranking policy agrees with your orders to τ 0.43, the model without it to 0.40: "
            "rank follows it."
        ),
        "The ranking policy is in use. Scored 2,000 photos.",
    ]


def test_too_few_edits_and_orders_are_counted(said) -> None:
    """One line for each side, and the model that speaks; with nothing else said, no agreement."""
    few = replace(
        POLICIES,
        retouches=9,
        orders=1,
        rounds=(),
        enhancement=None,
        ranking=None,
        enhancement_kept=False,
        ranking_kept=False,
    )
    report = replace(REPORT, direct=0, heldout=None, kept="generic", policies=few)
    assert said(report)[0].splitlines() == [
        "There are no choices and no ratings yet.",
        "Policies from 9 retouched photos and 1 order.",
        (
            "Too few retouches for an enhancement policy: 9 of 10; make more with: "
            "photoaesth retouch"
        ),
        "Too few orders for a ranking policy: 1 of 4; make more with: photoaesth rerank",
        "The generic model stays.",
    ]


def test_policies_that_do_not_help_are_not_used(said) -> None:
    """The verdicts say so."""
    refused = replace(POLICIES, enhancement_kept=False, ranking_kept=False)
    lines = said(replace(REPORT, policies=refused))[0].splitlines()
    assert [line.endswith(": it is not used.") for line in lines[-3:]] == [True, True, False]


def test_nothing_is_said_where_the_data_says_nothing(said) -> None:
    """An unclear outlook adds no line."""
    assert said(replace(REPORT, outlook=Outlook("unclear", None, ())))[0] == said(REPORT)[0]


def test_json_has_every_figure(said) -> None:
    """The report as it is, under its own names."""
    report = replace(REPORT, outlook=Outlook("more", 80, ((30.0, 0.7),)))
    printed = json.loads(said(report, "--json")[0])
    assert printed == json.loads(json.dumps(asdict(report)))
    assert {"method", "direct", "inferred", "conflicts", "heldout", "kept"} <= printed.keys()


def test_options_reach_the_workflow(said) -> None:
    """Method, network, ablations and reference set are handed on; left out, there is a default."""
    _, asked = said(REPORT)
    assert (asked["method"], asked["finetune"]) == ("auto", FinetuneRequest())
    _, asked = said(
        REPORT,
        *("--method", "finetune", "--loss", "exp", "--no-attention", "--no-rankings"),
        *("--no-pretraining", "--reference", "ava", "--seed", "3", "--device", "cpu"),
        *("--backbone", "vgg16"),
    )
    assert asked["finetune"] == FinetuneRequest(
        backbone="vgg16",
        loss="exp",
        attention=False,
        rankings=False,
        pretraining=False,
        reference="ava",
    )
    assert (asked["method"], asked["seed"], asked["device"]) == ("finetune", 3, "cpu")
