"""How many more choices until the best photos of a pool hardly change any more.

The top 20 is *settled* when the next 15 choices are expected to replace less than one of them.
This is the stop rule of Bloodgood & Vijay-Shanker 2009, "A method for stopping active learning
based on stabilizing predictions", looking ahead instead of back: in a Gaussian posterior it is
known beforehand how far choices will move the utilities, only not where to (preposterior
analysis: Raiffa & Schlaifer 1961, "Applied statistical decision theory").
"""

from bisect import bisect_left
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photoaesth.learning.selection import Pool

Matrix = NDArray[np.float32]
Indices = NDArray[np.integer[Any]]

TOP = 20
AHEAD = 15  # choices: a sitting of a minute or two, by which a settled list hardly changes
COUNTS = (5, 10, 15, 25, 35, 50, 75, 100, 150, 200, 300, 400, 500)
"""What is forecast: no finer than it is known."""

_REPLACED = 1 / 20  # of the top, by the next `AHEAD` choices
# Chosen together on real raters (benchmarks/settling.py), so that the rule does what it says when
# it holds, and comes about when it was forecast.
_TOLD = 3.0  # times what a choice about an evenly drawn pair tells: pairs are chosen for it
# Points². What only one photo has for a person makes choices about the same photos tell less and
# less. It is more than the prior's: people differ from their own models by more than it grants.
_APPEAL_VARIANCE = 2.0
# The mean moves less than the posterior narrows: Laplace's mode lies nearer to the prior than the
# mean, and trust in a taste of one's own is taken back as choices come in.
_MOVED = 0.4
_DRAWS = 128


@dataclass(frozen=True, slots=True)
class Forecast:
    """How settled the top of a pool is.

    Attributes:
        replaced: how many of the top the next `AHEAD` choices are expected to replace; too many
            while little is known (up to twice as many as are), right where the rule holds.
        more: after about how many choices it is settled, 0 or one of `COUNTS`; None for more than
            the largest of these.
    """

    replaced: float
    more: int | None


def forecast(pool: Pool, shown: Indices | None = None, *, top: int = TOP) -> Forecast:
    """Return how settled the best photos of a pool are, and when they will be.

    What is drawn is the same at every call, so that from one answer to the next the forecast only
    changes with what is known.

    Args:
        pool: what is known of a person's utilities of P photos.
        shown: `(P,)` how often each photo was compared; None for never.
        top: how many photos the best ones are.
    """
    if len(pool.mean) <= top:
        return Forecast(0.0, 0)
    future = _Future(pool, 0.0 if shown is None else float(shown.sum()) / 2, top)
    now = future.replaced(0)
    if now < _REPLACED * top:
        return Forecast(now, 0)
    place = bisect_left(COUNTS, True, key=lambda more: future.replaced(more) < _REPLACED * top)
    return Forecast(now, COUNTS[place] if place < len(COUNTS) else None)


class _Future:
    """The utilities of a pool's photos as they will be believed in after more choices.

    Choices are taken as spread evenly over all pairs. Then n of them add the same precision in
    every direction, except to the sum of all utilities, which no order depends on.
    """

    def __init__(self, pool: Pool, asked: float, top: int) -> None:
        count = len(pool.mean)
        centred = pool.covariance - pool.covariance.mean(axis=0)
        centred -= centred.mean(axis=1, keepdims=True)
        variances, directions = np.linalg.eigh(centred)
        # Single precision halves the time, and draws know no better.
        self._variances = np.maximum(variances, 0).astype(np.float32)
        self._directions = directions.astype(np.float32)
        self._mean = pool.mean.astype(np.float32)
        self._asked = asked
        self._top = top
        # Drawn by photo and not by direction, which turn and flip from one answer to the next.
        drawn = np.random.default_rng(0).standard_normal((2, _DRAWS, count), dtype=np.float32)
        self._first, self._second = drawn @ self._directions
        self._told = _TOLD * self._information(pool) * 2 / (count - 1)

    def replaced(self, choices: int) -> float:
        """Return how many of the top the `AHEAD` choices after these are expected to replace."""
        left = self._variances / (1 + choices * self._told * self._variances)
        before = self._mean + _MOVED * self._spread(self._first, self._variances - left)
        worn = 1 + _APPEAL_VARIANCE * (self._asked + choices) * self._told
        added = AHEAD * self._told / worn**2  # the derivative of n t / (1 + variance n t)
        after = before + self._spread(self._second, left - left / (1 + added * left))
        stays = _best(before, self._top) & _best(after, self._top)
        return self._top - float(stays.sum(axis=1).mean())

    def _spread(self, drawn: Matrix, variances: Matrix) -> Matrix:
        """Return `(_DRAWS, P)` what draws of a variance of 1 in every direction become."""
        return np.asarray((drawn * np.sqrt(variances)) @ self._directions.T)

    def _information(self, pool: Pool) -> float:
        """Return what an answer tells of the difference of two utilities, in points⁻².

        Fisher's information k² p (1 - p), averaged over pairs and the posterior; k is the slope
        that the appeal of two photos leaves (MacKay 1992, eq. 4.11, as `choice_probability`).
        """
        slope = pool.slope / np.sqrt(1 + np.pi * (pool.slope * pool.appeal_sd) ** 2 / 4)
        utilities = self._mean + self._spread(self._first, self._variances)
        order = np.random.default_rng(0).permutation(len(self._mean))
        ahead = utilities[:, order] - utilities[:, np.roll(order, 1)]
        return float((slope**2 * (1 - np.tanh(slope * ahead / 2) ** 2) / 4).mean())


def _best(utilities: Matrix, top: int) -> NDArray[np.bool_]:
    """Return `(N, P)` which photos are the best of each row."""
    best = np.zeros(utilities.shape, dtype=bool)
    places = np.argpartition(-utilities, top - 1, axis=1)[:, :top]
    np.put_along_axis(best, places, True, axis=1)
    return best
