"""A ranking policy: a person's model that also learns from photos they put in order.

The policy draws an order of n photos, the best first, by Plackett & Luce's choice without
replacement (Luce 1959, "Individual Choice Behavior"; Plackett 1975, "The analysis of
permutations"): of the photos that are left, the next is photo i with probability

    exp(k u_i) / Σ exp(k u_j)

where u is the utility of `taste` and k its slope; for two photos that is the choice of `taste`.
It starts as a personal model, a Gaussian over utilities, and stays one: an order only moves the
pull of the photos in it, so whatever reads a `PersonalHead` follows the policy too. It is learned
in two steps. Cloning finds the mode of the posterior after the orders. REINFORCE (Williams 1992,
"Simple statistical gradient-following algorithms for connectionist reinforcement learning") goes
on from there: orders are drawn, and those that agree with the person's by Kendall's tau are made
likelier.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photoaesth.learning.crowd import CrowdModel
from photoaesth.learning.distribution import mean_score
from photoaesth.learning.personal import PersonalHead
from photoaesth.learning.taste import combine, describe, parts

Floats = NDArray[np.floating[Any]]
Matrix = NDArray[np.float64]
Flags = NDArray[np.bool_]

# Of a place in a list, beside 1 for a choice. Chosen together with what follows on simulated
# orders (docs/benchmarks.md): cloning with more weight gains as much on average, but less surely,
# and leaves REINFORCE nothing to learn but noise.
_WEIGHT = 0.15
_MOST_PAIRS = 2000  # what a prediction costs grows with their cube, as with choices
_NEWTON_STEPS = 30
_HALVINGS = 14
_TOLERANCE = 1e-6

# REINFORCE on few lists could learn their noise: it goes a short way from the clone, and the
# prior holds it.
_STEPS = 60
_SAMPLES = 16  # orders drawn of each list in a step
_RATE = 0.05
_REWARD = 1.0  # what a list in the right order counts, beside the distance from the clone


@dataclass(frozen=True, slots=True)
class Ranked:
    """Photos, and which of them a person puts above which.

    Attributes:
        photos: `(n, D)` embeddings, as they are stored.
        above: `(n, n)` whether the photo of the row is above that of the column; pairs that are
            so neither way are left open.
    """

    photos: Floats
    above: Flags

    @staticmethod
    def in_order(photos: Floats) -> "Ranked":
        """Return `(n, D)` photos that were put in order, the best first."""
        return Ranked(photos, np.triu(np.ones((len(photos), len(photos)), dtype=bool), 1))

    def tau(self, utilities: Floats) -> float:
        """Return Kendall's tau of `(n,)` utilities with what is known of the order.

        Concordant less discordant pairs, over all pairs that the person decided: in [-1, 1], NaN
        if there are none.
        """
        signs = np.sign(np.subtract.outer(utilities, utilities))
        return float(signs[self.above].mean()) if self.above.any() else float("nan")


def learn_orders(
    crowd: CrowdModel,
    head: PersonalHead,
    lists: Sequence[Ranked],
    *,
    seed: int,
) -> PersonalHead:
    """Return the ranking policy: what a personal model becomes after a person's orders.

    Args:
        crowd: what is known of people at large.
        head: the personal model to start at, or the prior.
        lists: what the person put in order, the oldest first; of too many the newest count, and
            of too long a one every other photo or fewer.
        seed: of the orders that are drawn.
    """
    thinned = [_thinned(one) for one in lists]
    used = _newest([one for one in thinned if one.above.any()])
    if not used:
        return head
    known = _Known(crowd, head, used)
    return known.head(_reinforce(known, _clone(known), np.random.default_rng(seed)))


def _thinned(one: Ranked) -> Ranked:
    """Return a list with every k-th photo, the smallest k for a head to hold its pairs."""
    most = (1 + isqrt(1 + 8 * _MOST_PAIRS)) // 2  # photos that make so many pairs
    step = -(-len(one.photos) // most)
    return Ranked(one.photos[::step], one.above[::step, ::step]) if step > 1 else one


def _newest(lists: Sequence[Ranked]) -> list[Ranked]:
    """Return as many lists as the head can hold the pairs of."""
    used: list[Ranked] = []
    pairs = 0
    for one in reversed(lists):
        pairs += len(one.photos) * (len(one.photos) - 1) // 2
        if pairs > _MOST_PAIRS:
            break
        used.insert(0, one)
    return used


class _Known:
    """The posterior of a head over its own photos and those of some lists.

    Utilities are `mean + covariance @ dual`: `dual`, `(n,)`, is what the orders say of each photo.

    Attributes:
        mean: `(n,)` utilities of these very photos before the orders, in points.
        covariance: `(n, n)` theirs.
        slope: k, logit per point.
        lists: of each list, `(m, n)` which photos it holds, and what is above what.
    """

    def __init__(self, crowd: CrowdModel, head: PersonalHead, lists: Sequence[Ranked]) -> None:
        taste = crowd.taste
        self.slope = taste.choice_slope
        compared = [head.photos] if len(head.photos) else []
        photos = np.concatenate([*compared, *(one.photos for one in lists)]).astype(np.float16)
        self._photos, rows = np.unique(photos, axis=0, return_inverse=True)
        ends = np.cumsum([len(head.photos), *(len(one.photos) for one in lists)])
        unit = np.eye(len(self._photos))
        mine, *theirs = np.split(unit[rows.ravel()], ends[:-1])
        self.lists = [(held, one.above) for held, one in zip(theirs, lists, strict=True)]

        generic = mean_score(crowd.head(self._photos.astype(np.float32)))
        described = describe(taste, self._photos, generic)
        prior = combine(head.trust, parts(taste, described, described))
        prior += taste.appeal_sd**2 * unit
        self._head = head
        self._row_of = mine.argmax(axis=1)
        self._pull = np.asarray(head.pull, np.float64) @ mine
        roots = self.slope * np.sqrt(np.asarray(head.curvature, np.float64))
        weighed = roots[:, None] * (mine[head.left] - mine[head.right])
        spread = np.eye(len(weighed)) + weighed @ prior @ weighed.T
        # How much of a new pull is left, given what the choices said before.
        self._yielding = unit - weighed.T @ np.linalg.solve(spread, weighed @ prior)
        self.mean = generic + prior @ self._pull
        self.covariance = prior @ self._yielding

    def utilities(self, dual: Matrix) -> Matrix:
        """Return `(n,)` utilities, in points."""
        return np.asarray(self.mean + self.covariance @ dual)

    def head(self, dual: Matrix) -> PersonalHead:
        """Return the head of this posterior."""
        lefts, rights = [self._row_of[self._head.left]], [self._row_of[self._head.right]]
        curvatures = [np.asarray(self._head.curvature, np.float64)]
        utilities = self.utilities(dual)
        for held, above in self.lists:
            # A stage bends the likelihood just as choices between all its photos do.
            chances = _chances(self.slope * held @ utilities, above)
            left, right = np.triu_indices(len(held), 1)
            rows = held.argmax(axis=1)
            lefts.append(rows[left])
            rights.append(rows[right])
            curvatures.append(_WEIGHT * (chances.T @ chances)[left, right])
        return PersonalHead(
            trust=self._head.trust,
            photos=self._photos,
            left=np.concatenate(lefts).astype(np.int32),
            right=np.concatenate(rights).astype(np.int32),
            pull=self._pull + self._yielding @ dual,
            curvature=np.concatenate(curvatures),
        )


def _clone(known: _Known) -> Matrix:
    """Return the dual at the mode of the posterior, by Newton's method with halved steps."""
    count = len(known.mean)
    dual = np.zeros(count)
    best = _log_posterior(known, dual)
    for _ in range(_NEWTON_STEPS):
        utilities = known.utilities(dual)
        slope, curvature = np.zeros(count), np.zeros((count, count))
        for held, above in known.lists:
            chances = _chances(known.slope * held @ utilities, above)
            share = chances.sum(axis=0)
            slope += _WEIGHT * known.slope * (1 - share) @ held
            bend = np.diag(share) - chances.T @ chances
            curvature += _WEIGHT * known.slope**2 * held.T @ bend @ held
        bent = np.eye(count) + curvature @ known.covariance
        target = np.linalg.solve(bent, curvature @ (known.covariance @ dual) + slope)
        before = best
        for halvings in range(_HALVINGS):
            moved = dual + (target - dual) / 2**halvings
            value = _log_posterior(known, moved)
            if value > best:
                dual, best = moved, value
                break
        if best - before < _TOLERANCE:
            break
    return dual


