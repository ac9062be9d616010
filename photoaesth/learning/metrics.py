"""How well predictions agree with what people chose or how they rated."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

CALIBRATION_BINS = 10
_BLOCK_ROWS = 512  # bounds the memory of looking at all pairs


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


def spearman(left: Floats, right: Floats) -> float:
    """Return Spearman's rank correlation: Pearson's of the ranks, ties at their mean rank.

    Zhou et al. 2021, eq. 4, is this without ties.

    Args:
        left: `(N,)` finite numbers.
        right: `(N,)` finite numbers.

    Returns:
        In [-1, 1]; NaN for fewer than two numbers or where either side is constant.
    """
    return pearson(_ranks(left), _ranks(right))


def pearson(left: Floats, right: Floats) -> float:
    """Return Pearson's linear correlation.

    Args:
        left: `(N,)` finite numbers.
        right: `(N,)` finite numbers.

    Returns:
        In [-1, 1]; NaN for fewer than two numbers or where either side is constant.
    """
    if len(left) < 2 or (left == left[0]).all() or (right == right[0]).all():
        return math.nan
    x, y = _standardised(left), _standardised(right)
    return float(np.clip(x @ y, -1, 1))


def kendall(left: Floats, right: Floats) -> float:
    """Return Kendall's tau-b (Kendall 1945): concordant less discordant pairs, ties allowed for.

    (C - D) / √((P - T_left) (P - T_right)), where P counts all pairs and T those tied on one side.

    Args:
        left: `(N,)` finite numbers.
        right: `(N,)` finite numbers.

    Returns:
        In [-1, 1]; NaN for fewer than two numbers or where either side is constant.
    """
    balance = untied_left = untied_right = 0.0  # every pair is met twice in each of them
    for start in range(0, len(left), _BLOCK_ROWS):
        x = np.sign(left[start : start + _BLOCK_ROWS, None] - left)
        y = np.sign(right[start : start + _BLOCK_ROWS, None] - right)
        balance += float((x * y).sum())
        untied_left += float(np.abs(x).sum())
        untied_right += float(np.abs(y).sum())
    if untied_left == 0 or untied_right == 0:
        return math.nan
    return max(-1.0, min(1.0, balance / math.sqrt(untied_left) / math.sqrt(untied_right)))


def calibration_table(probabilities: Floats, outcomes: Floats) -> NDArray[np.float64]:
    """Return what calibration is judged by; the tables of several raters add up.

    Args:
        probabilities: `(M,)` in [0, 1].
        outcomes: `(M,)` in [0, 1].

    Returns:
        `(CALIBRATION_BINS, 3)`: for probabilities in [0, 0.1), [0.1, 0.2), … [0.9, 1] their
        count, their sum and the sum of the outcomes.
    """
    numbers = np.minimum((probabilities * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    sums = (np.ones(len(numbers)), probabilities, outcomes)
    return np.stack([np.bincount(numbers, values, CALIBRATION_BINS) for values in sums], axis=1)


def expected_calibration_error(table: Floats) -> float:
    """Return how far probabilities are from what happens, on average over the predictions.

    Σ over the bins of (their share of the predictions) · |mean probability - mean outcome|
    (Naeini, Cooper & Hauskrecht 2015, "Obtaining well calibrated probabilities").

    Args:
        table: from `calibration_table`.

    Returns:
        In [0, 1]; NaN without predictions.
    """
    count, probability, outcome = table.T
    return float(np.abs(probability - outcome).sum() / count.sum()) if count.any() else math.nan


def paired_p_value(differences: Floats) -> float:
    """Return the two-sided p value of Student's paired t test.

    The t distribution by its finite series (Abramowitz & Stegun 1964, 26.7.3 and 26.7.4).

    Args:
        differences: `(N,)` one number per rater, this method's less the other's.

    Returns:
        In [0, 1]; NaN for fewer than two raters or where all differences are the same.
    """
    count = len(differences)
    if count < 2 or (differences == differences[0]).all():
        return math.nan
    t = abs(float(differences.mean())) / float(differences.std(ddof=1)) * math.sqrt(count)
    freedom = count - 1
    sine = t / math.sqrt(freedom + t * t)
    square = freedom / (freedom + t * t)  # of the cosine
    odd = freedom % 2
    term = math.sqrt(square) if odd else 1.0
    series = term if freedom > 1 else 0.0
    for power in range(2 + odd, freedom - 1, 2):
        term *= square * (power - 1) / power
        series += term
    if odd:
        inside = 2 / math.pi * (math.atan2(t, math.sqrt(freedom)) + sine * series)
    else:
        inside = sine * series
    return max(0.0, 1 - inside)


def _ranks(values: Floats) -> NDArray[np.float64]:
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2)[place.ravel()])


def _standardised(values: Floats) -> NDArray[np.float64]:
    centred = np.asarray(values, dtype=np.float64) - np.mean(values, dtype=np.float64)
    return np.asarray(centred / np.linalg.norm(centred))
