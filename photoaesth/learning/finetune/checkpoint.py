"""Networks on disk: what was learned, from what, how well, and where to carry on."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save
from torch import Tensor

from photoaesth.errors import PhotoaesthError
from photoaesth.files import atomic_write, display_path
from photoaesth.learning.finetune.network import AestheticNetwork
from photoaesth.learning.finetune.options import BackboneName

_FORMAT = 1
_STATE = "optimizer."


@dataclass(frozen=True, slots=True)
class CheckpointInfo:
    """What a checkpoint says about itself.

    Attributes:
        backbone: name of the backbone.
        attention: whether the network has attention modules.
        intact: how many of its stages are not in the file, being those of the backbone.
        weights_sha256: checksum of the backbone's ImageNet weights; empty for random ones.
        seed: of the training.
        fingerprint: hex checksum of everything the training depends on.
        epoch: epochs done.
        step: steps done.
        metrics: what was measured, by name.
    """

    backbone: BackboneName
    attention: bool
    intact: int
    weights_sha256: str
    seed: int
    fingerprint: str
    epoch: int = 0
    step: int = 0
    metrics: dict[str, float] = field(default_factory=dict)


def describe(
    network: AestheticNetwork,
    *,
    seed: int,
    fingerprint: str,
    epoch: int = 0,
    step: int = 0,
    metrics: dict[str, float] | None = None,
) -> CheckpointInfo:
    """Return what a checkpoint of this network says."""
    return CheckpointInfo(
        backbone=network.backbone,
        attention=network.attention is not None,
        intact=network.intact,
        weights_sha256=network.weights_sha256,
        seed=seed,
        fingerprint=fingerprint,
        epoch=epoch,
        step=step,
        metrics=metrics or {},
    )


def save_checkpoint(
    path: Path,
    network: AestheticNetwork,
    info: CheckpointInfo,
    optimizer: torch.optim.Optimizer | None = None,
) -> None:
    """Write a network, without the stages it took over unchanged, and its optimiser's state.

    An existing file is replaced in one step.

    Raises:
        PhotoaesthError: the file cannot be written.
    """
    tensors = {
        name: tensor
        for name, tensor in network.state_dict().items()
        if _stage(name) >= network.intact
    }
    if optimizer is not None:
        tensors |= _optimizer_tensors(optimizer)
    contiguous = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    metadata = {"format": str(_FORMAT), "photoaesth": json.dumps(asdict(info), sort_keys=True)}
    with atomic_write(path, overwrite=True) as file:
        file.write(save(contiguous, metadata))


def load_checkpoint(
    path: Path, *, weights: Path | None = None, device: str = "cpu"
) -> tuple[AestheticNetwork, CheckpointInfo]:
    """Read a network.

    Args:
        path: a file from `save_checkpoint`.
        weights: the file of VGG16's ImageNet weights, where the backbone is VGG16 and not all
            of its stages have learned.
        device: torch device.

    Raises:
        PhotoaesthError: the file is missing, damaged or newer than this program, or was trained
            from other ImageNet weights.
    """
    info, tensors = read_checkpoint(path)
    network = AestheticNetwork(info.backbone, attention=info.attention, weights=weights)
    if info.intact and network.weights_sha256 != info.weights_sha256:
        raise PhotoaesthError(
            f"{display_path(path)} was trained from other weights of {info.backbone}; "
            f"photoaesth models pull {info.backbone}"
        )
    network.weights_sha256 = info.weights_sha256
    try:
        restore(network, info, tensors)
    except RuntimeError as error:
        raise PhotoaesthError(
            f"the checkpoint {display_path(path)} lacks something; delete it and train again"
        ) from error
    return network.to(device), info


def read_checkpoint(path: Path) -> tuple[CheckpointInfo, dict[str, Tensor]]:
    """Read what `save_checkpoint` wrote, without building a network.

    Raises:
        PhotoaesthError: the file is missing, damaged or newer than this program.
    """
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata()
            newer = int(metadata["format"]) > _FORMAT
            info = CheckpointInfo(**json.loads(metadata["photoaesth"]))
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # it is no dict
    except Exception as error:  # safetensors has an error class of its own for damage
        raise PhotoaesthError(
            f"cannot read the checkpoint {display_path(path)}: {error}; delete it and train again"
        ) from error
    if newer:
        raise PhotoaesthError(
            f"the checkpoint {display_path(path)} was written by a newer photoaesth; "
            "upgrade photoaesth"
        )
    return info, tensors


def restore(
    network: AestheticNetwork,
    info: CheckpointInfo,
    tensors: dict[str, Tensor],
    optimizer: torch.optim.Optimizer | None = None,
) -> None:
    """Put a checkpoint's tensors into a network and, where given, its optimiser.

    Raises:
        RuntimeError: they are not those of such a network.
    """
    learned = {name: t for name, t in tensors.items() if not name.startswith(_STATE)}
    result = network.load_state_dict(learned, strict=False)
    missing = [name for name in result.missing_keys if _stage(name) >= info.intact]
    if missing or result.unexpected_keys:
        raise RuntimeError(f"missing {missing}, unexpected {result.unexpected_keys}")
    network.intact = info.intact
    if optimizer is not None:
        _restore_optimizer(optimizer, tensors)


def _stage(name: str) -> int:
    """Return the number of the stage that a tensor belongs to; the head comes after all."""
    module, _, rest = name.partition(".")
    return int(rest.partition(".")[0]) if module == "stages" else 1_000


def _optimizer_tensors(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    return {
        f"{_STATE}{number}.{name}": tensor
        for number, state in optimizer.state_dict()["state"].items()
        for name, tensor in state.items()
    }


def _restore_optimizer(optimizer: torch.optim.Optimizer, tensors: dict[str, Tensor]) -> None:
    state: dict[int, dict[str, Any]] = {}
    for key, tensor in tensors.items():
        if key.startswith(_STATE):
            number, name = key.removeprefix(_STATE).split(".")
            state.setdefault(int(number), {})[name] = tensor
    optimizer.load_state_dict({**optimizer.state_dict(), "state": state})
