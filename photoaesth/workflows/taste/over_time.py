"""How a taste moved: what was chosen less what was rejected, from one time to the next."""

from collections.abc import Sequence

import numpy as np

from photoaesth.attributes import ATTRIBUTES
from photoaesth.learning.drift import drift
from photoaesth.learning.drivers import Scale
from photoaesth.learning.significance import FALSE_DISCOVERIES, NORMAL_95, clear_of_chance
from photoaesth.workflows.taste.ground import Vector
from photoaesth.workflows.taste.pairs import Pairs
from photoaesth.workflows.taste.report import (
    AttributeOverTime,
    Estimate,
    OverTime,
    Verdict,
    Window,
)

FEWEST_OF_WINDOW = 30
_MOST_WINDOWS = 6
_SHOWN = 8


def over_time(pairs: Pairs, scale: Scale, strongest: Sequence[str]) -> OverTime | None:
    """Return how a taste moved; None for fewer choices than two windows take.

    Args:
        pairs: the choices.
        scale: of the attributes in the library.
        strongest: keys of the attributes, those that drive scores most first.
    """
    count = min(_MOST_WINDOWS, len(pairs) // FEWEST_OF_WINDOW)
    if count < 2:
        return None
    standard = scale.standardise(pairs.looks.values)
    differences = standard[pairs.chosen] - standard[pairs.rejected]
    windows = np.arange(len(pairs)) * count // len(pairs)
    found = drift(differences, windows)
    varied = scale.spreads > 0
    changed = np.zeros(len(ATTRIBUTES), dtype=bool)
    changed[varied] = clear_of_chance(found.any_p[varied])
    verdicts = {
        attribute.name: _verdict(bool(sure), float(trend_p), float(direction))
        for attribute, sure, trend_p, direction in zip(
            ATTRIBUTES, changed, found.trend_p, found.direction, strict=True
        )
    }
    moved = [name for name, verdict in verdicts.items() if verdict is not Verdict.STEADY]
    shown = [*moved, *(name for name in strongest if name not in moved)][:_SHOWN]
    columns = {attribute.name: place for place, attribute in enumerate(ATTRIBUTES)}
    parts = [differences[windows == number] for number in range(count)]
    return OverTime(
        windows=tuple(_window(pairs, windows == number) for number in range(count)),
        attributes=tuple(
            AttributeOverTime(
                name=name,
                title=ATTRIBUTES[columns[name]].title,
                low=ATTRIBUTES[columns[name]].low,
                high=ATTRIBUTES[columns[name]].high,
                differences=tuple(_mean(part[:, columns[name]]) for part in parts),
                verdict=verdicts[name],
            )
            for name in shown
        ),
    )


def _verdict(changed: bool, trend_p: float, direction: float) -> Verdict:
    if not changed:
        return Verdict.STEADY
    if trend_p > FALSE_DISCOVERIES:  # the windows told, not the trend
        return Verdict.CHANGING
    return Verdict.RISING if direction > 0 else Verdict.FALLING


def _window(pairs: Pairs, members: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> Window:
    places = np.flatnonzero(members).tolist()
    return Window(pairs.times[places[0]], pairs.times[places[-1]], len(places))


def _mean(values: Vector) -> Estimate:
    mean = float(values.mean())
    reach = NORMAL_95 * float(values.std(ddof=1)) / len(values) ** 0.5
    return Estimate(mean, (mean - reach, mean + reach), abs(mean) > reach)
