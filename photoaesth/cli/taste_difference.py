"""What `taste diff` says in the terminal."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from photoaesth.cli.console import plural, print_table
from photoaesth.cli.taste_text import LEGEND, heading, number, print_bins, say
from photoaesth.files import display_path

if TYPE_CHECKING:
    from photoaesth.workflows.taste.difference_report import (
        LabelDifference,
        PartingPhoto,
        TasteDifference,
    )

_SHOWN = 10


def print_difference(report: "TasteDifference") -> None:
    """Print how two tastes differ."""
    names = (report.first, report.second)
    typer.echo(f"{names[0]} and {names[1]} on {plural(report.photos, 'photo')}")
    say(
        f"Of two photos they prefer the same one {report.agreement:.0%} of the time; "
        f"the scores' rank correlation is {report.srcc:.2f}."
    )
    print_bins(dict(zip(names, report.distributions, strict=True)))
    say(
        f"Mean scores {report.means[0]:.2f} and {report.means[1]:.2f}; "
        f"the distributions are {report.emd:.3f} apart (EMD)."
    )
    heading("What raises and lowers scores, in points for one standard deviation")
    print_table(
        ["", "from", "to", *names, "difference"],
        [
            [
                *(each.title, each.low, each.high),
                *(f"{each.first:+.2f}", f"{each.second:+.2f}", number(each.difference)),
            ]
            for each in report.attributes[:_SHOWN]
        ],
        right=f"{names[0]} {names[1]}",
    )
    _labels("Styles", names, report.styles)
    _labels("What is shown", names, report.contents)
    typer.echo(LEGEND)
    _photos(f"{names[0]} likes these, {names[1]} does not", names, report.first_likes)
    _photos(f"{names[1]} likes these, {names[0]} does not", names, report.second_likes)


def _labels(title: str, names: tuple[str, str], labels: Sequence["LabelDifference"]) -> None:
    if not labels:
        return
    heading(title)
    rows = [
        [
            *(each.label, f"{each.photos:,}"),
            *(f"{each.first:.2f}", f"{each.second:.2f}", number(each.difference)),
        ]
        for each in labels
    ]
    print_table(["", "photos", *names, "difference"], rows, right=f"photos {' '.join(names)}")


def _photos(title: str, names: tuple[str, str], photos: Sequence["PartingPhoto"]) -> None:
    if not photos:
        return
    heading(title)
    rows = [
        [f"{each.first:.2f}", f"{each.second:.2f}", display_path(each.photo.path)]
        for each in photos
    ]
    print_table([*names, "photo"], rows, right=" ".join(names))
