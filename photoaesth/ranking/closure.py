"""Transitive closure: rankings that follow from the choices made.

Zhou et al. 2021, §3.1: from A ≻ B and B ≻ C follows A ≻ C, one hop only; an inferred ranking is
never a premise, so that no doubt adds up along a chain.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

Preference = tuple[int, int]
"""Photo ids, the preferred first."""


@dataclass(frozen=True, slots=True)
class Closure:
    """What follows from a set of direct preferences.

    Attributes:
        inferred: preferences that follow and that nothing contradicts, in ascending order.
        contradicted: inferred preferences that were dropped, because the opposite was chosen
            or follows as well, in ascending order.
        contested: pairs chosen both ways, each once with the smaller id first.
    """

    inferred: tuple[Preference, ...]
    contradicted: tuple[Preference, ...]
    contested: tuple[Preference, ...]

    @property
    def conflicts(self) -> int:
        """How many pairs of photos the choices disagree about."""
        pairs = {frozenset(pair) for pair in (*self.contradicted, *self.contested)}
        return len(pairs)


def transitive_closure(direct: Iterable[Preference]) -> Closure:
    """Infer what follows from direct preferences in one hop.

    A pair that was chosen directly is never inferred as well: the choice itself counts.

    Args:
        direct: preferred and other photo; repeats are welcome.
    """
    chosen = {pair for pair in direct if pair[0] != pair[1]}
    losers: dict[int, set[int]] = defaultdict(set)
    for winner, loser in chosen:
        losers[winner].add(loser)
    candidates = {
        (winner, last)
        for winner, middle in chosen
        for last in losers.get(middle, ())
        if last != winner and (winner, last) not in chosen
    }
    contradicted = {
        (winner, loser)
        for winner, loser in candidates
        if (loser, winner) in chosen or (loser, winner) in candidates
    }
    contested = {(a, b) for a, b in chosen if a < b and (b, a) in chosen}
    return Closure(
        inferred=tuple(sorted(candidates - contradicted)),
        contradicted=tuple(sorted(contradicted)),
        contested=tuple(sorted(contested)),
    )
