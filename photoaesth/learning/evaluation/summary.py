"""Figures over raters: means, spreads, calibration, paired differences."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photoaesth.learning.evaluation.journal import Key, RaterResult
from photoaesth.learning.evaluation.protocol import Figures
from photoaesth.learning.metrics import expected_calibration_error, paired_p_value


@dataclass(frozen=True, slots=True)
class Statistics:
    """How well a method predicts people. NaN stands for what cannot be known of so few raters.

    Attributes:
        raters: how many were tested.
        srcc_mean: mean of Spearman's correlation over the raters.
        srcc_sd: its standard deviation between raters.
        srcc_se: standard error of the mean.
        plcc_mean: mean of Pearson's correlation.
        krcc_mean: mean of Kendall's tau-b.
        pairwise_accuracy: mean share of test pairs in the right order.
        calibration_error: expected calibration error over the test pairs of all raters; NaN for
            a method without probabilities.
        left_out: how many raters could not be tested, by reason.
    """

    raters: int
    srcc_mean: float
    srcc_sd: float
    srcc_se: float
    plcc_mean: float
    krcc_mean: float
    pairwise_accuracy: float
    calibration_error: float
    left_out: dict[str, int]


@dataclass(frozen=True, slots=True)
class Difference:
    """A method against another on the raters that both were tested on.

    Attributes:
        against: the other method.
        raters: how many.
        mean: mean difference of Spearman's correlation, positive where this method is better.
        se: its standard error.
        p_value: two-sided, of the paired t test.
    """

    against: str
    raters: int
    mean: float
    se: float
    p_value: float


def by_shots(
    results: Mapping[Key, RaterResult], method: str, *, split: str | None = None
) -> dict[int, Statistics]:
    """Return a method's statistics at every number of shots, of all splits or of one."""
    found = [
        result.shots
        for (place, name, _), result in results.items()
        if name == method and split in {None, place}
    ]
    return {
        shots: statistics([by_number[shots] for by_number in found])
        for shots in (found[0] if found else ())
    }


def by_pairs(
    results: Mapping[Key, RaterResult], methods: Sequence[str]
) -> dict[str, dict[int, dict[str, Statistics]]]:
    """Return the curves: statistics by rule, number of pairs and method.

    A method that makes no proposals is not among those of the active rule.
    """
    figures = defaultdict[tuple[str, int, str], list[Figures]](list)
    for (_, method, _), result in results.items():
        for rule, curve in result.curve.items():
            for count, found in curve.items():
                figures[rule, count, method].append(found)
    curves: dict[str, dict[int, dict[str, Statistics]]] = {}
    for rule, count, method in sorted(figures, key=lambda key: (key[1], methods.index(key[2]))):
        by_count = curves.setdefault(rule, {}).setdefault(count, {})
        by_count[method] = statistics(figures[rule, count, method])
    return dict(sorted(curves.items(), reverse=True))  # random before active


def compare(results: Mapping[Key, RaterResult], method: str, against: str) -> dict[int, Difference]:
    """Return the paired difference between two methods at every number of shots."""
    differences = defaultdict[int, list[float]](list)
    for (split, name, rater), result in results.items():
        other = results.get((split, against, rater))
        if name == method and other is not None:
            for shots, mine in result.shots.items():
                theirs = other.shots[shots]
                if isinstance(mine, Figures) and isinstance(theirs, Figures):
                    differences[shots].append(mine.srcc - theirs.srcc)
    return {shots: _difference(against, np.array(d)) for shots, d in differences.items()}


def _difference(against: str, differences: NDArray[np.float64]) -> Difference:
    mean, sd = _mean_and_sd(differences)
    return Difference(
        against,
        raters=len(differences),
        mean=mean,
        se=_standard_error(sd, len(differences)),
        p_value=paired_p_value(differences),
    )


def statistics(found: Sequence[Figures | str]) -> Statistics:
    """Return the statistics of a method's results, one or a reason for none per rater."""
    figures = [result for result in found if isinstance(result, Figures)]
    mean, sd = _mean_and_sd(f.srcc for f in figures)
    tables = [np.array(f.calibration) for f in figures if f.calibration is not None]
    return Statistics(
        raters=len(figures),
        srcc_mean=mean,
        srcc_sd=sd,
        srcc_se=_standard_error(sd, len(figures)),
        plcc_mean=_mean_and_sd(f.plcc for f in figures)[0],
        krcc_mean=_mean_and_sd(f.krcc for f in figures)[0],
        pairwise_accuracy=_mean_and_sd(f.pairwise_accuracy for f in figures)[0],
        calibration_error=expected_calibration_error(np.sum(tables, axis=0))
        if tables
        else math.nan,
        left_out=dict(Counter(reason for reason in found if isinstance(reason, str))),
    )


def _mean_and_sd(values: Iterable[float]) -> tuple[float, float]:
    numbers = np.fromiter(values, dtype=np.float64)
    mean = float(numbers.mean()) if len(numbers) else math.nan
    return mean, float(numbers.std(ddof=1)) if len(numbers) > 1 else math.nan


def _standard_error(sd: float, count: int) -> float:
    return sd / math.sqrt(count) if count else math.nan
