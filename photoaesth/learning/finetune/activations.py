"""What the frozen stages make of photos, computed once and kept where the network is."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from photoaesth.learning.finetune.network import AestheticNetwork

Indices = NDArray[np.int64]
Images = Sequence[NDArray[np.uint8]]

_BATCH = 16


@dataclass(frozen=True, slots=True)
class Activations:
    """Photos as the output of the stages that do not learn; the pixels when all of them do.

    They lie on the network's device, so that a training step copies nothing. Half precision:
    97 kB for a photo in EfficientNet-Lite0 up to Z₁, 330 kB as pixels.

    Attributes:
        frozen: how many stages they have been through.
        groups: for each input shape, the maps that `AestheticNetwork.advance` takes, stacked.
        group: `(N,)` which group each photo is in; photos of one shape share batches.
        row: `(N,)` on the device: where in its group each photo is.
        fingerprint: hex checksum of the photos' pixels.
    """

    frozen: int
    groups: tuple[tuple[Tensor, ...], ...]
    group: Indices
    row: Tensor
    fingerprint: str

    def __len__(self) -> int:
        return len(self.group)

    @property
    def device(self) -> torch.device:
        """Where they lie."""
        return self.row.device

    def select(self, photos: Indices) -> "Activations":
        """Return some of the photos, `(B,)`, renumbered in the order given; shares the memory."""
        digest = hashlib.sha256(self.fingerprint.encode())
        digest.update(np.ascontiguousarray(photos).data)
        return Activations(
            frozen=self.frozen,
            groups=self.groups,
            group=self.group[photos],
            row=self.row[torch.from_numpy(photos).to(self.row.device)],
            fingerprint=digest.hexdigest(),
        )

    def maps(self, group: int, photos: Tensor) -> list[Tensor]:
        """Return the maps of photos of one group, given `(B,)` numbers on the device."""
        rows = self.row[photos]
        return [_for_computing(stacked[rows]) for stacked in self.groups[group]]

    def batches(self, photos: Indices, size: int) -> Iterator[tuple[int, Indices]]:
        """Yield groups and up to `size` of the given photos in them, in the given order."""
        for group in range(len(self.groups)):
            members = photos[self.group[photos] == group]
            for start in range(0, len(members), size):
                yield group, members[start : start + size]


@torch.no_grad()
def cache_activations(network: AestheticNetwork, inputs: Images, frozen: int) -> Activations:
    """Run the first `frozen` stages on photos.

    Args:
        network: on the device where the activations shall be.
        inputs: N arrays `(H, W, 3)` from `model_input.model_input`; shapes may differ.
        frozen: number of stages; 0 keeps the pixels.
    """
    by_shape = group_by_shape(inputs)
    group, row = np.empty(len(inputs), np.int64), np.empty(len(inputs), np.int64)
    for number, members in enumerate(by_shape):
        group[members], row[members] = number, np.arange(len(members))
    digest = hashlib.sha256()
    for image in inputs:
        digest.update(str(image.shape).encode())
        digest.update(np.ascontiguousarray(image).data)
    return Activations(
        frozen=frozen,
        groups=tuple(_run(network, inputs, members, frozen) for members in by_shape),
        group=group,
        row=torch.from_numpy(row).to(network.device),
        fingerprint=digest.hexdigest(),
    )


def as_activations(
    network: AestheticNetwork, photos: Images | Activations, frozen: int
) -> Activations:
    """Return photos as they are after `frozen` stages, computing what is not yet.

    Activations that have been through fewer stages are carried on from there.

    Raises:
        ValueError: they have been through more.
    """
    if not isinstance(photos, Activations):
        return cache_activations(network, photos, frozen)
    if photos.frozen == frozen:
        return photos
    if photos.frozen > frozen:
        raise ValueError(f"the photos are {photos.frozen} stages on, not {frozen} or fewer")
    return _carry_on(network, photos, frozen)


def group_by_shape(inputs: Images) -> list[list[int]]:
    """Return the numbers of the images of each shape."""
    by_shape: dict[tuple[int, ...], list[int]] = {}
    for number, image in enumerate(inputs):
        by_shape.setdefault(image.shape, []).append(number)
    return list(by_shape.values())


def upload(images: Images, device: torch.device) -> Tensor:
    """Return images of one shape as `(N, 3, H, W)` uint8 on a device.

    The copy to a GPU is from pinned memory and runs beside what the GPU is doing.
    """
    pixels = torch.from_numpy(np.stack(images))
    if device.type == "cuda":
        pixels = pixels.pin_memory()
    return pixels.to(device, non_blocking=True).permute(0, 3, 1, 2)


def _run(
    network: AestheticNetwork, inputs: Images, members: list[int], frozen: int
) -> tuple[Tensor, ...]:
    parts = []
    for start in range(0, len(members), _BATCH):
        pixels = upload([inputs[n] for n in members[start : start + _BATCH]], network.device)
        parts.append(_stored(network.advance([pixels], 0, frozen)))
    return _joined(parts)


@torch.no_grad()
def _carry_on(network: AestheticNetwork, photos: Activations, frozen: int) -> Activations:
    parts: list[list[list[Tensor]]] = [[] for _ in photos.groups]
    row = np.empty(len(photos), np.int64)
    for group, members in photos.batches(np.arange(len(photos)), _BATCH):
        row[members] = _BATCH * len(parts[group]) + np.arange(len(members))
        maps = photos.maps(group, torch.from_numpy(members).to(network.device))
        parts[group].append(_stored(network.advance(maps, photos.frozen, frozen)))
    return Activations(
        frozen=frozen,
        groups=tuple(_joined(part) for part in parts),
        group=photos.group,
        row=torch.from_numpy(row).to(network.device),
        fingerprint=photos.fingerprint,
    )


def _stored(maps: list[Tensor]) -> list[Tensor]:
    return [m if m.dtype == torch.uint8 else m.half() for m in maps]


def _for_computing(maps: Tensor) -> Tensor:
    if maps.dtype != torch.uint8:
        maps = maps.to(torch.bfloat16 if maps.is_cuda else torch.float32)
    return maps.contiguous(memory_format=torch.channels_last)


def _joined(parts: list[list[Tensor]]) -> tuple[Tensor, ...]:
    return tuple(torch.cat(maps) for maps in zip(*parts, strict=True))
