"""A picture of how agreement grows with the number of pairs asked."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from photoaesth.errors import PhotoaesthError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PICTURE_FORMATS = {".png": "png", ".svg": "svg"}
_SIZE_INCHES = (7.0, 4.5)
_DPI = 150


@dataclass(frozen=True, slots=True)
class Curve:
    """One line of the picture.

    Attributes:
        label: the method; curves with the same label have the same colour.
        dashed: for pairs drawn at random.
        pairs: numbers of pairs, growing.
        means: Spearman's correlation at each, in [-1, 1].
        errors: standard errors of the means; NaN where there is one rater only.
    """

    label: str
    dashed: bool
    pairs: tuple[int, ...]
    means: tuple[float, ...]
    errors: tuple[float, ...]


def new_figure() -> "Figure":
    """Return an empty picture.

    Raises:
        PhotoaesthError: matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure  # not pyplot, which looks for a screen
    except ImportError as error:
        raise PhotoaesthError(
            "cannot draw the picture: matplotlib is not installed; pip install 'photoaesth[eval]'"
        ) from error
    return Figure(figsize=_SIZE_INCHES, dpi=_DPI, layout="constrained")


def curve_picture(curves: Sequence[Curve], format_: str) -> bytes:
    """Draw curves with bands of one standard error to either side.

    Args:
        curves: the lines; random ones are dashed.
        format_: one of the values of `PICTURE_FORMATS`.

    Returns:
        The file's bytes.

    Raises:
        PhotoaesthError: matplotlib is not installed.
    """
    figure = new_figure()
    axes = figure.add_subplot()
    colours = {
        label: f"C{place}" for place, label in enumerate(dict.fromkeys(c.label for c in curves))
    }
    for curve in curves:
        rule = "random pairs" if curve.dashed else "pairs it asked for"
        colour = colours[curve.label]
        axes.plot(
            curve.pairs,
            curve.means,
            color=colour,
            linestyle="--" if curve.dashed else "-",
            marker="o",
            markersize=3,
            label=f"{curve.label}, {rule}",
        )
        low = [mean - error for mean, error in zip(curve.means, curve.errors, strict=True)]
        high = [mean + error for mean, error in zip(curve.means, curve.errors, strict=True)]
        axes.fill_between(curve.pairs, low, high, color=colour, alpha=0.15, linewidth=0)
    axes.set_xlabel("pairs")
    axes.set_ylabel("Spearman ρ on the other photos, mean ± standard error")
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
    return _saved(figure, format_)


def _saved(figure: "Figure", format_: str) -> bytes:
    from matplotlib import rc_context

    file = io.BytesIO()
    # Without a date and random identifiers, the same figures give the same file.
    with rc_context({"svg.hashsalt": "photoaesth"}):
        figure.savefig(file, format=format_, metadata={"Date": None} if format_ == "svg" else None)
    return file.getvalue()
