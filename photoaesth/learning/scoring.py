"""Scoring pixels directly, for what changes them."""

import torch
from PIL import Image
from torch import Tensor

from photoaesth.learning.crowd import CrowdModel
from photoaesth.learning.embedder import Embedder
from photoaesth.learning.features import model_input
from photoaesth.learning.personal import PersonalHead, predict


class ImageScorer:
    """A profile's score as a function of images."""

    def __init__(self, crowd: CrowdModel, head: PersonalHead, device: str = "auto") -> None:
        self._crowd = crowd
        self._head = head
        self._embedder = Embedder(device)

    def tensor(self, image: Image.Image) -> Tensor:
        """Return a small copy of an RGB image as `(3, h, w)` float sRGB in [0, 1].

        Its size is the one at which photos are indexed, so that scores compare.
        """
        pixels = torch.from_numpy(model_input(image).copy())
        return pixels.permute(2, 0, 1).float() / 255

    @torch.inference_mode()
    def __call__(self, images: Tensor) -> Tensor:
        """Return the `(N,)` mean scores of `(N, 3, h, w)` images."""
        embeddings = self._embedder.embed_tensor(images)
        return torch.from_numpy(predict(self._crowd, self._head, embeddings).score).float()
