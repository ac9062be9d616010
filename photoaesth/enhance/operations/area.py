"""Parts of pictures for local operations: rows at full size, and what is known of the whole."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

BASE_SIDE = 256
"""Pixels of the longer side of every base layer. As it is the same for all sizes of a photo, so
is what a filter of a fixed radius finds on it."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """What was read off the base layer of images.

    Attributes:
        maps: `(B, K, h, w)`, smooth enough to be enlarged.
        constants: `(B, C)`, one row for each image.
    """

    maps: Tensor
    constants: Tensor


@dataclass(frozen=True, slots=True)
class Area:
    """Some rows of pictures in full width, or all of them.

    Attributes:
        image: `(B, 3, h, W)` in [0, 1].
        top: which row of the whole picture the first one is.
        height: how many rows the whole picture has.
        analysis: of the whole picture; None for operations that need none.
    """

    image: Tensor
    top: int
    height: int
    analysis: Analysis | None

    @property
    def longer_side(self) -> int:
        """Pixels of the longer side of the whole picture."""
        return max(self.height, self.image.shape[-1])

    def maps(self) -> Tensor:
        """Return the maps of the analysis at the size of the image, `(B, K, h, W)`."""
        assert self.analysis is not None
        rows, columns = self.image.shape[-2:]
        maps = _enlarged(self.analysis.maps, -2, self.top, rows, self.height)
        return _enlarged(maps, -1, 0, columns, columns)

    def constants(self) -> Tensor:
        """Return the constants of the analysis, `(B, C, 1, 1)`."""
        assert self.analysis is not None
        return self.analysis.constants[..., None, None]

    def radius(self) -> Tensor:
        """Return the distance of pixels from the picture's centre, `(h, W)`; 1 at its corners."""
        rows, width = self.image.shape[-2:]
        y = torch.arange(self.top, self.top + rows).to(self.image) + 0.5 - self.height / 2
        x = torch.arange(width).to(self.image) + 0.5 - width / 2
        squares = y.square()[:, None] + x.square()
        return (squares / ((self.height / 2) ** 2 + (width / 2) ** 2)).sqrt()


def base_layer(images: Tensor) -> Tensor:
    """Return images at `BASE_SIDE`, each pixel the mean of those it stands for."""
    height, width = images.shape[-2:]
    scale = BASE_SIDE / max(height, width)
    size = (max(1, round(height * scale)), max(1, round(width * scale)))
    return functional.interpolate(images, size, mode="area")


def _enlarged(maps: Tensor, axis: int, first: int, count: int, whole: int) -> Tensor:
    """Stretch an axis to `whole` pixels by linear interpolation; return `count` from `first`."""
    size = maps.shape[axis]
    at = (torch.arange(first, first + count).to(maps) + 0.5) * (size / whole) - 0.5
    at = at.clamp(0, size - 1)
    below = at.floor().long().clamp_max(max(0, size - 2))
    above = (below + 1).clamp_max(size - 1)
    share = at - below
    if axis == -2:
        share = share[:, None]
    return torch.lerp(maps.index_select(axis, below), maps.index_select(axis, above), share)
