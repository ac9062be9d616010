"""Find the parameters of an edit that was made elsewhere, from the pictures before and after."""

import math
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from photoaesth.enhance.color import linear_to_oklab, luminance, srgb_to_linear
from photoaesth.enhance.difference import delta_e
from photoaesth.enhance.operations import PARAMETERS, apply, to_mapping
from photoaesth.enhance.operations.filters import blur
from photoaesth.enhance.sliders import HIGHEST, LOWEST, clamp, to_parameters

FITTED_SIDE = 128
"""Pixels of the longer side of the copies that are compared."""

_STEPS = 20
_NUDGE = 1e-3  # of a slider's way, for slopes; far above the rounding of float32
_FIRST_DAMPING = 1e-2
_ENOUGH_GAIN = 1e-3  # of what is left; a step that gains less is the last
_RESTRAINT = 1e-6  # what a slider at its end has to gain, in squared OKLab distance

_MAX_SIDES_RATIO = 1.015  # of one aspect ratio to the other: sides are rounded to pixels
_DETAIL_SIGMA = 4.0  # pixels; what is coarser is light and colour, and those are edited
_LEAST_LIKENESS = 0.8


@dataclass(frozen=True, slots=True)
class Fitted:
    """An edit that was recovered.

    Attributes:
        parameters: values by name, all of `operations.PARAMETERS`.
        before: mean CIEDE2000 between the two pictures.
        after: mean CIEDE2000 between the recovered edit and the picture.
    """

    parameters: dict[str, float]
    before: float
    after: float


def show_the_same(original: Image.Image, edited: Image.Image) -> bool:
    """Return whether two pictures show the same part of the same thing, however edited.

    They have one aspect ratio, and the details of luma, each over their local contrast, are
    correlated. A curve leaves them nearly alone; a crop of some percent does not.
    """
    ratio = (original.width / original.height) / (edited.width / edited.height)
    if max(ratio, 1 / ratio) > _MAX_SIDES_RATIO:
        return False
    details = [_detail(_small(picture, original.size)) for picture in (original, edited)]
    return float((details[0] * details[1]).mean()) > _LEAST_LIKENESS


@torch.inference_mode()
def fit(original: Image.Image, edited: Image.Image) -> Fitted:
    """Find the parameters that lead nearest to an edit, within their ranges.

    The mean squared OKLab distance on small copies, by Levenberg and Marquardt (Marquardt 1963,
    "An algorithm for least-squares estimation of nonlinear parameters") with steps projected to
    the ranges. What a small copy does not show, fine sharpening for instance, stays where it is.

    Args:
        original: mode RGB, sRGB.
        edited: the same part of the same photo, of any size.
    """
    source, target = (_small(picture, original.size) for picture in (original, edited))
    distance = _Distance(source, target)
    sliders, least = torch.zeros(len(PARAMETERS)), distance.loss(torch.zeros(len(PARAMETERS)))
    damping, slopes = _FIRST_DAMPING, None
    for _ in range(_STEPS):
        if slopes is None:
            slopes = distance.slopes(sliders)
        trial = distance.step(sliders, *slopes, damping)
        loss = distance.loss(trial)
        if loss >= least:
            damping *= 8
            continue
        enough = loss > (1 - _ENOUGH_GAIN) * least
        sliders, least, slopes = trial, loss, None
        damping /= 4
        if enough:
            break
    vector = to_parameters(sliders)
    before, after = (
        float(delta_e(picture, target).mean()) for picture in (source, apply(source, vector[None]))
    )
    return Fitted(to_mapping(vector), before, after)


class _Distance:
    """How far edits of a picture are from another one; an edit is `(P,)` sliders."""

    def __init__(self, source: Tensor, target: Tensor) -> None:
        self._source = source
        self._wanted = _oklab(target).flatten()

    def loss(self, sliders: Tensor) -> float:
        """Return the mean squared distance, and what the sliders cost."""
        square = self._residuals(sliders[None])[0].square().sum()
        return float(square + _RESTRAINT * sliders.square().sum())

    def slopes(self, sliders: Tensor) -> tuple[Tensor, Tensor]:
        """Return half the gradient of the loss, `(P,)`, and half its curvature, `(P, P)`."""
        # To the side where there is room.
        nudges = torch.where(sliders + _NUDGE > HIGHEST, -_NUDGE, _NUDGE)
        rows = torch.cat([sliders[None], sliders + torch.diag(nudges)])
        residuals = self._residuals(rows)
        jacobian = (residuals[1:] - residuals[0]) / nudges[:, None]
        gradient = jacobian @ residuals[0] + _RESTRAINT * sliders
        return gradient, jacobian @ jacobian.T + _RESTRAINT * torch.eye(len(sliders))

    def step(self, sliders: Tensor, gradient: Tensor, curvature: Tensor, damping: float) -> Tensor:
        """Return sliders that should be nearer; those pressed against an end stay there."""
        pressed = (sliders <= LOWEST) & (gradient > 0) | (sliders >= HIGHEST) & (gradient < 0)
        free = ~pressed
        damped = curvature + damping * torch.diag(curvature.diag())
        step = torch.zeros_like(sliders)
        step[free] = torch.linalg.solve(damped[free][:, free], -gradient[free])
        return clamp(sliders + step)

    def _residuals(self, sliders: Tensor) -> Tensor:
        """Return `(B, N)` differences, whose squares add up to the mean squared distance."""
        found = _oklab(apply(self._source, to_parameters(sliders))).flatten(1)
        return (found - self._wanted) / math.sqrt(self._source[0, 0].numel())


def _oklab(images: Tensor) -> Tensor:
    return linear_to_oklab(srgb_to_linear(images))


def _small(picture: Image.Image, shape: tuple[int, int]) -> Tensor:
    """Return `(1, 3, h, w)` sRGB in [0, 1] of the aspect ratio of `shape`."""
    scale = FITTED_SIDE / max(shape)
    size = (max(1, round(shape[0] * scale)), max(1, round(shape[1] * scale)))
    pixels = np.asarray(picture.resize(size, Image.Resampling.BOX), np.float32) / 255
    return torch.from_numpy(pixels).permute(2, 0, 1)[None].contiguous()


def _detail(image: Tensor) -> Tensor:
    """Return the detail of luma over its local contrast, its mean square 1."""
    luma = luminance(image)
    detail = luma - blur(luma, _DETAIL_SIGMA)
    contrast = blur(detail.square(), _DETAIL_SIGMA).sqrt()
    even = detail / (contrast + 0.01)
    return even / even.square().mean().sqrt().clamp_min(1e-6)
