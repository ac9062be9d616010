"""How an enhancement policy learns from one photographer: by imitation, then by reward."""

import copy
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

from photoaesth.enhance.operations import apply
from photoaesth.enhance.policy.network import (
    ACTIONS,
    HIDDEN,
    MAX_STEPS,
    OUTPUTS,
    Embedding,
    EnhancementPolicy,
    State,
)
from photoaesth.enhance.policy.state import describe, small_copy
from photoaesth.enhance.sliders import clamp, to_parameters, to_sliders

_PENALTIES = (0.1, 1.0, 10.0, 100.0, 1e6)  # of ridge regression; the last leaves only a constant
_STOPS = 2.0  # log odds of stopping once an edit was imitated: now and then it goes on


@dataclass(frozen=True, slots=True)
class Example:
    """A retouch to imitate.

    Attributes:
        image: `(3, h, w)` sRGB in [0, 1], a small copy of the original.
        embedding: `(D,)` of the original.
        wanted: `(P,)` parameters of the photographer's edit.
    """

    image: Tensor
    embedding: Embedding
    wanted: Tensor


@torch.no_grad()
def clone(policy: EnhancementPolicy, examples: Sequence[Example]) -> EnhancementPolicy:
    """Return a policy that edits as the photographer did (behaviour cloning).

    The first step goes the whole way to the retouch: ridge regression on what the network's body
    sees. For each slider it departs from the given policy or from no edit at all, and by a
    penalty of its own, whichever foretells retouches left out best (Allen 1974, PRESS). So a look
    that is the same for all photos is learned from a few, and what depends on the photo from more.
    What that leaves unsure is how far chance moves an action later on.

    Args:
        policy: where it starts from; not changed.
        examples: at least one.
    """
    cloned = copy.deepcopy(policy)
    hidden = policy.hidden(_first_states([(e.image, e.embedding) for e in examples]))
    wanted = to_sliders(torch.stack([example.wanted for example in examples]))
    centre = hidden.mean(dim=0)
    seen = (hidden - centre).double()
    weight = cloned.heads.weight.view(MAX_STEPS, OUTPUTS, HIDDEN)
    bias = cloned.heads.bias.view(MAX_STEPS, OUTPUTS)
    proposed = hidden @ weight[0, :ACTIONS].T + bias[0, :ACTIONS]
    for slider in range(ACTIONS):
        choices = [
            (*_ridge(seen, (wanted - start)[:, slider].double(), penalty), own)
            for own, start in ((0, torch.zeros_like(proposed)), (1, proposed))
            for penalty in _PENALTIES
        ]
        error, change, constant, own = min(choices, key=lambda choice: choice[0])
        cloned.log_spread[slider] = math.log(max(math.sqrt(error), _LEAST_SPREAD / 2))
        weight[0, slider] = own * weight[0, slider] + change.float()
        bias[0, slider] = own * bias[0, slider] + constant - float(change.float() @ centre)
    weight[0, ACTIONS] = 0
    bias[0, ACTIONS] = -_STOPS
    weight[1:] = 0
    bias[1:] = 0
    bias[1:, ACTIONS] = _STOPS
    weight[0, ACTIONS + 1] = 0  # its critic is of another reward
    bias[0, ACTIONS + 1] = 0
    return cloned


def _ridge(seen: Tensor, wanted: Tensor, penalty: float) -> tuple[float, Tensor, float]:
    """Return the mean squared error on what is left out, `(H,)` weights, and a constant.

    Args:
        seen: `(N, H)`, centred.
        wanted: `(N,)`.
        penalty: of the weights, over the mean square of `seen`; the constant has none.
    """
    count = len(seen)
    products = seen @ seen.T
    ridge = penalty * products.diagonal().mean().clamp_min(1e-9)
    inverse = torch.linalg.inv(products + ridge * torch.eye(count, dtype=products.dtype))
    constant = wanted.mean()
    weights = seen.T @ (inverse @ (wanted - constant))
    hat = products @ inverse + 1 / count
    left = wanted - constant - seen @ weights
    errors = left / (1 - hat.diagonal()).clamp_min(1e-6)
    return float(errors.square().mean()), weights, float(constant)


Reward = Callable[[int, Tensor], Tensor]
"""Takes the number of a photo and `(B, 3, h, w)` edits of it; returns their worth, `(B,)`."""

_UPDATES = 30
_PHOTOS = 6  # of one update
_TRIES = 4  # at each of them
_LEARNING_RATE = 2e-3
_STEP_COST = 0.02  # in standard deviations of the gain; without it, no reason to stop
_FAITHFULNESS = 0.05  # weight of staying where the policy began
_CRITIC = 0.5
_LEAST_SPREAD = 1e-3  # of a slider's way


@dataclass(frozen=True, slots=True)
class _Decided:
    """What was decided after the same number of steps in T tries at one photo.

    Attributes:
        state: of T copies.
        number: steps taken before.
        actions: `(T, ACTIONS)` changes of the sliders.
        stopped: `(T,)` whether it stopped instead.
        going: `(T,)` whether it had not stopped before; only these count.
        gained: `(T,)` from here to the end, in the unit of the reward.
    """

    state: State
    number: int
    actions: Tensor
    stopped: Tensor
    going: Tensor
    gained: Tensor


