"""How many more choices until the best photos of a pool hardly change any more.

The top 20 is *settled* when the next 25 choices are expected to replace less than a tenth of it.
That is the stop rule of Bloodgood & Vijay-Shanker 2009, "A method for stopping active learning
based on stabilizing predictions", looking ahead instead of back: in a Gaussian posterior it is
known beforehand by how much choices will move the utilities (preposterior analysis, Raiffa &
Schlaifer 1961, "Applied statistical decision theory", §5.4), only not where to.
"""

from bisect import bisect_left
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photoaesth.learning.selection import Pool

Matrix = NDArray[np.float64]

TOP = 20
AHEAD = 25  # choices: an evening's worth, by which a list that is settled hardly changes
REPLACED = 0.1  # of the list: what may change
COUNTS = (5, 10, 15, 25, 35, 50, 75, 100, 150, 200, 300, 400, 500)
"""What is forecast: no finer than it is known."""

# How much a choice tells, of what it would if the choices were spread evenly over all pairs and
# what they tell over all directions; measured for the pairs that `selection` asks for.
_EFFICIENCY = 0.8
_DRAWS = 128


@dataclass(frozen=True, slots=True)
class Forecast:
    """How settled the top of a pool is.

    Attributes:
        replaced: how many of the top the next `AHEAD` choices are expected to replace.
        more: after about how many choices it is settled, 0 or one of `COUNTS`; None for more than
            the largest of these.
    """

    replaced: float
    more: int | None


def forecast(pool: Pool, *, top: int = TOP) -> Forecast:
    """Return how settled the best photos of a pool are, and when they will be.

    The draws are the same at every call, so that what is forecast from one answer to the next
    only changes with what is known.

    Args:
        pool: what is known of a person's utilities.
        top: how many photos the best ones are.
    """
    if len(pool.mean) <= top:
        return Forecast(0.0, 0)
    future = _Future(pool, top)
    now = future.replaced_after(0)
    if now < REPLACED * top:
        return Forecast(now, 0)
    place = bisect_left(
        COUNTS, True, key=lambda count: future.replaced_after(count) < REPLACED * top
    )
    return Forecast(now, COUNTS[place] if place < len(COUNTS) else None)


class _Future:
    """The utilities of a pool's photos as they will be believed in after more choices.

    Choices are taken as spread evenly over all pairs: then n of them add the same precision in
    every direction but that of all utilities together, which no choice tells of and no order needs.
    """

    def __init__(self, pool: Pool, top: int) -> None:
        count = len(pool.mean)
        centred = pool.covariance - pool.covariance.mean(axis=0)
        centred -= centred.mean(axis=1, keepdims=True)
        variances, self._directions = np.linalg.eigh(centred)
        self._variances = np.maximum(variances, 0)
        self._mean = pool.mean
        self._top = top
        self._appeal = pool.appeal_sd**2
        # Drawn by photo, not by direction: directions turn and flip from one answer to the next.
        self._sooner, self._later = (
            np.random.default_rng(0).standard_normal((2, _DRAWS, count)) @ self._directions
        )
        self._told = _EFFICIENCY * self._fisher_information(pool) * 2 / (count - 1)

    def replaced_after(self, choices: int) -> float:
        """Return how many of the top the `AHEAD` choices after these are expected to replace."""
        sooner, later = self._left(choices), self._left(choices + AHEAD)
        before = self._mean + self._moved(self._sooner, self._variances - sooner)
        after = before + self._moved(self._later, sooner - later)
        return self._top - float((_best(before, self._top) & _best(after, self._top)).sum(1).mean())

    def _left(self, choices: int) -> Matrix:
        """Return the variance in every direction after more choices."""
        told = choices * self._told
        told /= 1 + self._appeal * told  # the same photos come again, with the same appeal
        return np.asarray(self._variances / (1 + told * self._variances))

    def _moved(self, drawn: Matrix, variances: Matrix) -> Matrix:
        return np.asarray((drawn * np.sqrt(variances)) @ self._directions.T)

    def _fisher_information(self, pool: Pool) -> float:
        """Return what an answer tells of a difference of utility, in points⁻².

        The Fisher information k² p (1 - p), averaged over pairs and the posterior; k is the slope
        of answers given the utilities, flattened by the appeal of two photos (MacKay 1992).
        """
        slope = pool.slope / np.sqrt(1 + np.pi * pool.slope**2 * 2 * self._appeal / 8)
        utilities = self._mean + self._moved(self._sooner, self._variances)
        shuffled = np.random.default_rng(1).permutation(len(self._mean))
        ahead = utilities[:, shuffled] - utilities[:, np.roll(shuffled, 1)]
        return float(slope**2 * (1 - np.tanh(slope * ahead / 2) ** 2).mean() / 4)


def _best(utilities: Matrix, top: int) -> NDArray[np.bool_]:
    """Return `(N, P)` which photos are the best of each row."""
    best = np.zeros(utilities.shape, dtype=bool)
    places = np.argpartition(-utilities, top - 1, axis=1)[:, :top]
    np.put_along_axis(best, places, True, axis=1)
    return best
