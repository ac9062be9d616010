"""`photoaesth train`."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from photoaesth.cli.console import note, plural, print_json
from photoaesth.cli.help import Command
from photoaesth.cli.options import Device, DeviceOption, Settings, global_options

if TYPE_CHECKING:
    from photoaesth.workflows.train import HeldOutReport, TrainReport


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("train", cls=Command)(_train)


@global_options
def _train(
    settings: Settings,
    device: DeviceOption = Device.AUTO,
    seed: Annotated[
        int, typer.Option(metavar="N", help="Decides which choices are held out together.")
    ] = 0,
) -> None:
    """Learn your taste from your choices, and measure it.

    The agreement is measured on choices held out of the training. The personal model is used only
    if it predicts them better than the generic one.

    Example: photoaesth train
    """
    from photoaesth.workflows.train import train

    report = train(settings.library, settings.profile, device=device, seed=seed)
    if settings.json:
        print_json(train_json(report))
        return
    typer.echo(
        f"Used {plural(report.direct, 'choice')} and {report.inferred:,} inferred from them; "
        f"{plural(report.conflicts, 'pair')} in conflict."
    )
    if report.unusable:
        note(settings, f"{plural(report.unusable, 'choice')} left out: photos not indexed any more")
    if report.heldout is not None:
        _print_agreement(report.heldout)
    typer.echo(_verdict(report))
    more = "photoaesth compare" if report.early else "photoaesth rank --top 20"
    note(settings, f"Next: {more}")


def train_json(report: "TrainReport") -> dict[str, Any]:
    """Return the JSON shape of a training report."""
    heldout = asdict(report.heldout) if report.heldout else None
    return {
        "method": report.method,
        "direct": report.direct,
        "inferred": report.inferred,
        "conflicts": report.conflicts,
        "unusable": report.unusable,
        "heldout": heldout,
        "kept": report.kept,
        "early": report.early,
        "scored": report.scored,
    }


def _print_agreement(heldout: "HeldOutReport") -> None:
    low, high = heldout.interval
    typer.echo(f"Agreement with {plural(heldout.pairs, 'held-out choice')} (5-fold):")
    typer.echo(f"  generic   {heldout.generic:6.1%}   log loss {heldout.generic_log_loss:.3f}")
    typer.echo(
        f"  personal  {heldout.personal:6.1%}   log loss {heldout.personal_log_loss:.3f}   "
        f"(95 %: {low:.0%} to {high:.0%})"
    )


def _verdict(report: "TrainReport") -> str:
    photos = plural(report.scored, "photo")
    if report.kept == "generic":
        return (
            "The personal model does not predict you better yet, so the generic one stays in use. "
            "More choices will help."
        )
    if report.early:
        return (
            f"It is too early to judge with {plural(report.direct, 'choice')}; "
            f"the personal model is used with due doubt. Scored {photos}."
        )
    return f"The personal model is in use. Scored {photos}."
