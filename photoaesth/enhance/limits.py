"""Limits that keep an enhanced photo a photograph, whatever a score would like to see."""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from photoaesth.enhance.difference import ciede2000, srgb_to_lab

MAX_CHANGE = 5.0
"""Mean CIEDE2000 between original and candidate."""

MAX_CLIPPED_GROWTH = 0.01
"""Share of the pixels that may newly clip, at the bright and at the dark end each."""

MAX_NEUTRAL_CAST = 5.0
"""CIEDE2000 that greys may be off neutral on average: light as of a sunny afternoon. Greys that are
further off already may go `CAST_SLACK` beyond, which a change of their lightness alone can take."""

CAST_SLACK = 0.5

MAX_CHROMA_GROWTH = 6.0
"""CIELAB chroma by which the mean may rise."""

MAX_VIVID_GROWTH = 0.02
"""Share of the pixels that may newly reach the edge of the gamut, where shades merge."""

MAX_REVERSAL = 0.006
"""Share of the candidate's coarse steps in lightness, by size, that may go against the original's:
inverted tones, and halos in what was even. Curves of tones have next to none, an unsharp mask as
wide as a thirtieth of the picture 0.012."""

MAX_FLATTENED = 0.02
"""Share of the original's visible steps in lightness that may vanish: what posterises."""

_CLIPPED_BELOW = 2.5 / 255
_CLIPPED_ABOVE = 252.5 / 255
_NEUTRAL_CHROMA = 10.0  # CIELAB
_DARK = 15.0  # L*; below it, the chroma of sensor noise is as large as that of things
_VIVID = 0.95  # of the way from grey to where a channel is empty
_VISIBLE_STEP = 2.0  # L* between neighbours
_VANISHED = 0.1  # of a step's height
_COARSE_SIDE = 48  # pixels of the longer side: a halo is as wide as one, texture is not seen


class Excess(NamedTuple):
    """By how much B candidates break limits: the worst measure in units of its limit, less 1.

    Above 0 a limit is broken. At the original itself both are at most 0.

    Attributes:
        any: `(B,)`, of what every edit can cause: change, clipping, reversal and flattening.
        color: `(B,)`, of what edits of colour cause most of all: casts, chroma, vivid pixels.
    """

    any: Tensor
    color: Tensor


class Limits:
    """What was measured of an original, to hold candidates against.

    Args:
        original: `(3, H, W)` sRGB in [0, 1].
    """

    def __init__(self, original: Tensor) -> None:
        image = original.unsqueeze(0)
        self._lab = srgb_to_lab(image)
        chroma = _chroma(self._lab)
        self._light = self._lab[:, :1] > _DARK
        self._neutral = (chroma < _NEUTRAL_CHROMA) & self._light
        self._clipped = _clipped(image)
        self._cast = (self._neutral_cast(self._lab) + CAST_SLACK).clamp_min(MAX_NEUTRAL_CAST)
        self._mean_chroma = chroma.mean()
        self._vivid = self._vivid_share(image)
        self._steps = _steps(self._lab)
        self._coarse_steps = _steps(_coarse(self._lab))

    def excess(self, candidates: Tensor) -> Excess:
        """Return by how much candidates break the limits.

        Args:
            candidates: `(B, 3, H, W)` sRGB in [0, 1], versions of the original.
        """
        lab = srgb_to_lab(candidates)
        by_any_edit = [
            self._change(lab) / MAX_CHANGE,
            (_clipped(candidates) - self._clipped).amax(dim=1) / MAX_CLIPPED_GROWTH,
            self._reversal(_steps(_coarse(lab))) / MAX_REVERSAL,
            self._flattened(_steps(lab)) / MAX_FLATTENED,
        ]
        by_color = [
            self._neutral_cast(lab) / self._cast,
            (_chroma(lab).mean(dim=(1, 2, 3)) - self._mean_chroma) / MAX_CHROMA_GROWTH,
            (self._vivid_share(candidates) - self._vivid) / MAX_VIVID_GROWTH,
        ]
        return Excess(*(torch.stack(each).amax(dim=0) - 1 for each in (by_any_edit, by_color)))

    def _change(self, lab: Tensor) -> Tensor:
        # A quarter of the pixels tells the mean as well.
        return ciede2000(self._lab[..., ::2, ::2], lab[..., ::2, ::2]).mean(dim=(1, 2))

    def _neutral_cast(self, lab: Tensor) -> Tensor:
        """Return how far the mean of what was nearly grey is from grey; 0 if nothing was."""
        total = (lab * self._neutral).sum(dim=(2, 3), keepdim=True)
        mean = total / self._neutral.sum().clamp_min(1)
        grey = mean * torch.tensor([1.0, 0.0, 0.0]).to(mean).view(3, 1, 1)
        return ciede2000(mean, grey)[:, 0, 0]

    def _vivid_share(self, images: Tensor) -> Tensor:
        greatest = images.amax(dim=1, keepdim=True)
        empty = 1 - images.amin(dim=1, keepdim=True) / greatest.clamp_min(1e-6)
        return ((empty > _VIVID) & self._light).float().mean(dim=(1, 2, 3))

    def _reversal(self, steps: Tensor) -> Tensor:
        against = (-self._coarse_steps.sign() * steps).clamp_min(0).sum(dim=1)
        return against / steps.abs().sum(dim=1).clamp_min(1e-6)

    def _flattened(self, steps: Tensor) -> Tensor:
        visible = self._steps.abs() > _VISIBLE_STEP
        vanished = visible & (steps.abs() < _VANISHED * self._steps.abs())
        return vanished.sum(dim=1) / visible.sum(dim=1).clamp_min(1)


def _chroma(lab: Tensor) -> Tensor:
    return torch.hypot(lab[:, 1:2], lab[:, 2:])


def _coarse(lab: Tensor) -> Tensor:
    block = max(1, max(lab.shape[-2:]) // _COARSE_SIDE)
    return functional.avg_pool2d(lab[:, :1], block, ceil_mode=True)


def _steps(lab: Tensor) -> Tensor:
    """Return the differences in L* of neighbours, across and down, `(B, N)`."""
    lightness = lab[:, 0]
    return torch.cat([lightness.diff(dim=2).flatten(1), lightness.diff(dim=1).flatten(1)], dim=1)


def _clipped(images: Tensor) -> Tensor:
    """Return the shares `(B, 2)` of pixels with a channel at the bright and at the dark end."""
    bright = (images.amax(dim=1) > _CLIPPED_ABOVE).float().mean(dim=(1, 2))
    dark = (images.amin(dim=1) < _CLIPPED_BELOW).float().mean(dim=(1, 2))
    return torch.stack([bright, dark], dim=1)
