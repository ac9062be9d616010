"""An explanation of one score, as text and as JSON."""

import io
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from photoaesth.cli.console import plural, terminal_columns
from photoaesth.files import display_path

if TYPE_CHECKING:
    from rich.text import Text

    from photoaesth.workflows.explain import ChoiceEffect, ExplainReport, Neighbour
    from photoaesth.workflows.why import Share

_ATTRIBUTES = 4  # to either side
_EFFECTS = 5
_BAR = 20  # columns of the longest bar
_NO_LOOKS = "Too few photos are measured to tell; photoaesth taste measures what is not yet."
_NARROWEST = 60
_HANGING = 4  # columns that the rest of a broken line stands in
_VISIBLE = 0.005  # points; less is printed as 0.00
_SURE_SD, _UNSURE_SD = 0.6, 1.0  # points


def explain_json(report: "ExplainReport") -> dict[str, Any]:
    """Return the JSON shape of an explanation; numbers of points and probabilities are rounded."""
    return {
        "path": display_path(report.path),
        "score": round(report.score, 4),
        "sd": round(report.certainty.sd, 4),
        "generic": round(report.generic, 4),
        "rank": report.rank,
        "ranked": report.ranked,
        "indexed": report.photo is not None,
        "model": "finetune" if report.network else "personal" if report.personal else "generic",
        "parts": _rounded(asdict(report.parts)),
        "certainty": _rounded(asdict(report.certainty)) | {"words": _certainty_words(report)},
        "preferred": [_neighbour_json(one) for one in report.preferred],
        "rejected": [_neighbour_json(one) for one in report.rejected],
        "own": _neighbour_json(report.own) if report.own else None,
        "attributes": [_share_json(share) for share in report.attributes],
        "explained": round(report.explained, 4),
        "comparisons": [_effect_json(effect) for effect in report.effects],
        "note": report.note,
    }


def print_explanation(report: "ExplainReport") -> None:
    """Print an explanation as text, with emphasis on a terminal."""
    from rich.console import Console
    from rich.text import Text

    console = Console(
        file=io.StringIO(),
        width=max(_NARROWEST, terminal_columns()),
        force_terminal=sys.stdout.isatty(),
        markup=False,
        emoji=False,
        highlight=False,
    )
    for title, lines in _sections(report):
        if title:
            console.print()
            console.print(Text(title, style="bold"))
        for line in lines:
            first, *more = _text(line).wrap(console, console.width - _HANGING)
            console.print(first)
            for part in more:
                console.print(f"{' ' * _HANGING}{part}")
    text = console.file.getvalue()  # type: ignore[attr-defined]  # a StringIO
    typer.echo("\n".join(line.rstrip() for line in text.splitlines()))


def _text(line: "Text | str") -> "Text":
    from rich.text import Text

    return line if isinstance(line, Text) else Text(line)


def _sections(report: "ExplainReport") -> Iterator[tuple[str, Sequence["Text | str"]]]:
    yield "", _head(report)
    yield "What it is made of", _parts(report)
    if report.attributes:
        yield f"What it looks like{_foretold(report)}", _looks(report.attributes)
    else:
        yield "What it looks like", [f"  {_NO_LOOKS}"]
    yield "How sure that is", _certainty(report)
    if report.own:
        yield "You compared it", [f"  it {_record(report.own)}"]
    for title, found in (("preferred", report.preferred), ("rejected", report.rejected)):
        if found:
            yield f"Most like it of what you {title}", [_neighbour(one) for one in found]
    if report.effects:
        title = "Comparisons that matter most, with the score without each"
        yield title, [_effect(report, effect) for effect in report.effects[:_EFFECTS]]


def _foretold(report: "ExplainReport") -> str:
    """Return how far looks go, for a title; nothing where they foretell nothing."""
    share = f"{report.explained:.0%}"
    if share == "0%":
        return ""
    whose = "your" if report.personal else "the crowd's"
    return f"; looks foretell {share} of what differs between {whose} scores of other photos"


def _head(report: "ExplainReport") -> list["Text | str"]:
    from rich.text import Text

    place = (
        f"rank {report.rank:,} of {report.ranked:,}"
        if report.photo
        else f"not indexed; it would rank {report.rank:,} of {report.ranked + 1:,}"
    )
    score = Text.assemble(
        (f"{report.score:.2f}", "bold"), f" ± {report.certainty.sd:.2f} of 10 · {place}"
    )
    return [display_path(report.path), score]


