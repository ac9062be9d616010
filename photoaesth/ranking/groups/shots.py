"""Shots: presses of the shutter, each with the photos that were made of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from math import log2

from photoaesth.perceptual import bits_apart
from photoaesth.ranking.groups.alike import cosine, is_copy
from photoaesth.ranking.groups.frame import Frame

_MAX_SHOTS_PER_MOMENT = 64  # the fastest cameras take as many in a second


@dataclass(frozen=True, slots=True)
class Shot:
    """One or more photos of one moment: a camera's own and copies that kept its EXIF data.

    Attributes:
        frame: the largest of the photos.
        photos: their numbers, in order.
    """

    frame: Frame
    photos: tuple[int, ...]

    @property
    def time(self) -> datetime:
        """When it was taken, by the camera's clock."""
        return _clock(self.frame)

    def seconds_to(self, later: "Shot") -> float:
        """Return the time from this shot to a later one."""
        return (later.time - self.time).total_seconds()

    def is_like(self, other: "Shot", *, max_bits_apart: int, min_cosine: float) -> bool:
        """Return whether two shots look alike by their hashes or by their embeddings."""
        left, right = self.frame, other.frame
        return (
            bits_apart(left.perceptual_hash, right.perceptual_hash) <= max_bits_apart
            or cosine(left.look, right.look) >= min_cosine
        )

    def is_framed_like(self, other: "Shot") -> bool:
        """Return whether two shots have the same size and focal length, as far as is known."""
        left, right = self.frame, other.frame
        same_size = (left.width, left.height) == (right.width, right.height)
        return same_size and left.focal_length_mm == right.focal_length_mm


def in_order(frames: Iterable[Frame]) -> list[Shot]:
    """Return the shots of one camera in order of time."""
    ordered = sorted(frames, key=lambda frame: (_clock(frame), frame.photo))
    shots: list[Shot] = []
    for _, moment in groupby(ordered, key=_clock):
        shots += _shots_of(moment)
    return shots


def exposure_ev(frame: Frame) -> float | None:
    """Return how much light the camera took, in EV; only differences mean something.

    log₂(t S / N²), the exposure value of ISO 2720 with its sign turned and the sensitivity in it;
    what the camera did not write, as of a lens without contacts, counts as unchanged.
    """
    if frame.exposure_time_s is None:
        return None
    return log2(frame.exposure_time_s * (frame.iso or 100) / (frame.aperture_f or 1.0) ** 2)


def _shots_of(moment: Iterable[Frame]) -> list[Shot]:
    """Return the shots among frames of the same time."""
    shots: list[Shot] = []
    for frame in moment:
        lately = range(max(0, len(shots) - _MAX_SHOTS_PER_MOMENT), len(shots))
        same = next((n for n in lately if _is_one_shot(shots[n].frame, frame)), None)
        if same is None:
            shots.append(Shot(frame, (frame.photo,)))
        else:
            largest = max(shots[same].frame, frame, key=lambda f: f.width * f.height)
            shots[same] = Shot(largest, (*shots[same].photos, frame.photo))
    return shots


def _is_one_shot(left: Frame, right: Frame) -> bool:
    """Return whether two frames of the same time are one shot.

    Cameras whose clock knows no fractions of a second take several frames in one. These have the
    same size, and a copy of the same size cannot be told from them.
    """
    if exposure_ev(left) != exposure_ev(right):
        return False
    if left.exposure_bias_ev != right.exposure_bias_ev:
        return False
    if left.taken_at.microsecond:
        return True
    return (left.width, left.height) != (right.width, right.height) and is_copy(left, right)


def _clock(frame: Frame) -> datetime:
    return frame.taken_at.replace(tzinfo=None)
