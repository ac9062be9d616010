"""What is measured of photos by torch: on GPUs, where OpenVINO has no wheel, and of tensors."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from photoaesth.learning.backbone import load_backbone
from photoaesth.learning.engine import Measured
from photoaesth.learning.features import image_features, same_shape_batches
from photoaesth.learning.finetune.network import AestheticNetwork
from photoaesth.learning.opinion import FROM_MAP, load_opinion, opinion_logits


class TorchMeasure:
    """Backbone, its classes, pixel statistics and second opinion on one device."""

    def __init__(
        self, device: str, *, opinion: AestheticNetwork | None = None, threads: int | None = None
    ) -> None:
        """Load the networks.

        Args:
            device: torch device.
            opinion: the second opinion, on `device`; the shipped one unless given.
            threads: of the CPU; torch's own choice unless given.
        """
        self._device = device
        self._backbone = load_backbone(device)
        self._opinion = load_opinion(device) if opinion is None else opinion
        if threads is not None:
            torch.set_num_threads(threads)

    def __call__(self, inputs: Sequence[NDArray[np.uint8]]) -> Measured:
        """Return what is measured of N arrays from `model_input`."""
        rows: dict[int, tuple[NDArray[np.float32], ...]] = {}
        for numbers, images in same_shape_batches(inputs, self._device):
            rows |= dict(zip(numbers, zip(*self.measure(images), strict=True), strict=True))
        columns = zip(*(rows[number] for number in range(len(inputs))), strict=True)
        return Measured(*map(np.stack, columns))

    @torch.inference_mode()
    def measure(self, images: Tensor) -> Measured:
        """Return what is measured of `(N, 3, H, W)` sRGB in [0, 1]."""
        images = images.to(self._device)
        with torch.autocast("cuda", torch.bfloat16, enabled=images.is_cuda):
            maps = self._backbone(images)
        # Statistics are taken in single precision: half of it would be their rounding.
        maps = [each.float() for each in maps]
        features = image_features(images, maps).cpu().numpy()
        opinions = opinion_logits(self._opinion, maps[FROM_MAP]).float().cpu().numpy()
        classes = self._backbone.class_logits(maps).float().cpu().numpy()
        return Measured(features, opinions, classes)
