"""Do orders teach the ranking policy more than the personal model knows from choices?

    python benchmarks/ranking_policy.py PHOTOS_DIR RATINGS_CSV

RATINGS_CSV has the columns rater,photo,score. Each rater puts ten lists of eight photos in order
by their scores, equal ones by chance, and answers 100 questions about their other photos. The
personal model is learned from these answers; the policy goes on from it with four fifths of the
lists, and both order the rest, five times. No gate: every policy counts. The crowd model knows
neither the rater nor the photos (folds by photo set). The policy's constants were chosen on the
60 raters that are drawn first; they are not among those tested.
"""

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from photoaesth.learning.evaluation.crowds import WAYS_TO_FIT, Crowd, CrowdFits
from photoaesth.learning.evaluation.measured import measure
from photoaesth.learning.evaluation.protocol import (
    RaterUnderTest,
    rater_under_test,
    rng_for,
    shuffled_pairs,
)
from photoaesth.learning.evaluation.rating_files import number, read_ratings
from photoaesth.learning.evaluation.splits import draw_raters, split_by_photo_set
from photoaesth.learning.metrics import kendall
from photoaesth.learning.personal import PersonalHead, predict
from photoaesth.learning.personal_fit import Evidence, fit_personal
from photoaesth.learning.ranking_policy import Ranked, learn_orders

LISTS, LENGTH, FOLDS = 10, 8, 5
CHOICES = 100
DEVELOPMENT = 60

Indices = NDArray[np.int64]


def personal_model(
    crowd: Crowd, rater: RaterUnderTest, places: Indices, rng: np.random.Generator
) -> PersonalHead:
    """Return the model after `CHOICES` answers about some of the rater's photos."""
    left, right = (places[side] for side in shuffled_pairs(len(places), rng))
    ahead = np.sign(rater.scores[left] - rater.scores[right])
    told = np.flatnonzero(ahead)[:CHOICES]
    said = Evidence(left[told], right[told], (1 + ahead[told]) / 2, np.ones(len(told)))
    return fit_personal(crowd.model, crowd.embeddings[rater.photos], said)


def taus(crowd: Crowd, rater: RaterUnderTest) -> tuple[float, float]:
    """Return mean Kendall's tau of the personal model and of the policy on held-out lists."""
    rng = rng_for(rater.name, 6)
    shuffled = rng.permutation(len(rater.photos))
    dealt, others = np.split(shuffled, [LISTS * LENGTH])
    head = personal_model(crowd, rater, others, rng)
    embeddings = crowd.embeddings[rater.photos].astype(np.float16)
    lists = [
        drawn[np.lexsort((rng.random(LENGTH), -rater.scores[drawn]))]
        for drawn in dealt.reshape(LISTS, LENGTH)
    ]
    found = []
    for fold in range(FOLDS):
        learned = [one for place, one in enumerate(lists) if place % FOLDS != fold]
        orders = [Ranked.in_order(embeddings[one]) for one in learned]
        policy = learn_orders(crowd.model, head, orders, seed=fold)
        for one in lists[fold::FOLDS]:
            scores = [
                predict(crowd.model, model, embeddings[one]).score for model in (head, policy)
            ]
            found.append([kendall(score, rater.scores[one]) for score in scores])
    personal, ours = np.nanmean(found, axis=0)
    return float(personal), float(ours)


def main() -> None:
    """Print the mean of both and their difference with its 95 % interval."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path)
    parser.add_argument("ratings", type=Path)
    parser.add_argument("--raters", type=int, default=100)
    arguments = parser.parse_args()
    rows = read_ratings(arguments.ratings)
    names = sorted({photo for _, photo, _ in rows})
    measured = measure(arguments.photos, names, WAYS_TO_FIT, device="cpu")
    study = number(rows, rows, None, measured.names)
    fits = CrowdFits(measured, "cpu")
    sets = split_by_photo_set(study)
    known, drawn = (
        draw_raters(sets, study, shots=CHOICES, count=count, seed=0)
        for count in (DEVELOPMENT, DEVELOPMENT + arguments.raters)
    )
    found = []
    for split, development in zip(drawn, known, strict=True):
        tested = np.setdiff1d(split.raters, development.raters)
        if not len(tested):
            continue
        assert split.crowd is not None
        crowd = fits.crowd(split.crowd)
        found += [taus(crowd, rater_under_test(study, n, split.photos)) for n in tested.tolist()]
    personal, policy = np.array(found).T
    gains = policy - personal
    reach = 1.96 * gains.std(ddof=1) / np.sqrt(len(gains))
    print(f"{len(found)} raters, {LISTS} lists of {LENGTH}, Kendall's tau on held-out lists")
    print(f"  personal model  {personal.mean():.4f}")
    print(f"  ranking policy  {policy.mean():.4f}")
    print(f"  difference      {gains.mean():+.4f} ± {reach:.4f}; {(gains < 0).mean():.0%} lose")


if __name__ == "__main__":
    main()
