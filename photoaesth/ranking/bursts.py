"""Bursts: photos that one camera took within moments of each other."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise

BURST_GAP = timedelta(seconds=2)


def group_bursts(photos: Iterable[tuple[int, str | None, datetime | None]]) -> dict[int, int]:
    """Group photos whose neighbours in time are at most `BURST_GAP` apart, per camera.

    Args:
        photos: id, camera and capture time of each.

    Returns:
        For every photo that shares a burst with another, the id of the burst's first photo.
        Photos on their own, or without a capture time, are not in it.
    """
    timed = sorted(
        (camera or "", taken_at.replace(tzinfo=None), photo)
        for photo, camera, taken_at in photos
        if taken_at is not None
    )
    bursts: dict[int, int] = {}
    for (camera, time, photo), (next_camera, next_time, follower) in pairwise(timed):
        if camera == next_camera and next_time - time <= BURST_GAP:
            bursts[follower] = bursts.setdefault(photo, photo)
    return bursts
