"""Scoring pixels directly, for what changes them."""

import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

from photoaesth.learning.crowd import CrowdModel
from photoaesth.learning.embedder import Embedder
from photoaesth.learning.model_input import model_input
from photoaesth.learning.personal import PersonalHead, predict


class ImageScorer:
    """A profile's score as a function of images."""

    def __init__(self, crowd: CrowdModel, head: PersonalHead, device: str = "auto") -> None:
        self._crowd = crowd
        self._head = head
        self._embedder = Embedder(device)

    def tensor(self, image: Image.Image, *, scale: float = 1.0) -> Tensor:
        """Return a small copy of an RGB image as `(3, h, w)` float sRGB in [0, 1].

        Args:
            image: mode RGB, upright.
            scale: 1 gives the size at which photos are indexed, so that scores compare; less
                gives a copy that is quicker to score.
        """
        pixels = torch.from_numpy(model_input(image).copy())
        full = pixels.permute(2, 0, 1).float() / 255
        if scale == 1:
            return full
        return functional.interpolate(full.unsqueeze(0), scale_factor=scale, mode="area")[0]

    @torch.inference_mode()
    def __call__(self, images: Tensor) -> Tensor:
        """Return the `(N,)` mean scores of `(N, 3, h, w)` images."""
        embeddings = self._embedder.embed_tensor(images)
        return torch.from_numpy(predict(self._crowd, self._head, embeddings).score).float()
