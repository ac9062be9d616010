"""Panoramas: overlapping frames of a camera that turns, to be stitched."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from photoaesth.perceptual import bits_apart
from photoaesth.ranking.groups.overlap import Shift, find_shift
from photoaesth.ranking.groups.shots import Shot, exposure_ev

GAP_S = 10.0
"""Longest pause between two frames of a panorama, beside the exposure itself."""

_MIN_FRAMES = 3
_MIN_SECONDS_EACH = 0.5  # faster it is a burst that follows its subject
_MAX_EXPOSURE_STEP = 0.7  # EV between neighbours: a fixed exposure, or nearly
_MIN_TURN, _MAX_DRIFT = 0.15, 0.2  # of a frame between neighbours, along and across
_MIN_BITS_APART = 8  # between the hashes of neighbours; a tenth of a frame changes more
_MIN_CORRELATION = 0.75  # of real overlaps 0.8 to 0.95, of unrelated pictures mostly below 0.7

GreyOf = Callable[[int], NDArray[np.uint8]]
"""Returns `(h, w)` grey levels of a photo, upright, 64 pixels on the long side."""


def panorama_at(shots: Sequence[Shot], start: int, grey_of: GreyOf) -> int:
    """Return how many shots from `start` on are one panorama; 0 for none.

    Three or more within `GAP_S` of each other, of the same size and focal length and nearly the
    same exposure, each of which overlaps the one before and lies further in the same direction.
    Pixels are asked for only where the rest fits, and the first three hashes differ.
    """
    ahead = shots[start : start + _MIN_FRAMES]
    if (
        len(ahead) < _MIN_FRAMES
        or not all(_may_continue(*pair) for pair in pairwise(ahead))
        or not _is_slow(ahead)
    ):
        return 0
    first: Shift | None = None
    end = start + 1
    while end < len(shots) and _may_continue(shots[end - 1], shots[end]):
        shot, later = shots[end - 1 : end + 1]
        shift = find_shift(grey_of(shot.frame.photo), grey_of(later.frame.photo))
        if not _is_turn(shift) or (first is not None and not _same_direction(first, shift)):
            break
        first = first or shift
        end += 1
    return end - start if end - start >= _MIN_FRAMES else 0


def _may_continue(shot: Shot, later: Shot) -> bool:
    frame, after = shot.frame, later.frame
    light, light_after = exposure_ev(frame), exposure_ev(after)
    return (
        frame.focal_length_mm is not None
        and shot.is_framed_like(later)
        and light is not None
        and light_after is not None
        and abs(light - light_after) <= _MAX_EXPOSURE_STEP
        and shot.seconds_to(later) <= GAP_S + (frame.exposure_time_s or 0)
        and bits_apart(frame.perceptual_hash, after.perceptual_hash) >= _MIN_BITS_APART
    )


def _is_slow(shots: Sequence[Shot]) -> bool:
    return shots[0].seconds_to(shots[-1]) >= _MIN_SECONDS_EACH * (len(shots) - 1)


def _is_turn(shift: Shift) -> bool:
    along, across = sorted((abs(shift.right), abs(shift.down)), reverse=True)
    return shift.correlation >= _MIN_CORRELATION and along >= _MIN_TURN and across <= _MAX_DRIFT


def _same_direction(first: Shift, shift: Shift) -> bool:
    """Return whether two shifts go mainly left, right, up or down alike."""
    sideways = abs(first.right) > abs(first.down)
    if sideways != (abs(shift.right) > abs(shift.down)):
        return False
    return first.right * shift.right > 0 if sideways else first.down * shift.down > 0