def improve(
    policy: EnhancementPolicy,
    photos: Sequence[tuple[Tensor, Embedding]],
    reward: Reward,
    *,
    seed: int = 0,
    updates: int = _UPDATES,
    on_update: Callable[[int, int, float], None] = lambda done, total, gained: None,
) -> EnhancementPolicy:
    """Return a policy that gains more reward (advantage actor-critic, Mnih et al. 2016).

    Only the heads learn, held back to where they began: what the body sees of a photo was
    learned from many more of them than one photographer retouches. The policy returned is the
    one under which the photos were worth most, the given one among them.

    Args:
        policy: where it starts from; not changed.
        photos: `(3, h, w)` sRGB in [0, 1] with `(D,)` embeddings.
        reward: what edits are worth; higher is better.
        seed: decides the photos of each update, and the actions that are tried.
        updates: how many.
        on_update: told after each how many are done, how many there are, and the mean gain.
    """
    generator = torch.Generator().manual_seed(seed)
    learner = copy.deepcopy(policy)
    for parameter in [*learner.looks.parameters(), *learner.body.parameters()]:
        parameter.requires_grad = False
    optimizer = torch.optim.Adam(
        [*learner.heads.parameters(), learner.log_spread], lr=_LEARNING_RATE
    )
    best, most = copy.deepcopy(policy), _worth(policy, photos, reward)
    for done in range(1, updates + 1):
        chosen = torch.randperm(len(photos), generator=generator)[:_PHOTOS].tolist()
        tries = [_try(learner, photos[n], n, reward, generator) for n in chosen]
        loss = _loss(learner, policy, [decided for one in tries for decided in one])
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # of torch
        optimizer.step()
        if done % 10 == 0 or done == updates:
            worth = _worth(learner, photos, reward)
            if worth > most:
                best, most = copy.deepcopy(learner), worth
        gained = torch.cat([first.gained for first, *_ in tries])
        on_update(done, updates, float(gained.mean()))
    return best


@torch.no_grad()
def _try(
    policy: EnhancementPolicy,
    photo: tuple[Tensor, Embedding],
    place: int,
    reward: Reward,
    generator: torch.Generator,
) -> list[_Decided]:
    """Edit a photo `_TRIES` times as the policy would, with chance; return what it decided."""
    image = photo[0][None]
    state = _first_states([photo] * _TRIES)
    going = torch.ones(_TRIES, dtype=torch.bool)
    worth = reward(place, image).float().expand(_TRIES)
    before, taken = [worth], []
    for number in range(MAX_STEPS):
        decision = policy(state, number)
        stopped = torch.rand(_TRIES, generator=generator) < decision.stop.sigmoid()
        chance = torch.randn(_TRIES, ACTIONS, generator=generator) * _spread(policy)
        actions = decision.step + chance
        taken.append((state, number, actions, stopped, going))
        going = going & ~stopped
        if not going.any():
            break
        sliders = torch.where(going[:, None], clamp(state.sliders + actions), state.sliders)
        edited = apply(image, to_parameters(sliders))
        worth = torch.where(going, reward(place, edited).float(), worth)
        before.append(worth)
        state = State(describe(small_copy(edited)), state.embeddings, sliders)
    return [_Decided(*each, worth - then) for each, then in zip(taken, before, strict=False)]


def _spread(policy: EnhancementPolicy) -> Tensor:
    """Return by how much chance moves the sliders, `(ACTIONS,)`: those never used rest."""
    spread = policy.log_spread.exp()
    return torch.where(spread > _LEAST_SPREAD, spread, 0)


def _loss(policy: EnhancementPolicy, start: EnhancementPolicy, tries: Sequence[_Decided]) -> Tensor:
    gained = torch.cat([decided.gained[decided.going] for decided in tries])
    scale = gained.std().clamp_min(1e-6)
    used = _spread(policy) > 0
    losses = []
    for decided in tries:
        decision = policy(decided.state, decided.number)
        way = (decided.actions - decision.step) / policy.log_spread.exp()
        moving = (-0.5 * way.square() - policy.log_spread)[:, used].sum(dim=1)
        log_odds = torch.where(
            decided.stopped, logsigmoid(decision.stop), logsigmoid(-decision.stop) + moving
        )
        gain = decided.gained / scale - _STEP_COST * ~decided.stopped
        surprise = gain - decision.worth
        with torch.no_grad():
            before = start(decided.state, decided.number).step
        away = ((decision.step - before) / start.log_spread.exp())[:, used]
        loss = (
            -log_odds * surprise.detach()
            + _CRITIC * surprise.square()
            + _FAITHFULNESS * away.square().sum(dim=1)
        )
        losses.append(loss[decided.going])
    return torch.cat(losses).mean()


def _worth(
    policy: EnhancementPolicy, photos: Sequence[tuple[Tensor, Embedding]], reward: Reward
) -> float:
    """Return what edits without chance are worth on average."""
    worths = []
    for place, (image, embedding) in enumerate(photos):
        sliders = to_sliders(policy.edit(image, embedding))
        worths.append(float(reward(place, apply(image[None], to_parameters(sliders)[None]))[0]))
    return float(np.mean(worths))


def _first_states(photos: Sequence[tuple[Tensor, Embedding]]) -> State:
    """Return the states of photos that nothing was done to."""
    features = torch.cat([describe(small_copy(image[None])) for image, _ in photos])
    embeddings = np.stack([np.asarray(embedding, np.float32) for _, embedding in photos])
    return State(features, torch.from_numpy(embeddings), torch.zeros(len(photos), ACTIONS))
