"""What a profile thinks of pixels, for what changes them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn import functional

from photoaesth.learning.crowd import CrowdModel
from photoaesth.learning.distribution import bounded_score
from photoaesth.learning.embedder import Embedder
from photoaesth.learning.model_input import model_input
from photoaesth.learning.personal import PersonalHead, Posterior

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Gains:
    """By how much N images are better than another one for a person, in points of utility.

    Attributes:
        mean: `(N,)` expected differences.
        sd: `(N,)` their standard deviations. Versions of one photo have much in common, so that
            these are far below the doubt about either's score.
    """

    mean: NDArray[np.float64]
    sd: NDArray[np.float64]

    def in_doubt(self, doubt: float) -> NDArray[np.float64]:
        """Return what is left, `(N,)`, after taking off so many standard deviations."""
        return self.mean - doubt * self.sd


class ImageScorer:
    """A profile's judgement of images, by the embeddings that the index has of photos."""

    def __init__(self, crowd: CrowdModel, head: PersonalHead, device: str = "auto") -> None:
        self._posterior = Posterior(crowd, head)
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

    def embed(self, images: Tensor) -> NDArray[np.float16]:
        """Return `(N, D)` embeddings of `(N, 3, h, w)` images, rounded to 8 bits as files are."""
        levels = (images * 255).round().clamp(0, 255).byte()
        return self._embedder.embed(list(levels.permute(0, 2, 3, 1).contiguous().cpu().numpy()))

    def scores(self, embeddings: Floats) -> NDArray[np.float64]:
        """Return the mean scores of `(N, D)` embeddings, `(N,)` in (1, 10)."""
        utility, _, _ = self._posterior.marginals(embeddings)
        return bounded_score(utility)

    def gains(self, embeddings: Floats, original: Floats) -> Gains:
        """Compare images with the one that they were made from.

        Args:
            embeddings: `(N, D)`.
            original: `(D,)`, embedded at the same size: the embedding depends on it.
        """
        mean, variance = self._posterior.differences(
            embeddings, np.broadcast_to(original, embeddings.shape)
        )
        return Gains(mean, np.sqrt(variance))
