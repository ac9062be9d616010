"""What a crowd model is learned from: rated photos, as they are and changed."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photoaesth.learning.distortions import blur, distort, noise, overexpose
from photoaesth.learning.finetune.activations import Activations

Change = Callable[[Image.Image, np.random.Generator], Image.Image]

_CROPS = (0.85, 0.97)  # of width and height: light enough to keep the composition


def _flip(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


def _crop(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    share = rng.uniform(*_CROPS)
    width, height = share * image.width, share * image.height
    left = rng.uniform(0, image.width - width)
    top = rng.uniform(0, image.height - height)
    return image.crop((int(left), int(top), int(left + width), int(top + height)))


def _cropped_flip(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    return _flip(_crop(image, rng), rng)


# Changes that leave ratings as they are.
VIEWS: dict[str, Change] = {"flip": _flip, "crop": _crop, "cropped-flip": _cropped_flip}
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
        activations: of the photos and then of their `VIEWS`, one way after the other, after the
            stages that `opinion` shares with the features.
    """

    features: NDArray[np.float32]
    changed: dict[str, NDArray[np.float32]]
    activations: Activations

    def seen(self, photos: NDArray[np.int64], *, views: bool) -> Activations:
        """Return the activations of `(M,)` photos, and maybe of their views after them."""
        ways = len(self.activations) // len(self.features) if views else 1
        starts = len(self.features) * np.arange(ways)
        return self.activations.select((starts[:, None] + photos).ravel())
