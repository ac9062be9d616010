"""Limits that keep an enhanced photo a photograph, whatever a score would like to see."""

import torch
from torch import Tensor

from photoaesth.enhance.color import linear_to_oklab, srgb_to_linear

MAX_CLIPPED_GROWTH = 0.01
"""Share of the pixels that may newly clip, at the bright and at the dark end each."""

MAX_NEUTRAL_CAST = 0.02
"""OKLab distance that greys may be off neutral on average: a just noticeable difference. Greys
that are further off already may keep that distance, but not exceed it."""

MAX_LIGHTNESS_CHANGE = 0.15
"""OKLab lightness by which the mean may rise or fall; 1 EV at mid-grey is 0.15."""

_CLIPPED_BELOW = 2.5 / 255
_CLIPPED_ABOVE = 252.5 / 255
_NEUTRAL_CHROMA = 0.04
_NEUTRAL_LIGHTNESS = 0.2  # below it, the chroma of sensor noise is as large as that of things


class Limits:
    """What was measured of an original, to hold candidates against.

    Args:
        original: `(3, H, W)` sRGB in [0, 1].
    """

    def __init__(self, original: Tensor) -> None:
        oklab = _oklab(original.unsqueeze(0))
        chroma = torch.linalg.vector_norm(oklab[:, 1:], dim=1, keepdim=True)
        self._neutral = (chroma < _NEUTRAL_CHROMA) & (oklab[:, :1] > _NEUTRAL_LIGHTNESS)
        self._clipped = _clipped(original.unsqueeze(0))
        self._cast = self._neutral_cast(oklab).clamp_min(MAX_NEUTRAL_CAST)
        self._lightness = oklab[:, 0].mean()

    def excess(self, candidates: Tensor) -> Tensor:
        """Return by how much candidates break the limits.

        Args:
            candidates: `(B, 3, H, W)` sRGB in [0, 1], versions of the original.

        Returns:
            `(B,)`, the worst of the measures in units of its limit, less 1; above 0 a limit is
            broken. At the original itself it is at most 0.
        """
        oklab = _oklab(candidates)
        clipped = (_clipped(candidates) - self._clipped).amax(dim=1)
        lightness = (oklab[:, 0].mean(dim=(1, 2)) - self._lightness).abs()
        measures = [
            clipped / MAX_CLIPPED_GROWTH,
            self._neutral_cast(oklab) / self._cast,
            lightness / MAX_LIGHTNESS_CHANGE,
        ]
        return torch.stack(measures).amax(dim=0) - 1

    def _neutral_cast(self, oklab: Tensor) -> Tensor:
        """Return the mean OKLab offset from grey of what was nearly grey; 0 if nothing was."""
        total = (oklab[:, 1:] * self._neutral).sum(dim=(2, 3))
        cast: Tensor = torch.linalg.vector_norm(total, dim=1) / self._neutral.sum().clamp_min(1)
        return cast


def _oklab(images: Tensor) -> Tensor:
    return linear_to_oklab(srgb_to_linear(images))


def _clipped(images: Tensor) -> Tensor:
    """Return the shares `(B, 2)` of pixels with a channel at the bright and at the dark end."""
    bright = (images.amax(dim=1) > _CLIPPED_ABOVE).float().mean(dim=(1, 2))
    dark = (images.amin(dim=1) < _CLIPPED_BELOW).float().mean(dim=(1, 2))
    return torch.stack([bright, dark], dim=1)
