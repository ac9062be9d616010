"""What a crowd model is learned from: rated photos, as they are and changed."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photoaesth.learning.distortions import blur, distort, noise, overexpose
from photoaesth.learning.finetune.activations import Activations

Change = Callable[[Image.Image, np.random.Generator], Image.Image]

# Changes that nobody likes.
DAMAGES: dict[str, Change] = {"blur": blur, "noise": noise, "overexposure": overexpose}
# With changes after which a photo may be better or worse.
CHANGES: dict[str, Change] = {**DAMAGES, "edit": distort}


@dataclass(frozen=True, slots=True)
class RatedImages:
    """N photos.

    Attributes:
        features: `(N, F)` float32 of the photos as they are.
        changed: `(N, F)` float32 of copies, by the names of `CHANGES`.
        activations: of the photos, after the stages that `opinion` shares with the features.
    """

    features: NDArray[np.float32]
    changed: dict[str, NDArray[np.float32]]
    activations: Activations
