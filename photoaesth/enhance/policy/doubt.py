"""Of which photos' edits a policy is least sure, given those that it was shown."""

from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from photoaesth.enhance.policy.network import ACTIONS, Embedding, EnhancementPolicy, State
from photoaesth.enhance.policy.state import describe, small_copy

_NOISE = 0.1  # of a photographer's hand, over the variance of what a photo asks for


@torch.no_grad()
def least_sure(
    policy: EnhancementPolicy,
    known: Sequence[tuple[Image.Image, Embedding]],
    candidates: Sequence[tuple[Image.Image, Embedding]],
    count: int,
) -> list[int]:
    """Return the numbers of the photos whose retouches would teach most, the first one first.

    What is cloned from retouches is a regression on what the policy's body sees; its variance at
    a photo is how unsure it is there. The photo of the greatest variance comes first, and
    counts as known for the next (MacKay 1992, "Information-based objective functions for active
    data selection", section 4).

    Args:
        policy: whose body.
        known: photos with retouches, mode RGB, and their embeddings.
        candidates: those to choose from, the same.
        count: how many, at most as many as candidates.
    """
    seen = _seen(policy, [*known, *candidates])
    scale = float((seen**2).sum(axis=1).mean())
    covariance = seen @ seen.T / scale + 1  # the constant is as unsure as the rest
    first = len(known)
    chosen: list[int] = []
    left, explained = np.diag(covariance).copy(), np.zeros((0, len(seen)))
    for number in range(first + min(count, len(candidates))):
        if number >= first:
            open_ones = left[first:].copy()
            open_ones[chosen] = -1
            chosen.append(int(open_ones.argmax()))
        place = number if number < first else first + chosen[-1]
        row = covariance[place] - explained.T @ explained[:, place]
        row /= np.sqrt(left[place] + _NOISE)
        explained = np.vstack([explained, row])
        left = left - row**2
    return chosen


def _seen(
    policy: EnhancementPolicy, photos: Sequence[tuple[Image.Image, Embedding]]
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Return what the body sees of photos, `(N, H)`."""
    features = [describe(small_copy(_tensor(image))) for image, _ in photos]
    embeddings = torch.from_numpy(np.stack([np.asarray(e, np.float32) for _, e in photos]))
    state = State(torch.cat(features), embeddings, torch.zeros(len(photos), ACTIONS))
    return np.asarray(policy.hidden(state).double().numpy())


def _tensor(image: Image.Image) -> Tensor:
    pixels = torch.from_numpy(np.array(image))
    return pixels.permute(2, 0, 1)[None].float() / 255
