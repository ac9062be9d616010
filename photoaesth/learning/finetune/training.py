"""The training loop of both phases: Adam, a checkpoint after every epoch, the time left."""

import hashlib
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from photoaesth.learning.finetune.checkpoint import (
    describe,
    read_checkpoint,
    restore,
    save_checkpoint,
)
from photoaesth.learning.finetune.network import AestheticNetwork
from photoaesth.learning.finetune.options import Schedule

# Called after every step with steps done, all steps and the seconds left.
Progress = Callable[[int, int, float], None]
Batch = Any

_WARM_UP = 0.1  # share of the steps over which annealed rates rise


def train(
    network: AestheticNetwork,
    schedule: Schedule,
    batches: Callable[[np.random.Generator], Sequence[Batch]],
    loss_of: Callable[[Batch], Tensor],
    *,
    seed: int,
    fingerprint: str,
    progress: Progress | None = None,
    checkpoint: Path | None = None,
) -> None:
    """Train the stages behind the frozen ones, attention and classifier, in place.

    Every epoch's order is drawn from seed and epoch alone, so that a training that is taken up
    again goes on as if it had not been interrupted: on a CPU, to the last bit. Nothing waits for
    the GPU within an epoch.

    Args:
        network: what learns.
        schedule: how.
        batches: makes an epoch's batches; the number of them is the same in every epoch.
        loss_of: the loss of a batch.
        seed: decides the order.
        fingerprint: identifies the data and whatever else the result depends on.
        progress: called after every step.
        checkpoint: written after every epoch, taken up again when its fingerprint is the same,
            replaced when it is another's.

    Raises:
        PhotoaesthError: the checkpoint is damaged or cannot be written.
    """
    optimizer = _optimizer(network, schedule)
    network.intact = min(network.intact, schedule.frozen)
    epoch, step = _take_up(checkpoint, network, optimizer, fingerprint)
    clock, first_step = time.monotonic(), step
    for number in range(epoch, schedule.epochs):
        drawn = batches(np.random.default_rng([seed, number]))
        losses = []
        for batch in drawn:
            _set_rates(optimizer, schedule, step, len(drawn) * schedule.epochs)
            optimizer.zero_grad()
            loss = loss_of(batch)
            loss.backward()  # type: ignore[no-untyped-call]  # torch does not annotate it
            optimizer.step()
            losses.append(loss.detach())
            step += 1
            if progress is not None:
                left = len(drawn) * (schedule.epochs - number) - len(losses)
                per_step_s = (time.monotonic() - clock) / (step - first_step)
                progress(step, step + left, left * per_step_s)
        if checkpoint is not None:
            info = describe(
                network,
                seed=seed,
                fingerprint=fingerprint,
                epoch=number + 1,
                step=step,
                metrics={"training_loss": float(torch.stack(losses).mean())},
            )
            more = number + 1 < schedule.epochs
            save_checkpoint(checkpoint, network, info, optimizer if more else None)


def fingerprint_of(schedule: Schedule, *parts: str | NDArray[Any]) -> str:
    """Return a hex checksum of a schedule and of all that is trained on."""
    digest = hashlib.sha256(repr(sorted(asdict(schedule).items())).encode())
    for part in parts:
        if isinstance(part, str):
            digest.update(part.encode())
        else:
            digest.update(f"{part.dtype}{part.shape}".encode())
            digest.update(np.ascontiguousarray(part).data)
    return digest.hexdigest()


def weights_fingerprint(network: AestheticNetwork) -> str:
    """Return a hex checksum of all weights that a training starts from."""
    digest = hashlib.sha256()
    for name, tensor in network.state_dict().items():
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().numpy())
    return digest.hexdigest()


def _optimizer(network: AestheticNetwork, schedule: Schedule) -> torch.optim.Adam:
    groups = [{"params": network.head_parameters(), "lr": schedule.head_rate}]
    learning = [p for stage in network.stages[schedule.frozen :] for p in stage.parameters()]
    if learning:
        groups.append({"params": learning, "lr": schedule.backbone_rate})
    return torch.optim.Adam(groups, fused=network.device.type == "cuda")


def _set_rates(optimizer: torch.optim.Adam, schedule: Schedule, step: int, steps: int) -> None:
    share = 1.0
    if schedule.halve_every:
        share = 0.5 ** (step // schedule.halve_every)
    if schedule.annealed:
        share *= (
            min(1, (step + 1) / (_WARM_UP * steps)) * 0.5 * (1 + math.cos(math.pi * step / steps))
        )
    rates = (schedule.head_rate, schedule.backbone_rate)
    for group, rate in zip(optimizer.param_groups, rates, strict=False):
        group["lr"] = rate * share


def _take_up(
    checkpoint: Path | None,
    network: AestheticNetwork,
    optimizer: torch.optim.Adam,
    fingerprint: str,
) -> tuple[int, int]:
    if checkpoint is None or not checkpoint.exists():
        return 0, 0
    info, tensors = read_checkpoint(checkpoint)
    if info.fingerprint != fingerprint:
        return 0, 0
    restore(network, info, tensors, optimizer)
    return info.epoch, info.step
