"""Edits of a small copy as they are made: what a change leaves alone is not computed again."""

from collections.abc import Mapping
from itertools import groupby

import torch
from PIL import Image, ImageFilter
from torch import Tensor

from photoaesth.enhance.color_map import tabulate
from photoaesth.enhance.copies import enhance_image
from photoaesth.enhance.operations import Operation, to_vector
from photoaesth.enhance.operations.chain import active

# Points per axis of the table of colours. Full size takes 65: eight times the time, which would
# be most of it here.
_LATTICE = 33

_Step = tuple[bool, list[tuple[Operation, Tensor]]]
"""Operations that run together, and whether they are pointwise."""


class Preview:
    """A small copy of a photo that is being edited; one thread at a time may call.

    Neighbouring pointwise operations are one table of colours, local ones run one by one. The
    result of each step is kept until it, or one before it, changes.

    Args:
        image: mode RGB, sRGB.
    """

    def __init__(self, image: Image.Image) -> None:
        self._image = image
        self._done: list[tuple[_Key, Image.Image]] = []

    @torch.inference_mode()
    def render(self, parameters: Mapping[str, float]) -> Image.Image:
        """Return the edited copy.

        Args:
            parameters: values by name; those left out change nothing.

        Raises:
            ValueError: a parameter is unknown or out of its range.
        """
        steps = _steps(to_vector(parameters))
        kept = 0
        for (key, _), step in zip(self._done, steps, strict=False):
            if key != _key(step):
                break
            kept += 1
        del self._done[kept:]
        image = self._done[-1][1] if self._done else self._image
        for step in steps[kept:]:
            image = _run(image, step)
            self._done.append((_key(step), image))
        return image


_Key = tuple[tuple[str, tuple[float, ...]], ...]
"""The operations of a step with their values."""


def _steps(vector: Tensor) -> list[_Step]:
    steps: list[_Step] = []
    for pointwise, members in groupby(active(vector[None]), lambda pair: pair[0].is_pointwise):
        operations = list(members)
        groups = [operations] if pointwise else [[one] for one in operations]
        steps += [(pointwise, group) for group in groups]
    return steps


def _key(step: _Step) -> _Key:
    return tuple((operation.name, tuple(values[0].tolist())) for operation, values in step[1])


def _run(image: Image.Image, step: _Step) -> Image.Image:
    pointwise, operations = step
    if pointwise:
        table = tabulate(operations, _LATTICE).numpy()
        return image.filter(ImageFilter.Color3DLUT(_LATTICE, table.ravel()))
    ((operation, values),) = operations
    names = [parameter.name for parameter in operation.parameters]
    # Rounded as by `to_mapping`: 0.4 in float32 is a little more than the bound 0.4.
    given = {name: round(v, 6) for name, v in zip(names, values[0].tolist(), strict=True)}
    return enhance_image(image, to_vector(given))
