"""How the starter policy is made: photos are distorted, and it learns to bring them back.

Park et al. 2018, "Distort-and-recover: color enhancement using deep reinforcement learning". Our
operations are differentiable, and so is the reward, the decrease of CIEDE2000 to the photo as it
was: the actor follows its gradient instead of an estimate of it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import dropout

from photoaesth.enhance.color import srgb_to_linear
from photoaesth.enhance.difference import delta_e
from photoaesth.enhance.operations.area import Analysis, Area, base_layer
from photoaesth.enhance.operations.chain import active, convert
from photoaesth.enhance.operations.haze import DEHAZE, veil
from photoaesth.enhance.operations.operation import Encoding
from photoaesth.enhance.policy.network import ACTIONS, EnhancementPolicy, State
from photoaesth.enhance.policy.state import describe, small_copy
from photoaesth.enhance.sliders import clamp, to_parameters

PIXELS = 1024
"""Of each photo, drawn at random, on which edits are compared."""

_BATCH = 64
_SEEN = 192  # pixels of each photo in one update
_LEARNING_RATE = 2e-3
_WEIGHT_DECAY = 0.01
_DROPPED = 0.1  # of the features
_RESTRAINT = 0.2  # what a slider at its end has to gain, in CIEDE2000
_CRITIC = 0.02
_GREATEST_SLOPE = 1.0


@dataclass(frozen=True, slots=True)
class Accident:
    """A distorted photo.

    Attributes:
        features: `(FEATURES,)`, see `state.describe`.
        pixels: `(3, 1, PIXELS)` of it, sRGB in [0, 1].
        maps: `(2, 1, PIXELS)` what dehazing knows of these pixels.
        airlight: `(3,)`, the same of the whole.
        wanted: `(3, 1, PIXELS)` the same pixels of the photo as it was.
    """

    features: Tensor
    pixels: Tensor
    maps: Tensor
    airlight: Tensor
    wanted: Tensor


def accident(distorted: Tensor, original: Tensor, generator: torch.Generator) -> Accident:
    """Describe a distorted photo.

    Args:
        distorted: `(3, H, W)` sRGB in [0, 1].
        original: the same photo as it was.
        generator: draws the pixels.
    """
    known = veil(base_layer(srgb_to_linear(distorted[None])))
    small = small_copy(distorted[None])
    height, width = small.shape[-2:]
    area = Area(small, 0, height, known)
    drawn = torch.randint(height * width, (PIXELS,), generator=generator)
    return Accident(
        features=describe(small)[0],
        pixels=_picked(small, drawn),
        maps=_picked(area.maps(), drawn),
        airlight=known.constants[0],
        wanted=_picked(small_copy(original[None]), drawn),
    )


def fit_starter(
    accidents: list[Accident],
    embeddings: Tensor,
    *,
    updates: int,
    seed: int = 0,
    on_update: Callable[[int, float], None] = lambda done, loss: None,
) -> EnhancementPolicy:
    """Train a policy's first step; it stops after it.

    Args:
        accidents: N photos, some of them as they were.
        embeddings: `(N, D)` of the distorted photos.
        updates: how many.
        seed: of everything drawn.
        on_update: told after each which it was and the mean CIEDE2000 that is left.
    """
    torch.manual_seed(seed)
    features, pixels, maps, airlight, wanted = (
        torch.stack([getattr(one, name) for one in accidents])
        for name in ("features", "pixels", "maps", "airlight", "wanted")
    )
    policy = EnhancementPolicy().train()
    policy.mean.copy_(features.mean(dim=0))
    policy.spread.copy_(features.std(dim=0) + 1e-4)
    policy.embedding_spread.copy_(embeddings.std())
    optimizer = torch.optim.AdamW(
        policy.parameters(), lr=_LEARNING_RATE, weight_decay=_WEIGHT_DECAY
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, _LEARNING_RATE, updates)
    for done in range(1, updates + 1):
        rows = torch.randint(len(accidents), (_BATCH,))
        seen = torch.randint(PIXELS, (_SEEN,))
        noisy = policy.mean + dropout(features[rows] - policy.mean, _DROPPED)
        looks = dropout(embeddings[rows], _DROPPED)
        decision = policy(State(noisy, looks, torch.zeros(_BATCH, ACTIONS)), 0)
        sliders = clamp(decision.step)
        target = wanted[rows][..., seen]
        before = delta_e(pixels[rows][..., seen], target).mean(dim=(1, 2))
        edited = _edit(pixels[rows][..., seen], maps[rows][..., seen], airlight[rows], sliders)
        after = delta_e(edited, target).mean(dim=(1, 2))
        gained = (before - after).detach()
        loss = (
            after.mean()
            + _RESTRAINT * sliders.square().sum(dim=1).mean()
            + (decision.stop.sigmoid() * gained).mean()  # what stopping forgoes
            + _CRITIC * (decision.worth - gained).square().mean()
        )
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(policy.parameters(), _GREATEST_SLOPE)
        optimizer.step()
        schedule.step()
        on_update(done, float(after.detach().mean()))
    return policy.eval()


def _picked(image: Tensor, places: Tensor) -> Tensor:
    """Return the pixels of `(1, C, h, w)` at places, `(C, 1, n)`."""
    return image[0].flatten(1)[:, None, places]


class _Pixels(Area):
    """Pixels from anywhere, with the maps of just these."""

    def maps(self) -> Tensor:
        """Return the maps of the pixels, `(B, K, 1, PIXELS)`."""
        assert self.analysis is not None
        return self.analysis.maps


def _edit(pixels: Tensor, maps: Tensor, airlight: Tensor, sliders: Tensor) -> Tensor:
    """Run the operations for which a pixel, and what is known of it, suffice."""
    encoding = Encoding.SRGB
    for operation, values in active(to_parameters(sliders)):
        if operation is DEHAZE:
            pixels = convert(pixels, encoding, operation.encoding)
            area = _Pixels(pixels, 0, 1, Analysis(maps, airlight))
            pixels = operation.function(area, *values.unbind(dim=-1))
        elif operation.is_pointwise:
            pixels = convert(pixels, encoding, operation.encoding)
            pixels = operation(pixels, *values.unbind(dim=-1))
        else:
            continue
        encoding = operation.encoding
    return convert(pixels, encoding, Encoding.SRGB).clamp(0, 1)
