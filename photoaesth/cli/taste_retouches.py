"""What `taste --from retouches` says in the terminal."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from photoaesth.cli.console import print_table
from photoaesth.cli.taste_text import LEGEND, heading, number, print_bins, say

if TYPE_CHECKING:
    from photoaesth.workflows.taste.retouch_report import (
        AttributeChange,
        LabelChange,
        RetouchReport,
    )

_SHOWN = 12


def print_retouches(report: "RetouchReport") -> None:
    """Print what a profile's edits do."""
    say(
        f"{report.profile}: {report.retouches:,} retouched photos, and {report.copies:,} enhanced "
        "copies of photos retouched or put in an order; "
        f"{report.rated:,} are rated, {report.ordered:,} in an order. "
        f"By their weights they count as {report.effective:.0f} of one weight."
    )
    print_bins({"before": report.before, "after": report.after})
    typer.echo(f"Mean score after {report.score:.2f}, gained {number(report.gain).strip()}")
    heading("What your edits do")
    print_table(
        ["", "change", "toward", "before", "after", "unit"],
        [_attribute(change) for change in report.attributes[:_SHOWN]],
        right="before after",
    )
    _labels("Styles", report.styles)
    _labels("What is shown", report.contents)
    typer.echo(LEGEND)


def _attribute(change: "AttributeChange") -> list[str]:
    end = change.high if change.change.value >= 0 else change.low
    most = max(abs(change.before), abs(change.after), abs(change.change.value))
    digits = 1 if most >= 10 else 3 if most < 1 else 2
    return [
        *(change.title, number(change.change, digits), end),
        *(f"{change.before:.{digits}f}", f"{change.after:.{digits}f}", change.unit),
    ]


def _labels(title: str, changes: Sequence["LabelChange"]) -> None:
    if not changes:
        return
    heading(title)
    rows = [
        [each.label, f"{each.before:.0%}", f"{each.after:.0%}", number(each.change)]
        for each in changes
    ]
    print_table(["", "before", "after", "change"], rows, right="before after")
