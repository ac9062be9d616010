"""The shipped model of the average photographer: embedding space and generic head.

Both are plain numpy, so that scoring a library from its stored embeddings never loads torch.
They are learned by `crowd_fit` and read from one safetensors file beside this module.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from photoaesth.errors import PhotoaesthError
from photoaesth.learning.distribution import SCORES
from photoaesth.learning.taste import TastePrior, Trust

Floats = NDArray[np.floating[Any]]

WEIGHTS_FILE = Path(__file__).with_name("weights") / "crowd.safetensors"
WEIGHTS_SHA256 = "ed2c25b3f243fee321bc0499979abd7a0cd787c364a550acff1bae0f882e1cbf"
EMBEDDING_SIZE = 256
OPINIONS = len(SCORES)
RATED_DISTRIBUTIONS = "rated.distributions"  # of the landmarks' photos, beside the model
FEATURE_LIMIT = 6.0  # standard deviations: an odd picture must not fly out of the space
_CHUNK_ROWS = 1024  # few enough for the processor's cache: twice as fast as thousands more


@dataclass(frozen=True, slots=True)
class Projection:
    """The fixed map from what is measured of a photo to the stored embedding of D numbers.

    D is 256: pixel statistics, principal directions of the pooled stages, and last the ten logits
    of a second opinion, which only the generic head reads.

    Attributes:
        mean: `(F,)` features of the average photo.
        scale: `(F,)` their standard deviations.
        pixel_weight: factor of the pixel statistics, which pass unmixed.
        pixels: how many of the features are pixel statistics; they come first.
        components: `(F - pixels, D - 10 - pixels)` principal directions of the pooled stages.
        center: `(D - 10,)` embedding of the average photo before centring.
    """

    mean: Floats
    scale: Floats
    pixel_weight: float
    pixels: int
    components: Floats
    center: Floats

    @property
    def size(self) -> int:
        """D, the length of an embedding."""
        return len(self.center) + OPINIONS

    def __call__(self, features: Floats, opinions: Floats) -> NDArray[np.float16]:
        """Return `(N, D)` float16 embeddings of `(N, F)` features and `(N, 10)` logits."""
        return np.concatenate([self.describe(features), opinions], axis=1).astype(np.float16)

    def describe(self, features: Floats) -> Floats:
        """Return the `(N, D - 10)` part of the embeddings that describes photos of any taste."""
        limited = np.clip((features - self.mean) / self.scale, -FEATURE_LIMIT, FEATURE_LIMIT)
        pixels, pooled = limited[:, : self.pixels], limited[:, self.pixels :]
        embedding = np.concatenate([pixels * self.pixel_weight, pooled @ self.components], axis=1)
        return np.asarray(embedding - self.center)

    def looks(self, embeddings: Floats) -> Floats:
        """Return the part of `(N, D)` embeddings that tells what is in the picture.

        The principal directions alone: every edit moves the pixel statistics, and the logits are
        nearly alike for all photos.
        """
        return embeddings[:, self.pixels : -OPINIONS]


@dataclass(frozen=True, slots=True)
class GenericHead:
    """Ten-bin score distributions from embeddings.

    Two opinions count the same: a softmax over Gaussian kernels on the rated photos, and the
    logits of the fine-tuned network, which embeddings end in. Damage then tilts the distribution
    down.

    Attributes:
        landmarks: `(K, D - 10)` embeddings of the rated photos.
        coefficients: `(K, 10)` weights of the kernels.
        bias: `(10,)` logits far from every landmark.
        width: the kernel is exp(-distance² / width).
        damage: `(D - 10, 3)` weights of the logits that a photo is blurred, noisy, overexposed.
        damage_bias: `(3,)` these logits for the average photo.
        damage_tilt: how far each certain damage tilts the logits, per point of score.
    """

    landmarks: Floats
    coefficients: Floats
    bias: Floats
    width: float
    damage: Floats
    damage_bias: Floats
    damage_tilt: float

    def __call__(self, embeddings: Floats) -> NDArray[np.float32]:
        """Return `(N, 10)` float32 distributions of `(N, D)` embeddings; rows sum to 1."""
        chunks = [
            self._distributions(embeddings[start : start + _CHUNK_ROWS].astype(np.float32))
            for start in range(0, len(embeddings), _CHUNK_ROWS)
        ]
        return np.concatenate(chunks) if chunks else np.empty((0, len(SCORES)), np.float32)

    def _distributions(self, embeddings: NDArray[np.float32]) -> NDArray[np.float32]:
        described, opinions = embeddings[:, :-OPINIONS], embeddings[:, -OPINIONS:]
        likeness = kernel(described, self.landmarks, self.width)
        logits = (likeness @ self.coefficients + self.bias + opinions) / 2
        harm = 0.5 * (1 + np.tanh((described @ self.damage + self.damage_bias) / 2))
        logits -= self.damage_tilt * harm.sum(1, keepdims=True) * SCORES.astype(np.float32)
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
        taste: how people differ from the crowd.
    """

    name: str
    embedding_name: str
    projection: Projection
    head: GenericHead
    taste: TastePrior


