"""The shipped model of the average photographer: embedding space and generic head.

Both are plain numpy, so that scoring a library from its stored embeddings never loads torch.
They are learned by `crowd_fit` and read from one safetensors file beside this module.
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from photoaesth.errors import PhotoaesthError
from photoaesth.learning.distribution import SCORES

Floats = NDArray[np.floating[Any]]

WEIGHTS_FILE = Path(__file__).with_name("weights") / "crowd.safetensors"
WEIGHTS_SHA256 = "78417c302534c2fd065d10429f12de8f5c03a45329c959e2d7ccfe612af09395"
EMBEDDING_SIZE = 256
FEATURE_LIMIT = 6.0  # standard deviations: an odd picture must not fly out of the space
_CHUNK_ROWS = 8192  # bounds the memory of scoring a large library


@dataclass(frozen=True, slots=True)
class Projection:
    """The fixed map from a backbone's features to the stored embedding.

    Attributes:
        mean: `(F,)` features of the average photo.
        scale: `(F,)` their standard deviations.
        pixel_weight: factor of the pixel statistics, which pass unmixed.
        pixels: how many of the features are pixel statistics; they come first.
        components: `(F - pixels, D - pixels)` principal directions of the pooled stages.
        center: `(D,)` embedding of the average photo before centring.
    """

    mean: Floats
    scale: Floats
    pixel_weight: float
    pixels: int
    components: Floats
    center: Floats

    def __call__(self, features: Floats) -> NDArray[np.float16]:
        """Return `(N, D)` float16 embeddings of `(N, F)` features."""
        limited = np.clip((features - self.mean) / self.scale, -FEATURE_LIMIT, FEATURE_LIMIT)
        pixels, pooled = limited[:, : self.pixels], limited[:, self.pixels :]
        embedding = np.concatenate([pixels * self.pixel_weight, pooled @ self.components], axis=1)
        return (embedding - self.center).astype(np.float16)


@dataclass(frozen=True, slots=True)
class GenericHead:
    """Ten-bin score distributions from embeddings: a softmax over Gaussian kernels.

    Attributes:
        landmarks: `(K, D)` embeddings of the rated photos.
        coefficients: `(K, 10)` weights of the kernels.
        bias: `(10,)` logits far from every landmark.
        width: the kernel is exp(-distance² / width).
    """

    landmarks: Floats
    coefficients: Floats
    bias: Floats
    width: float

    def __call__(self, embeddings: Floats) -> NDArray[np.float32]:
        """Return `(N, 10)` float32 distributions of `(N, D)` embeddings; rows sum to 1."""
        chunks = [
            self._distributions(embeddings[start : start + _CHUNK_ROWS].astype(np.float32))
            for start in range(0, len(embeddings), _CHUNK_ROWS)
        ]
        return np.concatenate(chunks) if chunks else np.empty((0, len(SCORES)), np.float32)

    def _distributions(self, embeddings: NDArray[np.float32]) -> NDArray[np.float32]:
        logits = kernel(embeddings, self.landmarks, self.width) @ self.coefficients + self.bias
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(odds / odds.sum(axis=1, keepdims=True), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class CrowdModel:
    """Everything learned from the crowd that a personal model starts from.

    Attributes:
        name: identifies generic scores in a library; changes with any weight.
        embedding_name: identifies stored embeddings; changes with backbone or projection.
        projection: features to embedding.
        head: embedding to score distribution.
        choice_slope: logit of choosing a photo per point of score that it is ahead.
        taste_sd: prior standard deviation of a person's weight on an embedding coordinate,
            in points of score.
        gain_sd: prior standard deviation of how much a person follows the crowd (mean 1).
    """

    name: str
    embedding_name: str
    projection: Projection
    head: GenericHead
    choice_slope: float
    taste_sd: float
    gain_sd: float


def kernel(left: Floats, right: Floats, width: float) -> Floats:
    """Return the `(N, K)` Gaussian kernel exp(-|a - b|² / width)."""
    squares = (left**2).sum(1)[:, None] + (right**2).sum(1) - 2 * left @ right.T
    result: Floats = np.exp(-np.maximum(squares, 0) / width)
    return result


@cache
def load_crowd_model(path: Path = WEIGHTS_FILE) -> CrowdModel:
    """Read the shipped model.

    Raises:
        PhotoaesthError: the file is missing or damaged.
    """
    try:
        tensors = load_file(path)
        return _from_tensors(tensors)
    except Exception as error:
        raise PhotoaesthError(
            f"cannot read the shipped model {path}: {error}; reinstall photoaesth"
        ) from error


def weights_intact() -> bool:
    """Return whether the shipped file has the checksum it was released with."""
    return hashlib.sha256(WEIGHTS_FILE.read_bytes()).hexdigest() == WEIGHTS_SHA256


def to_tensors(
    projection: Projection,
    head: GenericHead,
    *,
    choice_slope: float,
    taste_sd: float,
    gain_sd: float,
) -> dict[str, NDArray[Any]]:
    """Return what `load_crowd_model` reads, in half precision where that costs nothing."""
    tensors = {
        "projection.mean": projection.mean.astype(np.float32),
        "projection.scale": projection.scale.astype(np.float32),
        "projection.pixel_weight": np.array([projection.pixel_weight], np.float32),
        "projection.components": projection.components.astype(np.float16),
        "projection.center": projection.center.astype(np.float32),
        "head.landmarks": head.landmarks.astype(np.float16),
        "head.coefficients": head.coefficients.astype(np.float32),
        "head.bias": head.bias.astype(np.float32),
        "head.width": np.array([head.width], np.float32),
        "prior": np.array([choice_slope, taste_sd, gain_sd], np.float32),
    }
    # safetensors writes the memory as it lies, whatever the strides: a transposed array would
    # come back scrambled.
    return {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}


def _from_tensors(tensors: dict[str, NDArray[Any]]) -> CrowdModel:
    pooled, mixed = tensors["projection.components"].shape
    pixels = len(tensors["projection.mean"]) - pooled
    if pixels + mixed != EMBEDDING_SIZE:
        raise ValueError(f"an embedding of {pixels + mixed} numbers instead of {EMBEDDING_SIZE}")
    projection = Projection(
        mean=tensors["projection.mean"],
        scale=tensors["projection.scale"],
        pixel_weight=float(tensors["projection.pixel_weight"][0]),
        pixels=pixels,
        components=tensors["projection.components"].astype(np.float32),
        center=tensors["projection.center"],
    )
    head = GenericHead(
        landmarks=tensors["head.landmarks"].astype(np.float32),
        coefficients=tensors["head.coefficients"],
        bias=tensors["head.bias"],
        width=float(tensors["head.width"][0]),
    )
    choice_slope, taste_sd, gain_sd = map(float, tensors["prior"])
    return CrowdModel(
        name=f"crowd-{_fingerprint(tensors, '')}",
        embedding_name=f"efficientnet-lite0-{_fingerprint(tensors, 'projection.')}",
        projection=projection,
        head=head,
        choice_slope=choice_slope,
        taste_sd=taste_sd,
        gain_sd=gain_sd,
    )


def _fingerprint(tensors: dict[str, NDArray[Any]], prefix: str) -> str:
    digest = hashlib.sha256()
    for name in sorted(tensors):
        if name.startswith(prefix):
            digest.update(name.encode())
            digest.update(np.ascontiguousarray(tensors[name]).tobytes())
    return digest.hexdigest()[:8]
