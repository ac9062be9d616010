"""From choices to what regression needs: a person's scores and weights, by Bradley–Terry.

Choices follow Bradley & Terry (1952): P(left ≻ right) = σ(k (s_left - s_right)) with k the logit
per point that fits the development raters, which ties strengths to the scale of crowd scores.
"""

import numpy as np
from numpy.typing import NDArray

from photoaesth.learning.evaluation.method import Choices, Floats, Indices

# How far a person's score of a photo lies from what is believed, in points, before any choice:
# what the prior of the personal model (docs/design.md) says of a photo of average embedding.
OFFSET_SD = 1.2
CHOICE_SLOPE = 0.67

_STEPS = 500
_TOLERANCE = 1e-5


def person_scores(choices: Choices, believed: Floats) -> tuple[Indices, NDArray[np.float64]]:
    """Return the compared photos and the scores that the person would likely give them.

    The one way in which all baselines get scores from choices: MAP strengths with the prior
    s ~ N(believed, OFFSET_SD²), independent per photo. A photo moves away from what the method
    believed only as far as the choices push it.

    Args:
        choices: of one person; ties count as half.
        believed: `(N,)` scores of the method before it met the person, in points of 1–10.

    Returns:
        `(n,)` photo numbers, ascending, and `(n,)` scores in points.
    """
    photos, places = np.unique(np.concatenate([choices.left, choices.right]), return_inverse=True)
    left, right = places[: len(choices.left)], places[len(choices.left) :]
    rows = np.zeros((len(choices.left), len(photos)))
    pair = np.arange(len(rows))
    rows[pair, left] += CHOICE_SLOPE
    rows[pair, right] -= CHOICE_SLOPE
    ahead = CHOICE_SLOPE * (believed[choices.left] - believed[choices.right])
    moved = logistic_map(rows, choices.outcomes, ahead, variance=OFFSET_SD**2)
    return photos, believed[photos] + moved


def logistic_map(
    rows: Floats, outcomes: Floats, offsets: Floats, *, variance: float
) -> NDArray[np.float64]:
    """Return the most probable weights w of P(yᵢ = 1) = σ(offsetᵢ + rowᵢ · w), w ~ N(0, v I).

    Ascends with the curvature bound XᵀX / 4 (Böhning & Lindsay 1988, "Monotonicity of quadratic-
    approximation algorithms"), which never overshoots, so no step has to be searched for.

    Args:
        rows: `(M, D)`.
        outcomes: `(M,)` in [0, 1].
        offsets: `(M,)` logits at w = 0.
        variance: v, of every weight.

    Returns:
        `(D,)`.
    """
    weights = np.zeros(rows.shape[1])
    bound = rows.T @ rows / 4 + np.eye(len(weights)) / variance
    climb = np.linalg.inv(bound)
    for _ in range(_STEPS):
        chance = 0.5 * (1 + np.tanh((offsets + rows @ weights) / 2))
        step = climb @ (rows.T @ (outcomes - chance) - weights / variance)
        weights = weights + step
        if np.abs(step).max(initial=0) < _TOLERANCE:
            break
    return weights
