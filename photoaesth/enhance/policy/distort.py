"""Accidents of light and colour, for a policy to learn to mend them (Park et al. 2018).

They are no inverses of our own operations: light clips, casts multiply, haze is laid over evenly.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from photoaesth.enhance.color import LUMINANCE_WEIGHTS, linear_to_srgb, srgb_to_linear

KINDS = ("exposure", "cast", "saturation", "haze")

_EXPOSURE_EV = 1.5
_WARMTH_EV = 0.35  # standard deviations of the gains of the channels
_TINT_EV = 0.12
_SATURATION = (0.2, 0.8)
_TRANSMISSION = (0.45, 0.9)
_AIRLIGHT = (0.7, 1.0)
_AIRLIGHT_COLOR = 0.03


@dataclass(frozen=True, slots=True)
class Distortion:
    """What happened to a photo, in the order of the attributes.

    Attributes:
        haze: the share of light that still comes from the things, in (0, 1].
        airlight: colour of the haze in linear light.
        saturation: factor of chroma, in [0, 1].
        gains_ev: of red, green and blue in linear light.
        exposure_ev: of all.
    """

    haze: float = 1.0
    airlight: tuple[float, float, float] = (1.0, 1.0, 1.0)
    saturation: float = 1.0
    gains_ev: tuple[float, float, float] = (0.0, 0.0, 0.0)
    exposure_ev: float = 0.0

    def __call__(self, image: Tensor) -> Tensor:
        """Return `(…, 3, H, W)` sRGB in [0, 1] so distorted, rounded to 8 bits as files are."""
        light = srgb_to_linear(image)
        airlight = torch.tensor(self.airlight).to(light)[:, None, None]
        light = light * self.haze + airlight * (1 - self.haze)
        weights = torch.tensor(LUMINANCE_WEIGHTS).to(light)[:, None, None]
        grey = (light * weights).sum(dim=-3, keepdim=True)
        light = grey + (light - grey) * self.saturation
        gains = torch.exp2(torch.tensor(self.gains_ev) + self.exposure_ev).to(light)
        light = (light * gains[:, None, None]).clamp(0, 1)
        return (linear_to_srgb(light) * 255).round() / 255


def draw(kinds: tuple[str, ...], rng: np.random.Generator) -> Distortion:
    """Draw a distortion.

    Args:
        kinds: which of `KINDS` it is made of.
        rng: decides how strong.
    """
    found: dict[str, object] = {}
    if "haze" in kinds:
        color = rng.uniform(*_AIRLIGHT) + rng.normal(0, _AIRLIGHT_COLOR, 3)
        found["haze"] = rng.uniform(*_TRANSMISSION)
        found["airlight"] = tuple(np.clip(color, 0, 1).tolist())
    if "saturation" in kinds:
        found["saturation"] = rng.uniform(*_SATURATION)
    if "cast" in kinds:
        warm, tint = rng.normal(0, _WARMTH_EV), rng.normal(0, _TINT_EV)
        gains = np.array([warm / 2, -tint, -warm])
        # A cast leaves the brightness of greys alone: that is what exposure is for.
        gains -= np.log2(np.exp2(gains) @ LUMINANCE_WEIGHTS)
        found["gains_ev"] = tuple(gains.tolist())
    if "exposure" in kinds:
        found["exposure_ev"] = rng.uniform(-_EXPOSURE_EV, _EXPOSURE_EV)
    return Distortion(**found)  # type: ignore[arg-type]
