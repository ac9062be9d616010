"""Learning the crowd model from rated photos; `benchmarks/fit_crowd.py` is its command line."""

from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from photoaesth.learning.crowd import EMBEDDING_SIZE, FEATURE_LIMIT, GenericHead, Projection, kernel
from photoaesth.learning.distribution import SCORES
from photoaesth.learning.features import PIXEL_STATISTICS
from photoaesth.learning.losses import squared_emd

Floats = NDArray[np.floating[Any]]

# Chosen by 10-fold cross-validation on the development photos; see docs/benchmarks.md.
_PIXEL_WEIGHT = 0.3
_KERNEL_WIDTH = 1.0  # in medians of the squared distance between rated photos
_RIDGE = 1e-3


def fit_projection(features: Floats, distorted: Floats) -> Projection:
    """Learn the embedding from photos and from copies of them with other light and colour.

    Principal components of the standardised pooled stages. The copies make sure that the
    directions in which edits move a photo are kept, not only those in which photos differ.

    Args:
        features: `(N, F)` of photos as they are.
        distorted: `(M, F)` of copies with changed exposure, colour, contrast, blur or noise.
    """
    everything = np.concatenate([features, distorted]).astype(np.float64)
    mean, scale = features.mean(0, dtype=np.float64), everything.std(0) + 1e-6
    standardised = np.clip((everything - mean) / scale, -FEATURE_LIMIT, FEATURE_LIMIT)
    pooled = standardised[:, PIXEL_STATISTICS:]
    middle = pooled.mean(0)
    size = EMBEDDING_SIZE - PIXEL_STATISTICS
    _, _, directions = np.linalg.svd(pooled - middle, full_matrices=False)
    components = directions[:size].T
    # The pooled part of an average photo gets length 1: priors and kernels then have a scale.
    components = components / np.sqrt((pooled @ components).var(0).sum())
    projection = Projection(
        mean=mean,
        scale=scale,
        pixel_weight=_PIXEL_WEIGHT / np.sqrt(PIXEL_STATISTICS),
        pixels=PIXEL_STATISTICS,
        components=components,
        center=np.zeros(EMBEDDING_SIZE),
    )
    center = projection(features).mean(0, dtype=np.float64)
    return replace(projection, center=center)


def fit_generic_head(embeddings: Floats, distributions: Floats) -> GenericHead:
    """Fit the ten-bin head by squared EMD with a ridge in the kernel's function space.

    Args:
        embeddings: `(N, D)` of rated photos; they become the landmarks.
        distributions: `(N, 10)` of their ratings.
    """
    landmarks = embeddings.astype(np.float64)
    squares = (landmarks**2).sum(1)
    distances = squares[:, None] + squares - 2 * landmarks @ landmarks.T
    width = _KERNEL_WIDTH * float(np.median(distances))
    gram = torch.from_numpy(kernel(landmarks, landmarks, width))
    target = torch.from_numpy(distributions.astype(np.float64))
    # coefficients = L⁻ᵀ whitened makes the ridge a plain square and the problem well scaled.
    factor = torch.linalg.cholesky(gram + 1e-6 * torch.eye(len(gram), dtype=gram.dtype))
    whitened = torch.zeros(len(gram), len(SCORES), dtype=gram.dtype, requires_grad=True)
    # Fixed, not fitted: far from every rated photo, the best guess is the average of them all.
    bias = target.mean(0).clamp_min(1e-4).log()
    optimizer = torch.optim.LBFGS(
        [whitened], max_iter=300, tolerance_grad=1e-9, line_search_fn="strong_wolfe"
    )

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        predicted = functional.softmax(factor @ whitened + bias, dim=1)
        loss = squared_emd(predicted, target) + _RIDGE * whitened.square().sum() / len(gram)
        loss.backward()  # type: ignore[no-untyped-call]  # torch does not annotate it
        return loss

    optimizer.step(closure)  # type: ignore[no-untyped-call]
    coefficients = torch.linalg.solve_triangular(factor.T, whitened.detach(), upper=True)
    return GenericHead(
        landmarks=landmarks,
        coefficients=coefficients.numpy(),
        bias=bias.numpy(),
        width=width,
    )
