"""What a profile thinks of styles and contents, by its scores and by its choices."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from photoaesth.attributes import LABELS
from photoaesth.attributes.styles import WEAK_STYLES
from photoaesth.learning.crowd import CrowdModel
from photoaesth.learning.distance import emd
from photoaesth.learning.metrics import wilson_interval
from photoaesth.learning.personal import choice_probability, prior
from photoaesth.learning.significance import NORMAL_95, clear_of_chance, two_sided_p
from photoaesth.workflows.taste.ground import Ground, Opinion, Rows, Vector, having
from photoaesth.workflows.taste.pairs import Pairs
from photoaesth.workflows.taste.report import Distributions, Estimate, LabelChoices, LabelTaste

FEWEST_PHOTOS = 10
FEWEST_PAIRS = 10


def label_tastes(ground: Ground, opinion: Opinion, pairs: Pairs) -> dict[str, LabelTaste]:
    """Return what a profile thinks of the photos with each label.

    Args:
        ground: the photos.
        opinion: of the profile.
        pairs: its choices.
    """
    differences = label_differences(ground, opinion)
    choices = _choices(opinion.model.crowd, pairs)
    return {
        label: LabelTaste(
            label=label,
            weak=label in WEAK_STYLES,
            photos=int(ground.having(label).sum()),
            distributions=_of_label(ground, opinion, label),
            difference=differences.get(label) if opinion.model.personal else None,
            choices=choices.get(label),
        )
        for label in LABELS
    }


def in_order(tastes: Sequence[LabelTaste]) -> tuple[LabelTaste, ...]:
    """Return tastes, the largest clear difference first, those with too few photos last."""

    def place(taste: LabelTaste) -> tuple[bool, bool, float, int]:
        found = taste.difference
        size = abs(found.value) if found else 0.0
        return taste.distributions is None, not (found and found.clear), -size, -taste.photos

    return tuple(sorted(tastes, key=place))


def spread(ground: Ground, opinion: Opinion, rows: Rows, mean_of: Rows) -> Distributions:
    """Return how scores are spread.

    Args:
        ground: the photos.
        opinion: whose scores.
        rows: photos that are looked at, for the distributions.
        mean_of: rows of all photos that they stand for, for the means.
    """
    places = ground.places(rows)
    personal, generic = (table[places].mean(0) for table in (opinion.distributions, ground.crowd))
    return Distributions(
        personal=tuple(personal.tolist()),
        generic=tuple(generic.tolist()),
        personal_mean=float(opinion.scores[mean_of].mean()),
        generic_mean=float(ground.generic[mean_of].mean()),
        emd=emd(personal, generic),
    )


def label_differences(
    ground: Ground, opinion: Opinion, other: Opinion | None = None
) -> dict[str, Estimate]:
    """Return by how much a profile places labels higher than the crowd, or another profile, does.

    Each measures them against all photos: of what all photos are worth, choices tell nothing.

    Returns:
        By label; those of too few photos are left out.
    """
    less = ground.generic if other is None else other.scores
    gaps = opinion.scores - less
    covariance = opinion.covariance if other is None else opinion.covariance + other.covariance
    names, values, weights = list[str](), list[float](), list[Vector]()
    by_draw = list[float]()  # variances of the means, had other photos been taken
    everywhere = _evenly(ground, ground.sample)
    for label in LABELS:
        mask = ground.having(label)
        if mask.sum() < FEWEST_PHOTOS:
            continue
        names.append(label)
        values.append(float(gaps[mask].mean() - gaps.mean()))
        by_draw.append(float(gaps[mask].var()) / len(gaps[mask]))
        weights.append(_evenly(ground, ground.members[label]) - everywhere)
    if not names:
        return {}
    functionals = np.stack(weights)
    variances = np.einsum("kn,nm,km->k", functionals, covariance, functionals, optimize=True)
    sds = np.sqrt(np.maximum(variances, 0) + by_draw)
    return dict(zip(names, estimates(np.array(values), sds), strict=True))


def estimates(values: Vector, sds: Vector) -> list[Estimate]:
    """Return numbers with their intervals, clear where they are other than 0 among each other."""
    clear = clear_of_chance(two_sided_p(values, sds))
    return [
        Estimate(value, (value - NORMAL_95 * sd, value + NORMAL_95 * sd), bool(sure))
        for value, sd, sure in zip(values.tolist(), sds.tolist(), clear, strict=True)
    ]


def _of_label(ground: Ground, opinion: Opinion, label: str) -> Distributions | None:
    everyone = np.flatnonzero(ground.having(label))
    if len(everyone) < FEWEST_PHOTOS:
        return None
    return spread(ground, opinion, ground.members[label], everyone)


def _evenly(ground: Ground, rows: Rows) -> Vector:
    """Return `(L,)` weights that take the mean over some of the photos that are looked at."""
    weights = np.zeros(len(ground.looked_at))
    weights[ground.places(rows)] = 1 / len(rows)
    return weights


def _choices(crowd: CrowdModel, pairs: Pairs) -> dict[str, LabelChoices]:
    """Return what the choices say of labels that are in enough pairs."""
    last = _last_answers(pairs)
    if not len(last):
        return {}
    chosen, rejected = pairs.chosen[last], pairs.rejected[last]
    expected = choice_probability(
        crowd, prior(crowd), pairs.embeddings[chosen], pairs.embeddings[rejected]
    )
    found, surpluses, doubts = dict[str, LabelChoices](), list[float](), list[float]()
    for label in LABELS:
        mask = having(pairs.looks, label)
        won, lost = mask[chosen] & ~mask[rejected], mask[rejected] & ~mask[chosen]
        wins, count = int(won.sum()), int(won.sum() + lost.sum())
        if count < FEWEST_PAIRS:
            continue
        told = np.concatenate([expected[won], 1 - expected[lost]])
        share = Estimate(wins / count, wilson_interval(wins / count, count), clear=False)
        found[label] = LabelChoices(count, wins, share, float(told.mean()))
        surpluses.append(wins - float(told.sum()))
        doubts.append(float(np.sqrt((told * (1 - told)).sum())))
    clear = clear_of_chance(two_sided_p(np.array(surpluses), np.array(doubts)))
    return {
        label: replace(told, share=replace(told.share, clear=bool(sure)))
        for (label, told), sure in zip(found.items(), clear, strict=True)
    }


def _last_answers(pairs: Pairs) -> Rows:
    """Return the choices that count once every pair is asked once: the last answers."""
    last = dict[frozenset[int], int]()
    for place, pair in enumerate(zip(pairs.chosen.tolist(), pairs.rejected.tolist(), strict=True)):
        last[frozenset(pair)] = place
    return np.array(sorted(last.values()), np.intp)
