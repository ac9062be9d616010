"""What an image operation is: its parameters, the encoding it works in, and how it is called."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

import torch
from torch import Tensor

from photoaesth.enhance.operations.area import Analysis, Area, base_layer


class Encoding(Enum):
    """What an operation's numbers stand for."""

    LINEAR = auto()
    """Linear light, Rec. 709 primaries."""
    SRGB = auto()
    """sRGB values as stored in a file (IEC 61966-2-1)."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number that steers an operation.

    Attributes:
        name: unique in the registry.
        unit: what one unit of it means.
        low: the least value that the operation is made for.
        high: the greatest.
        identity: the value at which it changes nothing; within [low, high].
        description: what raising it does, for a person.
    """

    name: str
    unit: str
    low: float
    high: float
    identity: float
    description: str


@dataclass(frozen=True, slots=True)
class Operation:
    """A differentiable, resolution-independent change of each pixel by itself.

    Attributes:
        name: unique in the registry.
        family: what it changes: light, color, tone, detail or haze.
        parameters: in the order in which `function` takes them.
        encoding: what the images given to `function` hold.
        function: takes images `(B, 3, H, W)` in [0, 1] and one tensor `(B,)` per parameter, and
            returns images of the same shape in [0, 1], up to rounding.
        source: where the formula comes from.
    """

    name: str
    family: str
    parameters: tuple[Parameter, ...]
    encoding: Encoding
    function: Callable[..., Tensor]
    source: str

    @property
    def is_pointwise(self) -> bool:
        """Whether a pixel's result depends on its own colour alone."""
        return True

    def __call__(self, images: Tensor, *values: Tensor) -> Tensor:
        """Change whole images.

        Args:
            images: `(B, 3, H, W)` in [0, 1], in `encoding`.
            values: `(B,)` for each parameter.
        """
        return self.function(images, *values)

    def rests_at(self, values: Tensor) -> bool:
        """Return whether these values, `(B, parameters)`, change nothing."""
        identity = torch.tensor([p.identity for p in self.parameters]).to(values)
        return bool((values == identity).all())


@dataclass(frozen=True, slots=True)
class LocalOperation(Operation):
    """An operation that also looks at where a pixel is, or at what surrounds it.

    `function` takes an `Area` in place of images. What lies far from a pixel reaches it through
    the analysis of a small copy, what lies near through rows beside the area; so a large photo
    can be worked on in strips, and comes out like its small copy.

    Attributes:
        analyse: reads off the base layer of the images, whatever the parameters are, what
            `function` will need to know of the whole; None for nothing.
        reach: how far around a pixel `function` looks, as a share of the longer side.
    """

    analyse: Callable[[Tensor], Analysis] | None = None
    reach: float = 0.0

    @property
    def is_pointwise(self) -> bool:
        """Whether a pixel's result depends on its own colour alone."""
        return False

    def __call__(self, images: Tensor, *values: Tensor) -> Tensor:
        """Change whole images; see `Operation`."""
        return self.function(Area(images, 0, images.shape[-2], self.analysis(images)), *values)

    def analysis(self, images: Tensor) -> Analysis | None:
        """Return what `function` needs to know of whole images, `(B, 3, H, W)` in `encoding`."""
        return None if self.analyse is None else self.analyse(base_layer(images))
