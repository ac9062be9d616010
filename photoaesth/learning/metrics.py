"""How well predicted choices agree with the choices that were made."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]


def pairwise_accuracy(probabilities: Floats, outcomes: Floats) -> float:
    """Return the share of decided pairs whose winner is the likelier photo.

    Args:
        probabilities: `(M,)` of the left photo being chosen; exactly ½ counts as half right.
        outcomes: `(M,)` 1 for left, 0 for right; ties (½) do not count.

    Returns:
        In [0, 1]; NaN when no pair is decided.
    """
    decided = outcomes != 0.5
    if not decided.any():
        return math.nan
    right = np.sign(probabilities - 0.5) * np.sign(outcomes - 0.5)
    return float((1 + right[decided]).mean() / 2)


def log_loss(probabilities: Floats, outcomes: Floats) -> float:
    """Return the mean negative log-likelihood in nats; a coin has log 2 ≈ 0.693.

    Args:
        probabilities: `(M,)` of the left photo being chosen, in (0, 1).
        outcomes: `(M,)` 1 for left, 0 for right, ½ for a tie.
    """
    p = np.clip(probabilities, 1e-9, 1 - 1e-9)
    return float(-(outcomes * np.log(p) + (1 - outcomes) * np.log(1 - p)).mean())


def wilson_interval(share: float, count: int) -> tuple[float, float]:
    """Return the 95 % confidence interval of a share (Wilson 1927).

    Args:
        share: in [0, 1].
        count: how many trials it was observed in; 0 gives (0, 1).
    """
    if count == 0:
        return 0.0, 1.0
    z = 1.959964
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    reach = (
        z
        / (1 + z * z / count)
        * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    )
    return max(0.0, middle - reach), min(1.0, middle + reach)
