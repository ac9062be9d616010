"""Score distributions of photos by a network that has learned."""

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from photoaesth.learning.distribution import SCORES
from photoaesth.learning.finetune.activations import (
    Activations,
    Images,
    group_by_shape,
    upload,
)
from photoaesth.learning.finetune.network import AestheticNetwork

_BATCH = {"cuda": 128, "mps": 32, "cpu": 8}


@torch.inference_mode()
def predict_distributions(
    network: AestheticNetwork, photos: Images | Activations
) -> NDArray[np.float32]:
    """Return `(N, 10)` probabilities of the scores 1 to 10, in the order given.

    Args:
        network: whatever it has learned.
        photos: N arrays from `model_input.model_input`, of any mix of shapes, or their activations.
    """
    distributions = np.empty((len(photos), len(SCORES)), np.float32)
    results = [
        (numbers, network(maps, start)) for numbers, maps, start in _batches(network, photos)
    ]  # fetched when all are under way: the GPU never waits for the copies of the next batch
    for numbers, probabilities in results:
        distributions[numbers] = probabilities.cpu().numpy()
    return distributions


def _batches(
    network: AestheticNetwork, photos: Images | Activations
) -> Iterator[tuple[NDArray[np.int64], list[Tensor], int]]:
    size = _BATCH[network.device.type]
    if isinstance(photos, Activations):
        for group, members in photos.batches(np.arange(len(photos)), size):
            numbers = torch.from_numpy(members).to(network.device)
            yield members, photos.maps(group, numbers), photos.frozen
        return
    for same_shape in group_by_shape(photos):
        for start in range(0, len(same_shape), size):
            members = np.array(same_shape[start : start + size])
            yield members, [upload([photos[n] for n in members], network.device)], 0
