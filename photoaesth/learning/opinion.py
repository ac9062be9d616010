"""A second opinion on photos: a network fine-tuned to the crowd's score distributions.

It shares the backbone's first stages with the features. The original last stages stay beside its
own: their pooled maps describe a photo more broadly than what the crowd cares for.
"""

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file
from torch import Tensor

from photoaesth.errors import PhotoaesthError
from photoaesth.learning.finetune.network import AestheticNetwork, new_network
from photoaesth.learning.finetune.options import FinetuneOptions, Schedule

WEIGHTS_FILE = Path(__file__).with_name("weights") / "opinion.safetensors"
WEIGHTS_SHA256 = "1d33037854d92f91eb9b78a892121b745784d1c8c2f79552918ef3718a4087c1"
# Two passes over four views of every photo, the rates annealed: chosen on two photo sets of the
# development data.
OPTIONS = FinetuneOptions(
    regression_schedule=Schedule(
        2, 32, backbone_rate=1e-4, head_rate=1e-3, halve_every=0, frozen=6, annealed=True
    )
)
FROZEN = OPTIONS.regression.frozen
FROM_MAP = FROZEN - 1  # of the backbone's maps: what the frozen stages end in
LEAST = 1e-6  # of a probability, so that its logarithm fits into half precision


def opinion_logits(network: AestheticNetwork, maps: Tensor) -> Tensor:
    """Return the `(N, 10)` log-probabilities of the scores 1 to 10.

    Args:
        network: from `load_opinion`, or fitted by `finetune.regression`.
        maps: `(N, C, h, w)`, the backbone's map number `FROM_MAP`.
    """
    probabilities: Tensor = network([maps], FROZEN)
    return probabilities.clamp_min(LEAST).log()


def to_tensors(network: AestheticNetwork) -> dict[str, NDArray[Any]]:
    """Return the weights that are the network's own: convolutions in half precision."""
    shared = tuple(f"stages.{number}." for number in range(FROZEN))
    own = {n: t for n, t in network.state_dict().items() if not n.startswith(shared)}
    return {
        name: (tensor.half() if tensor.ndim > 2 else tensor).cpu().contiguous().numpy()
        for name, tensor in own.items()
    }


def from_tensors(tensors: Mapping[str, NDArray[Any]], device: str = "cpu") -> AestheticNetwork:
    """Return the network that `to_tensors` described.

    Raises:
        ValueError: a tensor is missing or of another shape.
    """
    network = new_network(OPTIONS)
    for name, tensor in to_tensors(network).items():
        if name not in tensors or tensors[name].shape != tensor.shape:
            raise ValueError(f"{name} is missing or of another shape")
    state = network.state_dict()
    state |= {name: torch.from_numpy(tensors[name]).to(state[name].dtype) for name in tensors}
    network.load_state_dict(state)
    return network.requires_grad_(requires_grad=False).to(device)


@cache
def load_opinion(device: str, path: Path = WEIGHTS_FILE) -> AestheticNetwork:
    """Read the shipped network.

    Raises:
        PhotoaesthError: the file is missing or damaged.
    """
    try:
        return from_tensors(load_file(path), device)
    except Exception as error:
        raise PhotoaesthError(
            f"cannot read the shipped model {path}: {error}; reinstall photoaesth"
        ) from error


def weights_intact() -> bool:
    """Return whether the shipped file has the checksum it was released with."""
    return hashlib.sha256(WEIGHTS_FILE.read_bytes()).hexdigest() == WEIGHTS_SHA256
