"""Operations on the amount of light: exposure and vignette."""

import torch
from torch import Tensor

from photoaesth.enhance.operations.area import Area
from photoaesth.enhance.operations.operation import Encoding, LocalOperation, Operation, Parameter

KNEE = 0.5
"""Linear light above which a raised image is rolled off; 0.5 is 188/255 in sRGB."""


def per_image(values: Tensor) -> Tensor:
    """Return `(B,)` values so that they meet `(B, C, H, W)` images."""
    return values[..., None, None, None]


def roll_off(light: Tensor, white: Tensor) -> Tensor:
    """Bend values between `KNEE` and `white` so that `white` becomes 1.

    Below the knee nothing changes; above it v = x − knee becomes v / (1 + a·v), which leaves the
    knee with slope 1 and stays monotone (Reinhard et al. 2002, eq. 4, shifted to the knee).

    Args:
        light: `(B, C, H, W)` linear light in [0, white].
        white: the value to become 1, at least 1; broadcastable to `light`; at exactly 1 nothing
            changes.

    Returns:
        `(B, C, H, W)` in [0, 1].
    """
    strength = (white - 1) / ((1 - KNEE) * (white - KNEE))
    above = (light - KNEE).clamp_min(0)
    return light.clamp_max(KNEE) + above / (1 + strength * above)


def exposure(light: Tensor, exposure_ev: Tensor) -> Tensor:
    """Multiply the light by 2^EV; when that raises it, roll the highlights off to white.

    Args:
        light: `(B, 3, H, W)` linear light in [0, 1].
        exposure_ev: `(B,)` in EV.
    """
    gain = torch.exp2(per_image(exposure_ev))
    return roll_off(light * gain, gain.clamp_min(1))


def vignette(area: Area, corners_ev: Tensor) -> Tensor:
    """Darken with the square of the distance from the centre, as exposure does.

    Args:
        area: linear light in [0, 1].
        corners_ev: `(B,)` in EV, taken away at the corners; negative brightens them.
    """
    gain = torch.exp2(-per_image(corners_ev) * area.radius().square())
    return roll_off(area.image * gain, gain.clamp_min(1))


EXPOSURE = Operation(
    "exposure",
    "light",
    (Parameter("exposure", "EV", -3.0, 3.0, 0.0, "brighter"),),
    Encoding.LINEAR,
    exposure,
    "definition of EV; roll-off after Reinhard et al. 2002, eq. 4",
)

VIGNETTE = LocalOperation(
    "vignette",
    "light",
    (Parameter("vignette", "EV at the corners", -1.5, 1.5, 0.0, "darker corners"),),
    Encoding.LINEAR,
    vignette,
    "first term of the cos⁴ law in EV (Born and Wolf, Principles of Optics, 4.8.2)",
)
