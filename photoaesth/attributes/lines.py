"""Lines: the horizon, and those that run to a vanishing point."""

from dataclasses import dataclass

import numpy as np

from photoaesth.attributes.picture import Picture, Plane, reduced

_TILTS_DEGREES = np.arange(-8.0, 8.5, 1.0)
_STRIPS = 16  # side by side; each has to show the horizon
_STEP = 2  # rows between the light above and below it
_FULL_STEP = 20.0  # L* of a step that could not be clearer
_CLEAR = 0.3  # of a full step in all strips
_CELL = 5  # pixels of a copy of half the size, in which one edge is looked for
_EDGES = 200  # cells that vote for a vanishing point
_FEWEST = 20
_GRID = (8, 12)  # candidates
_NEAR_DEGREES = 4.0
_OBLIQUE_DEGREES = 10.0  # what is nearer to level or plumb says nothing
_WEAK, _STRONG = 60.0, 2000.0  # squared levels of 255: less is texture, more says no more


@dataclass(frozen=True, slots=True)
class Horizon:
    """A straight step of lightness from side to side.

    Attributes:
        clarity: 0 for none, 1 for one that could not be clearer.
        height: from the bottom, share of the height; NaN where there is none.
        tilt_degrees: off level, positive where the right is lower; NaN where there is none.
    """

    clarity: float
    height: float
    tilt_degrees: float


def horizon(picture: Picture) -> Horizon:
    """Return the clearest step of lightness that runs from side to side within 8° of level.

    A Hough transform (R. O. Duda and P. E. Hart 1972) over height and tilt: every strip of the
    picture votes with its step, limited to 20 L*, and with its sign.
    """
    light = picture.lightness
    height, width = light.shape
    across = width // _STRIPS
    strips = light[:, : across * _STRIPS].reshape(height, _STRIPS, across).mean(2)
    steps = np.clip(strips[_STEP:] - strips[:-_STEP], -_FULL_STEP, _FULL_STEP)
    # Rows that a strip lies lower than the middle, at each tilt.
    offsets = (np.arange(_STRIPS) + 0.5 - _STRIPS / 2) * across
    lower = np.rint(np.tan(np.radians(_TILTS_DEGREES))[:, None] * offsets).astype(np.intp)
    margin = int(lower.max())
    rows = np.arange(margin, len(steps) - margin)
    votes = steps[rows[None, :, None] + lower[:, None, :], np.arange(_STRIPS)]
    strength = np.abs(votes.mean(2)) / _FULL_STEP
    tilt, row = np.unravel_index(strength.argmax(), strength.shape)
    clarity = float(strength[tilt, row])
    if clarity < _CLEAR:
        return Horizon(clarity, float("nan"), float("nan"))
    # A strong step is as clear a row or a degree beside its place: the middle of these counts.
    tilts, places = np.nonzero(strength >= 0.98 * clarity)
    beside = np.abs(places - row) <= _STEP
    place = (rows[places[beside]].mean() + (_STEP + 1) / 2) / height
    return Horizon(clarity, float(1 - place), float(_TILTS_DEGREES[tilts[beside]].mean()))


def vanishing_point(picture: Picture) -> float:
    """Return how much of the strong edges runs to one point from both sides, 0 to 1.

    Small cells vote with the direction of their edges, found by the structure tensor (J. Bigün and
    G. H. Granlund 1987) and weighted by how straight they are, for the points of a grid that they
    run to (after the Hough transform of T. Tuytelaars et al. 1998). The score is twice the
    geometric mean of the shares that do so from the left and from the right, of the best point.
    """
    x, y, along, weight = _edges(picture.grey)
    if len(x) < _FEWEST:
        return 0.0
    height, width = picture.grey.shape
    rows = (np.arange(_GRID[0], dtype=np.float32) + 0.5) / _GRID[0] * height
    columns = (np.arange(_GRID[1], dtype=np.float32) + 0.5) / _GRID[1] * width
    to_y = rows[:, None, None] - y
    to_x = columns[None, :, None] - x
    # The distance of the point from the edge's line, and along it: no angle is needed.
    aside = np.abs(to_x * np.sin(along) - to_y * np.cos(along))
    onward = np.abs(to_x * np.cos(along) + to_y * np.sin(along))
    agree = (aside < np.float32(np.tan(np.radians(_NEAR_DEGREES))) * onward) * weight
    left = (agree * (to_x > 0)).sum(2)
    right = agree.sum(2) - left
    return float(2 * np.sqrt(left * right).max() / weight.sum())


def _edges(grey: Plane) -> tuple[Plane, Plane, Plane, Plane]:
    """Return columns, rows, directions (radians) and weights of the strongest oblique edges."""
    half = reduced(grey, 2)
    across = half[1:-1, 2:] - half[1:-1, :-2]
    down = half[2:, 1:-1] - half[:-2, 1:-1]
    xx, yy, xy = (reduced(product, _CELL) for product in (across**2, down**2, across * down))
    difference, energy = np.hypot(xx - yy, 2 * xy), xx + yy
    normal = np.arctan2(2 * xy, xx - yy) / 2
    along = normal + np.pi / 2
    off_axis = np.abs((along + np.pi / 4) % (np.pi / 2) - np.pi / 4)
    straight = difference / (energy + 1)
    weight = straight**2 * np.sqrt(np.minimum(energy, _STRONG))
    weight = np.where((off_axis > np.radians(_OBLIQUE_DEGREES)) & (energy > _WEAK), weight, 0)
    strongest = np.argsort(weight, axis=None)[-_EDGES:]
    strongest = strongest[weight.ravel()[strongest] > 0]
    rows, columns = np.divmod(strongest, weight.shape[1])
    size = 2 * _CELL
    return (
        ((columns + 0.5) * size).astype(np.float32),
        ((rows + 0.5) * size).astype(np.float32),
        along.ravel()[strongest].astype(np.float32),
        weight.ravel()[strongest].astype(np.float32),
    )
