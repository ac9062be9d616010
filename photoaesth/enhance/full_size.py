"""Operations on whole photos: strip by strip, in threads, in the memory of the photo itself.

Neighbours in the registry make up stages: the pointwise operations together are one map of
colours, the local ones before and after it a stage each. What local operations have to know of
the whole photo is read off a small copy that goes through all of them first, so that strips can
be worked on in any order.
"""

import contextlib
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
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
_SMALL_ROWS = 32  # of it that are made at a time
_AHEAD = 2  # strips read for each core
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
        self.encoding = steps[0].operation.encoding

    def __call__(self, image: Tensor, top: int, height: int) -> Tensor:
        """Run them on rows of a photo.

        Args:
            image: `(1, 3, h, W)` in [0, 1], in `encoding`.
            top: which row of the photo is the first.
            height: rows of the whole photo.

        Returns:
            `(1, 3, h, W)` sRGB in [0, 1].
        """
        encoding = self.encoding
        for step in self._steps:
            image = convert(image, encoding, step.operation.encoding)
            encoding = step.operation.encoding
            area = Area(image, top, height, step.analysis)
            image = step.operation.function(area, *step.values.unbind(dim=-1))
        return convert(image, encoding, Encoding.SRGB)


@contextlib.contextmanager
def rendering(vector: Tensor) -> Iterator[Callable[[Pixels], None]]:
    """Make ready for operations, and yield what runs them on a photo, in place.

    Colours are tabulated in the background from the beginning: while the photo is decoded.

    Colours of 8 bits are mapped by `ColorMap.map_levels`, which rounds between the stages as a
    file of 8 bits does; those of 16 bits stay floating point from the first to the last. A photo
    is contiguous; of a fourth channel nothing is kept.

    Args:
        vector: `(P,)` parameters, see `operations.to_vector`.
    """
    groups = [
        list(members)
        for _, members in groupby(active(vector.unsqueeze(0)), lambda pair: pair[0].is_pointwise)
    ]
    with _a_thread_per_core() as pool:
        maps = [pool.submit(_color_map, group) for group in groups]

        def run(pixels: Pixels) -> None:
            stages = pool.submit(_stages, pixels, groups, maps).result()
            if pixels.dtype == np.uint16 and stages:
                _run(stages, pixels, pool)
                return
            for stage in stages:
                if isinstance(stage, ColorMap):
                    stage.map_levels(pixels.view(np.uint8), pool)
                else:
                    _run([stage], pixels, pool)

        yield run


def render(pixels: Pixels, vector: Tensor) -> None:
    """Run the operations on a photo, in place; see `rendering`."""
    with rendering(vector) as run:
        run(pixels)


