"""The enhancement policy: an actor that edits a photo in a few signed steps, and its critic."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from photoaesth.enhance.operations import PARAMETERS, apply, to_mapping
from photoaesth.enhance.policy.state import FEATURES, describe, small_copy
from photoaesth.enhance.sliders import clamp, to_parameters
from photoaesth.errors import PhotoaesthError

Embedding = NDArray[np.floating[Any]]

MAX_STEPS = 2
"""Steps that a policy takes at most."""

ACTIONS = len(PARAMETERS)
OUTPUTS = ACTIONS + 2
"""Of each step: changes of the sliders, log odds of stopping, and what is to be gained."""

EMBEDDING = 256

HIDDEN = 128
_LOOKS = 24  # what is kept of an embedding
_FARTHEST = 5.0  # standard deviations; a feature that is farther out counts as no farther
_FIRST_SPREAD = 0.03  # of a slider's way, by which chance moves an action


@dataclass(frozen=True, slots=True)
class State:
    """What a policy knows of B photos before it acts.

    Attributes:
        features: `(B, FEATURES)` of the copies as edited so far, see `state.describe`.
        embeddings: `(B, EMBEDDING)` of the originals.
        sliders: `(B, ACTIONS)` the edits so far, see `sliders`.
    """

    features: Tensor
    embeddings: Tensor
    sliders: Tensor


@dataclass(frozen=True, slots=True)
class Decision:
    """What a policy would do with B photos.

    Attributes:
        step: `(B, ACTIONS)` mean changes of the sliders.
        stop: `(B,)` log odds of stopping instead.
        worth: `(B,)` the gain that is expected from here on, in the unit of the reward.
    """

    step: Tensor
    stop: Tensor
    worth: Tensor


class EnhancementPolicy(nn.Module):
    """Actor and critic on one body (Mnih et al. 2016, "Asynchronous methods for deep RL").

    An action is a signed change of every slider, drawn around `Decision.step`, or to stop. Each
    edit is made anew from the original with the sliders added up, so steps lose nothing.
    """

    mean: Tensor
    spread: Tensor
    embedding_spread: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(FEATURES))
        self.register_buffer("spread", torch.ones(FEATURES))
        self.register_buffer("embedding_spread", torch.ones(()))
        self.looks = nn.Linear(EMBEDDING, _LOOKS)
        self.body = nn.Sequential(
            nn.Linear(FEATURES + _LOOKS + ACTIONS, HIDDEN),
            nn.SiLU(),
            nn.Linear(HIDDEN, HIDDEN),
            nn.SiLU(),
        )
        # Outputs of their own for each step: the first does most of an edit, later ones mend it.
        self.heads = nn.Linear(HIDDEN, MAX_STEPS * OUTPUTS)
        nn.init.zeros_(self.heads.weight)
        nn.init.zeros_(self.heads.bias)
        self.log_spread = nn.Parameter(torch.full((ACTIONS,), math.log(_FIRST_SPREAD)))

    def forward(self, state: State, number: int) -> Decision:
        """Decide what to do, after `number` steps."""
        decided = self.heads(self.hidden(state)).view(-1, MAX_STEPS, OUTPUTS)[:, number]
        return Decision(decided[:, :ACTIONS], decided[:, ACTIONS], decided[:, ACTIONS + 1])

    def hidden(self, state: State) -> Tensor:
        """Return what the heads decide by, `(B, H)`."""
        features = ((state.features - self.mean) / self.spread).clamp(-_FARTHEST, _FARTHEST)
        looks = self.looks(state.embeddings / self.embedding_spread)
        hidden: Tensor = self.body(torch.cat([features, looks, state.sliders], dim=1))
        return hidden

    def propose(self, image: Tensor, embedding: Embedding) -> dict[str, float]:
        """Return the parameters of `edit` by name, all of `operations.PARAMETERS`."""
        return to_mapping(self.edit(image, embedding))

    @torch.no_grad()
    def edit(self, image: Tensor, embedding: Embedding) -> Tensor:
        """Edit a photo without chance, stopping where the policy would rather stop.

        Args:
            image: `(3, h, w)` sRGB in [0, 1], a small copy.
            embedding: `(EMBEDDING,)`.

        Returns:
            `(P,)` parameters.
        """
        looks = torch.from_numpy(np.asarray(embedding, np.float32))[None]
        sliders = torch.zeros(1, ACTIONS)
        edited = image[None]
        for number in range(MAX_STEPS):
            if number:
                edited = apply(image[None], to_parameters(sliders))
            decision = self(State(describe(small_copy(edited)), looks, sliders), number)
            if decision.stop > 0:
                break
            sliders = clamp(sliders + decision.step)
        return to_parameters(sliders)[0]

    def to_bytes(self) -> bytes:
        """Return the weights as safetensors, in half precision."""
        return save({name: value.half() for name, value in self.state_dict().items()})

    @staticmethod
    def from_bytes(data: bytes) -> "EnhancementPolicy":
        """Read what `to_bytes` wrote.

        Raises:
            PhotoaesthError: it is damaged, or made by another version.
        """
        policy = EnhancementPolicy()
        try:
            policy.load_state_dict({name: value.float() for name, value in load(data).items()})
        except (SafetensorError, RuntimeError) as error:
            raise PhotoaesthError(
                "the enhancement policy is damaged or made by another version of photoaesth"
            ) from error
        return policy.eval()
