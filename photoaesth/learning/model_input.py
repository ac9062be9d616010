"""What the backbone sees of an image; free of torch, for processes that only decode."""

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

# Width × height of what the backbone sees. All have about the area of 384 × 288, at which
# pooled stages were clearly better than at 224 × 224; the few shapes let photos share batches
# while no photo is squeezed by more than 15 % (a panorama wider than 3:1 apart).
_LANDSCAPES = ((332, 332), (384, 288), (408, 272), (444, 250), (510, 217), (576, 192))
INPUT_SIZES = (*_LANDSCAPES, *((height, width) for width, height in _LANDSCAPES[1:]))
LUMA_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)  # among the pixel statistics, see `features`


def input_size(width: int, height: int) -> tuple[int, int]:
    """Return which of `INPUT_SIZES`, width and height, is nearest to an image's aspect ratio."""
    aspect = math.log(width / height)
    return min(INPUT_SIZES, key=lambda size: abs(math.log(size[0] / size[1]) - aspect))


def model_input(image: Image.Image) -> NDArray[np.uint8]:
    """Resize an image to the input size nearest to its aspect ratio.

    Args:
        image: RGB, 8 bit, upright, sRGB.

    Returns:
        `(H, W, 3)` uint8, with (W, H) one of `INPUT_SIZES`.
    """
    size = input_size(image.width, image.height)
    return np.asarray(image.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0))