def _log_posterior(known: _Known, dual: Matrix) -> float:
    utilities = known.utilities(dual)
    total = -dual @ known.covariance @ dual / 2
    for held, above in known.lists:
        chances = _chances(known.slope * held @ utilities, above)
        total += _WEIGHT * np.log(np.diag(chances)).sum()
    return float(total)


def _chances(logits: Matrix, above: Flags) -> Matrix:
    """Return `(n, n)` chances: row i, of i and what is below it to come first."""
    in_play = np.where(above | np.eye(len(above), dtype=bool), logits, -np.inf)
    odds = np.exp(in_play - in_play.max(axis=1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))


def _reinforce(known: _Known, clone: Matrix, rng: np.random.Generator) -> Matrix:
    """Return the dual after ascending the expected tau, held back by the distance from the clone.

    Steps follow the functional gradient: the slope by the utilities, taken as a change of the
    dual, is the gradient in the space in which the prior measures distances.
    """
    dual = clone
    for _ in range(_STEPS):
        utilities = known.utilities(dual)
        slope = np.zeros(len(dual))
        for held, above in known.lists:
            slope += (
                known.slope * _policy_gradient(known.slope * held @ utilities, above, rng) @ held
            )
        dual = dual + _RATE * (_REWARD * slope - (dual - clone))
    return dual


def _policy_gradient(logits: Matrix, above: Flags, rng: np.random.Generator) -> Matrix:
    """Estimate the gradient of the expected tau by `(n,)` logits from orders that are drawn.

    The baseline of an order is the mean tau of the others, which leaves the estimate unbiased.
    """
    # Sorting logits with Gumbel noise draws from Plackett and Luce (Yellott 1977).
    order = np.argsort(-(logits + rng.gumbel(size=(_SAMPLES, len(logits)))), axis=1)
    place = np.argsort(order, axis=1)
    ahead = np.sign(place[:, None, :] - place[:, :, None])
    taus = ahead[:, above].mean(axis=1)
    advantages = (taus - taus.mean()) * _SAMPLES / (_SAMPLES - 1)
    odds = np.exp(logits - logits.max())[order]
    left = np.cumsum(odds[:, ::-1], axis=1)[:, ::-1]  # of all photos that a place is filled from
    drawn = 1 - odds * np.cumsum(1 / left, axis=1)
    by_photo = np.take_along_axis(drawn, place, axis=1)
    return np.asarray((advantages[:, None] * by_photo).mean(axis=0))
