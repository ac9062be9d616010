"""From images to stored embeddings: backbone, pooling, projection."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from photoaesth.learning.backbone import load_backbone
from photoaesth.learning.crowd import load_crowd_model
from photoaesth.learning.device import resolve_device
from photoaesth.learning.features import extract_features, image_features


class Embedder:
    """Computes embeddings on one device.

    Attributes:
        name: identifies the embedding space; embeddings of another name do not compare.
        device: the torch device.
    """

    def __init__(self, device: str = "auto") -> None:
        self.device = resolve_device(device)
        crowd = load_crowd_model()
        self.name = crowd.embedding_name
        self._backbone = load_backbone(self.device)
        self._projection = crowd.projection

    def embed(self, inputs: Sequence[NDArray[np.uint8]]) -> NDArray[np.float16]:
        """Return `(N, D)` float16 embeddings of N arrays from `features.model_input`."""
        return self._projection(extract_features(self._backbone, inputs, self.device))

    def embed_tensor(self, images: Tensor) -> NDArray[np.float16]:
        """Return `(N, D)` float16 embeddings of `(N, 3, H, W)` sRGB images in [0, 1]."""
        features = image_features(self._backbone, images.to(self.device))
        return self._projection(features.cpu().numpy())
