"""Comparisons that ratings imply: the photo with more stars is preferred."""

import random
from collections.abc import Collection, Mapping, Sequence

NO_GOOD = 0.2  # one star of five, or less
ROUNDS = 4  # each photo meets at most so many others
_MOST_PAIRS = 250  # thousands of ratings must neither slow learning down nor drown the choices


def implied_pairs(ratings: Mapping[int, float], *, seed: int = 0) -> list[list[tuple[int, int]]]:
    """Pair rated photos off at random, a few times over.

    Random partners lie anywhere on the scale, so that near and far ratings are compared alike.

    Args:
        ratings: by photo id; higher is better.
        seed: decides the partners.

    Returns:
        Rounds of pairs, the better photo first. No photo occurs twice in one round, no pair twice
        in all, and photos of equal ratings are no pair.
    """
    rng = random.Random(seed)  # noqa: S311  # chance, not cryptography
    photos = sorted(ratings)
    seen = set[tuple[int, int]]()
    rounds: list[list[tuple[int, int]]] = []
    left = _MOST_PAIRS
    for _ in range(ROUNDS):
        drawn = [pair for pair in _pair_off(photos, ratings, rng) if pair not in seen][:left]
        seen.update(drawn)
        left -= len(drawn)
        rounds.append(drawn)
    return rounds


def beaten_pairs(
    ratings: Mapping[int, float], winners: Collection[int], *, seed: int = 0
) -> list[tuple[int, int]]:
    """Set photos that were rated as no good against photos that were chosen.

    Where everything that was rated is no good, the ratings by themselves say nothing of taste.

    Args:
        ratings: in [0, 1], by photo id.
        winners: photos that were preferred to another one.
        seed: decides the partners.

    Returns:
        Pairs, the chosen photo first; each of the rated ones meets at most `ROUNDS` others.
    """
    rng = random.Random(seed)  # noqa: S311  # chance, not cryptography
    low = sorted(photo for photo, value in ratings.items() if value <= NO_GOOD)
    chosen = sorted(set(winners) - ratings.keys())
    meetings = min(ROUNDS, len(chosen))
    pairs = [(winner, photo) for photo in low for winner in rng.sample(chosen, meetings)]
    return rng.sample(pairs, min(len(pairs), _MOST_PAIRS))


def _pair_off(
    photos: Sequence[int], ratings: Mapping[int, float], rng: random.Random
) -> list[tuple[int, int]]:
    order = rng.sample(photos, len(photos))
    pairs = zip(order[::2], order[1::2], strict=False)  # one may be left over
    return [
        (a, b) if ratings[a] > ratings[b] else (b, a) for a, b in pairs if ratings[a] != ratings[b]
    ]
