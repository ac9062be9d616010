"""The registry of image operations: what each does, its parameters, and how they run together.

Every operation maps [0, 1] into [0, 1] by construction, rolling off where a gain would clip, and
does nothing at its identity values. Those that model light work on linear light, those that
model its display on sRGB values; neighbours in the same encoding share one conversion.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto

import torch
from torch import Tensor

from photoaesth.enhance.color import (
    LUMINANCE_WEIGHTS,
    linear_to_srgb,
    luminance,
    scale_chroma,
    srgb_to_linear,
)

KNEE = 0.5
"""Linear light above which a raised image is rolled off; 0.5 is 188/255 in sRGB."""

MID_GREY = 0.4613561295
"""The 18 % grey card in sRGB: the pivot of the contrast curve."""

# log2 gains of linear red, green and blue for +100 mired along the CIE daylight locus
# (CIE 15:2004, eq. 3.3 and 3.4), linearised at D65; positive makes the picture warmer.
_DAYLIGHT_EV = (0.515, -0.055, -0.978)
_MAGENTA_EV = (0.0, -1.0, 0.0)


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
        low: the least value offered to search and policies.
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
    """A differentiable, resolution-independent change of an image.

    Attributes:
        name: unique in the registry.
        parameters: in the order in which `function` takes them.
        encoding: what the images given to `function` hold.
        function: takes images `(B, 3, H, W)` in [0, 1] and one tensor `(B,)` per parameter, and
            returns images of the same shape in [0, 1], up to rounding.
        source: where the formula comes from.
    """

    name: str
    parameters: tuple[Parameter, ...]
    encoding: Encoding
    function: Callable[..., Tensor]
    source: str


def roll_off(light: Tensor, white: Tensor) -> Tensor:
    """Bend values between `KNEE` and `white` so that `white` becomes 1.

    Below the knee nothing changes; above it v = x − knee becomes v / (1 + a·v), which leaves the
    knee with slope 1 and stays monotone (Reinhard et al. 2002, eq. 4, shifted to the knee).

    Args:
        light: `(B, C, H, W)` linear light in [0, white].
        white: the value to become 1; `(B, 1, 1, 1)`, at least 1; at exactly 1 nothing changes.

    Returns:
        `(B, C, H, W)` in [0, 1].
    """
    strength = (white - 1) / ((1 - KNEE) * (white - KNEE))
    above = (light - KNEE).clamp_min(0)
    return light.clamp_max(KNEE) + above / (1 + strength * above)


def white_balance(light: Tensor, temperature: Tensor, tint: Tensor) -> Tensor:
    """Multiply the channels by gains that leave the luminance of greys alone.

    Args:
        light: `(B, 3, H, W)` linear light in [0, 1].
        temperature: `(B,)` in 100 mired; positive is warmer.
        tint: `(B,)` in EV of green taken away; positive is more magenta.
    """
    directions = torch.tensor([_DAYLIGHT_EV, _MAGENTA_EV]).to(light)
    gains = torch.exp2(torch.stack([temperature, tint], dim=-1) @ directions)
    gains = gains / (gains * torch.tensor(LUMINANCE_WEIGHTS).to(light)).sum(-1, keepdim=True)
    greatest = gains.amax(-1).clamp_min(1)
    return roll_off(light * gains[..., None, None], _per_image(greatest))


def exposure(light: Tensor, exposure_ev: Tensor) -> Tensor:
    """Multiply the light by 2^EV; when that raises it, roll the highlights off to white.

    Args:
        light: `(B, 3, H, W)` linear light in [0, 1].
        exposure_ev: `(B,)` in EV.
    """
    gain = torch.exp2(_per_image(exposure_ev))
    return roll_off(light * gain, gain.clamp_min(1))


def saturation(light: Tensor, amount: Tensor) -> Tensor:
    """Scale the OKLab chroma, keeping OKLab lightness and hue.

    Raising it, the factor 1 + amount falls to 1 for colours at the edge of sRGB, so that no
    channel clips and shades of a vivid colour stay apart. Up to amount = 0.4 every colour
    then stays within sRGB; lowering it, pure blues leave sRGB by at most 0.001 and are clipped.

    Args:
        light: `(B, 3, H, W)` linear light in [0, 1].
        amount: `(B,)` in [−1, 0.4]; −1 is grey, 0 changes nothing.
    """
    amount = _per_image(amount)
    factor = (1 + amount) / (1 + amount.clamp_min(0) * _gamut_used(light))
    return scale_chroma(light, factor).clamp(0, 1)


def contrast(image: Tensor, amount: Tensor) -> Tensor:
    """Bend each channel into an S around mid-grey, with black and white fixed.

    On either side of the pivot it is Schlick's bias, t / (k + (1 − k)·t) with k = 1 + amount:
    monotone for every k > 0, its slope k at mid-grey and 1/k at black and white.

    Args:
        image: `(B, 3, H, W)` sRGB in [0, 1].
        amount: `(B,)`, above −1; the slope at mid-grey minus 1.
    """
    slope = 1 + _per_image(amount)
    # At the pivot both sides are 0 or 1, so clamping splits the curve without a jump.
    below = (image / MID_GREY).clamp_max(1)
    above = ((1 - image) / (1 - MID_GREY)).clamp_max(1)
    lower = MID_GREY * below / (slope + (1 - slope) * below)
    upper = 1 - (1 - MID_GREY) * above / (slope + (1 - slope) * above)
    return torch.where(image < MID_GREY, lower, upper)


def tone_curve(image: Tensor, shadows: Tensor, midtones: Tensor, highlights: Tensor) -> Tensor:
    """Add a curve of three smooth humps, one per handle, with black and white fixed.

    It is the Bernstein polynomial of degree 4 whose ordinates at ¼, ½ and ¾ are moved by the
    handles. Its slope is linear in them, so it is least at a corner of their ranges; at all
    eight corners of ±0.2 it is at least 0.2, so the curve is monotone.

    Args:
        image: `(B, 3, H, W)` sRGB in [0, 1].
        shadows: `(B,)`, how far the ordinate at ¼ moves.
        midtones: `(B,)`, the same at ½.
        highlights: `(B,)`, the same at ¾.
    """
    rest = 1 - image
    humps = (
        4 * _per_image(shadows) * rest.square()
        + 6 * _per_image(midtones) * image * rest
        + 4 * _per_image(highlights) * image.square()
    )
    return image + humps * image * rest


REGISTRY: tuple[Operation, ...] = (
    Operation(
        "white_balance",
        (
            Parameter("temperature", "100 mired", -0.4, 0.4, 0.0, "warmer"),
            Parameter("tint", "EV of green", -0.2, 0.2, 0.0, "more magenta, less green"),
        ),
        Encoding.LINEAR,
        white_balance,
        "von Kries gains on linear RGB; CIE 15:2004 daylight locus; roll-off Reinhard et al. 2002",
    ),
    Operation(
        "exposure",
        (Parameter("exposure", "EV", -1.0, 1.0, 0.0, "brighter"),),
        Encoding.LINEAR,
        exposure,
        "definition of EV; roll-off after Reinhard et al. 2002, eq. 4",
    ),
    Operation(
        "saturation",
        (Parameter("saturation", "relative chroma", -0.4, 0.4, 0.0, "more colourful"),),
        Encoding.LINEAR,
        saturation,
        "OKLab, Ottosson 2020",
    ),
    Operation(
        "contrast",
        (Parameter("contrast", "relative slope", -0.4, 0.4, 0.0, "steeper around mid-grey"),),
        Encoding.SRGB,
        contrast,
        "Schlick, Fast alternatives to Perlin's bias and gain functions, Graphics Gems IV, 1994",
    ),
    Operation(
        "tone_curve",
        (
            Parameter("curve_shadows", "ordinate", -0.2, 0.2, 0.0, "brighter shadows"),
            Parameter("curve_midtones", "ordinate", -0.2, 0.2, 0.0, "brighter midtones"),
            Parameter("curve_highlights", "ordinate", -0.2, 0.2, 0.0, "brighter highlights"),
        ),
        Encoding.SRGB,
        tone_curve,
        "Bernstein polynomial of degree 4 (Farin, Curves and Surfaces for CAGD, ch. 6)",
    ),
)
"""The operations in the order in which they run."""

PARAMETERS: tuple[Parameter, ...] = tuple(p for op in REGISTRY for p in op.parameters)
"""All parameters, in the order of the columns that `apply` takes."""


def apply(images: Tensor, parameters: Tensor) -> Tensor:
    """Run every operation of the registry, in its order.

    Args:
        images: `(B, 3, H, W)` sRGB in [0, 1]; B may be 1 to give one image many parameters.
        parameters: `(B, P)`, columns as in `PARAMETERS`, within their ranges.

    Returns:
        `(B, 3, H, W)` sRGB in [0, 1]; at the identity the input within 1e-6. Differentiable in
        both arguments.
    """
    columns = iter(parameters.to(images).unbind(dim=-1))
    encoding = Encoding.SRGB
    for operation in REGISTRY:
        images = _convert(images, encoding, operation.encoding)
        images = operation.function(images, *(next(columns) for _ in operation.parameters))
        encoding = operation.encoding
    # The operations keep to [0, 1] themselves; this removes what rounding adds.
    return _convert(images, encoding, Encoding.SRGB).clamp(0, 1)


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


def _convert(images: Tensor, source: Encoding, target: Encoding) -> Tensor:
    if source is target:
        return images
    return srgb_to_linear(images) if target is Encoding.LINEAR else linear_to_srgb(images)


def _gamut_used(light: Tensor) -> Tensor:
    """Return how far each pixel is from its grey (0) to the edge of the RGB cube (1)."""
    grey = luminance(light)
    down = 1 - light.amin(dim=-3, keepdim=True) / grey.clamp_min(1e-6)
    up = 1 - (1 - light.amax(dim=-3, keepdim=True)) / (1 - grey).clamp_min(1e-6)
    return torch.maximum(down, up).clamp(0, 1)


def _per_image(values: Tensor) -> Tensor:
    return values[..., None, None, None]
