"""JPEGs decoded and reduced on the device: nvJPEG on CUDA, the same code on the CPU in tests.

For JPEGs in RGB or grey without a profile, or with sRGB's. Everything else is `imaging.decode`'s.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional
from torchvision.io import ImageReadMode, decode_jpeg

from photoaesth.learning.model_input import input_size

_THUMBNAIL_SIDE = 512  # as `imaging.thumbnail` has it


@dataclass(frozen=True, slots=True)
class DeviceDecoded:
    """What is needed of a photo once it is decoded.

    Attributes:
        width: upright, in pixels.
        height: upright, in pixels.
        inputs: `(H, W, 3)` uint8 sRGB as `model_input.model_input` gives it.
        thumbnail: `(h, w, 3)` uint8 sRGB, upright, the long side at most 512.
    """

    width: int
    height: int
    inputs: NDArray[np.uint8]
    thumbnail: NDArray[np.uint8]


@torch.inference_mode()
def decode_on_device(
    jpegs: Sequence[bytes], orientations: Sequence[int], device: str
) -> list[DeviceDecoded | None]:
    """Decode JPEGs, turn them upright and reduce them.

    Args:
        jpegs: whole files, a few at a time: each is 72 MB on the device for 24 megapixels.
        orientations: EXIF's number for each, 1 to 8.
        device: torch device.

    Returns:
        One result for each file, in order; None for one that this decoder cannot read, which
        `imaging.decode` may be able to, or else says why not.
    """
    images = _decode(
        [torch.frombuffer(bytearray(jpeg), dtype=torch.uint8) for jpeg in jpegs], device
    )
    return [
        None if image is None else _reduced(image, orientation)
        for image, orientation in zip(images, orientations, strict=True)
    ]


def _decode(files: list[Tensor], device: str) -> list[Tensor | None]:
    """Return `(3, H, W)` uint8 images; all at once, or one by one if any cannot be decoded."""
    if not files:
        return []
    try:
        return list(decode_jpeg(files, mode=ImageReadMode.RGB, device=device))
    except RuntimeError:
        if len(files) == 1:
            return [None]
        return [image for file in files for image in _decode([file], device)]


def _upright(image: Tensor, orientation: int) -> Tensor:
    """Undo what EXIF's orientation (CIPA DC-008, tag 0x0112) says of a `(3, H, W)` image."""
    if orientation >= 5:  # rows and columns are exchanged
        image = image.transpose(1, 2)
    flipped = {2: [2], 3: [1, 2], 4: [1], 6: [2], 7: [1, 2], 8: [1]}.get(orientation)
    return image.flip(flipped) if flipped else image


def _reduced(image: Tensor, orientation: int) -> DeviceDecoded | None:
    try:
        return _reduce(_upright(image, orientation))
    except torch.OutOfMemoryError:  # 200 megapixels take 2.4 GB here, and far less on the CPU
        return None


def _reduce(image: Tensor) -> DeviceDecoded:
    height, width = image.shape[1:]
    scale = min(1, _THUMBNAIL_SIDE / max(width, height))
    small = (max(1, round(width * scale)), max(1, round(height * scale)))
    pixels = image.unsqueeze(0).float()
    return DeviceDecoded(
        width, height, _resize(pixels, input_size(width, height)), _resize(pixels, small)
    )


def _resize(pixels: Tensor, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Return `(1, 3, H, W)` pixels at another width and height, as rows of uint8 colours."""
    width, height = size
    resized = functional.interpolate(pixels, (height, width), mode="bicubic", antialias=True)
    return resized[0].round_().clamp_(0, 255).byte().permute(1, 2, 0).contiguous().cpu().numpy()
