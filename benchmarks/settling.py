"""How well it is forecast when a person's top 20 is settled, and how often they are told right.

    python benchmarks/settling.py PHOTOS_DIR RATINGS_CSV

RATINGS_CSV has the columns rater,photo,score. Every rater answers as in `compare`: the pairs that
the program asks, a fifth of them at random, equal scores as ties. The crowd model knows neither
the rater nor the photos (folds by photo set). Crowd models take some minutes and are kept; 200
raters then take five minutes on a core. The constants of `settling` were chosen on every second of
the 200.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from photoaesth.learning.evaluation.crowds import WAYS_TO_FIT, Crowd, CrowdFits
from photoaesth.learning.evaluation.measured import measure
from photoaesth.learning.evaluation.protocol import (
    RaterUnderTest,
    Trial,
    draw_trial,
    rater_under_test,
    rng_for,
)
from photoaesth.learning.evaluation.rating_files import number, read_ratings
from photoaesth.learning.evaluation.splits import draw_raters, split_by_photo_set
from photoaesth.learning.personal import PersonalHead, joint_utilities, prior
from photoaesth.learning.personal_fit import Evidence, fit_personal
from photoaesth.learning.selection import Pool, next_pair
from photoaesth.learning.settling import AHEAD, COUNTS, TOP, Forecast, forecast

# Choices after which the model is fitted anew and the rule is looked at.
LOOKS = (*range(0, 95, 5), *range(95, 620, AHEAD))
STARTS = (10, 20, 40, 80)  # where a forecast is compared with what came
FAR = COUNTS[-1]
HELD_OUT = 20  # photos that no choice is about
RANDOM_SHARE = 0.2  # of the pairs, as in the program
TRUST_EVERY = 25  # choices, as in the program


@dataclass(frozen=True, slots=True)
class Look:
    """What is known after some choices.

    Attributes:
        count: how many choices.
        said: what is forecast.
        best: the top of the pool.
        expected: accuracy on pairs of new photos that the model expects of itself.
        right: its accuracy on pairs of held-out photos; ties count half.
    """

    count: int
    said: Forecast
    best: frozenset[int]
    expected: float
    right: float


def sitting(crowd: Crowd, trial: Trial, rng: np.random.Generator) -> Iterator[Look]:
    """Yield what is known at every look, for as long as it is asked for."""
    photos = crowd.embeddings[trial.shots]
    allowed = ~np.eye(len(photos), dtype=bool)
    shown = np.zeros(len(photos), dtype=np.int64)
    asked: list[tuple[int, int]] = []
    trust, trusted_at = None, 0
    for count, until in pairwise(LOOKS):
        head = prior(crowd.model)
        if asked:
            left, right = np.array(asked).T
            outcomes = (1 + np.sign(trial.scores[left] - trial.scores[right])) / 2
            evidence = Evidence(left, right, outcomes, np.ones(count))
            if count - trusted_at >= TRUST_EVERY:
                trust, trusted_at = None, count
            head = fit_personal(crowd.model, photos, evidence, trust=trust)
            trust = head.trust
        pool = Pool.of(crowd.model, head, photos)
        yield Look(
            count=count,
            said=forecast(pool, shown),
            best=frozenset(np.argsort(-pool.mean)[:TOP].tolist()),
            expected=pool.expected_accuracy(),
            right=told_right(crowd, head, trial),
        )
        for _ in range(count, until):
            pair = next_pair(pool, allowed, shown, rng)
            if rng.random() < RANDOM_SHARE:
                drawn = int(rng.choice(np.flatnonzero(allowed)))
                pair = divmod(drawn, len(photos))
            assert pair is not None
            asked.append(pair)
            pool = pool.expecting(*pair)
            allowed[pair] = allowed[pair[::-1]] = False
            shown[list(pair)] += 1


def told_right(crowd: Crowd, head: PersonalHead, trial: Trial) -> float:
    """Return the share of pairs of held-out photos in the right order; ties count half."""
    utilities, _ = joint_utilities(crowd.model, head, crowd.embeddings[trial.test])
    first, second = np.triu_indices(len(utilities), 1)
    truth = np.sign(trial.truth[first] - trial.truth[second])
    return float((1 + truth * np.sign(utilities[first] - utilities[second])).mean() / 2)


def watched(looks: Iterator[Look]) -> list[Look]:
    """Return the looks until the top is settled whichever start counts, and `AHEAD` choices on."""
    seen: list[Look] = []
    for look in looks:
        seen.append(look)
        known = [settled_at(seen, start) for start in STARTS]
        if None not in known and look.count >= max(filter(None, known)) + AHEAD:
            break
    return seen


def settled_at(looks: Sequence[Look], start: int) -> int | None:
    """Return the first count, not before a start, at which the top was settled."""
    return next((look.count for look in looks if look.count >= start and look.said.more == 0), None)


def within_factor_of_two(said: int | None, took: int | None) -> bool:
    """Tell whether a forecast was right; "more than 500" is when it did take more."""
    if said is None or took is None:
        return said is took
    return max(said, took) <= 2 * min(said, took)


def print_forecasts(sittings: Sequence[Sequence[Look]]) -> None:
    """Print how often the forecast was right, by where it was made."""
    print(
        "choices  settled  forecasts  within a factor of 2  of these beyond 500: said, came, both"
    )
    everything: list[tuple[int | None, int | None]] = []
    for start in STARTS:
        pairs = []
        for looks in sittings:
            said = next(look.said.more for look in looks if look.count == start)
            if said != 0:
                came = settled_at(looks, start)
                took = None if came is None or came - start > FAR else came - start
                pairs.append((said, took))
        print_row(str(start), len(sittings) - len(pairs), pairs)
        everything += pairs
    print_row("all", len(sittings) * len(STARTS) - len(everything), everything)


def print_row(label: str, settled: int, pairs: Sequence[tuple[int | None, int | None]]) -> None:
    """Print one row of forecasts and what came."""
    right = np.mean([within_factor_of_two(*pair) for pair in pairs])
    said, came = (sum(pair[side] is None for pair in pairs) for side in (0, 1))
    both = sum(pair == (None, None) for pair in pairs)
    print(f"{label:>7}  {settled:7}  {len(pairs):9}  {right:20.0%}  {said}, {came}, {both}")


def print_rule(sittings: Sequence[Sequence[Look]]) -> None:
    """Print when the rule held, and what the next choices did then and before."""
    counts = [settled_at(looks, 0) for looks in sittings]
    quarters = np.quantile(
        [LOOKS[-1] if c is None else c for c in counts], (0.1, 0.25, 0.5, 0.75, 0.9)
    )
    print(
        "choices until settled, at 10, 25, 50, 75 and 90 % of the raters:",
        *(f"{q:.0f}" for q in quarters),
    )
    print(f"choices  replaced by the next {AHEAD}: expected  really  sittings")
    for start in (*STARTS, None):
        expected, really = [], []
        for looks, settled in zip(sittings, counts, strict=True):
            at = settled if start is None else start
            now = next((look for look in looks if look.count == at), None)
            then = next((k for k in looks if at is not None and k.count == at + AHEAD), None)
            if now is not None and then is not None:
                expected.append(now.said.replaced)
                really.append(len(now.best - then.best))
        label = "settled" if start is None else start
        print(f"{label:>7}  {np.mean(expected):32.2f}  {np.mean(really):6.2f}  {len(really):8}")


def print_stability(sittings: Sequence[Sequence[Look]]) -> None:
    """Print how often the forecast jumps between looks five choices apart."""
    scale = (0, *COUNTS, None)
    steps = [
        abs(scale.index(then.said.more) - scale.index(now.said.more))
        for looks in sittings
        for now, then in pairwise(looks)
        if STARTS[0] <= now.count < 100
    ]
    shares = [np.mean([step == size for step in steps]) for size in (0, 1)]
    print(f"five choices later: the same {shares[0]:.0%}, the next number {shares[1]:.0%}, ")
    print(f"more than that {1 - sum(shares):.0%}")


def print_accuracy(sittings: Sequence[Sequence[Look]]) -> None:
    """Print the accuracy that models expect of themselves beside what it was."""
    print("choices  accuracy expected  really  mean error of a rater  sittings")
    for start in (0, *STARTS):
        looks = [look for seen in sittings for look in seen if look.count == start]
        expected = np.array([look.expected for look in looks])
        right = np.array([look.right for look in looks])
        error = np.abs(expected - right).mean()
        means = f"{expected.mean():17.3f}  {right.mean():6.3f}"
        print(f"{start:7}  {means}  {error:21.3f}  {len(right):8}")


def trial_of(rater: RaterUnderTest) -> Trial:
    """Hold photos out; choices are about all the others."""
    trial = draw_trial(rater, len(rater.photos) - HELD_OUT, 0)
    assert isinstance(trial, Trial), trial
    return trial


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path)
    parser.add_argument("ratings", type=Path)
    parser.add_argument("--raters", type=int, default=200)
    arguments = parser.parse_args()
    rows = read_ratings(arguments.ratings)
    names = sorted({photo for _, photo, _ in rows})
    measured = measure(arguments.photos, names, WAYS_TO_FIT, device="cpu")
    study = number(rows, rows, None, measured.names)
    fits = CrowdFits(measured, "cpu")
    splits = draw_raters(
        split_by_photo_set(study), study, shots=3 * HELD_OUT, count=arguments.raters, seed=0
    )
    sittings = []
    for split in splits:
        assert split.crowd is not None
        crowd = fits.crowd(split.crowd)
        for rater in split.raters.tolist():
            person = rater_under_test(study, rater, split.photos)
            looks = sitting(crowd, trial_of(person), rng_for(person.name, 0))
            sittings.append(watched(looks))
            print(f"\r{len(sittings)} of {arguments.raters} raters", end="", flush=True)
    for label, half in (("chosen on", sittings[::2]), ("not chosen on", sittings[1::2])):
        print(f"\n\nThe {len(half)} raters that constants were {label}")
        print_forecasts(half)
        print_rule(half)
        print_stability(half)
        print_accuracy(half)


if __name__ == "__main__":
    main()
