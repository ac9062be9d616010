"""Pointwise operations as one map of colours, tabulated once and looked up for every pixel."""

import functools
from collections.abc import Sequence
from concurrent.futures import Executor
from itertools import groupby, pairwise
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from photoaesth.enhance.operations import Encoding, Operation
from photoaesth.enhance.operations.chain import run

# Points per axis of the lattice. Moderate parameters stay within 1/255 of the exact result.
_POINTS = 65
_LEVELS = 256
_STRIP_PIXELS = 1 << 17


class ColorMap:
    """What some pointwise operations make of every colour, with trilinear interpolation.

    Args:
        operations: with their values, as `chain.active` returns them.
    """

    reach = 0.0
    """It looks no further than a pixel itself."""
    encoding = Encoding.SRGB
    """What it takes."""

    def __init__(self, operations: Sequence[tuple[Operation, Tensor]]) -> None:
        lattice = tabulate(operations, _POINTS)
        self._cube = lattice.T.reshape(3, _POINTS, _POINTS, _POINTS)  # by blue, green and red

    def __call__(self, image: Tensor, top: int, height: int) -> Tensor:
        """Map the colours of a strip, `(1, 3, h, W)` sRGB in [0, 1], wherever it is."""
        places = image.permute(0, 2, 3, 1).unsqueeze(1) * 2 - 1
        mapped = functional.grid_sample(
            self._cube.unsqueeze(0), places, padding_mode="border", align_corners=True
        )
        return mapped[:, :, 0]

    def map_levels(self, pixels: NDArray[np.integer[Any]], pool: Executor) -> None:
        """Map the colours of a whole photo in place; every pixel takes its own from `levels`.

        Args:
            pixels: `(H, W, 4)` uint8, contiguous; the fourth channel becomes 0.
            pool: where strips are worked on.
        """
        packed = torch.from_numpy(pixels.view("<i4").reshape(-1))
        levels = self.levels

        @torch.inference_mode()  # each thread has its own
        def work(start: int) -> None:
            strip = packed[start : start + _STRIP_PIXELS]
            strip.copy_(levels.index_select(0, strip.bitwise_and_(len(levels) - 1)))

        list(pool.map(work, range(0, len(packed), _STRIP_PIXELS)))

    @functools.cached_property
    @torch.inference_mode()
    def levels(self) -> Tensor:
        """What each colour of 8 bits becomes, `(2²⁴,) int32`, red in the lowest byte.

        For a photo of 24 megapixels, to interpolate all of them and look up takes a third of the
        time of interpolating every pixel (measured).
        """
        # NumPy asks for large pages of memory, in which looking up takes a fifth less time.
        table = torch.from_numpy(np.empty((_LEVELS, _LEVELS, _LEVELS), np.int32))
        places = torch.arange(_LEVELS) * ((_POINTS - 1) / (_LEVELS - 1))
        # One axis after the other, for each is four times the work of the one before.
        cube = _widened(self._cube * (_LEVELS - 1), 3, places)
        planes = (_widened(cube[:, blue], 1, places) for blue in range(_POINTS))
        cells = groupby(range(_LEVELS), lambda blue: min(int(places[blue]), _POINTS - 2))
        for (below, blues), (near, far) in zip(cells, pairwise(planes), strict=True):
            for blue in blues:
                plane = torch.lerp(near, far, places[blue] - below).round_()
                # Three whole numbers below 256 fit exactly into the 24 bits of a float.
                table[blue] = plane[0].add_(plane[1], alpha=1 << 8).add_(plane[2], alpha=1 << 16)
        return table.view(-1)


def _widened(values: Tensor, axis: int, places: Tensor) -> Tensor:
    """Interpolate linearly along an axis, at places between its points."""
    below = places.floor().long().clamp_max(values.shape[axis] - 2)
    share = (places - below).view(-1, *[1] * (values.ndim - 1 - axis))
    return torch.lerp(values.index_select(axis, below), values.index_select(axis, below + 1), share)


@torch.inference_mode()
def tabulate(operations: Sequence[tuple[Operation, Tensor]], points: int) -> Tensor:
    """Return what pointwise operations make of a lattice of colours.

    Args:
        operations: with `(1, parameters)` values each, as `chain.active` returns them.
        points: of the lattice along each axis.

    Returns:
        `(points³, 3)` sRGB in [0, 1]; red varies fastest, then green.
    """
    axis = torch.linspace(0, 1, points)
    blue, green, red = torch.meshgrid(axis, axis, axis, indexing="ij")
    # A picture of all lattice colours, of any shape: the operations are pointwise.
    colors = torch.stack([red, green, blue]).reshape(1, 3, points, -1)
    return run(operations, colors).reshape(3, -1).T.contiguous()
