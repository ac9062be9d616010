"""First phase: regress the distributions of rated photos by EMD (Z21, §3.2.2)."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from photoaesth.learning.finetune.activations import Activations, Images, as_activations
from photoaesth.learning.finetune.network import AestheticNetwork, new_network
from photoaesth.learning.finetune.options import FinetuneOptions
from photoaesth.learning.finetune.training import Progress, fingerprint_of, train
from photoaesth.learning.losses import emd

Floats = NDArray[np.floating[Any]]

_BATCH = 64


def start_network(
    photos: Images | Activations,
    options: FinetuneOptions,
    *,
    weights: Path | None = None,
    device: str = "cpu",
) -> AestheticNetwork:
    """Return a network that has learned nothing, its classifier's inputs standardised on photos.

    What fine-tuning without pre-training starts from.

    Args:
        photos: arrays from `model_input.model_input`, or their activations.
        options: backbone, attention and seed count here.
        weights: the file of VGG16's ImageNet weights.
        device: torch device.

    Raises:
        PhotoaesthError: the backbone's weights are missing or damaged.
    """
    network = new_network(options, weights, device)
    _standardize(network, as_activations(network, photos, options.regression.frozen))
    return network


def fit_regression(
    photos: Images | Activations,
    distributions: Floats,
    options: FinetuneOptions,
    *,
    weights: Path | None = None,
    device: str = "cpu",
    progress: Progress | None = None,
    checkpoint: Path | None = None,
) -> AestheticNetwork:
    """Learn the generic model from rated photos, best those `retrieval.retrieve` finds.

    Args:
        photos: N arrays from `model_input.model_input`, or their activations after
            `options.regression.frozen` stages of the untrained network.
        distributions: `(N, 10)` probabilities of the scores 1 to 10.
        options: network, schedule and seed.
        weights: the file of VGG16's ImageNet weights.
        device: torch device.
        progress: called after every step with steps done, all steps and seconds left.
        checkpoint: written after every epoch; the same call takes it up again.

    Raises:
        PhotoaesthError: the backbone's weights or the checkpoint are damaged.
    """
    schedule = options.regression
    network = new_network(options, weights, device)
    activations = as_activations(network, photos, schedule.frozen)
    _standardize(network, activations)
    targets = torch.from_numpy(np.asarray(distributions, dtype=np.float32)).to(device)
    with torch.no_grad():  # the first guess is the average photo's distribution
        network.classifier.bias.copy_(targets.mean(0).clamp_min(1e-4).log())

    def batches(rng: np.random.Generator) -> list[tuple[int, Tensor]]:
        order = rng.permutation(len(activations))
        drawn = list(activations.batches(order, schedule.batch_size))
        mixed = [drawn[number] for number in rng.permutation(len(drawn))]
        return [(group, torch.from_numpy(photos).to(device)) for group, photos in mixed]

    def loss_of(batch: tuple[int, Tensor]) -> Tensor:
        group, photos = batch
        return emd(network(activations.maps(group, photos), schedule.frozen), targets[photos])

    train(
        network,
        schedule,
        batches,
        loss_of,
        seed=options.seed,
        fingerprint=fingerprint_of(
            schedule,
            f"regression {options.backbone} {options.attention} {options.seed}",
            network.weights_sha256,
            activations.fingerprint,
            np.asarray(distributions, dtype=np.float32),
        ),
        progress=progress,
        checkpoint=checkpoint,
    )
    return network


@torch.no_grad()
def _standardize(network: AestheticNetwork, activations: Activations) -> None:
    everything = np.arange(len(activations))
    pooled = [
        network.pooled(
            activations.maps(group, torch.from_numpy(photos).to(network.device)),
            activations.frozen,
        )
        for group, photos in activations.batches(everything, _BATCH)
    ]
    network.standardize(torch.cat(pooled))
