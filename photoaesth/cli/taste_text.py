"""What the reports about tastes share in the terminal."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import typer

from photoaesth.cli.bars import bar, bars_shown
from photoaesth.cli.console import print_table, terminal_columns

if TYPE_CHECKING:
    from photoaesth.workflows.taste.report import Estimate

LEGEND = "* not by chance: of all that are marked in a table, about one in twenty is."
_BAR = 21  # columns


def heading(text: str) -> None:
    """Print the title of a section."""
    typer.echo(f"\n{text}")


def number(found: "Estimate | None", digits: int = 2) -> str:
    """Return `+0.31 ±0.12 *`; the star where it is clear, a dash where nothing is known."""
    if found is None:
        return "–"
    reach = (found.interval[1] - found.interval[0]) / 2
    return f"{found.value:+.{digits}f} ±{reach:.{digits}f} {'*' if found.clear else ' '}"


def say(text: str) -> None:
    """Print a sentence or two, broken between words where the terminal ends."""
    typer.echo(textwrap.fill(text, terminal_columns(), break_on_hyphens=False))


def print_bins(bins: Mapping[str, Sequence[float]]) -> None:
    """Print distributions of scores side by side, the best score first.

    Args:
        bins: ten probabilities each, by the name of the column.
    """
    most = max(max(shares) for shares in bins.values())
    bars = bars_shown()
    header = ["score", *(cell for name in bins for cell in ([name, " "] if bars else [name]))]
    rows = []
    for score in range(10, 0, -1):
        row = [str(score)]
        for shares in bins.values():
            row.append(f"{shares[score - 1]:.1%}")
            if bars:
                row.append(bar(shares[score - 1] / most, _BAR))
        rows.append(row)
    print_table(header, rows, right=f"score {' '.join(bins)}")


def too_few(names: Sequence[str], what: str) -> None:
    """Say of what there is too little to tell anything."""
    if names:
        say(f"Too few {what}: {', '.join(names)}.")
