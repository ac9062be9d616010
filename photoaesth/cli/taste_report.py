"""What `taste` says in the terminal."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from photoaesth.cli.bars import balance, bars_shown
from photoaesth.cli.console import plural, print_table, terminal_columns
from photoaesth.cli.taste_text import LEGEND, heading, number, print_bins, say, too_few
from photoaesth.files import display_path

if TYPE_CHECKING:
    from photoaesth.workflows.taste.report import (
        Driving,
        LabelTaste,
        OverTime,
        TastePhoto,
        TasteReport,
    )

_SHOWN = 10
_BAR = range(7, 24)  # columns: with less room there is none


def print_taste(report: "TasteReport") -> None:
    """Print a profile's taste."""
    said = plural(report.choices, "choice")
    if report.ratings:
        said += f" and {plural(report.ratings, 'rating')}"
    typer.echo(f"{report.profile}: {said}, {plural(report.photos, 'photo')}")
    found = report.distributions
    if report.personal:
        print_bins({"you": found.personal, "crowd": found.generic})
        say(
            f"Mean score {found.personal_mean:.2f}, the crowd's {found.generic_mean:.2f}; "
            f"the distributions are {found.emd:.3f} apart (EMD)."
        )
    else:
        print_bins({"crowd": found.generic})
        say(f"The crowd's mean score is {found.generic_mean:.2f}.")
    _labels("Styles", report.styles, personal=report.personal)
    if any(taste.weak and taste.distributions for taste in report.styles):
        say("~ a style that is often told wrongly of a photo")
    _labels("What is shown", report.contents, personal=report.personal)
    typer.echo(LEGEND)
    if report.driving:
        _driving(report.driving, personal=report.personal)
    if report.over_time:
        _over_time(report.over_time)
    _typical(report)
    _surprising(report)
    _photos("You like these better than the crowd does", report.above_crowd)
    _photos("The crowd likes these better than you do", report.below_crowd)


def _labels(title: str, tastes: Sequence["LabelTaste"], *, personal: bool) -> None:
    heading(title)
    rows = []
    for taste in tastes:
        if taste.distributions is None:
            continue
        row = [_name(taste), f"{taste.photos:,}", f"{taste.distributions.personal_mean:.2f}"]
        if personal:
            row += [f"{taste.distributions.generic_mean:.2f}", number(taste.difference)]
        rows.append([*row, *_chosen(taste)])
    if rows:
        scores = ["you", "crowd", "more or less"] if personal else ["crowd"]
        header = ["", "photos", *scores, "chosen", "crowd's guess"]
        print_table(header, rows, right="photos you crowd chosen")
    too_few([taste.label for taste in tastes if taste.distributions is None], "photos")


def _name(taste: "LabelTaste") -> str:
    return f"{taste.label} ~" if taste.weak else taste.label


def _chosen(taste: "LabelTaste") -> list[str]:
    if taste.choices is None:
        return ["–  ", ""]
    found = taste.choices
    star = "*" if found.share.clear else " "
    return [f"{found.chosen} of {found.pairs} {star}", f"{found.expected:.0%}"]


def _driving(driving: "Driving", *, personal: bool) -> None:
    whose = "your" if personal else "the crowd's"
    heading(f"What raises and lowers {whose} scores, in points for one standard deviation")
    shown = driving.attributes[:_SHOWN]
    header = ["", "better if", "scores", "choices alone"]
    rows = [
        [driver.title, driver.end, number(driver.effect), number(driver.chosen)] for driver in shown
    ]
    widest = (max(map(len, column)) for column in zip(header, *rows, strict=True))
    room = min(terminal_columns() - sum(widest) - 2 * len(header), _BAR.stop - 1)
    if bars_shown() and room in _BAR:
        most = max((abs(driver.effect.value) for driver in shown), default=0) or 1
        header.append(" ")
        for row, driver in zip(rows, shown, strict=True):
            row.append(balance(driver.effect.value / most, room - 1 + room % 2))
    print_table(header, rows)
    if driving.foretells:
        say(
            f"All attributes together foretell {driving.explained:.0%} of what differs between "
            "the scores of other photos."
        )


def _over_time(found: "OverTime") -> None:
    heading("Over time: what you chose less what you rejected, in standard deviations")
    first = found.windows[0].start
    one_year = first[:4] == found.windows[-1].start[:4]
    shown = slice(5, 10) if one_year else slice(7)
    names = found.names(shown)
    rows = [
        [each.title, *(f"{part.value:+.1f}" for part in each.differences), each.verdict.words]
        for each in found.attributes
    ]
    dated = names[0] == first[shown]
    header = ["since" if dated else "choices", *names, ""]
    print_table(header, rows, right=" ".join(names))


def _typical(report: "TasteReport") -> None:
    if report.personal:
        _photos("Typical of what you like", report.typical)
    elif report.typical:
        heading("Typical of what the crowd likes")
        rows = [[f"{each.generic:.2f}", display_path(each.photo.path)] for each in report.typical]
        print_table(["crowd", "photo"], rows, right="crowd")


def _photos(title: str, photos: Sequence["TastePhoto"]) -> None:
    if not photos:
        return
    heading(title)
    rows = [
        [f"{each.score:.2f}", f"{each.generic:.2f}", display_path(each.photo.path)]
        for each in photos
    ]
    print_table(["you", "crowd", "photo"], rows, right="you crowd")


def _surprising(report: "TasteReport") -> None:
    if not report.surprising:
        return
    made_likely = "the others made them" if report.personal else "the crowd would make them"
    heading(f"Your most surprising choices, and how likely {made_likely}")
    rows = [
        [
            f"{each.probability:.0%}",
            display_path(each.chosen.photo.path),
            display_path(each.rejected.photo.path),
        ]
        for each in report.surprising
    ]
    print_table(["", "winner", "loser"], rows)
