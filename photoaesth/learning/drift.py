"""Whether a taste changed over time, told from its choices alone.

What was chosen less what was rejected shows the taste of a time, but also which pairs were asked:
later pairs may be harder. So a constant taste is fitted to all choices first (`liking`), and what
is left of each choice is looked at. A constant taste
leaves nothing that goes with time, whatever the pairs; this is the score test (Rao 1948) of a
liking that drifts, and of one that differs between windows.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photoaesth.learning.liking import likings
from photoaesth.learning.significance import chi_square_p, two_sided_p

Floats = NDArray[np.floating[Any]]
Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Drift:
    """How the liking for A attributes went with time.

    Attributes:
        direction: `(A,)` above 0 where it grew.
        trend_p: `(A,)` p values of no trend.
        any_p: `(A,)` p values of neither a trend nor differences between windows.
    """

    direction: Vector
    trend_p: Vector
    any_p: Vector


def drift(differences: Floats, windows: NDArray[np.integer[Any]]) -> Drift:
    """Look for a change of taste.

    Args:
        differences: `(M, A)` attributes of the chosen photo less those of the rejected one, in
            standard deviations; the oldest choice first.
        windows: `(M,)` which window each choice is in, from 0.
    """
    pairs = np.asarray(differences, np.float64)
    constant = likings(pairs)
    pulls = constant.left[:, None] * pairs  # what each choice says for a greater liking
    doubts = constant.variances[:, None] * np.square(pairs)
    time = np.linspace(-1, 1, len(pairs))[:, None]
    trend, trend_variance = _beyond_constant(time, pulls, doubts)
    trend_p = two_sided_p(trend, np.sqrt(trend_variance))
    members = np.asarray(windows)[:, None] == np.arange(int(np.max(windows)) + 1)
    window_pulls, window_doubts = members.T @ pulls, members.T @ doubts
    totals = np.maximum(window_doubts.sum(0), 1e-12)
    surplus = window_pulls - window_doubts * (window_pulls.sum(0) / totals)
    statistics = (np.square(surplus) / np.maximum(window_doubts, 1e-12)).sum(0)
    freedom = members.shape[1] - 1
    window_p = np.array([chi_square_p(statistic, freedom) for statistic in statistics.tolist()])
    # Two looks at the same choices: Bonferroni.
    return Drift(trend, trend_p, np.minimum(1, 2 * np.minimum(trend_p, window_p)))


def _beyond_constant(time: Floats, pulls: Floats, doubts: Floats) -> tuple[Vector, Vector]:
    """Return `(A,)` scores of a trend and their variances, less what a constant liking explains."""
    total = np.maximum(doubts.sum(0), 1e-12)
    middle = (time * doubts).sum(0) / total
    since = time - middle
    return (since * pulls).sum(0), (np.square(since) * doubts).sum(0)
