"""Learning the crowd model from rated photos; `benchmarks/fit_crowd.py` is its command line."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from photoaesth.errors import PhotoaesthError
from photoaesth.learning.crowd import (
    EMBEDDING_SIZE,
    FEATURE_LIMIT,
    OPINIONS,
    CrowdModel,
    GenericHead,
    Projection,
    from_tensors,
    kernel,
    to_tensors,
)
from photoaesth.learning.distribution import SCORES, spread_mass
from photoaesth.learning.evaluation.method import Ratings
from photoaesth.learning.features import PIXEL_STATISTICS
from photoaesth.learning.finetune.predict import predict_distributions
from photoaesth.learning.finetune.regression import fit_regression
from photoaesth.learning.finetune.training import Progress
from photoaesth.learning.losses import squared_emd
from photoaesth.learning.opinion import LEAST, OPTIONS
from photoaesth.learning.opinion import from_tensors as opinion_from_tensors
from photoaesth.learning.opinion import to_tensors as opinion_to_tensors
from photoaesth.learning.rated import DAMAGES, RatedImages
from photoaesth.learning.taste_fit import fit_taste

Floats = NDArray[np.floating[Any]]
Indices = NDArray[np.int64]

# Chosen by 10-fold cross-validation on the development photos; see docs/benchmarks.md.
_PIXEL_WEIGHT = 0.3
_KERNEL_WIDTH = 1.0  # in medians of the squared distance between rated photos
_RIDGE = 1e-3
# Lowers nearly every damaged photo and costs whole ones next to nothing.
_DAMAGE_RIDGE = 5e-2
_DAMAGE_MARGIN = 1.5  # how much likelier than not, as a logit, before it counts
_DAMAGE_TILT = 0.18  # per point of score


@dataclass(frozen=True, slots=True)
class FittedCrowd:
    """A crowd model with what belongs to it.

    Attributes:
        model: the model.
        opinion: the fine-tuned network, as `opinion.from_tensors` takes it.
        embeddings: `(N, D)` float32 of all the photos, as a library would give them back.
    """

    model: CrowdModel
    opinion: Mapping[str, NDArray[Any]]
    embeddings: NDArray[np.float32]


def fit_crowd(
    images: RatedImages,
    ratings: Ratings,
    *,
    seed: int = 0,
    progress: Progress | None = None,
    checkpoint: Path | None = None,
) -> FittedCrowd:
    """Learn everything that is known of people at large.

    Args:
        images: N photos; only those with ratings are learned from.
        ratings: on any scale, of which the lowest and the highest occur.
        seed: decides what the training draws.
        progress: of the longest part; called as `fit_regression` does.
        checkpoint: of the longest part; the same call takes it up again.

    Raises:
        PhotoaesthError: there are too few ratings, or all are the same.
    """
    low, high = float(ratings.score.min(initial=np.inf)), float(ratings.score.max(initial=-np.inf))
    rated = np.unique(ratings.photo)
    if len(rated) < 2 or low == high:
        raise PhotoaesthError("a crowd model needs two photos with different ratings, or more")
    order = np.argsort(ratings.photo, kind="stable")
    starts = np.searchsorted(ratings.photo[order], rated)[1:]
    by_photo = np.split(ratings.score[order], starts)
    targets = np.stack([spread_mass(scores, low=low, high=high) for scores in by_photo])
    shown = images.seen(rated, views=True)
    network = fit_regression(
        shown,
        np.tile(targets, (len(shown) // len(rated), 1)),
        replace(OPTIONS, seed=seed),
        device=str(images.activations.device),
        progress=progress,
        checkpoint=checkpoint,
    )
    opinion = opinion_to_tensors(network)
    tuned = opinion_from_tensors(opinion, str(network.device))  # in the precision it is stored in
    whole = images.seen(np.arange(len(images.features)), views=False)
    second = np.log(np.maximum(predict_distributions(tuned, whole), LEAST))
    projection = fit_projection(
        images.features[rated], [copies[rated] for copies in images.changed.values()]
    )
    embeddings = projection(images.features, second).astype(np.float32)
    damaged = [stored(projection, images.changed[damage][rated]) for damage in DAMAGES]
    head = fit_generic_head(embeddings[rated, :-OPINIONS], targets, damaged)
    ten = Ratings(ratings.rater, ratings.photo, 1 + 9 * (ratings.score - low) / (high - low))
    taste = fit_taste(embeddings, head, ten)
    # Through the form it is stored in, so that what is measured is what is shipped.
    model = from_tensors(to_tensors(projection, head, taste, opinion))
    return FittedCrowd(model, opinion, embeddings)


def stored(projection: Projection, features: Floats) -> NDArray[np.float32]:
    """Return the describing part of embeddings as a library gives it back: from float16."""
    return projection.describe(features).astype(np.float16).astype(np.float32)


def fit_projection(features: Floats, changed: list[NDArray[np.float32]]) -> Projection:
    """Learn the embedding from photos and from changed copies of them.

    Principal components of the standardised pooled stages. The copies make sure that the
    directions in which edits and damage move a photo are kept, not only those in which photos
    differ.

    Args:
        features: `(N, F)` of photos as they are.
        changed: `(N, F)` for each way of changing them.
    """
    copies = np.concatenate(changed)[:: len(changed)]  # as many as photos, from every way
    everything = np.concatenate([features, copies]).astype(np.float64)
    mean, scale = features.mean(0, dtype=np.float64), everything.std(0) + 1e-6
    standardised = np.clip((everything - mean) / scale, -FEATURE_LIMIT, FEATURE_LIMIT)
    pooled = standardised[:, PIXEL_STATISTICS:]
    middle = pooled.mean(0)
    size = EMBEDDING_SIZE - OPINIONS - PIXEL_STATISTICS
    _, _, directions = np.linalg.svd(pooled - middle, full_matrices=False)
    components = np.zeros((pooled.shape[1], size))
    components[:, : len(directions)] = directions[:size].T
    # The pooled part of an average photo gets length 1: priors and kernels then have a scale.
    components = components / np.sqrt((pooled @ components).var(0).sum())
    projection = Projection(
        mean=mean,
        scale=scale,
        pixel_weight=_PIXEL_WEIGHT / np.sqrt(PIXEL_STATISTICS),
        pixels=PIXEL_STATISTICS,
        components=components,
        center=np.zeros(EMBEDDING_SIZE - OPINIONS),
    )
    center = projection.describe(features).mean(0, dtype=np.float64)
    return replace(projection, center=center)


def fit_generic_head(
    described: Floats, distributions: Floats, damaged: Sequence[Floats]
) -> GenericHead:
    """Fit the ten-bin head by squared EMD with a ridge in the kernel's function space.

    Args:
        described: `(N, D - 10)` of rated photos; they become the landmarks.
        distributions: `(N, 10)` of their ratings.
        damaged: `(M, D - 10)` of damaged copies of such photos, for every kind of damage.
    """
    landmarks = described.astype(np.float64)
    squares = (landmarks**2).sum(1)
    distances = squares[:, None] + squares - 2 * landmarks @ landmarks.T
    width = _KERNEL_WIDTH * float(np.median(distances[np.triu_indices(len(distances), 1)]))
    gram = torch.from_numpy(kernel(landmarks, landmarks, width))
    target = torch.from_numpy(distributions.astype(np.float64))
    # coefficients = L⁻ᵀ whitened makes the ridge a plain square and the problem well scaled.
    factor = torch.linalg.cholesky(gram + 1e-6 * torch.eye(len(gram), dtype=gram.dtype))
    whitened = torch.zeros(len(gram), len(SCORES), dtype=gram.dtype, requires_grad=True)
    # Fixed, not fitted: far from every rated photo, the best guess is the average of them all.
    bias = target.mean(0).clamp_min(1e-4).log()

    def loss() -> torch.Tensor:
        predicted = functional.softmax(factor @ whitened + bias, dim=1)
        return squared_emd(predicted, target) + _RIDGE * whitened.square().sum() / len(gram)

    _minimize(loss, [whitened])
    coefficients = torch.linalg.solve_triangular(factor.T, whitened.detach(), upper=True)
    detectors = [_fit_detector(described, copies) for copies in damaged]
    return GenericHead(
        landmarks=landmarks,
        coefficients=coefficients.numpy(),
        bias=bias.numpy(),
        width=width,
        damage=np.stack([weights for weights, _ in detectors], axis=1),
        damage_bias=np.array([bias for _, bias in detectors]) - _DAMAGE_MARGIN,
        damage_tilt=_DAMAGE_TILT,
    )


def _fit_detector(whole: Floats, damaged: Floats) -> tuple[NDArray[np.float64], float]:
    """Return weights and bias of a logistic regression that tells damaged copies from photos."""
    rows = torch.from_numpy(np.concatenate([whole, damaged]).astype(np.float64))
    is_damaged = torch.cat([torch.zeros(len(whole)), torch.ones(len(damaged))]).double()
    # Both kinds count the same in all, whatever their numbers.
    weight = is_damaged * 0.5 / max(len(damaged), 1) + (1 - is_damaged) * 0.5 / len(whole)
    weights = torch.zeros(rows.shape[1], dtype=rows.dtype, requires_grad=True)
    bias = torch.zeros((), dtype=rows.dtype, requires_grad=True)

    def loss() -> torch.Tensor:
        each = functional.softplus(torch.where(is_damaged > 0, -1, 1) * (rows @ weights + bias))
        return weight @ each + _DAMAGE_RIDGE * weights.square().sum() / len(rows)

    _minimize(loss, [weights, bias])
    return weights.detach().numpy(), float(bias.detach())


def _minimize(loss: Callable[[], torch.Tensor], parameters: list[torch.Tensor]) -> None:
    optimizer = torch.optim.LBFGS(
        parameters, max_iter=300, tolerance_grad=1e-9, line_search_fn="strong_wolfe"
    )

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        value = loss()
        value.backward()  # type: ignore[no-untyped-call]  # torch does not annotate it
        return value

    optimizer.step(closure)  # type: ignore[no-untyped-call]
