import re
from collections.abc import Callable
from xml.etree import ElementTree as ET

import pytest

from photoaesth.report.plots import (
    Mark,
    bar_plot,
    common_limits,
    distribution_plot,
    interval_plot,
    timeline_plot,
)

LIMITS = (-2.0, 2.0)


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - our own


def only(svg: str, tag: str, kind: str) -> list[dict[str, str]]:
    return [
        dict(element.attrib)
        for element in parsed(svg).iter(tag)
        if kind in element.attrib.get("class", "").split()
    ]


def number(text: str) -> float:
    return float(text.removesuffix("%"))


def test_bars_are_as_high_as_their_shares() -> None:
    """Of a distribution, heights are in proportion, and steps stand at the height of theirs."""
    ours = (0.4, 0.2, 0.1, 0.3, 0, 0, 0, 0, 0, 0)
    theirs = (0.1, 0.2, 0.3, 0.4, 0, 0, 0, 0, 0, 0)
    svg = distribution_plot(ours, theirs, ("you", "the crowd"))
    bars = [number(bar["height"]) for bar in only(svg, "rect", "ours")]
    assert len(bars) == 10
    assert bars[0] == pytest.approx(2 * bars[1], abs=0.2) == pytest.approx(4 * bars[2], abs=0.4)
    steps = [number(step["y1"]) for step in only(svg, "line", "theirs")]
    tops = [number(bar["y"]) for bar in only(svg, "rect", "ours")]
    assert steps[1] == pytest.approx(tops[1], abs=0.1)
    assert steps[3] == pytest.approx(tops[0], abs=0.1)
    assert [text.text for text in parsed(svg).iter("text")][:2] == ["1", "40%"]


def test_a_dot_stands_within_its_interval() -> None:
    """Places grow with the numbers, and the tick stands where the comparison is."""
    svg = interval_plot(Mark(1, 0.5, 1.5, clear=True), LIMITS, compared=0, label="")
    (dot,) = only(svg, "circle", "dot")
    (reach,) = only(svg, "line", "reach")
    (tick,) = only(svg, "line", "compared")
    assert number(tick["x1"]) == 50
    assert 50 < number(reach["x1"]) < number(dot["cx"]) < number(reach["x2"])
    assert number(dot["cx"]) - number(reach["x1"]) == pytest.approx(
        number(reach["x2"]) - number(dot["cx"]), abs=0.02
    )


@pytest.mark.parametrize(
    ("mark", "kinds"),
    [
        (Mark(1, 0.5, 1.5, clear=True), {"up"}),
        (Mark(-1, -1.5, -0.5, clear=True), {"down"}),
        (Mark(0.2, -0.5, 0.9, clear=False), {"up", "unclear"}),
        (Mark(-0.2, -0.9, 0.5, clear=False), {"down", "unclear"}),
    ],
)
@pytest.mark.parametrize(
    "plot",
    [
        lambda mark: interval_plot(mark, LIMITS, compared=0, label=""),
        lambda mark: bar_plot(mark, LIMITS, label="", ring=None),
        lambda mark: timeline_plot([mark, mark], LIMITS, label=""),
    ],
)
def test_what_may_be_chance_looks_so(
    mark: Mark, kinds: set[str], plot: Callable[[Mark], str]
) -> None:
    """Direction and doubt are told apart by class, in every plot."""
    shown = re.findall(r'class="(?:bar|dot) ([^"]*)"', plot(mark))
    assert shown
    assert all(set(found.split()) == kinds for found in shown)


def test_bars_start_at_zero() -> None:
    """A bar reaches from the middle to its number, to either side, and its ring stands beside."""
    for value in (1.5, -1.5):
        mark = Mark(value, value - 0.2, value + 0.2, clear=True)
        svg = bar_plot(mark, LIMITS, label="", ring=value / 2)
        (bar,) = only(svg, "rect", "bar")
        (ring,) = only(svg, "circle", "ring")
        start, end = number(bar["x"]), number(bar["x"]) + number(bar["width"])
        assert (start if value > 0 else end) == pytest.approx(50, abs=0.02)
        assert number(ring["cx"]) == pytest.approx((start + end) / 2, abs=0.02)


def test_time_goes_to_the_right_and_more_goes_up() -> None:
    """The oldest dot is on the left; a greater number is higher."""
    marks = [Mark(value, value - 0.1, value + 0.1, clear=True) for value in (-1, 0, 1)]
    dots = only(timeline_plot(marks, LIMITS, label=""), "circle", "dot")
    across, down = ([number(dot[axis]) for dot in dots] for axis in ("cx", "cy"))
    assert across == sorted(across)
    assert down == sorted(down, reverse=True)


def test_wide_intervals_do_not_squeeze_the_rest() -> None:
    """Limits hold all numbers, but cut intervals off that reach more than twice as far."""
    low, high = common_limits([Mark(0.5, 0.4, 0.6, clear=True), Mark(0.1, -9, 9, clear=False)], 0.0)
    assert (low, high) == (-1.0, 1.0)
    svg = interval_plot(Mark(0.1, -9, 9, clear=False), (low, high), compared=0, label="")
    (reach,) = only(svg, "line", "reach")
    assert 0 < number(reach["x1"]) < number(reach["x2"]) < 100
    assert common_limits([], 0.0) == (-1.0, 1.0)
    assert common_limits([Mark(0.0, 0.0, 0.0, clear=False)], 0.0) == (-1.0, 1.0)


def test_plots_say_what_they_show() -> None:
    """Every plot is a picture with words for who cannot see it, whatever is in them."""
    svg = interval_plot(Mark(1, 0, 2, clear=True), LIMITS, compared=0, label='<b> "& more"')
    root = parsed(svg)
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == '<b> "& more"'
    assert root.find("title").text == '<b> "& more"'