def kernel(left: Floats, right: Floats, width: float) -> Floats:
    """Return the `(N, K)` Gaussian kernel exp(-|a - b|² / width)."""
    # Step by step in one array: a library has hundreds of millions of pairs.
    exponents: Floats = left @ (2 / width * right).T
    exponents -= (np.einsum("ij,ij->i", left, left) / width)[:, None]
    exponents -= np.einsum("ij,ij->i", right, right) / width
    np.minimum(exponents, 0, out=exponents)
    return np.exp(exponents, out=exponents)


@cache
def load_crowd_model(path: Path = WEIGHTS_FILE) -> CrowdModel:
    """Read the shipped model.

    Raises:
        PhotoaesthError: the file is missing or damaged.
    """
    try:
        tensors = load_file(path)
        return from_tensors(tensors)
    except Exception as error:
        raise PhotoaesthError(
            f"cannot read the shipped model {path}: {error}; reinstall photoaesth"
        ) from error


def rated_photos() -> tuple[NDArray[np.float16], NDArray[np.float32]]:
    """Return what the shipped model was learned from.

    Returns:
        `(K, D - 10)` descriptions of the rated photos and their `(K, 10)` distributions.

    Raises:
        PhotoaesthError: the shipped file is missing or damaged.
    """
    try:
        tensors = load_file(WEIGHTS_FILE)
        return tensors["head.landmarks"], tensors[RATED_DISTRIBUTIONS].astype(np.float32)
    except Exception as error:
        raise PhotoaesthError(
            f"cannot read the shipped model {WEIGHTS_FILE}: {error}; reinstall photoaesth"
        ) from error


def weights_intact() -> bool:
    """Return whether the shipped file has the checksum it was released with."""
    return hashlib.sha256(WEIGHTS_FILE.read_bytes()).hexdigest() == WEIGHTS_SHA256


def to_tensors(
    projection: Projection,
    head: GenericHead,
    taste: TastePrior,
    opinion: Mapping[str, NDArray[Any]],
) -> dict[str, NDArray[Any]]:
    """Return what `load_crowd_model` reads, in half precision where that costs nothing."""
    tensors = {
        "projection.mean": projection.mean.astype(np.float32),
        "projection.scale": projection.scale.astype(np.float32),
        "projection.pixel_weight": np.array([projection.pixel_weight], np.float32),
        "projection.components": projection.components.astype(np.float16),
        "projection.center": projection.center.astype(np.float32),
        # Embeddings end in what that network says, so their name has to change with it.
        "projection.opinion": np.frombuffer(_fingerprint(opinion, "").encode(), np.uint8),
        "head.landmarks": head.landmarks.astype(np.float16),
        "head.coefficients": head.coefficients.astype(np.float32),
        "head.bias": head.bias.astype(np.float32),
        "head.width": np.array([head.width], np.float32),
        "head.damage": head.damage.astype(np.float32),
        "head.damage_bias": head.damage_bias.astype(np.float32),
        "head.damage_tilt": np.array([head.damage_tilt], np.float32),
        "taste.basis": taste.basis.astype(np.float16),
        "taste.numbers": np.array(
            [
                taste.own_width,
                taste.own_scale,
                *taste.trust,
                taste.trust_spread,
                taste.appeal_sd,
                taste.choice_slope,
            ],
            np.float32,
        ),
    }
    # safetensors writes the memory as it lies, whatever the strides: a transposed array would
    # come back scrambled.
    return {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}


def from_tensors(tensors: Mapping[str, NDArray[Any]]) -> CrowdModel:
    """Return the model that `to_tensors` described."""
    pooled, mixed = tensors["projection.components"].shape
    pixels = len(tensors["projection.mean"]) - pooled
    if pixels + mixed + OPINIONS != EMBEDDING_SIZE:
        raise ValueError(f"{pixels + mixed + OPINIONS} numbers instead of {EMBEDDING_SIZE}")
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
        damage=tensors["head.damage"],
        damage_bias=tensors["head.damage_bias"],
        damage_tilt=float(tensors["head.damage_tilt"][0]),
    )
    width, scale, gain_sd, taste_sd, own_sd, *rest = map(float, tensors["taste.numbers"])
    taste = TastePrior(
        tensors["taste.basis"].astype(np.float64),
        width,
        scale,
        Trust(gain_sd, taste_sd, own_sd),
        *rest,
    )
    return CrowdModel(
        name=f"crowd-{_fingerprint(tensors, '')}",
        embedding_name=f"efficientnet-lite0-{_fingerprint(tensors, 'projection.')}",
        projection=projection,
        head=head,
        taste=taste,
    )


def _fingerprint(tensors: Mapping[str, NDArray[Any]], prefix: str) -> str:
    digest = hashlib.sha256()
    for name in sorted(tensors):
        if name.startswith(prefix):
            digest.update(name.encode())
            digest.update(np.ascontiguousarray(tensors[name]).tobytes())
    return digest.hexdigest()[:8]
