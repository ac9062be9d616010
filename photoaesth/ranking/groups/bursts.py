"""Bursts: the shutter held down, or pressed again at once, on one subject."""

from collections.abc import Sequence

from photoaesth.ranking.groups.shots import Shot

GAP_S = 2.0
"""Longest pause between two frames of a burst."""

_MAX_BITS_APART, _MIN_COSINE = 14, 0.6  # the subject moves, and the camera with it


def burst_at(shots: Sequence[Shot], start: int) -> int:
    """Return how many shots from `start` on are one burst; 0 for none.

    Each follows the one before within `GAP_S` and looks like it. Only neighbours are compared:
    by its end, a burst may show quite another picture than at its beginning.
    """
    end = start + 1
    while end < len(shots) and _continues(shots[end - 1], shots[end]):
        end += 1
    return end - start if end - start > 1 else 0


def _continues(shot: Shot, later: Shot) -> bool:
    return shot.seconds_to(later) <= GAP_S and shot.is_like(
        later, max_bits_apart=_MAX_BITS_APART, min_cosine=_MIN_COSINE
    )
