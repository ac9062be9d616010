"""Pointwise operations as one map of colours, tabulated once and looked up for every pixel."""

import functools
from collections.abc import Sequence
from concurrent.futures import Executor
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from torch import Tensor
from torch.nn import functional

from photoaesth.enhance.operations import Operation
from photoaesth.enhance.operations.chain import run

# Points per axis of the table. At 65, Pillow's limit, moderate parameters stay within 1/255 of
# the exact result.
_POINTS = 65
_STRIP_PIXELS = 1 << 20
_COLORS = 1 << 24


class ColorMap:
    """What some pointwise operations make of every colour, with trilinear interpolation.

    Args:
        operations: with their values, as `chain.active` returns them.
    """

    reach = 0.0
    """It looks no further than a pixel itself."""

    def __init__(self, operations: Sequence[tuple[Operation, Tensor]]) -> None:
        self._table = tabulate(operations, _POINTS)

    def __call__(self, image: Tensor, top: int, height: int) -> Tensor:
        """Map the colours of a strip, `(1, 3, h, W)` sRGB in [0, 1], wherever it is."""
        cube = self._table.T.reshape(1, 3, _POINTS, _POINTS, _POINTS)
        places = image.permute(0, 2, 3, 1).unsqueeze(1) * 2 - 1
        return functional.grid_sample(cube, places, padding_mode="border", align_corners=True)[
            :, :, 0
        ]

    def map_levels(self, pixels: NDArray[np.integer[Any]], pool: Executor) -> None:
        """Map the colours of a whole photo in place.

        A photo of 24 megapixels holds some hundred thousand colours (measured: 2 to 4 % of its
        pixels): each is interpolated once, and every pixel takes its own from the result. It is
        half the work of interpolating every pixel.

        Args:
            pixels: `(H, W, 4)` uint8, contiguous; the fourth channel becomes 0.
            pool: where strips are worked on.
        """
        packed = pixels.view("<u4").reshape(pixels.shape[:2])
        rows = max(1, _STRIP_PIXELS // pixels.shape[1])
        strips = [packed[top : top + rows] for top in range(0, len(packed), rows)]
        used = np.zeros(_COLORS, np.bool_)

        def note(strip: NDArray[np.uint32]) -> None:
            np.bitwise_and(strip, _COLORS - 1, out=strip)
            used[strip] = True

        def replace(strip: NDArray[np.uint32]) -> None:
            np.take(table, strip, out=strip, mode="clip")  # "raise" would copy it

        list(pool.map(note, strips))
        colors = np.flatnonzero(used).astype("<u4")
        table = np.empty(_COLORS, "<u4")
        table[colors] = self._interpolated(colors)
        list(pool.map(replace, strips))

    def _interpolated(self, colors: NDArray[np.uint32]) -> NDArray[np.uint32]:
        """Return what colours, packed in four bytes each, become."""
        size = (1, len(colors))
        image = Image.frombuffer("RGBX", size, colors.tobytes(), "raw", "RGBX", 0, 1)
        mapped = image.convert("RGB").filter(self._filter)
        packed = np.frombuffer(mapped.tobytes("raw", "RGBX"), np.dtype("<u4"))
        return np.bitwise_and(packed, np.uint32(_COLORS - 1))

    @functools.cached_property
    def _filter(self) -> ImageFilter.Color3DLUT:
        table: NDArray[Any] = self._table.numpy().ravel()
        return ImageFilter.Color3DLUT(_POINTS, table)


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
