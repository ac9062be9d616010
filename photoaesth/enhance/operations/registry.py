"""The registry of image operations, and their parameters as rows of numbers."""

from collections.abc import Mapping

import torch
from torch import Tensor

from photoaesth.enhance.operations.color import SATURATION, VIBRANCE, WHITE_BALANCE
from photoaesth.enhance.operations.detail import CLARITY, NOISE_REDUCTION, SHARPENING
from photoaesth.enhance.operations.haze import DEHAZE
from photoaesth.enhance.operations.light import EXPOSURE, VIGNETTE
from photoaesth.enhance.operations.operation import Operation, Parameter
from photoaesth.enhance.operations.tone import CONTRAST, TONE_CURVE, TONE_REGIONS

REGISTRY: tuple[Operation, ...] = (
    NOISE_REDUCTION,  # before anything raises the noise
    DEHAZE,
    WHITE_BALANCE,  # from here to the tone curve they are pointwise, and so one map of colours
    EXPOSURE,
    SATURATION,
    VIBRANCE,
    CONTRAST,
    TONE_REGIONS,
    TONE_CURVE,
    CLARITY,
    SHARPENING,  # after everything that changes how detail looks
    VIGNETTE,
)
"""The operations in the order in which they run."""

PARAMETERS: tuple[Parameter, ...] = tuple(p for op in REGISTRY for p in op.parameters)
"""All parameters, in the order of the columns that `apply` takes."""


def to_vector(parameters: Mapping[str, float]) -> Tensor:
    """Turn named parameters into a row for `apply`.

    Args:
        parameters: values by name; those left out stay at their identity.

    Returns:
        `(P,) float32`.

    Raises:
        ValueError: a name is unknown, or a value is outside its range or not a number.
    """
    unknown = parameters.keys() - {p.name for p in PARAMETERS}
    if unknown:
        raise ValueError(f"unknown parameter: {', '.join(sorted(unknown))}")
    values = [parameters.get(p.name, p.identity) for p in PARAMETERS]
    for parameter, value in zip(PARAMETERS, values, strict=True):
        if not parameter.low <= value <= parameter.high:
            raise ValueError(
                f"{parameter.name} is {value}, outside [{parameter.low}, {parameter.high}]"
            )
    return torch.tensor(values, dtype=torch.float32)


def to_mapping(vector: Tensor) -> dict[str, float]:
    """Name the entries of a `(P,)` row of parameters, the inverse of `to_vector`.

    They are rounded to six decimals: 0.4 in float32 is a little more than the bound 0.4.
    """
    return {p.name: round(float(v), 6) for p, v in zip(PARAMETERS, vector, strict=True)}
