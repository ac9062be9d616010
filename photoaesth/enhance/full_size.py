"""Operations on whole photos: strip by strip, in threads, in the memory of the photo itself.

Neighbours in the registry make up stages: the pointwise operations together are one map of
colours, the local ones before and after it a stage each. What local operations have to know of
the whole photo is read off a small copy that goes through all of them first, so that strips can
be worked on in any order.
"""

from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from photoaesth.enhance.color_map import ColorMap
from photoaesth.enhance.operations import Encoding, LocalOperation, Operation
from photoaesth.enhance.operations.area import Analysis, Area
from photoaesth.enhance.operations.chain import active, convert
from photoaesth.processes import available_cores

Pixels = NDArray[np.integer[Any]]
"""`(H, W, C)`, of which the first three are red, green and blue in sRGB: uint8, with C = 4, or
uint16, with C = 3."""

_SMALL_SIDE = 512  # of the copy that is analysed: twice the base layer's
_STRIP_PIXELS = 1 << 17  # the fastest (measured)


@dataclass(frozen=True, slots=True)
class _Step:
    """A local operation with all that it needs to run on a strip."""

    operation: LocalOperation
    values: Tensor  # (1, parameters)
    analysis: Analysis | None


class _Local:
    """Local operations one after the other."""

    def __init__(self, steps: Sequence[_Step]) -> None:
        self._steps = steps
        self.reach = sum(step.operation.reach for step in steps)

    def __call__(self, image: Tensor, top: int, height: int) -> Tensor:
        """Run them on rows of a photo.

        Args:
            image: `(1, 3, h, W)` sRGB in [0, 1].
            top: which row of the photo is the first.
            height: rows of the whole photo.
        """
        encoding = Encoding.SRGB
        for step in self._steps:
            image = convert(image, encoding, step.operation.encoding)
            encoding = step.operation.encoding
            area = Area(image, top, height, step.analysis)
            image = step.operation.function(area, *step.values.unbind(dim=-1))
        return convert(image, encoding, Encoding.SRGB)


@torch.inference_mode()
def render(pixels: Pixels, vector: Tensor) -> None:
    """Run the operations on a photo, in place.

    Colours of 8 bits are mapped by `ColorMap.map_levels`, which rounds between the stages as a
    file of 8 bits does; those of 16 bits stay floating point from the first to the last.

    Args:
        pixels: the photo, contiguous; of a fourth channel nothing is kept.
        vector: `(P,)` parameters, see `operations.to_vector`.
    """
    stages = _stages(pixels, active(vector.unsqueeze(0)))
    with ThreadPoolExecutor(available_cores()) as pool:
        if pixels.dtype == np.uint16:
            _run(stages, pixels, pool)
            return
        for stage in stages:
            if isinstance(stage, ColorMap):
                stage.map_levels(pixels.view(np.uint8), pool)
            else:
                _run([stage], pixels, pool)


def _stages(
    pixels: Pixels, operations: Sequence[tuple[Operation, Tensor]]
) -> list[ColorMap | _Local]:
    stages: list[ColorMap | _Local] = []
    analysed = any(isinstance(op, LocalOperation) and op.analyse for op, _ in operations)
    small = _small_copy(pixels) if analysed else torch.zeros(1, 3, 1, 1)
    encoding = Encoding.SRGB
    for pointwise, group in groupby(operations, key=lambda pair: pair[0].is_pointwise):
        members, steps = list(group), []
        for operation, values in members:
            small = convert(small, encoding, operation.encoding)
            encoding = operation.encoding
            if isinstance(operation, LocalOperation):
                steps.append(_Step(operation, values, operation.analysis(small)))
            small = operation(small, *values.unbind(dim=-1))
        stages.append(ColorMap(members) if pointwise else _Local(steps))
    return stages


def _small_copy(pixels: Pixels) -> Tensor:
    """Return the photo at about `_SMALL_SIDE`, `(1, 3, h, w)`, each pixel a mean of a square."""
    factor = max(1, max(pixels.shape[:2]) // _SMALL_SIDE)
    height, width = (max(1, side // factor) for side in pixels.shape[:2])
    small = np.empty((height, width, 3), np.float32)
    for row in range(height):
        square = pixels[row * factor : (row + 1) * factor, : width * factor, :3]
        columns = square.mean(axis=0, dtype=np.float32)
        small[row] = columns.reshape(width, -1, 3).mean(axis=1)
    return torch.from_numpy(small / np.iinfo(pixels.dtype).max).permute(2, 0, 1).unsqueeze(0)


def _run(stages: Sequence[ColorMap | _Local], pixels: Pixels, pool: Executor) -> None:
    """Run stages on every strip of a photo, one after the other while it is in the cache."""
    height, width = pixels.shape[:2]
    greatest = np.iinfo(pixels.dtype).max
    reach = sum(stage.reach for stage in stages)
    margin = int(np.ceil(reach * max(height, width))) + 1 if reach else 0
    rows = max(1, 3 * margin, _STRIP_PIXELS // width)  # or the seams would be most of the photo
    # Strips are replaced while others still have to see what was there, so that is kept.
    seams = {
        seam: pixels[max(0, seam - margin) : seam + margin, :, :3].copy()
        for seam in range(rows, height, rows)
    }

    @torch.inference_mode()  # each thread has its own
    def work(top: int) -> None:
        bottom = min(top + rows, height)
        above = seams[top][:margin] if top else pixels[:0, :, :3]
        below = seams[bottom][margin:] if bottom < height else pixels[:0, :, :3]
        strip = np.concatenate([above, pixels[top:bottom, :, :3], below])
        image = torch.empty(1, 3, *strip.shape[:2])
        image[0].copy_(torch.from_numpy(strip).permute(2, 0, 1)).div_(greatest)
        for stage in stages:
            image = stage(image, top - len(above), height)
        inner = image[0, :, len(above) : len(above) + bottom - top]
        levels = (inner * greatest).add_(0.5).clamp_(0, greatest)  # cut off to whole ones below
        torch.from_numpy(pixels[top:bottom, :, :3]).copy_(levels.permute(1, 2, 0))

    list(pool.map(work, range(0, height, rows)))
