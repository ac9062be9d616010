"""What `compare` learns from the pairs that it asks about, and how long it takes to choose them.

    python benchmarks/selection.py PHOTOS_DIR RATINGS_CSV

RATINGS_CSV has the columns rater,photo,score. Raters answer about 100 of their photos, equal scores
as ties, and their other photos are predicted (folds by photo set: the crowd model knows neither
the rater nor the photos). `photoaesth evaluate --curve` compares random with active pairs when
each answer is learned from before the next pair is chosen; here two questions are chosen ahead and
some are random, as in the program. Crowd models take some minutes and are kept; 200 raters take
about ten minutes.
"""

import argparse
import time
from collections import deque
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from photoaesth.learning.evaluation.crowds import WAYS_TO_FIT, Crowd, CrowdFits
from photoaesth.learning.evaluation.measured import measure
from photoaesth.learning.evaluation.protocol import (
    Trial,
    draw_trial,
    rater_under_test,
    rng_for,
    shuffled_pairs,
)
from photoaesth.learning.evaluation.rating_files import number, read_ratings
from photoaesth.learning.evaluation.splits import draw_raters, split_by_photo_set
from photoaesth.learning.metrics import spearman
from photoaesth.learning.personal import PersonalHead, predict, prior
from photoaesth.learning.personal_fit import Evidence, fit_personal
from photoaesth.learning.selection import Pool, next_pair
from photoaesth.learning.taste import Trust

COUNTS = (10, 20, 50, 100)
SHOTS = 100
AHEAD = 2  # questions that are chosen before the one on the screen is answered, as in the program
TRUST_EVERY = 25  # choices, as in the program
RULES = {"random": (1.0, 0), "active": (0.0, 0), "as in compare": (0.2, AHEAD)}
POOL = 500
REPEATS = 30

Pairs = list[tuple[int, int]]


def learned(crowd: Crowd, trial: Trial, asked: Pairs, trust: Trust | None) -> PersonalHead:
    """Return the model after the rater's answers to pairs of shots."""
    if not asked:
        return prior(crowd.model)
    left, right = np.array(asked).T
    said = trial.answer(left, right)
    evidence = Evidence(left, right, said.outcomes, np.ones(len(asked)))
    return fit_personal(crowd.model, crowd.embeddings[trial.shots], evidence, trust=trust)


def curve(crowd: Crowd, trial: Trial, rater: str, random_share: float, ahead: int) -> list[float]:
    """Return Spearman's rho on the photos to predict, at each of `COUNTS`."""
    rng = rng_for(rater, 0, SHOTS)
    at_random = iter(zip(*(side.tolist() for side in shuffled_pairs(SHOTS, rng)), strict=True))
    photos = crowd.embeddings[trial.shots]
    allowed, shown = ~np.eye(SHOTS, dtype=bool), np.zeros(SHOTS, np.int64)
    asked: Pairs = []
    waiting = deque[tuple[int, int]]()
    head, pool = prior(crowd.model), Pool.of(crowd.model, prior(crowd.model), photos)
    figures = []
    while len(asked) < max(COUNTS):
        while len(waiting) <= ahead:
            if rng.random() < random_share:
                pair = next(pair for pair in at_random if allowed[pair])
            else:
                found = next_pair(pool, allowed, shown, rng)
                assert found is not None
                pair = found
            allowed[pair] = allowed[pair[::-1]] = False
            shown[list(pair)] += 1
            waiting.append(pair)
            pool = pool.expecting(*pair)
        asked.append(waiting.popleft())
        if random_share < 1:
            trust = None if len(asked) % TRUST_EVERY == 0 else head.trust
            head = learned(crowd, trial, asked, trust)
            pool = Pool.of(crowd.model, head, photos)
            for pair in waiting:
                pool = pool.expecting(*pair)
        if len(asked) in COUNTS:
            final = learned(crowd, trial, asked, None)
            score = predict(crowd.model, final, crowd.embeddings[trial.test]).score
            figures.append(spearman(score, trial.truth))
    return figures


def decision_seconds(crowd: Crowd) -> NDArray[np.float64]:
    """Return how long decisions take in a pool of 500, the first and each after it."""
    rng = np.random.default_rng(0)
    photos = crowd.embeddings[:POOL]
    allowed, shown = ~np.eye(len(photos), dtype=bool), np.zeros(len(photos), np.int64)
    seconds = []
    head = prior(crowd.model)
    pairs: Pairs = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        pair = next_pair(Pool.of(crowd.model, head, photos), allowed, shown, rng)
        seconds.append(time.perf_counter() - started)
        assert pair is not None
        allowed[pair] = allowed[pair[::-1]] = False
        pairs.append(pair)
        left, right = np.array(pairs).T
        said = Evidence(left, right, rng.integers(0, 2, len(pairs)), np.ones(len(pairs)))
        head = fit_personal(crowd.model, photos, said, trust=head.trust)
    return np.array(seconds)


def main() -> None:
    """Print a table of all rules, paired differences and the time of a decision."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path)
    parser.add_argument("ratings", type=Path)
    parser.add_argument("--raters", type=int, default=200)
    arguments = parser.parse_args()
    rows = read_ratings(arguments.ratings)
    names = sorted({photo for _, photo, _ in rows})
    measured = measure(arguments.photos, names, WAYS_TO_FIT, device="cpu", named=None)
    study = number(rows, rows, None, measured.names)
    fits = CrowdFits(measured, "cpu")
    splits = draw_raters(
        split_by_photo_set(study), study, shots=SHOTS, count=arguments.raters, seed=0
    )
    figures: dict[str, list[list[float]]] = {rule: [] for rule in RULES}
    for split in splits:
        if not len(split.raters):
            continue
        assert split.crowd is not None
        crowd = fits.crowd(split.crowd)
        for number_ in split.raters.tolist():
            rater = rater_under_test(study, number_, split.photos)
            trial = draw_trial(rater, SHOTS, 0)
            if isinstance(trial, Trial):
                for rule, (random_share, ahead) in RULES.items():
                    figures[rule].append(curve(crowd, trial, rater.name, random_share, ahead))
    print_figures({rule: np.array(rows) for rule, rows in figures.items()})
    seconds = decision_seconds(crowd)
    print(
        f"a decision among {POOL} photos: {1000 * seconds[0]:.0f} ms the first, "
        f"{1000 * np.median(seconds[1:]):.0f} ms the median of those after it"
    )


def print_figures(figures: dict[str, NDArray[np.float64]]) -> None:
    """Print means over raters, and active pairs against twice as many random ones."""
    print(f"{'pairs':14}" + "".join(f"{count:>8}" for count in COUNTS))
    for rule, rows in figures.items():
        print(f"{rule:14}" + "".join(f"{mean:8.4f}" for mean in rows.mean(axis=0)))
    half, whole = COUNTS.index(50), COUNTS.index(100)
    for rule in [rule for rule in figures if rule != "random"]:
        ahead = figures[rule][:, half] - figures["random"][:, whole]
        error = ahead.std(ddof=1) / np.sqrt(len(ahead))
        print(f"50 {rule} less 100 random: {ahead.mean():+.4f} ± {error:.4f}, {len(ahead)} raters")


if __name__ == "__main__":
    main()
