"""A small copy of a photo on which edits are tried: rendered, compared and rewarded."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn import functional

from photoaesth.enhance.difference import ciede2000, srgb_to_lab
from photoaesth.enhance.operations import apply, to_vector

_COMPARED_SIDE = 96  # pixels of the longer side of what is compared; light and colour show there

Reward = Callable[[Tensor], Tensor]
"""Worth of `(B, 3, h, w)` edited copies, `(B,)`."""


class SmallPhoto:
    """One photo.

    Attributes:
        image: `(3, H, W)` sRGB in [0, 1], at the size at which photos are embedded.
        half: `(3, H/2, W/2)`, quicker to edit and to score.
        compared: `(3, h, w)` smaller still.
    """

    def __init__(self, pixels: NDArray[np.uint8]) -> None:
        """Take `(H, W, 3)` sRGB pixels."""
        self.image = torch.from_numpy(pixels.copy()).permute(2, 0, 1).float() / 255
        self.half = _scaled(self.image, 0.5)
        self.compared = _scaled(self.image, _COMPARED_SIDE / max(pixels.shape))

    @property
    def picture(self) -> Image.Image:
        """The photo as a picture, at the size of `image`."""
        return Image.fromarray(to_pixels(self.image))

    @torch.inference_mode()
    def edited(self, parameters: Mapping[str, float]) -> NDArray[np.uint8]:
        """Return `(H, W, 3)` pixels of an edit, by values by name."""
        found = apply(self.image[None], to_vector(parameters)[None])[0]
        return to_pixels(found)

    @torch.inference_mode()
    def difference(self, one: Mapping[str, float], other: Mapping[str, float]) -> float:
        """Return the mean CIEDE2000 between two edits, by values by name."""
        both = apply(self.compared[None], torch.stack([to_vector(one), to_vector(other)]))
        first, second = srgb_to_lab(both)
        return float(ciede2000(first, second).mean())

    @torch.inference_mode()
    def nearness_to(self, parameters: Mapping[str, float]) -> Reward:
        """Return what rewards edits of `compared` for being near one: minus the mean CIEDE2000."""
        wanted = srgb_to_lab(apply(self.compared[None], to_vector(parameters)[None]))

        def nearness(images: Tensor) -> Tensor:
            return -ciede2000(srgb_to_lab(images), wanted).mean(dim=(1, 2))

        return nearness


def _scaled(image: Tensor, scale: float) -> Tensor:
    return functional.interpolate(image[None], scale_factor=scale, mode="area")[0]


def scored_by(score: Callable[[list[NDArray[np.uint8]]], NDArray[np.floating[Any]]]) -> Reward:
    """Return a score of arrays of `(H, W, 3)` pixels as a reward of images."""

    def reward(images: Tensor) -> Tensor:
        return torch.from_numpy(score([to_pixels(image) for image in images])).to(images)

    return reward


def to_pixels(image: Tensor) -> NDArray[np.uint8]:
    """Return `(H, W, 3)` pixels of a `(3, H, W)` image in [0, 1]."""
    return np.asarray((image * 255).round().byte().permute(1, 2, 0).contiguous().numpy())
