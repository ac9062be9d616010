"""FPMF: latent factors of raters, and of photos by way of their features (Z21 [44]).

O'Donovan, Agarwala & Hertzmann 2014, "Collaborative filtering of color aesthetics", feature-based
probabilistic matrix factorisation: r_ij ≈ b_i + m · x_j + u_i · (V x_j), with Gaussian priors on
the raters' factors u, on V and on m. A photo nobody has rated has factors too, V x; a new rater's
u is found from choices as the most probable under the same prior.
"""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from photoaesth.learning.evaluation.baselines.inputs import rated_photos
from photoaesth.learning.evaluation.baselines.strengths import CHOICE_SLOPE, logistic_map
from photoaesth.learning.evaluation.method import Choices, Fold, Learned, Learner

_FACTORS = 10
_NOISE_VARIANCE = 3.0  # of one rating around its expectation, in squared points of 1–10
_WEIGHT_SD = 0.05  # prior of m and V on an embedding coordinate, in points
_START_SD = 0.1  # breaks the symmetry between factors
_STEPS = 100


def prepare(fold: Fold) -> Learner:
    """Factorise the fold's ratings and return the learner.

    Raises:
        PhotoaesthError: the fold has no ratings.
    """
    rated_photos(fold, "fpmf")  # refuses ratings that teach nothing
    common, directions = _factorise(fold)
    embeddings = fold.described.astype(np.float64)
    believed, factors = embeddings @ common, embeddings @ directions

    def learn(choices: Choices) -> Learned:
        rows = CHOICE_SLOPE * (factors[choices.left] - factors[choices.right])
        ahead = CHOICE_SLOPE * (believed[choices.left] - believed[choices.right])
        position = logistic_map(rows, choices.outcomes, ahead, variance=1.0)
        return Learned(score=believed + factors @ position)

    return learn


def _factorise(fold: Fold) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return m `(D,)` and V `(D, factors)`: the most probable, the raters' b and u with them."""
    ratings = fold.ratings
    raters, rater = np.unique(ratings.rater, return_inverse=True)
    points = 9 * (ratings.score - ratings.score.min()) / np.ptp(ratings.score)
    generator = torch.Generator().manual_seed(fold.seed)

    def on_device(values: NDArray[Any]) -> Tensor:
        return torch.as_tensor(values, device=fold.device)

    def parameter(*shape: int, sd: float) -> Tensor:
        start = sd * torch.randn(*shape, generator=generator)
        return start.to(fold.device).requires_grad_()

    common = parameter(fold.described.shape[1], sd=0)
    directions = parameter(len(common), _FACTORS, sd=_START_SD)
    people = parameter(len(raters), _FACTORS, sd=_START_SD)
    level = parameter(len(raters), sd=0)
    embeddings, target = on_device(fold.described), on_device(points.astype(np.float32))
    who, what = on_device(rater), on_device(ratings.photo)
    parameters = [common, directions, people, level]
    optimizer = torch.optim.LBFGS(parameters, max_iter=_STEPS, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimizer.zero_grad()
        believed, factors = embeddings @ common, embeddings @ directions
        expected = level[who] + believed[what] + (factors[what] * people[who]).sum(1)
        misfit = (target - expected).square().sum() / _NOISE_VARIANCE
        weights = (common.square().sum() + directions.square().sum()) / _WEIGHT_SD**2
        loss: Tensor = (misfit + weights + people.square().sum()) / 2
        loss.backward()  # type: ignore[no-untyped-call]  # torch does not annotate it
        return loss

    optimizer.step(closure)  # type: ignore[no-untyped-call]
    # Only products are determined: the part of u that all raters share belongs to m.
    with torch.no_grad():
        shared = common + directions @ people.mean(0)
    return shared.cpu().double().numpy(), directions.detach().cpu().double().numpy()
