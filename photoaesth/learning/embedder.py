"""From images to stored embeddings: backbone, pooling, second opinion, projection."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from photoaesth.learning.backbone import load_backbone
from photoaesth.learning.crowd import CrowdModel, load_crowd_model
from photoaesth.learning.device import resolve_device
from photoaesth.learning.features import image_features, same_shape_batches
from photoaesth.learning.finetune.network import AestheticNetwork
from photoaesth.learning.opinion import FROM_MAP, load_opinion, opinion_logits


class Embedder:
    """Computes embeddings on one device, by the shipped models unless others are given.

    Attributes:
        name: identifies the embedding space; embeddings of another name do not compare.
        device: the torch device.
    """

    def __init__(
        self,
        device: str = "auto",
        *,
        crowd: CrowdModel | None = None,
        opinion: AestheticNetwork | None = None,
    ) -> None:
        self.device = resolve_device(device)
        crowd = crowd or load_crowd_model()
        self.name = crowd.embedding_name
        self._backbone = load_backbone(self.device)
        self._opinion = load_opinion(self.device) if opinion is None else opinion
        self._projection = crowd.projection

    @torch.inference_mode()
    def embed(self, inputs: Sequence[NDArray[np.uint8]]) -> NDArray[np.float16]:
        """Return `(N, D)` float16 embeddings of N arrays from `features.model_input`."""
        embeddings = np.empty((len(inputs), self._projection.size), np.float16)
        for numbers, images in same_shape_batches(inputs, self.device):
            embeddings[numbers] = self.embed_tensor(images)
        return embeddings

    @torch.inference_mode()
    def embed_tensor(self, images: Tensor) -> NDArray[np.float16]:
        """Return `(N, D)` float16 embeddings of `(N, 3, H, W)` sRGB images in [0, 1]."""
        images = images.to(self.device)
        maps = self._backbone(images)
        features = image_features(images, maps).cpu().numpy()
        opinions = opinion_logits(self._opinion, maps[FROM_MAP]).cpu().numpy()
        return self._projection(features, opinions)