class _TorchThreads:
    """Gives torch its threads back when the last photo under way is done; they may overlap."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._under_way = 0
        self._usual = 1

    def __enter__(self) -> None:
        with self._lock:
            if not self._under_way:
                self._usual = torch.get_num_threads()
            self._under_way += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._under_way -= 1
            if not self._under_way:
                torch.set_num_threads(self._usual)


_TORCH_THREADS = _TorchThreads()


@contextlib.contextmanager
def _a_thread_per_core() -> Iterator[Executor]:
    """Yield threads in each of which torch keeps to itself, or it would spread out in all."""
    # It counts for the thread that says it, and for all that have not begun with torch yet.
    with (
        _TORCH_THREADS,
        ThreadPoolExecutor(
            available_cores(), initializer=torch.set_num_threads, initargs=(1,)
        ) as pool,
    ):
        yield pool


_Group = Sequence[tuple[Operation, Tensor]]
"""Neighbours in the registry, all pointwise or all local, with their values."""


def _color_map(group: _Group) -> ColorMap | None:
    """Return the map of pointwise operations, ready for colours of 8 bits."""
    if not group[0][0].is_pointwise:
        return None
    made = ColorMap(group)
    made.levels  # noqa: B018 - for what it keeps
    return made


@torch.inference_mode()
def _stages(
    pixels: Pixels, groups: Sequence[_Group], maps: Sequence["Future[ColorMap | None]"]
) -> list[ColorMap | _Local]:
    stages: list[ColorMap | _Local] = []
    to_analyse = sum(_is_analysing(operation) for group in groups for operation, _ in group)
    small = _small_copy(pixels) if to_analyse else torch.empty(0)
    encoding = Encoding.SRGB
    for group, color_map in zip(groups, maps, strict=True):
        steps = []
        for operation, values in group:
            analysis = None
            if to_analyse:
                small = convert(small, encoding, operation.encoding)
                encoding = operation.encoding
                if isinstance(operation, LocalOperation):
                    analysis = operation.analysis(small)
                to_analyse -= _is_analysing(operation)
            if to_analyse:
                small = operation(small, *values.unbind(dim=-1))
            if isinstance(operation, LocalOperation):
                steps.append(_Step(operation, values, analysis))
        stages.append(color_map.result() or _Local(steps))
    return stages


def _is_analysing(operation: Operation) -> bool:
    return isinstance(operation, LocalOperation) and operation.analyse is not None


def _small_copy(pixels: Pixels) -> Tensor:
    """Return the photo at about `_SMALL_SIDE`, `(1, 3, h, w)`, each pixel a mean of a square."""
    sides = pixels.shape[:2]
    factor = max(1, min(max(sides) // _SMALL_SIDE, *sides))
    height, width = (max(1, side // factor) for side in pixels.shape[:2])
    small = np.zeros((height, width, pixels.shape[2]), np.float32)
    for top in range(0, height, _SMALL_ROWS):
        part = pixels[top * factor : min(top + _SMALL_ROWS, height) * factor]
        rows = np.zeros_like(part[::factor], np.uint32)
        for row in range(factor):
            rows += part[row::factor]
        for column in range(factor):
            small[top : top + _SMALL_ROWS] += rows[:, column : width * factor : factor]
    small /= factor**2 * np.iinfo(pixels.dtype).max
    return torch.from_numpy(small[..., :3]).permute(2, 0, 1).unsqueeze(0)


def _run(stages: Sequence[ColorMap | _Local], pixels: Pixels, pool: Executor) -> None:
    """Run stages on every strip of a photo, one after the other while it is in the cache."""
    height, width = pixels.shape[:2]
    greatest = np.iinfo(pixels.dtype).max
    reach = sum(stage.reach for stage in stages)
    margin = int(np.ceil(reach * max(height, width))) + 1 if reach else 0
    rows = max(1, 3 * margin, _STRIP_PIXELS // width)  # or most of the work would be for margins
    decoded = _decoder(greatest, stages[0].encoding)

    @torch.inference_mode()  # each thread has its own
    def work(strip: Pixels, above: int, top: int, bottom: int) -> None:
        levels = torch.from_numpy(strip).permute(2, 0, 1).unsqueeze(0).contiguous()
        image, encoding = decoded(levels), stages[0].encoding
        for stage in stages:
            image = stage(convert(image, encoding, stage.encoding), top - above, height)
            encoding = Encoding.SRGB
        inner = image[0, :, above : above + bottom - top]
        inner = (inner * greatest).add_(0.5).clamp_(0, greatest)  # cut off to whole ones below
        torch.from_numpy(pixels[top:bottom, :, :3]).copy_(inner.permute(1, 2, 0))

    under_way: deque[Future[None]] = deque()
    above = pixels[:0, :, :3]
    for top in range(0, height, rows):
        bottom = min(top + rows, height)
        # Read in order, before this strip is replaced: what is below is still as it was.
        strip = np.concatenate([above, pixels[top : bottom + margin, :, :3]])
        under_way.append(pool.submit(work, strip, len(above), top, bottom))
        last = len(above) + bottom - top
        above = strip[max(0, last - margin) : last].copy()
        if len(under_way) > _AHEAD * available_cores():
            under_way.popleft().result()
    for each in under_way:
        each.result()


def _decoder(greatest: int, encoding: Encoding) -> Callable[[Tensor], Tensor]:
    """Return what turns stored levels of sRGB, up to the greatest, into numbers in [0, 1]."""
    if greatest > 255:
        return lambda levels: convert(levels.float().div_(greatest), Encoding.SRGB, encoding)
    table = convert(torch.arange(greatest + 1) / greatest, Encoding.SRGB, encoding)
    return lambda levels: table.index_select(0, levels.int().view(-1)).view(levels.shape)
