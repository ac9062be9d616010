"""Small plots as SVG for pages: they stretch with the page and their text does not.

Places along the plot are percentages of its width, heights are pixels; colours are the page's,
by class. Each says in words what it shows, for those who cannot see it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from photoaesth.report.page import html_text

_ROW_PX = 22
_MIDDLE_PX = _ROW_PX / 2
_HISTOGRAM_PX, _FOOT_PX = 210, 42
_TIMELINE_PX = 84
_DOT_PX = 4.5
_EDGE = 3.0  # per cent that stay free at either end of a row


@dataclass(frozen=True, slots=True)
class Mark:
    """A number with its 95 % interval.

    Attributes:
        value: the best guess.
        low: end of the interval.
        high: its other end.
        clear: whether it is other than what it is compared with.
    """

    value: float
    low: float
    high: float
    clear: bool


def distribution_plot(
    ours: Sequence[float], theirs: Sequence[float], names: tuple[str, str]
) -> str:
    """Return two score distributions over each other: one as bars, one as steps.

    Args:
        ours: probabilities of the scores 1 to 10, drawn as bars.
        theirs: the same of whom they are compared with, drawn as steps.
        names: of the two.
    """
    tallest = max(*ours, *theirs, 1e-9)
    room = bottom = _HISTOGRAM_PX - 3
    parts = []
    step = 100 / len(ours)
    for place, (share, other) in enumerate(zip(ours, theirs, strict=True)):
        left, height = place * step, room * share / tallest
        top = bottom - room * other / tallest
        parts.append(
            f'<rect class="ours" x="{left + 0.12 * step:.2f}%" y="{bottom - height:.1f}" '
            f'width="{0.76 * step:.2f}%" height="{height:.1f}" rx="2"/>'
        )
        top = bottom - room * other / tallest
        edges = f"{left + 0.04 * step:.2f}%", f"{left + 0.96 * step:.2f}%"
        parts.append(_line("theirs", *edges, top, top))
        middle = f"{left + step / 2:.2f}%"
        for kind, text, y in (("bin", str(place + 1), 18), ("value", f"{share:.0%}", 36)):
            parts.append(f'<text class="{kind}" x="{middle}" y="{bottom + y}">{text}</text>')
    parts.append(_line("axis", "0", "100%", bottom, bottom))
    words = "; ".join(
        f"{place}: {share:.0%} against {other:.0%}"
        for place, (share, other) in enumerate(zip(ours, theirs, strict=True), start=1)
    )
    label = f"Share of each score from 1 to 10, {names[0]} against {names[1]}: {words}"
    return _svg("histogram", bottom + _FOOT_PX, label, parts)


def interval_plot(mark: Mark, limits: tuple[float, float], *, compared: float, label: str) -> str:
    """Return one row of a plot: a dot with its interval, and a tick for what it is compared with.

    Args:
        mark: the number.
        limits: of the axis, in the unit of the number.
        compared: where the tick stands.
        label: what the row shows, in words.
    """
    side = _side(mark, compared)
    tick, low, high = (_across(value, limits) for value in (compared, mark.low, mark.high))
    parts = [
        _line("track", "0", "100%", _MIDDLE_PX, _MIDDLE_PX),
        _line("compared", tick, tick, 2, _ROW_PX - 2),
        _line(f"reach {side}", low, high, _MIDDLE_PX, _MIDDLE_PX),
        _dot(f"dot {side}", _across(mark.value, limits), _MIDDLE_PX),
    ]
    return _svg("row", _ROW_PX, label, parts)


def bar_plot(mark: Mark, limits: tuple[float, float], *, label: str, ring: float | None) -> str:
    """Return one bar from 0 to either side, with its interval as a whisker.

    Args:
        mark: the number.
        limits: of the axis, in the unit of the number.
        label: what the bar shows, in words.
        ring: a second number, drawn as a ring; None for none.
    """
    side = _side(mark, 0)
    zero, low, high = (_across(value, limits) for value in (0, mark.low, mark.high))
    start, end = sorted((0, mark.value))
    width = float(_across(end, limits)[:-1]) - float(_across(start, limits)[:-1])
    bar = (
        f'<rect class="bar {side}" x="{_across(start, limits)}" y="4" width="{width:.2f}%" '
        f'height="{_ROW_PX - 8}" rx="2"/>'
    )
    parts = [
        bar,
        _line("compared", zero, zero, 0, _ROW_PX),
        _line("whisker", low, high, _MIDDLE_PX, _MIDDLE_PX),
        *(_line("whisker", x, x, _MIDDLE_PX - 3, _MIDDLE_PX + 3) for x in (low, high)),
    ]
    if ring is not None:
        parts.append(_dot("ring", _across(ring, limits), _MIDDLE_PX))
    return _svg("row", _ROW_PX, label, parts)


def timeline_plot(marks: Sequence[Mark], limits: tuple[float, float], *, label: str) -> str:
    """Return how a number went: dots with intervals, the oldest on the left, joined by lines.

    Args:
        marks: one for each time; two or more.
        limits: of the axis, even about 0, in the unit of the number.
        label: what the plot shows, in words.
    """
    step = 100 / len(marks)

    def down(value: float) -> float:
        inside = max(limits[0], min(limits[1], value))
        return _TIMELINE_PX / 2 - inside / limits[1] * (_TIMELINE_PX / 2 - 6)

    across = [f"{step / 2 + step * place:.2f}%" for place in range(len(marks))]
    heights = [down(mark.value) for mark in marks]
    parts = [_line("compared", "0", "100%", down(0), down(0))]
    parts += [
        _line("trend", across[place], across[place + 1], heights[place], heights[place + 1])
        for place in range(len(marks) - 1)
    ]
    for x, height, mark in zip(across, heights, marks, strict=True):
        side = _side(mark, 0)
        parts.append(_line(f"reach {side}", x, x, down(mark.low), down(mark.high)))
        parts.append(_dot(f"dot {side}", x, height))
    return _svg("timeline", _TIMELINE_PX, label, parts)


def common_limits(marks: Sequence[Mark], middle: float) -> tuple[float, float]:
    """Return limits, even about the middle, within which all numbers can be seen.

    Intervals that reach farther than twice the farthest number are cut off.
    """
    farthest = max((abs(mark.value - middle) for mark in marks), default=0.0)
    ends = [abs(end - middle) for mark in marks for end in (mark.low, mark.high)]
    reach = min(max(ends, default=farthest), 2 * farthest) or 1.0
    return middle - reach, middle + reach


def _side(mark: Mark, compared: float) -> str:
    side = "up" if mark.value >= compared else "down"
    return side if mark.clear else f"{side} unclear"


def _across(value: float, limits: tuple[float, float]) -> str:
    """Return the place of a number on the axis, within the plot."""
    share = (value - limits[0]) / (limits[1] - limits[0])
    return f"{_EDGE + (100 - 2 * _EDGE) * max(0.0, min(1.0, share)):.2f}%"


def _line(kind: str, x1: str, x2: str, y1: float, y2: float) -> str:
    return f'<line class="{kind}" x1="{x1}" x2="{x2}" y1="{y1:.1f}" y2="{y2:.1f}"/>'


def _dot(kind: str, x: str, y: float) -> str:
    return f'<circle class="{kind}" cx="{x}" cy="{y:.1f}" r="{_DOT_PX}"/>'


def _svg(kind: str, height_px: float, label: str, parts: Sequence[str]) -> str:
    words = html_text(label)
    return (
        f'<svg class="plot {kind}" width="100%" height="{height_px}" role="img" '
        f'aria-label="{words}"><title>{words}</title>{"".join(parts)}</svg>'
    )
