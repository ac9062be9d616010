"""What a policy sees of a photo: numbers on tone, colour, casts, haze and where things are."""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from photoaesth.enhance.color import linear_to_oklab, srgb_to_linear

SIDE = 80
"""Pixels of the longer side of the copies that are described."""

FEATURES = 101
"""Numbers that describe a copy."""

_LEVELS = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)
_COLOR_LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
_PATCH = 5  # of the dark channel
_PLACES = 3  # a grid of so many by so many
_PALE = 0.05  # OKLab chroma that a neutral surface may have under a cast
_TINY = 1e-6


def small_copy(images: Tensor) -> Tensor:
    """Return images at `SIDE`, each pixel the mean of those it stands for."""
    height, width = images.shape[-2:]
    scale = SIDE / max(height, width)
    size = (max(_PATCH, round(height * scale)), max(_PATCH, round(width * scale)))
    return functional.interpolate(images, size, mode="area")


@torch.no_grad()
def describe(images: Tensor) -> Tensor:
    """Describe small copies.

    Quantiles tell tone, colour and contrast; where edges, bright and pale pixels lie in colour
    tells casts (van de Weijer et al. 2007, "Edge-based color constancy"); the dark channel tells
    haze (He et al. 2009); means on a grid tell where sky and ground are.

    Args:
        images: `(B, 3, h, w)` sRGB in [0, 1], see `small_copy`.

    Returns:
        `(B, FEATURES)`.
    """
    light = srgb_to_linear(images)
    oklab = linear_to_oklab(light)
    lightness, a, b = oklab.unbind(dim=1)
    chroma = torch.sqrt(a.square() + b.square() + _TINY)
    colors = oklab[:, 1:]
    dark = -functional.max_pool2d(
        -images.amin(dim=1, keepdim=True), _PATCH, stride=1, padding=_PATCH // 2
    )
    across = (images[..., 1:, 1:] - images[..., 1:, :-1]).abs()
    down = (images[..., 1:, 1:] - images[..., :-1, 1:]).abs()
    edges = across + down
    grid = functional.adaptive_avg_pool2d(oklab, _PLACES).flatten(1)
    edge_means = edges.mean(dim=(2, 3))
    tops = images.flatten(2).topk(max(1, images[0, 0].numel() // 100), dim=2).values.mean(2)
    columns = [
        _quantiles(lightness, _LEVELS),
        _quantiles(images.amax(dim=1), _LEVELS),
        _quantiles(dark[:, 0], _LEVELS),
        _quantiles(chroma, _LEVELS),
        _quantiles(a, _COLOR_LEVELS),
        _quantiles(b, _COLOR_LEVELS),
        *(_quantiles(channel, (0.02, 0.98)) for channel in images.unbind(1)),
        _mean(colors, torch.ones_like(chroma)),
        _mean(colors, lightness.pow(4)),
        _mean(colors, torch.exp(-(chroma / _PALE).square())),
        _mean(colors, (1 - lightness).pow(4)),
        edge_means.clamp_min(_TINY).log(),
        tops,
        light.mean(dim=(2, 3)).clamp_min(_TINY).log(),
        light.square().mean(dim=(2, 3)).sqrt().clamp_min(_TINY).log(),
        lightness.std(dim=(1, 2))[:, None],
        chroma.mean(dim=(1, 2))[:, None],
        grid,
    ]
    return torch.cat(columns, dim=1)


def _quantiles(values: Tensor, levels: tuple[float, ...]) -> Tensor:
    """Return `(B, Q)` quantiles of `(B, h, w)`."""
    ordered = torch.from_numpy(np.sort(values.flatten(1).numpy(), axis=1))  # torch's is far slower
    places = torch.tensor(levels).to(ordered) * (ordered.shape[1] - 1)
    below = places.long()
    above = (below + 1).clamp_max(ordered.shape[1] - 1)
    return torch.lerp(ordered[:, below], ordered[:, above], places - below)


def _mean(colors: Tensor, weights: Tensor) -> Tensor:
    """Return `(B, 2)` means of `(B, 2, h, w)` with `(B, h, w)` weights."""
    weighed = (colors * weights.unsqueeze(1)).sum(dim=(2, 3))
    return weighed / weights.sum(dim=(1, 2)).clamp_min(_TINY)[:, None]
