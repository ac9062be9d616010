"""How a picture is laid out: subject, empty space, balance."""

from dataclasses import dataclass

import numpy as np

from photoaesth.attributes.detail import Detail
from photoaesth.attributes.picture import Picture, Plane, reduced

_COARSE = 2  # of the reduced planes' pixels: about 48 × 36 remain
_EMPTY = 4.0  # levels of 255 of coarse detail, below which a block shows nothing
_EDGE_SHARE = 0.98  # of the detail that the box of Ke et al. holds
_TO_A_THIRD = 0.12  # of the diagonal: how far from a third counts as off it
_BORDER = 12  # a twelfth of each side
_EVEN = 5.0  # levels of coarse detail in an even backdrop


@dataclass(frozen=True, slots=True)
class Subject:
    """What stands out.

    Attributes:
        size: share of the frame.
        x: centre from the left, share of the width.
        y: centre from the top, share of the height.
    """

    size: float
    x: float
    y: float


def subject(picture: Picture) -> Subject:
    """Return what stands out from the mean colour.

    R. Achanta, S. Hemami, F. Estrada and S. Süsstrunk, "Frequency-tuned salient region detection"
    (2009), eq. 1 and 10: the distance of the blurred picture from the mean colour in CIELAB; the
    subject is where it is above twice its mean.
    """
    planes = [reduced(plane, _COARSE) for plane in (picture.lightness, picture.a, picture.b)]
    saliency = np.sqrt(sum((plane - plane.mean()) ** 2 for plane in planes))
    mask = saliency > 2 * saliency.mean()
    if not mask.any():
        return Subject(0.0, 0.5, 0.5)
    weight = saliency * mask
    weight /= weight.sum()
    height, width = mask.shape
    return Subject(
        float(mask.mean()),
        float(weight.sum(0) @ (np.arange(width) + 0.5) / width),
        float(weight.sum(1) @ (np.arange(height) + 0.5) / height),
    )


def thirds(subject: Subject) -> float:
    """Return how near the subject's centre is to a crossing of the thirds, 0 to 1.

    After R. Datta, D. Joshi, J. Li and J. Z. Wang, "Studying aesthetics in photographic images
    using a computational approach" (2006), with the subject's centre in place of the inner third.
    """
    across = min(abs(subject.x - 1 / 3), abs(subject.x - 2 / 3))
    down = min(abs(subject.y - 1 / 3), abs(subject.y - 2 / 3))
    return float(np.exp(-(across**2 + down**2) / (2 * _TO_A_THIRD**2)))


def simplicity(detail: Detail) -> float:
    """Return the share of the frame outside the box that holds 98 % of its detail.

    Y. Ke, X. Tang and F. Jing, "The design of high-level features for photo quality assessment"
    (2006), 4.1.1: 1 − width × height of that box.
    """
    return 1 - _extent(detail.pattern.sum(0)) * _extent(detail.pattern.sum(1))


def emptiness(detail: Detail) -> float:
    """Return the share of the frame that shows next to nothing."""
    return float((detail.coarse < _EMPTY).mean())


def backdrop(picture: Picture) -> float:
    """Return the mean lightness L* along the border, a twelfth of each side wide."""
    return float(picture.lightness[_along_border(picture.lightness)].mean())


def backdrop_evenness(detail: Detail) -> float:
    """Return the share of the border that shows next to nothing."""
    return float((detail.coarse[_along_border(detail.coarse)] < _EVEN).mean())


def symmetry(picture: Picture) -> float:
    """Return how alike left and right are: −1 to 1, 0 by chance.

    The correlation of lightness with its mirror image, about the mean of every row: a sky above
    a plain is not symmetric for being even.
    """
    plane = reduced(picture.lightness, _COARSE)
    plane = plane - plane.mean(1, keepdims=True)
    energy = float((plane * plane).sum())
    # A picture with next to nothing in it is symmetric by its noise alone.
    return float((plane * plane[:, ::-1]).sum() / (energy + plane.size))


def _extent(profile: Plane) -> float:
    """Return the share of a profile's length that holds all but the rarest of its sum."""
    sums = np.cumsum(profile) / max(float(profile.sum()), 1e-6)
    rest = (1 - _EDGE_SHARE) / 2
    low, high = np.searchsorted(sums, (rest, 1 - rest))
    return float(high - low + 1) / len(profile)


def _along_border(plane: Plane) -> np.ndarray:
    height, width = plane.shape
    mask = np.ones(plane.shape, bool)
    top, left = max(1, height // _BORDER), max(1, width // _BORDER)
    mask[top:-top, left:-left] = False
    return mask
