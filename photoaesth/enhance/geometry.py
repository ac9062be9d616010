"""Straightening and cropping: suggested from the picture, applied only when asked for."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn import functional

from photoaesth.enhance.color import linear_to_oklab, luminance, srgb_to_linear
from photoaesth.enhance.operations.area import base_layer
from photoaesth.enhance.operations.filters import blur

MAX_TILT = 6.0
"""Degrees; what is tilted more is so on purpose."""

_STEPS_PER_DEGREE = 10
_SMOOTHING_DEGREES = 0.7
_EDGE_SIGMA = 3.5  # pixels; the steps of a slanting edge have other directions
_MARGIN = 11  # three times that, rounded up
_CLEAR_PEAK = 3.0  # times the mean of the histogram
_LEAST_TILT = 0.3  # degrees that nobody sees
_SCALES = (1.0, 0.95, 0.9, 0.85, 0.8)
_CENTRES = 9  # tried along each axis
_CROP_COST = 0.3  # how much nearer to a third the subject has to come for each share cut off
_LEAST_KEPT = 0.97  # of what catches the eye


@dataclass(frozen=True, slots=True)
class Geometry:
    """Which part of a picture is kept, and how it is turned.

    Attributes:
        degrees: by which the picture is turned counterclockwise, within ±45.
        scale: of the part kept: its share of the largest upright part of the same shape that the
            turned picture holds; in (0, 1].
        across: where its centre is between the leftmost and the rightmost place it can have, 0–1.
        down: the same between top and bottom.
    """

    degrees: float = 0.0
    scale: float = 1.0
    across: float = 0.5
    down: float = 0.5

    def corners(self, width: float, height: float) -> NDArray[np.float64]:
        """Return where the kept part's top left, top right and bottom left lie, `(3, 2)`, x first.

        Args:
            width: of the whole picture.
            height: of the whole picture.
        """
        turn = math.radians(self.degrees)
        sine, cosine = abs(math.sin(turn)), math.cos(turn)
        # The largest part of the same shape inside the turned picture.
        largest = min(
            width / (width * cosine + height * sine), height / (width * sine + height * cosine)
        )
        if self.degrees:
            largest -= 2 / min(width, height)  # a pixel on each side, for rounding
        kept = max(0.0, largest * self.scale)
        room = (largest - kept) / 2
        x0, y0 = ((2 * at - 1) * room - kept / 2 for at in (self.across, self.down))
        size = np.array([width, height])
        local = np.array([[x0, y0], [x0 + kept, y0], [x0, y0 + kept]]) * size
        rotation = [[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]]
        return np.asarray(local @ rotation + size / 2, np.float64)


def reframe(image: Image.Image, geometry: Geometry) -> Image.Image:
    """Return the part of a picture that a geometry keeps; `image` itself if that is all of it."""
    if geometry == Geometry():
        return image
    origin, right, down = geometry.corners(*image.size).tolist()
    size = (max(1, round(math.dist(origin, right))), max(1, round(math.dist(origin, down))))
    ax, ay = ((b - a) / size[0] for a, b in zip(origin, right, strict=True))
    bx, by = ((b - a) / size[1] for a, b in zip(origin, down, strict=True))
    matrix = (ax, bx, origin[0], ay, by, origin[1])
    return image.transform(size, Image.Transform.AFFINE, matrix, Image.Resampling.BICUBIC)


def reframe_deep(values: NDArray[np.uint16], geometry: Geometry) -> NDArray[np.uint16]:
    """Return what `reframe` does of `(H, W, 3)` values of 16 bits."""
    if geometry == Geometry():
        return values
    return _by_plane(values, lambda plane: reframe(plane, geometry))


def fit(image: Image.Image, longer_side: int) -> Image.Image:
    """Return a picture whose longer side has so many pixels; `image` itself if it has fewer."""
    scale = longer_side / max(image.size)
    if scale >= 1:
        return image
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.LANCZOS)


def fit_deep(values: NDArray[np.uint16], longer_side: int) -> NDArray[np.uint16]:
    """Return what `fit` does of `(H, W, 3)` values of 16 bits."""
    if max(values.shape) <= longer_side:
        return values
    return _by_plane(values, lambda plane: fit(plane, longer_side))


def suggest(image: Image.Image, *, straighten: bool, crop: bool) -> Geometry:
    """Return how a picture would be better framed; a crop is sought in the straightened picture.

    Args:
        image: mode RGB, a small copy.
        straighten: level it, see `suggest_tilt`.
        crop: crop it, see `suggest_crop`.
    """
    level = Geometry(degrees=suggest_tilt(_tensor(image)) if straighten else 0.0)
    if not crop:
        return level
    return replace(suggest_crop(_tensor(reframe(image, level))), degrees=level.degrees)


def _tensor(image: Image.Image) -> Tensor:
    return torch.from_numpy(np.array(image)).permute(2, 0, 1).float() / 255


def _by_plane(
    values: NDArray[np.uint16], change: Callable[[Image.Image], Image.Image]
) -> NDArray[np.uint16]:
    """Change `(H, W, 3)` values of 16 bits by what is done to a picture."""
    # Plane by plane as floats: Pillow's own mode of 16 bits comes out wrong (13.0).
    planes = [
        np.asarray(change(Image.fromarray(values[..., n].astype(np.float32)))) for n in range(3)
    ]
    limited = (plane.round().clip(0, 65_535).astype(np.uint16) for plane in planes)
    return np.stack(list(limited), axis=-1)


def suggest_tilt(image: Tensor) -> float:
    """Return by how many degrees a picture should be turned counterclockwise to be level.

    The edges of a level picture gather at the horizontal and the vertical. A histogram of their
    directions within `MAX_TILT` of either, weighted by their strength, shows by its peak how
    the picture is tilted; one without a clear peak shows nothing.

    Args:
        image: `(3, H, W)` sRGB in [0, 1], a small copy.

    Returns:
        Degrees within ±`MAX_TILT`; 0 where the picture is level or does not tell.
    """
    luma = blur(luminance(image.unsqueeze(0)), _EDGE_SIGMA)
    luma = luma[..., _MARGIN:-_MARGIN, _MARGIN:-_MARGIN]  # the borders would pass for edges
    if min(luma.shape[-2:]) < 3:
        return 0.0
    # Scharr's derivatives, whose direction is true to a tenth of a degree.
    kernel = torch.tensor([[-3.0, 0.0, 3.0], [-10.0, 0.0, 10.0], [-3.0, 0.0, 3.0]]) / 32
    kernels = torch.stack([kernel, kernel.T]).unsqueeze(1).to(luma)
    across, down = functional.conv2d(luma, kernels)[0].flatten(1)
    strength = across.square() + down.square()
    direction = torch.rad2deg(torch.atan2(down, across))
    off_level = (direction + 45) % 90 - 45  # of the edge's normal to the nearest axis
    bins = 2 * int(MAX_TILT * _STEPS_PER_DEGREE) + 1
    place = ((off_level + MAX_TILT) * _STEPS_PER_DEGREE).round().long()
    inside = (place >= 0) & (place < bins)
    histogram = torch.zeros(bins, dtype=luma.dtype)
    histogram.index_add_(0, place[inside], strength[inside])
    smooth = blur(histogram.view(1, 1, 1, -1), _SMOOTHING_DEGREES * _STEPS_PER_DEGREE).flatten()
    peak = int(smooth.argmax())
    around = slice(max(0, peak - _STEPS_PER_DEGREE), peak + _STEPS_PER_DEGREE + 1)
    degrees = torch.arange(bins) / _STEPS_PER_DEGREE - MAX_TILT
    tilt = float((degrees * histogram)[around].sum() / histogram[around].sum().clamp_min(1e-12))
    clear = smooth[peak] > _CLEAR_PEAK * smooth.mean()
    return round(tilt, 1) if clear and abs(tilt) >= _LEAST_TILT else 0.0


def suggest_crop(image: Tensor) -> Geometry:
    """Return the crop of the same shape that brings the subject nearest to a crossing of thirds.

    The subject is the middle of what catches the eye. All of it but a little has to stay, and
    what is cut off has to pay for itself, so that most pictures stay whole.

    Args:
        image: `(3, H, W)` sRGB in [0, 1], a small copy.
    """
    saliency = _saliency(image)
    height, width = saliency.shape
    y, x = (torch.arange(side).to(saliency).add(0.5) / side for side in (height, width))
    places = [n / (_CENTRES - 1) for n in range(_CENTRES)]
    options = [Geometry()]
    options += [
        Geometry(scale=scale, across=across, down=down)
        for scale in _SCALES[1:]
        for across in places
        for down in places
    ]

    def value(option: Geometry) -> float:
        left, top = (at * (1 - option.scale) for at in (option.across, option.down))
        inside_x = (x >= left) & (x < left + option.scale)
        inside_y = (y >= top) & (y < top + option.scale)
        part = saliency * inside_x * inside_y[:, None]
        kept = float(part.sum())
        if kept < _LEAST_KEPT:
            return -math.inf
        centre = (float((part * x).sum()) / kept, float((part * y[:, None]).sum()) / kept)
        framed = ((c - edge) / option.scale for c, edge in zip(centre, (left, top), strict=True))
        distance = math.hypot(*(min(abs(at - 1 / 3), abs(at - 2 / 3)) for at in framed))
        return -distance - _CROP_COST * (1 - option.scale)

    return max(options, key=value)


def _saliency(image: Tensor) -> Tensor:
    """Return what catches the eye, `(h, w)`, with sum 1.

    How far a blurred colour is from the mean one (Achanta et al., Frequency-tuned Salient Region
    Detection, 2009), in OKLab, squared so that broad plain areas count for little.
    """
    colors = linear_to_oklab(srgb_to_linear(base_layer(image.unsqueeze(0)).clamp(0, 1)))
    off_mean = blur(colors, 2.0) - colors.mean(dim=(-2, -1), keepdim=True)
    strength = off_mean.square().sum(dim=1)[0].square()
    return strength / strength.sum().clamp_min(1e-12)
