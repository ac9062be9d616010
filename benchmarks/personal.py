"""How much better a personal model predicts people than the generic one, leak-free.

    python benchmarks/personal.py PHOTOS_DIR RATINGS_CSV [--raters 30] [--seed 0]

RATINGS_CSV has the columns rater,photo,score with scores from 1 to 7. The photo sets that share
no rater take turns: the crowd model is fitted without the set's photos and raters; then each of
the drawn raters answers random pairs among 100 of their photos and is predicted on the rest.
Needs the dev extra (SciPy).
"""

import argparse
import csv
from collections import defaultdict
from pathlib import Path

import numpy as np
from fit_crowd import PRIOR, SCALE, Features, measure, stored
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components
from scipy.stats import spearmanr

from photoaesth.learning.crowd import CrowdModel
from photoaesth.learning.crowd_fit import fit_generic_head, fit_projection
from photoaesth.learning.distribution import spread_mass
from photoaesth.learning.metrics import log_loss, pairwise_accuracy
from photoaesth.learning.personal import (
    PersonalHead,
    choice_probability,
    design_matrix,
    prior,
)
from photoaesth.learning.personal_fit import fit_personal
from photoaesth.ranking.closure import transitive_closure

OWN_PHOTOS = 100
PAIR_COUNTS = (30, 100, 300)
INFERRED_WEIGHTS = (0.0, 0.3, 1.0)

Ratings = dict[str, dict[int, float]]
Pairs = NDArray[np.int64]
Row = tuple[float, float, float]


def read_raters(path: Path) -> tuple[list[str], Ratings]:
    """Return the photos' names and each rater's scores by the photo's index."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names = sorted({row["photo"] for row in rows})
    index = {name: number for number, name in enumerate(names)}
    ratings: Ratings = defaultdict(dict)
    for row in rows:
        ratings[row["rater"]][index[row["photo"]]] = float(row["score"])
    return names, dict(sorted(ratings.items()))


def photo_sets(count: int, ratings: Ratings) -> NDArray[np.int32]:
    """Return the component of every photo in the graph of who rated what."""
    edges = np.zeros((count, count), dtype=bool)
    for scores in ratings.values():
        photos = list(scores)
        edges[photos[0], photos] = True
    sets: NDArray[np.int32] = connected_components(edges, directed=False)[1]
    return sets


def crowd_without(
    held_out: set[str], train: Pairs, features: Features, copies: Features, ratings: Ratings
) -> CrowdModel:
    """Fit the crowd model to the training photos and the raters who are not held out."""
    scores = defaultdict(list)
    for rater, given in ratings.items():
        if rater not in held_out:
            for photo, score in given.items():
                scores[photo].append(score)
    targets = np.stack([spread_mass(np.array(scores[photo]), **SCALE) for photo in train])
    projection = fit_projection(features[train], copies[train])
    head = fit_generic_head(stored(projection, features[train]), targets)
    return CrowdModel("", "", projection, head, **PRIOR)


def draw_pairs(
    photos: Pairs, scores: dict[int, float], count: int, rng: np.random.Generator
) -> list[tuple[int, int]]:
    """Draw different random pairs with unequal scores, the preferred photo first."""
    unequal = [(int(a), int(b)) for a in photos for b in photos if scores[a] > scores[b]]
    chosen = rng.permutation(len(unequal))[:count]
    return [unequal[number] for number in chosen]


def evaluate_rater(
    crowd: CrowdModel,
    rows: NDArray[np.float64],
    scores: dict[int, float],
    rng: np.random.Generator,
) -> dict[tuple[int, str], Row] | None:
    """Return Spearman rho, pairwise accuracy and log loss per number of pairs and method."""
    photos = rng.permutation(list(scores))
    own, test = photos[:OWN_PHOTOS], photos[OWN_PHOTOS:]
    truth = np.array([scores[photo] for photo in test])
    test_pairs = np.array(
        [(a, b) for a in test for b in test if scores[a] > scores[b]], dtype=np.int64
    )
    if len(test_pairs) == 0 or len({scores[photo] for photo in own}) < 2:
        return None

    def figures(head: PersonalHead) -> Row:
        rho = spearmanr(rows[test] @ head.mean, truth).statistic
        differences = rows[test_pairs[:, 0]] - rows[test_pairs[:, 1]]
        chances = choice_probability(head, differences, slope=crowd.choice_slope)
        ones = np.ones(len(chances))
        return float(rho), pairwise_accuracy(chances, ones), log_loss(chances, ones)

    found = {}
    for count in PAIR_COUNTS:
        direct = draw_pairs(own, scores, count, rng)
        inferred = list(transitive_closure(direct).inferred)
        found[count, "generic"] = figures(prior(crowd))
        for weight in INFERRED_WEIGHTS:
            pairs = np.array(direct + inferred)
            weights = np.array([1.0] * len(direct) + [weight] * len(inferred))
            head = fit_personal(
                prior(crowd),
                rows[pairs[:, 0]] - rows[pairs[:, 1]],
                np.ones(len(pairs)),
                weights,
                slope=crowd.choice_slope,
                device="cpu",
            )
            found[count, f"personal, inferred × {weight:g}"] = figures(head)
    return found


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path)
    parser.add_argument("ratings", type=Path)
    parser.add_argument("--raters", type=int, default=30, help="raters drawn per photo set")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    names, ratings = read_raters(arguments.ratings)
    features, copies = measure(arguments.photos, names)
    sets = photo_sets(len(names), ratings)
    rng = np.random.default_rng(arguments.seed)
    results = defaultdict(list)
    for number in range(sets.max() + 1):
        raters = [rater for rater, scores in ratings.items() if sets[next(iter(scores))] == number]
        train = np.flatnonzero(sets != number)
        crowd = crowd_without(set(raters), train, features, copies, ratings)
        rows = design_matrix(crowd, stored(crowd.projection, features))
        for rater in rng.permutation(raters)[: arguments.raters]:
            found = evaluate_rater(crowd, rows, ratings[rater], rng)
            for key, value in (found or {}).items():
                results[key].append(value)
    print(
        f"{'pairs':>5}  {'method':26} {'rho':>6} {'sd':>5} {'accuracy':>8} {'log loss':>8}  raters"
    )
    for (count, method), values in results.items():
        rho, accuracy, loss = np.nanmean(values, axis=0)
        spread = np.nanstd([value[0] for value in values], ddof=1)
        print(
            f"{count:5}  {method:26} {rho:6.3f} {spread:5.3f} {accuracy:8.3f} {loss:8.3f}"
            f"  {len(values)}"
        )


if __name__ == "__main__":
    main()
