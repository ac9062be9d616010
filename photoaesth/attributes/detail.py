"""Fine detail: sharpness, what is out of focus, directed blur, noise."""

from dataclasses import dataclass

import numpy as np

from photoaesth.attributes.picture import Plane, reduced

_BLOCK = 16  # pixels, about 24 × 18 blocks
_COARSE = 8  # pixels of the coarse copy's pixels
_SOME_STRUCTURE = 3.0
_BLURRED = 0.15  # of coarse detail that is fine as well, below which a block is out of focus
_EDGE = 20.0  # levels of 255 within a block: an edge


@dataclass(frozen=True, slots=True)
class Detail:
    """How much fine and coarse detail each block of a picture has.

    Attributes:
        fine: `(m, n)` mean modified Laplacian, levels of 255.
        coarse: `(m, n)` the same of a copy of an eighth of the size.
        abruptness: `(m, n)` the greatest step between neighbours over the range of levels, NaN in
            blocks without an edge.
        pattern: `(H - 2, W - 2)` the modified Laplacian of every pixel.
    """

    fine: Plane
    coarse: Plane
    abruptness: Plane
    pattern: Plane


def detail(grey: Plane) -> Detail:
    """Return the detail of `(H, W)` luma, 0 to 255.

    The modified Laplacian is that of S. K. Nayar and Y. Nakagawa, "Shape from focus" (1994).
    """
    pattern = _modified_laplacian(grey)
    fine = reduced(pattern, _BLOCK)
    coarse = reduced(_modified_laplacian(reduced(grey, _COARSE)), _BLOCK // _COARSE)
    height, width = np.minimum(fine.shape, coarse.shape)
    fine, coarse = fine[:height, :width], coarse[:height, :width]
    abruptness = _abruptness(grey)[:height, :width]
    return Detail(fine, coarse, abruptness, pattern)


def sharpness(detail: Detail) -> float:
    """Return how sharp the sharpest edges are: 1 would be a step from one pixel to the next.

    The 90th percentile over blocks. NaN where there is no edge.
    """
    return _percentile(detail.abruptness, 90)


def softness(detail: Detail) -> float:
    """Return how soft the softer edges are: 1 − the 25th percentile of their abruptness.

    0.5 where there is no edge.
    """
    soft = _percentile(detail.abruptness, 25)
    return 0.5 if np.isnan(soft) else 1 - soft


def blurred_share(detail: Detail) -> float:
    """Return the share of the frame that is out of focus: coarse detail there, but no fine one.

    Blur takes fine detail and leaves the coarse; an even sky has neither, and does not count.
    """
    blurred = (detail.coarse > _SOME_STRUCTURE) & (detail.fine < _BLURRED * detail.coarse)
    return float(blurred.mean())


def focus_contrast(detail: Detail) -> float:
    """Return how much more fine detail is gathered in few places than coarse detail is.

    The difference of their Gini coefficients over blocks, −1 to 1: a sharp subject before a blurred
    ground has its fine detail in one place, its coarse detail everywhere.
    """
    return _gini(detail.fine) - _gini(detail.coarse)


def motion(grey: Plane) -> float:
    """Return how much more detail is lost along one direction than along another, in doublings.

    The energy of fine differences over that of coarse ones in four directions, 45 degrees apart:
    motion blurs along its path alone.
    """
    fine, coarse = _directed(grey), _directed(reduced(grey, _BLOCK // 4))
    kept = (fine + 0.5) / (coarse + 5)
    return float(np.log2(kept.max() / kept.min()) / 2)


def noise(grey: Plane) -> float:
    """Return the standard deviation of noise, levels of 255.

    J. Immerkær, "Fast noise variance estimation" (1996), eq. 4, in blocks; the 10th percentile, so
    that edges and textures are left out.
    """
    rows = grey[:-2] - 2 * grey[1:-1] + grey[2:]
    response = np.abs(rows[:, :-2] - 2 * rows[:, 1:-1] + rows[:, 2:])
    blocks = reduced(response, _BLOCK)
    return float(np.percentile(blocks, 10) * np.sqrt(np.pi / 2) / 6)


def _abruptness(grey: Plane) -> Plane:
    height, width = (side // _BLOCK * _BLOCK for side in np.subtract(grey.shape, 1))
    step = np.maximum(
        np.abs(grey[:height, 1 : width + 1] - grey[:height, :width]),
        np.abs(grey[1 : height + 1, :width] - grey[:height, :width]),
    )
    steepest, brightest, darkest = (
        _in_blocks(most, plane)
        for most, plane in (
            (np.maximum, step),
            (np.maximum, grey[:height, :width]),
            (np.minimum, grey[:height, :width]),
        )
    )
    span = brightest - darkest
    return np.where(span > _EDGE, steepest / (span + 5), np.nan).astype(np.float32)


def _in_blocks(most: np.ufunc, plane: Plane) -> Plane:
    height, width = plane.shape
    rows = most.reduce(plane.reshape(height // _BLOCK, _BLOCK, width), axis=1)
    return np.asarray(most.reduce(rows.reshape(len(rows), width // _BLOCK, _BLOCK), axis=2))


def _percentile(plane: Plane, percent: float) -> float:
    known = plane[~np.isnan(plane)]
    return float(np.percentile(known, percent)) if len(known) else float("nan")


def _gini(plane: Plane) -> float:
    ordered = np.sort(plane, axis=None)
    total = float(ordered.sum())
    if total == 0:
        return 0.0
    return float(1 - 2 * np.cumsum(ordered).sum() / (total * ordered.size))


def _modified_laplacian(grey: Plane) -> Plane:
    inner = 2 * grey[1:-1, 1:-1]
    across = inner - grey[1:-1, :-2]
    across -= grey[1:-1, 2:]
    down = np.subtract(inner, grey[:-2, 1:-1], out=inner)
    down -= grey[2:, 1:-1]
    np.abs(across, out=across)
    across += np.abs(down, out=down)
    return across


def _directed(grey: Plane) -> Plane:
    """Return mean squared differences to the right, down, and along both diagonals, per pixel."""
    right, down = grey[:, 1:] - grey[:, :-1], grey[1:] - grey[:-1]
    falling, rising = grey[1:, 1:] - grey[:-1, :-1], grey[1:, :-1] - grey[:-1, 1:]
    energies = [float(np.vdot(step, step)) / step.size for step in (right, down, falling, rising)]
    steps_px = np.array([1, 1, 2, 2], np.float32)  # squared
    return np.asarray(np.array(energies, np.float32) / steps_px, np.float32)
