"""Series: brackets, panoramas and bursts, told from time, exposure and pictures."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import groupby

from photoaesth.domain import GroupKind
from photoaesth.ranking.groups.brackets import bracket_at
from photoaesth.ranking.groups.bursts import burst_at
from photoaesth.ranking.groups.frame import Frame, Group
from photoaesth.ranking.groups.panoramas import GreyOf, panorama_at
from photoaesth.ranking.groups.shots import Shot, in_order

_Finder = tuple[GroupKind, Callable[[Sequence[Shot], int], int]]


def series(frames: Iterable[Frame], grey_of: GreyOf) -> list[Group]:
    """Return the series among the photos of any cameras.

    A photo is in at most one. The rarer kind, of which more has to fit, comes first: brackets,
    for their frames make bursts too, and a bracket inside a panorama is merged before it is
    stitched; then panoramas, whose frames overlap and so may look like a burst; then bursts. A
    shot in no series of which there are several photos is a group of near-duplicates.

    Args:
        frames: in any order. A series whose frames are not all given is cut short, so give
            all photos of a camera over a stretch of time that begins and ends in a pause.
        grey_of: returns `(h, w)` uint8 grey levels of a photo, upright, 64 pixels on the long side;
            asked for neighbours whose EXIF data could be a panorama's.

    Returns:
        Ordered by camera and time.
    """
    finders: list[_Finder] = [
        (GroupKind.BRACKET, bracket_at),
        (GroupKind.PANORAMA, partial(panorama_at, grey_of=grey_of)),
        (GroupKind.BURST, burst_at),
    ]
    groups: list[Group] = []
    by_camera = sorted(frames, key=lambda frame: frame.camera or "")
    for _, of_one in groupby(by_camera, key=lambda frame: frame.camera or ""):
        groups += _groups(in_order(of_one), finders)
    return groups


def _groups(shots: Sequence[Shot], finders: Sequence[_Finder]) -> list[Group]:
    """Return the groups of neighbouring shots that the finders find, the first finder first."""
    if not finders:
        copied = [shot for shot in shots if len(shot.photos) > 1]
        return [Group(GroupKind.NEAR_DUPLICATES, shot.photos) for shot in copied]
    (kind, size_at), *others = finders
    groups: list[Group] = []
    waiting: list[Shot] = []
    place = 0
    while place < len(shots):
        size = size_at(shots, place)
        if size:
            groups += _groups(waiting, others)
            waiting = []
            together = shots[place : place + size]
            groups.append(Group(kind, tuple(photo for shot in together for photo in shot.photos)))
        else:
            waiting.append(shots[place])
        place += size or 1
    return groups + _groups(waiting, others)
