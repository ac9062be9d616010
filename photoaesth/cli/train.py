"""`photoaesth train`."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from photoaesth.cli.console import note, plural, print_json, progress
from photoaesth.cli.help import Command
from photoaesth.cli.options import Device, DeviceOption, Settings, global_options
from photoaesth.cli.train_policies import policies_lines

if TYPE_CHECKING:
    from photoaesth.learning.heldout import Agreement
    from photoaesth.workflows.train import TrainReport


class Method(StrEnum):
    """How a taste is learned."""

    AUTO = "auto"
    PERSONAL = "personal"
    FINETUNE = "finetune"
    POLICIES = "policies"


class Backbone(StrEnum):
    """What a network starts from."""

    EFFICIENTNET_LITE0 = "efficientnet-lite0"
    VGG16 = "vgg16"


class Loss(StrEnum):
    """What a network's wrong rankings cost."""

    HINGE = "hinge"
    EXP = "exp"
    LOGISTIC = "logistic"


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("train", cls=Command)(_train)


@global_options
def _train(
    settings: Settings,
    method: Annotated[
        Method,
        typer.Option(
            metavar="METHOD",
            help="personal, finetune (a network, after Zhou et al. 2021), policies (from your "
            "retouches and orders), or auto: with a GPU and a reference set that has its images "
            "both personal and finetune, and the better one is kept.",
        ),
    ] = Method.AUTO,
    backbone: Annotated[
        Backbone,
        typer.Option(
            metavar="NAME",
            help="What finetune starts from: efficientnet-lite0, or vgg16 (models pull vgg16).",
        ),
    ] = Backbone.EFFICIENTNET_LITE0,
    loss: Annotated[
        Loss,
        typer.Option(metavar="LOSS", help="Of finetune's rankings: hinge, exp or logistic."),
    ] = Loss.HINGE,
    no_attention: Annotated[
        bool, typer.Option("--no-attention", help="Finetune without attention modules.")
    ] = False,
    no_rankings: Annotated[
        bool, typer.Option("--no-rankings", help="Finetune on rated photos only.")
    ] = False,
    no_pretraining: Annotated[
        bool, typer.Option("--no-pretraining", help="Finetune on your choices only.")
    ] = False,
    reference: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Which rated photos, of reference list [default: the largest set with images].",
        ),
    ] = None,
    device: DeviceOption = Device.AUTO,
    seed: Annotated[
        int, typer.Option(metavar="N", help="Decides which choices are held out together.")
    ] = 0,
) -> None:
    """Learn your taste from choices and ratings, and measure it.

    The agreement is measured on choices held out of the training. The personal model is used only
    if it predicts them better than the generic one. With --method policies, enhance learns from
    your retouches and rank from your orders, as far as held-out ones show that it helps.

    Example: photoaesth train
    """
    from photoaesth.workflows.finetune import FinetuneRequest
    from photoaesth.workflows.train import train

    request = FinetuneRequest(
        backbone=backbone.value,
        loss=loss.value,
        attention=not no_attention,
        rankings=not no_rankings,
        pretraining=not no_pretraining,
        reference=reference,
    )
    with ExitStack() as bars:
        report = train(
            settings.library,
            settings.profile,
            method=method.value,
            finetune=request,
            device=device,
            seed=seed,
            on_progress=_one_bar_after_another(settings, bars),
        )
    if settings.json:
        print_json(train_json(report))
        return
    for line in (_used(report), *_agreement(report), *_consistency(report), *_outlook(report)):
        typer.echo(line)
    if report.policies:
        for line in policies_lines(report.policies):
            typer.echo(line)
    if report.policies and report.policies.unusable:
        count = report.policies.unusable
        note(settings, f"{count} retouches and orders left out: photos not indexed or unreadable")
    if report.unusable:
        note(settings, f"{plural(report.unusable, 'choice')} left out: photos not indexed any more")
    typer.echo(_verdict(report))
    note(settings, report.note)
    more = "photoaesth compare" if report.early else "photoaesth rank --top 20"
    note(settings, f"Next: {more}")


def _one_bar_after_another(settings: Settings, bars: ExitStack) -> Callable[[str, int, int], None]:
    shown: dict[str, Callable[[int, int], None]] = {}

    def show(task: str, done: int, total: int) -> None:
        if task not in shown:
            bars.close()
            shown.clear()
            shown[task] = bars.enter_context(progress(settings, task))
        shown[task](done, total)

    return show


def train_json(report: "TrainReport") -> dict[str, Any]:
    """Return the JSON shape of a training report."""
    return asdict(report)


def _used(report: "TrainReport") -> str:
    if not report.direct and not report.ratings:
        return "There are no choices and no ratings yet."
    ratings = plural(report.ratings, "rating")
    if not report.direct:
        return f"Used {ratings}; there are no choices yet."
    conflicts = f"{plural(report.conflicts, 'pair')} in conflict"
    choices = f"Used {plural(report.direct, 'choice')}"
    if report.ratings:
        choices += f" and {ratings}"
    return f"{choices}; {report.inferred:,} more rankings follow from the choices; {conflicts}."


def _agreement(report: "TrainReport") -> list[str]:
    heldout = report.heldout
    if heldout is None:
        return []
    what = "held-out choice" if report.direct else "held-out pair"
    new = "photos" if report.new_photos else "pairs"
    lines = [
        f"Agreement with {plural(heldout.pairs, what)}, on {new} new to the models:",
        f"  {'generic':9} {heldout.generic:6.1%}   log loss {heldout.generic_log_loss:.3f}",
        _model_line("personal", heldout),
    ]
    if report.finetune:
        lines.append(_model_line("finetune", report.finetune))
    if not report.evenly:
        lines.append("  Most of these pairs were asked because they are hard; others are easier.")
    return lines


def _model_line(name: str, agreement: "Agreement") -> str:
    low, high = agreement.interval
    least, most = (100 * bound for bound in agreement.gain_interval)
    return (
        f"  {name:9} {agreement.personal:6.1%}   log loss {agreement.personal_log_loss:.3f}   "
        f"95 %: {low:.0%} to {high:.0%}, gain {least:+.0f} to {most:+.0f} points"
    )


def _consistency(report: "TrainReport") -> list[str]:
    if report.consistency is None:
        return []
    pairs, share = plural(report.consistency.pairs, "repeated pair"), report.consistency.agreement
    return [f"You agree with yourself {share:.0%} of the time, on {pairs}."]


def _outlook(report: "TrainReport") -> list[str]:
    if report.outlook is None or report.outlook.verdict == "unclear":
        return []
    if report.outlook.verdict == "enough":
        return ["More choices will hardly help: twice as many would likely add less than 1 point."]
    return [f"About {report.outlook.choices:,} more choices would likely add 1 point of agreement."]


def _verdict(report: "TrainReport") -> str:
    photos = plural(report.scored, "photo")
    if report.kept == "generic":
        if not report.direct and not report.ratings:
            return "The generic model stays."
        fitted = "personal" if report.policies else report.method
        return f"The {fitted} model does not predict you better yet; the generic one stays."
    if report.kept == "policies":
        return f"The ranking policy is in use. Scored {photos}."
    if report.early:
        said = (
            plural(report.direct, "choice") if report.direct else plural(report.ratings, "rating")
        )
        return (
            f"It is too early to judge with {said}; "
            f"the {report.kept} model is used with due doubt. Scored {photos}."
        )
    return f"The {report.kept} model is in use. Scored {photos}."
