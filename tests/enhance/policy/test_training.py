import numpy as np
import pytest
import torch
from torch import Tensor

from photoaesth.enhance.difference import delta_e
from photoaesth.enhance.operations import apply, to_vector
from photoaesth.enhance.policy.network import EMBEDDING
from photoaesth.enhance.policy.starter import load_starter
from photoaesth.enhance.policy.training import Example, clone, improve

LOOK = {"exposure": 0.6, "temperature": 0.35, "saturation": -0.3, "contrast": 0.2}


def embedding(number: int) -> np.ndarray:
    return np.random.default_rng(number).normal(size=EMBEDDING).astype(np.float16)


def look(number: int) -> Tensor:
    """The look with a hand's noise."""
    rng = np.random.default_rng(number)
    return to_vector({name: value + rng.normal(0, 0.03) for name, value in LOOK.items()})


def examples(scenes: list[Tensor]) -> list[Example]:
    return [Example(scene, embedding(n), look(n)) for n, scene in enumerate(scenes)]


def distance(policy, examples) -> float:
    """Mean CIEDE2000 between the policy's edits and the photographer's."""
    found = []
    for each in examples:
        both = torch.stack([policy.edit(each.image, each.embedding), each.wanted])
        ours, theirs = apply(each.image[None], both)
        found.append(float(delta_e(ours, theirs).mean()))
    return float(np.mean(found))


def test_a_look_is_learned_from_a_few_photos(scenes):
    """On photos that it was not shown, ten retouches bring it far nearer than the starter is."""
    known, new = examples(scenes[::2])[:10], examples(scenes)[1::2]
    starter = load_starter()
    assert distance(clone(starter, known), new) < 0.35 * distance(starter, new)


def test_what_depends_on_the_photo_is_learned(scenes):
    """Where dark photos are brightened and bright ones darkened, new photos are told apart."""

    def evened(scene: Tensor) -> Example:
        wanted = to_vector({"exposure": 2 * float(0.45 - scene.mean())})
        return Example(scene, np.zeros(EMBEDDING), wanted)

    shown = [evened(scene) for scene in scenes]
    taught = clone(load_starter(), shown[::2])
    wanted = torch.stack([each.wanted for each in shown[1::2]])
    found = torch.stack([taught.edit(each.image, each.embedding) for each in shown[1::2]])
    column = int((wanted[0] != to_vector({})).nonzero()[0])
    together = torch.stack([wanted[:, column], found[:, column]])
    assert torch.corrcoef(together)[0, 1] > 0.8


def test_one_retouch_is_enough_to_start(scenes):
    """A single example is followed, and nothing breaks."""
    (only,) = examples(scenes[:1])
    assert distance(clone(load_starter(), [only]), [only]) < 0.5


def test_learning_leaves_the_policy_it_started_from(scenes):
    """The starter is shared by all profiles."""
    before = load_starter().to_bytes()
    known = examples(scenes[:4])
    taught = clone(load_starter(), known)
    photos = [(each.image, each.embedding) for each in known]
    improve(taught, photos, lambda place, edits: edits.mean(dim=(1, 2, 3)), updates=2)
    assert load_starter().to_bytes() == before


def brightness(place: int, edits: Tensor) -> Tensor:
    """A reward for brightness up to a point."""
    return -(edits.mean(dim=(1, 2, 3)) - 0.6).abs()


@pytest.fixture(scope="module")
def unsure(scenes):
    """A policy cloned from retouches that brighten by chance, and its photos."""
    shown = []
    for number, scene in enumerate(scenes[:4]):
        amount = float(np.random.default_rng(number).uniform(0, 0.6))
        shown.append(Example(scene, embedding(number), to_vector({"exposure": amount})))
    return clone(load_starter(), shown), [(each.image, each.embedding) for each in shown]


def worth(policy, photos) -> float:
    edits = [apply(i[None], policy.edit(i, e)[None]) for i, e in photos]
    return float(np.mean([float(brightness(n, edit)[0]) for n, edit in enumerate(edits)]))


def test_reward_moves_a_policy_toward_it(unsure):
    """After some updates the edits are worth more than those of the imitation."""
    policy, photos = unsure
    better = improve(policy, photos, brightness, seed=1, updates=20)
    assert worth(better, photos) > worth(policy, photos) + 0.005


def test_a_policy_never_ends_worse(unsure):
    """Where nothing can be gained, the policy stays at least as good as it was."""
    policy, photos = unsure

    def disliked(place: int, edits: Tensor) -> Tensor:
        return -1000 * torch.rand(len(edits), generator=torch.Generator().manual_seed(place))

    assert improve(policy, photos, disliked, updates=3).to_bytes() == policy.to_bytes()


def test_seeds_repeat(unsure):
    """The same seed gives the same policy, another one another."""
    policy, photos = unsure
    first, again, other = (
        improve(policy, photos, brightness, seed=seed, updates=10).to_bytes() for seed in (1, 1, 2)
    )
    assert first == again != other


def test_progress_is_told(unsure):
    """Every update is told with its mean gain, in the unit of the reward."""
    policy, photos = unsure
    told = []
    improve(policy, photos, brightness, updates=3, on_update=lambda *each: told.append(each))
    assert [each[:2] for each in told] == [(1, 3), (2, 3), (3, 3)]
    assert all(abs(each[2]) < 1 for each in told)
