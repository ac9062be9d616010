"""What is measured of an image before anything is learned: pooled feature maps and pixels."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from photoaesth.learning.backbone import Backbone
from photoaesth.learning.model_input import LUMA_QUANTILES

# The backbone's maps that are pooled: 5 (stride 16) to 7 (stride 32). The shallower add
# nothing on the development photos, the last convolution is too close to ImageNet's classes.
POOLED_STAGES = (5, 6, 7)
PIXEL_STATISTICS = 8 + len(LUMA_QUANTILES) + 4
_WHITE, _BLACK = 0.99, 0.02  # of the display's range: what the eye takes for clipped


def same_shape_batches(
    inputs: Sequence[NDArray[np.uint8]], device: str
) -> Iterator[tuple[list[int], Tensor]]:
    """Yield the numbers of the images of each shape and these images.

    Args:
        inputs: N arrays from `model_input.model_input`, of any mix of input sizes.
        device: torch device.

    Yields:
        n of the numbers 0 to N - 1, and `(n, 3, H, W)` float32, sRGB in [0, 1].
    """
    by_shape: dict[tuple[int, ...], list[int]] = {}
    for number, image in enumerate(inputs):
        by_shape.setdefault(image.shape, []).append(number)
    for numbers in by_shape.values():
        batch = torch.from_numpy(np.stack([inputs[n] for n in numbers]))
        if device == "cuda":  # from pinned memory a copy runs beside what the GPU is doing
            batch = batch.pin_memory()
        batch = batch.to(device, non_blocking=True)
        yield numbers, batch.permute(0, 3, 1, 2).float().div_(255)


@torch.inference_mode()
def extract_features(
    backbone: Backbone, inputs: Sequence[NDArray[np.uint8]], device: str
) -> NDArray[np.float32]:
    """Return the features of images of any mix of input sizes.

    Args:
        backbone: on `device`.
        inputs: N arrays from `model_input.model_input`.
        device: torch device.

    Returns:
        `(N, F)` float32, in the order given.
    """
    features = np.empty((len(inputs), feature_count(backbone.info.channels)), np.float32)
    for numbers, images in same_shape_batches(inputs, device):
        features[numbers] = image_features(images, backbone(images)).cpu().numpy()
    return features


def image_features(images: Tensor, maps: Sequence[Tensor]) -> Tensor:
    """Return pixel statistics and pooled feature maps; differentiable.

    Args:
        images: `(N, 3, H, W)` float, sRGB in [0, 1].
        maps: what the backbone makes of them.

    Returns:
        `(N, F)` float32: `PIXEL_STATISTICS` numbers, then mean and standard deviation of every
        channel of the `POOLED_STAGES`.
    """
    pooled = [mean_and_deviation(maps[stage]) for stage in POOLED_STAGES]
    return torch.cat([pixel_statistics(images), *pooled], dim=1).float()


def pixel_statistics(images: Tensor) -> Tensor:
    """Return tone, colour and sharpness as plain numbers: what a photographer's sliders change.

    Mean and standard deviation of luma (ITU-R BT.709 weights), of the opponent channels
    R − G and (R + G) / 2 − B (Hasler & Süsstrunk 2003, "Measuring colourfulness in natural
    images") and of chroma (their Euclidean norm); quantiles of luma; the square roots of the
    shares of pixels with one channel clipped white, with all, and with all black; and the logarithm
    of the mean absolute Laplacian of luma, which blur lowers and noise raises.

    Args:
        images: `(N, 3, H, W)` float, sRGB in [0, 1].

    Returns:
        `(N, PIXEL_STATISTICS)`.
    """
    tone_and_colour, small, clipping_and_sharpness = unsorted_statistics(images)
    levels = torch.tensor(LUMA_QUANTILES, dtype=small.dtype, device=small.device)
    quantiles = torch.quantile(small, levels, dim=1).T
    return torch.cat([tone_and_colour, quantiles, clipping_and_sharpness], 1)


def unsorted_statistics(images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return what `pixel_statistics` needs no sorting for: the engine takes the quantiles itself.

    Args:
        images: `(N, 3, H, W)` float, sRGB in [0, 1].

    Returns:
        `(N, 8)` means and deviations; `(N, H // 2 · W // 2)` luma, whose quantiles come next; and
        `(N, 4)` clipping and sharpness.
    """
    red, green, blue = images.unbind(1)
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    red_green, yellow_blue = red - green, (red + green) / 2 - blue
    chroma = torch.sqrt(red_green**2 + yellow_blue**2 + 1e-8)
    channels = torch.stack([luma, red_green, yellow_blue, chroma], dim=1)
    # Quantiles sort; a quarter of the pixels tells as much.
    small = functional.avg_pool2d(luma.unsqueeze(1), 2).flatten(1)
    clipped = torch.stack(
        [images.amax(1) >= _WHITE, images.amin(1) >= _WHITE, images.amax(1) <= _BLACK], dim=1
    )
    # The shares are small and skewed; their roots are of the size of the other numbers.
    shares = clipped.to(luma.dtype).mean((2, 3)).sqrt()
    around = luma[:, :-2, 1:-1] + luma[:, 2:, 1:-1] + luma[:, 1:-1, :-2] + luma[:, 1:-1, 2:]
    edges = (around - 4 * luma[:, 1:-1, 1:-1]).abs().mean((1, 2), keepdim=True)[:, :, 0]
    sharpness = torch.log(edges + 1e-3)
    return mean_and_deviation(channels), small, torch.cat([shares, sharpness], 1)


def mean_and_deviation(maps: Tensor) -> Tensor:
    """Return `(N, 2 C)` means, then standard deviations, over the places of `(N, C, h, w)`."""
    flat = maps.flatten(2)
    return torch.cat([flat.mean(2), flat.std(2)], dim=1)


def feature_count(channels: tuple[int, ...]) -> int:
    """Return F, the length of a feature vector, for a backbone with these channels."""
    return PIXEL_STATISTICS + 2 * sum(channels[stage] for stage in POOLED_STAGES)
