import numpy as np
import torch

from photoaesth.enhance.difference import delta_e
from photoaesth.enhance.operations import apply
from photoaesth.enhance.policy.distort import draw
from photoaesth.enhance.policy.network import EMBEDDING
from photoaesth.enhance.policy.recover import PIXELS, accident, fit_starter


def test_an_accident_knows_the_same_pixels_before_and_after(scenes):
    """Pixels drawn of the distorted copy and of the photo lie at the same places."""
    generator = torch.Generator().manual_seed(0)
    known = accident(scenes[0], scenes[0], generator)
    assert known.pixels.shape == (3, 1, PIXELS)
    assert torch.equal(known.pixels, known.wanted)
    assert known.maps.shape == (2, 1, PIXELS)


def test_training_brings_photos_back(scenes):
    """A short training on exposure alone mends some of it, on the photos it was shown."""
    rng, generator = np.random.default_rng(0), torch.Generator().manual_seed(0)
    pairs = [(draw(("exposure",), rng)(scene), scene) for scene in scenes]
    accidents = [accident(distorted, scene, generator) for distorted, scene in pairs]
    embeddings = torch.randn(len(accidents), EMBEDDING, generator=generator)
    losses = []
    policy = fit_starter(
        accidents, embeddings, updates=40, on_update=lambda done, left: losses.append(left)
    )
    assert len(losses) == 40
    before = np.mean([float(delta_e(*pair).mean()) for pair in pairs])
    after = []
    for (distorted, scene), looks in zip(pairs, embeddings, strict=True):
        edited = apply(distorted[None], policy.edit(distorted, looks.numpy())[None])[0]
        after.append(float(delta_e(edited, scene).mean()))
    assert np.mean(after) < 0.8 * before
