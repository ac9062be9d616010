"""Exposure brackets: one picture taken darker, as it is, and brighter, to be merged or chosen."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from photoaesth.ranking.groups.shots import Shot, exposure_ev

GAP_S = 3.0
"""Longest pause between two frames of a bracket, beside the exposures themselves."""

_SIZES = range(9, 2, -1)  # cameras offer up to nine; of two, exposure compensation makes as many
_MIN_BIAS_STEP, _MIN_STEP, _MAX_STEP = 0.3, 0.6, 4.0  # EV; automatic exposure wanders by thirds
_UNEVENNESS = 0.25  # of a step; shutter times are rounded: 1/30 for 1/32
_MAX_BITS_APART, _MIN_COSINE = 16, 0.6  # clipped lights and shadows change a picture


def bracket_at(shots: Sequence[Shot], start: int) -> int:
    """Return how many shots from `start` on are one bracket; 0 for none.

    The longest of three to nine in quick succession, framed alike, with exposures in equal steps,
    all different, in any order. Two are not enough: so looks a shot that was repeated with
    another exposure. Steps are of the exposure bias where it differs; else the camera was on
    manual, and the exposure itself tells.
    """
    return next(
        (
            size
            for size in _SIZES
            if start + size <= len(shots) and _is_bracket(shots[start : start + size])
        ),
        0,
    )


def _is_bracket(shots: Sequence[Shot]) -> bool:
    if not all(_follows(shot, later) for shot, later in pairwise(shots)):
        return False
    levels = [shot.frame.exposure_bias_ev for shot in shots]
    least = _MIN_BIAS_STEP
    if len(set(levels)) == 1:
        levels = [exposure_ev(shot.frame) for shot in shots]
        least = _MIN_STEP
    known = [level for level in levels if level is not None]
    if len(known) < len(shots) or not _are_steps(known, least):
        return False
    darkest_first = [shots[n] for n in np.argsort(known)]
    return all(
        shot.is_like(brighter, max_bits_apart=_MAX_BITS_APART, min_cosine=_MIN_COSINE)
        for shot, brighter in pairwise(darkest_first)
    )


def _follows(shot: Shot, later: Shot) -> bool:
    longest = max(shot.frame.exposure_time_s or 0, later.frame.exposure_time_s or 0)
    # Noise reduction by a dark frame takes as long as the exposure did.
    return shot.is_framed_like(later) and shot.seconds_to(later) <= GAP_S + 2 * longest


def _are_steps(levels: Sequence[float], least: float) -> bool:
    """Return whether levels, in EV, are all different and, sorted, in equal steps."""
    steps = np.diff(np.sort(levels))
    even = np.ptp(steps) <= _UNEVENNESS * steps.mean()
    return bool(even and steps.min() >= least and steps.max() <= _MAX_STEP)
