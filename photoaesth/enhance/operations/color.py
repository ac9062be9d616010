"""Operations on colour: white balance, vibrance and saturation."""

import torch
from torch import Tensor

from photoaesth.enhance.color import LUMINANCE_WEIGHTS, luminance, scale_chroma
from photoaesth.enhance.operations.light import per_image, roll_off
from photoaesth.enhance.operations.operation import Encoding, Operation, Parameter

# log2 gains of linear red, green and blue for +100 mired along the CIE daylight locus
# (CIE 15:2004, eq. 3.3 and 3.4), linearised at D65; positive makes the picture warmer.
_DAYLIGHT_EV = (0.515, -0.055, -0.978)
_MAGENTA_EV = (0.0, -1.0, 0.0)


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
    return roll_off(light * gains[..., None, None], per_image(greatest))


def saturation(light: Tensor, amount: Tensor) -> Tensor:
    """Scale the OKLab chroma, keeping OKLab lightness and hue.

    Raising it, the factor 1 + amount falls to 1 for colours at the edge of sRGB, so that no
    channel clips and shades of a vivid colour stay apart. Up to amount = 0.4 every colour
    then stays within sRGB; beyond, and lowering it, a few leave it a little and are clipped.

    Args:
        light: `(B, 3, H, W)` linear light in [0, 1].
        amount: `(B,)` in [−1, 1]; −1 is grey, 0 changes nothing.
    """
    amount = per_image(amount)
    factor = (1 + amount) / (1 + amount.clamp_min(0) * gamut_used(light))
    return scale_chroma(light, factor).clamp(0, 1)


def vibrance(light: Tensor, amount: Tensor) -> Tensor:
    """Scale the OKLab chroma of pale colours, and that of vivid ones hardly.

    The factor is 1 + amount·(1 − u)², where u is the share of sRGB's gamut in use.

    Args:
        light: `(B, 3, H, W)` linear light in [0, 1].
        amount: `(B,)` in [−1, 1]; 0 changes nothing.
    """
    factor = 1 + per_image(amount) * (1 - gamut_used(light)).square()
    return scale_chroma(light, factor).clamp(0, 1)


def gamut_used(light: Tensor) -> Tensor:
    """Return how far each pixel is from its grey (0) to the edge of the RGB cube (1).

    Args:
        light: `(B, 3, H, W)` linear light in [0, 1].

    Returns:
        `(B, 1, H, W)`.
    """
    grey = luminance(light)
    down = 1 - light.amin(dim=-3, keepdim=True) / grey.clamp_min(1e-6)
    up = 1 - (1 - light.amax(dim=-3, keepdim=True)) / (1 - grey).clamp_min(1e-6)
    return torch.maximum(down, up).clamp(0, 1)


WHITE_BALANCE = Operation(
    "white_balance",
    "color",
    (
        Parameter("temperature", "100 mired", -1.0, 1.0, 0.0, "warmer"),
        Parameter("tint", "EV of green", -0.5, 0.5, 0.0, "more magenta, less green"),
    ),
    Encoding.LINEAR,
    white_balance,
    "von Kries gains on linear RGB; CIE 15:2004 daylight locus; roll-off Reinhard et al. 2002",
)

SATURATION = Operation(
    "saturation",
    "color",
    (Parameter("saturation", "relative chroma", -1.0, 1.0, 0.0, "more colourful"),),
    Encoding.LINEAR,
    saturation,
    "OKLab, Ottosson 2020",
)

VIBRANCE = Operation(
    "vibrance",
    "color",
    (
        Parameter(
            "vibrance", "relative chroma of greys", -1.0, 1.0, 0.0, "pale colours more colourful"
        ),
    ),
    Encoding.LINEAR,
    vibrance,
    "OKLab, Ottosson 2020",
)
