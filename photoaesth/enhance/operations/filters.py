"""Filters that local operations are made of: blur, and the guided filter's coefficients."""

import math

import torch
from torch import Tensor
from torch.nn import functional


def blur(images: Tensor, sigma: float) -> Tensor:
    """Blur with a Gaussian, the same for any share of a pixel as for many.

    Its weights are integrals over the pixels, which a narrow Gaussian needs. Beyond the borders
    the outermost pixels go on.

    Args:
        images: `(B, C, H, W)`.
        sigma: in pixels, above 0.
    """
    reach = math.ceil(3 * sigma)
    edges = torch.arange(-reach - 0.5, reach + 1) / (sigma * math.sqrt(2))
    integrals = torch.erf(edges).diff()
    weights = (integrals / integrals.sum()).tolist()
    for axis in (-2, -1):
        size = images.shape[axis]
        padded = _extended(images, axis, reach)
        # Seven times as fast as a convolution of one channel.
        images = padded.narrow(axis, 0, size) * weights[0]
        for place, weight in enumerate(weights[1:], start=1):
            images.add_(padded.narrow(axis, place, size), alpha=weight)
    return images


def box(images: Tensor, radius: int) -> Tensor:
    """Return the mean over squares of 2·radius + 1 pixels, those beyond the borders left out.

    Args:
        images: `(B, C, H, W)`.
        radius: in pixels.
    """
    for axis in (-2, -1):
        size = images.shape[axis]
        at = torch.arange(size, device=images.device)
        last, first = (at + radius + 1).clamp_max(size), (at - radius).clamp_min(0)
        zero = torch.zeros_like(images.narrow(axis, 0, 1))
        sums = torch.cat([zero, images.cumsum(axis)], dim=axis)
        total = sums.index_select(axis, last) - sums.index_select(axis, first)
        count = (last - first).to(images)
        images = total / (count[:, None] if axis == -2 else count)
    return images


def guided(guide: Tensor, image: Tensor, radius: int, tolerance: float) -> tuple[Tensor, Tensor]:
    """Return the coefficients a and b of the guided filter, whose result is a·guide + b.

    They are smooth, so that they may be found on a small copy and applied at full size
    (He and Sun, Fast Guided Filter, 2015).

    Args:
        guide: `(B, 1, h, w)`.
        image: `(B, 1, h, w)`, what is to be smoothed up to the edges of the guide.
        radius: of the windows in pixels.
        tolerance: standard deviation of the guide below which there is no edge.
    """
    mean, target = box(guide, radius), box(image, radius)
    variance = (box(guide.square(), radius) - mean.square()).clamp_min(0)
    slope = (box(guide * image, radius) - mean * target) / (variance + tolerance**2)
    return box(slope, radius), box(target - slope * mean, radius)


def _extended(images: Tensor, axis: int, reach: int) -> Tensor:
    padding = (0, 0, reach, reach) if axis == -2 else (reach, reach, 0, 0)
    return functional.pad(images, padding, mode="replicate")