def _parts(report: "ExplainReport") -> list[str]:
    parts = report.parts
    lines = [f"  {parts.generic:6.2f}  generic: what people at large would say"]
    if not report.personal:
        return lines
    lines.append(f"  {parts.choices:+6.2f}  your choices")
    if abs(parts.ratings) >= _VISIBLE:
        lines.append(f"  {parts.ratings:+6.2f}  your ratings")
    if abs(parts.rest) >= _VISIBLE:
        lines.append(f"  {parts.rest:+6.2f}  orders, and answers taken back since the training")
    if report.network:
        lines.append("  The score is a fine-tuned network's; these are of the model beside it.")
    return lines


def _looks(found: Sequence["Share"]) -> list[str]:
    raising = [share for share in found if share.points > 0][:_ATTRIBUTES]
    lowering = [share for share in found if share.points < 0][:_ATTRIBUTES]
    shown = [share for share in (*raising, *lowering) if abs(share.points) >= _VISIBLE]
    longest = max((abs(share.points) for share in shown), default=1.0)
    width = max((len(share.word) for share in shown), default=0)
    return [
        f"  {share.points:+6.2f} ± {share.sd:.2f}  {share.word:{width}}  "
        f"{'█' * max(1, round(_BAR * abs(share.points) / longest))}"
        for share in shown
    ]


def _certainty(report: "ExplainReport") -> list[str]:
    sure = report.certainty
    lines = [f"  {_certainty_words(report)}: ± {sure.sd:.2f} points"]
    if report.personal:
        gone = 1 - (sure.sd / sure.sd_before) ** 2 if sure.sd_before else 0.0
        lines.append(
            f"  {sure.bearing:,} of {plural(sure.choices, 'comparison')} bear on it; "
            f"together they took {gone:.0%} of the doubt (variance) away"
        )
    if sure.over_median is not None:
        who = "You" if report.personal else "Somebody"
        lines.append(
            f"  {who} would choose it over the middle photo of the library "
            f"in {sure.over_median:.0%} of cases"
        )
    return lines


def _certainty_words(report: "ExplainReport") -> str:
    sd = report.certainty.sd
    return "Rather sure" if sd <= _SURE_SD else "Not so sure" if sd <= _UNSURE_SD else "Unsure"


def _neighbour(one: "Neighbour") -> str:
    return f"  {_short(one.path)} ({one.likeness:.0%} alike) {_record(one)}"


def _record(one: "Neighbour") -> str:
    won = one.wins >= one.losses
    count, verb, side = (one.wins, "won", "over") if won else (one.losses, "lost", "to")
    against = ", ".join(map(_short, one.against))
    return f"{verb} {count} of {one.wins + one.losses}, {side} {against}"


def _effect(report: "ExplainReport", effect: "ChoiceEffect") -> str:
    said = "as good as" if effect.tie else "over"
    when = "by your ratings" if effect.rated else (effect.made_at or "")[:10]
    changed = report.score + effect.without
    return (
        f"  {changed:6.2f} ({effect.without:+.2f})  {_short(effect.chosen)} {said} "
        f"{_short(effect.other)}, {when}"
    )


def _short(path: Path) -> str:
    """Return a photo's name with its folder: cameras use names again."""
    return display_path(Path(path.parent.name) / path.name)


def _neighbour_json(one: "Neighbour") -> dict[str, Any]:
    return {
        "path": display_path(one.path),
        "likeness": round(one.likeness, 4),
        "wins": one.wins,
        "losses": one.losses,
        "against": [display_path(path) for path in one.against],
    }


def _share_json(share: "Share") -> dict[str, Any]:
    return _rounded(asdict(share)) | {"matters": share.matters}


def _effect_json(effect: "ChoiceEffect") -> dict[str, Any]:
    paths = {"chosen": display_path(effect.chosen), "other": display_path(effect.other)}
    return _rounded(asdict(effect)) | paths


def _rounded(values: dict[str, Any]) -> dict[str, Any]:
    # Zero is added because JSON would show that a rounded number was negative.
    return {k: round(v, 4) + 0.0 if isinstance(v, float) else v for k, v in values.items()}
