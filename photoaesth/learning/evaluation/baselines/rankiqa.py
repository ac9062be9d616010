"""RankIQA: a Siamese network trained on pairs with a hinge loss (Z21 [35]).

Liu, van de Weijer & Bagdanov 2017, "RankIQA: Learning from rankings for no-reference image quality
assessment": both photos of a pair pass the same network, the loss is the pairwise hinge. Z21
(§4.3.1) replaced its rankings of distorted images with the collected ones. Here the head is first
trained on the crowd's order of the rated photos, then on the person's choices; each photo passes
once, however many pairs it is in (the paper's efficient Siamese backpropagation).
"""

import copy

import numpy as np
import torch
from torch import Tensor, nn

from photoaesth.learning.evaluation.baselines.inputs import (
    MARGIN,
    RatedPhotos,
    preferences,
    rated_photos,
    standardised,
)
from photoaesth.learning.evaluation.method import Choices, Floats, Fold, Indices, Learned, Learner

_HIDDEN = 64
_WEIGHT_DECAY = 1e-2
_CROWD_PAIRS = 20_000  # drawn from all pairs of rated photos; far more than photos
_CROWD_STEPS = 600
_PERSON_STEPS = 20  # epochs of Z21 §3.4
_CROWD_RATE, _PERSON_RATE = 3e-4, 1e-4


def prepare(fold: Fold) -> Learner:
    """Train on the crowd's order and return the learner.

    Raises:
        PhotoaesthError: the fold has no ratings.
    """
    rated = rated_photos(fold, "rankiqa")
    rows = standardised(fold.features, rated.photo).astype(np.float32)
    inputs = torch.as_tensor(rows, device=fold.device)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(fold.seed)
        start = nn.Sequential(nn.Linear(rows.shape[1], _HIDDEN), nn.ReLU(), nn.Linear(_HIDDEN, 1))
    better, worse = _crowd_pairs(rated, np.random.default_rng(fold.seed))
    crowd = train_siamese(
        start.to(fold.device),
        inputs,
        better,
        worse,
        np.ones(len(better)),
        steps=_CROWD_STEPS,
        rate=_CROWD_RATE,
    )

    def learn(choices: Choices) -> Learned:
        winner, loser, weight = preferences(choices)
        head = train_siamese(
            crowd, inputs, winner, loser, weight, steps=_PERSON_STEPS, rate=_PERSON_RATE
        )
        with torch.inference_mode():
            return Learned(score=head(inputs).squeeze(1).cpu().double().numpy())

    return learn


def train_siamese(
    head: nn.Module,
    inputs: Tensor,
    winner: Indices,
    loser: Indices,
    weight: Floats,
    *,
    steps: int,
    rate: float,
) -> nn.Module:
    """Return a copy of the head after full-batch Adam steps on Σ w max(0, f(l) - f(w) + ε) / Σ w.

    Args:
        head: maps `(n, D)` to `(n, 1)`.
        inputs: `(N, D)` of all photos.
        winner: `(m,)` photo numbers.
        loser: `(m,)` photo numbers.
        weight: `(m,)`.
        steps: how many; none are taken without pairs.
        rate: AdamW's learning rate.
    """
    trained = copy.deepcopy(head)
    if not len(winner):
        return trained
    device = inputs.device
    photos, places = np.unique(np.concatenate([winner, loser]), return_inverse=True)
    rows = inputs[torch.as_tensor(photos, device=device)]
    ahead, behind = torch.as_tensor(places, device=device).chunk(2)
    share = torch.as_tensor((weight / weight.sum()).astype(np.float32), device=device)
    optimizer = torch.optim.AdamW(trained.parameters(), lr=rate, weight_decay=_WEIGHT_DECAY)
    for _ in range(steps):
        score = trained(rows).squeeze(1)
        loss = (share * (score[behind] - score[ahead] + MARGIN).clamp_min(0)).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return trained


def _crowd_pairs(rated: RatedPhotos, rng: np.random.Generator) -> tuple[Indices, Indices]:
    """Return random pairs of rated photos, the one with the higher mean score first."""
    first, second = rng.integers(len(rated.photo), size=(2, _CROWD_PAIRS))
    score = rated.score
    unequal = score[first] != score[second]
    first, second = first[unequal], second[unequal]
    swap = score[first] < score[second]
    better, worse = np.where(swap, second, first), np.where(swap, first, second)
    return rated.photo[better], rated.photo[worse]
