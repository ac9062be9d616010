"""Second phase: fine-tune on a person's direct and inferred rankings (Z21, §3.3)."""

import copy
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from photoaesth.learning.finetune.activations import Activations, Images, as_activations
from photoaesth.learning.finetune.network import AestheticNetwork
from photoaesth.learning.finetune.options import FinetuneOptions
from photoaesth.learning.finetune.training import (
    Progress,
    fingerprint_of,
    train,
    weights_fingerprint,
)
from photoaesth.learning.losses import PAIRWISE_LOSSES

Pairs = NDArray[np.int64]


def fit_rankings(
    network: AestheticNetwork,
    photos: Images | Activations,
    direct: Pairs,
    inferred: Pairs,
    options: FinetuneOptions,
    *,
    progress: Progress | None = None,
    checkpoint: Path | None = None,
) -> AestheticNetwork:
    """Return the network fine-tuned to a person; the given one stays as it is.

    Direct and inferred rankings count the same, as in Z21.

    Args:
        network: from `fit_regression`, or from `start_network` without pre-training.
        photos: N arrays from `model_input.model_input`, or their activations, of this network,
            after at most `options.ranking.frozen` stages.
        direct: `(M, 2)` numbers of photos, the preferred first.
        inferred: `(L, 2)` likewise, from transitivity.
        options: loss, schedule and seed.
        progress: called after every step with steps done, all steps and seconds left.
        checkpoint: written after every epoch; the same call takes it up again.

    Raises:
        PhotoaesthError: the checkpoint is damaged or cannot be written.
    """
    schedule = options.ranking
    tuned = copy.deepcopy(network)
    pairs = np.concatenate([direct.reshape(-1, 2), inferred.reshape(-1, 2)])
    if len(pairs) == 0:
        return tuned
    activations = as_activations(tuned, photos, schedule.frozen)
    pairwise_loss = PAIRWISE_LOSSES[options.loss]

    def batches(rng: np.random.Generator) -> list["_PairBatch"]:
        order = rng.permutation(pairs)
        size = schedule.batch_size
        return [
            _PairBatch(order[start : start + size], activations)
            for start in range(0, len(order), size)
        ]

    def loss_of(batch: "_PairBatch") -> Tensor:
        scores = torch.cat(
            [
                tuned.mean_scores(activations.maps(group, photos), schedule.frozen)
                for group, photos in batch.groups
            ]
        )
        return pairwise_loss(scores[batch.preferred], scores[batch.other])

    train(
        tuned,
        schedule,
        batches,
        loss_of,
        seed=options.seed,
        fingerprint=fingerprint_of(
            schedule,
            f"rankings {options.loss} {options.seed}",
            weights_fingerprint(network),
            activations.fingerprint,
            pairs,
        ),
        progress=progress,
        checkpoint=checkpoint,
    )
    return tuned


class _PairBatch:
    """Some pairs, their photos listed once each and grouped by shape.

    Attributes:
        groups: group numbers and `(B,)` photo numbers on the device; joined in this order, they
            are what the other two count in.
        preferred: `(P,)` positions on the device.
        other: `(P,)` positions on the device.
    """

    def __init__(self, pairs: Pairs, activations: Activations) -> None:
        device = activations.row.device
        photos = np.unique(pairs)
        grouped = list(activations.batches(photos, len(photos)))
        position = np.empty(photos[-1] + 1, np.int64)
        position[np.concatenate([members for _, members in grouped])] = np.arange(len(photos))
        self.groups = [(group, torch.from_numpy(m).to(device)) for group, m in grouped]
        self.preferred = torch.from_numpy(position[pairs[:, 0]]).to(device)
        self.other = torch.from_numpy(position[pairs[:, 1]]).to(device)
