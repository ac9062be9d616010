"""Which pair to ask about next."""

import random
from collections.abc import Container, Mapping, Sequence
from itertools import product

_CANDIDATES = 24  # enough to find a rarely shown photo, few enough for any size of library
_ATTEMPTS = 50


def next_pair(
    photos: Sequence[int],
    *,
    shown: Mapping[int, int],
    asked: Container[frozenset[int]],
    groups: Mapping[int, int | None],
    rng: random.Random,
) -> tuple[int, int] | None:
    """Draw two photos that are worth comparing.

    Each is the least shown of a random handful, so that choices spread over the library; sides
    are random. A pair is not asked twice, and two photos of one group (a burst, near-duplicates)
    are not set against each other: their difference is rarely one of taste.

    Args:
        photos: ids to draw from.
        shown: how often each photo has been part of a question.
        asked: pairs that were asked already.
        groups: group of every photo that is in one.
        rng: source of chance.

    Returns:
        Left and right photo, or None when no pair was found that is left to ask. Among more
        than `_CANDIDATES` photos, a few pairs left over may be missed.
    """
    if len(photos) < 2:
        return None

    def handful() -> list[int]:
        drawn = rng.sample(photos, min(_CANDIDATES, len(photos)))
        return sorted(drawn, key=lambda photo: shown.get(photo, 0))

    def suits(left: int, right: int) -> bool:
        group = groups.get(left)
        together = group is not None and group == groups.get(right)
        return left != right and not together and frozenset((left, right)) not in asked

    for _ in range(_ATTEMPTS):
        # The least shown photo may have met everyone already; the next ones then get their turn.
        for first, second in product(handful(), handful()):
            if suits(first, second):
                return (first, second) if rng.random() < 0.5 else (second, first)
    return None
