import numpy as np
from PIL import Image

from photoaesth.enhance.difference import delta_e
from photoaesth.enhance.operations import apply
from photoaesth.enhance.policy.distort import KINDS, draw
from photoaesth.enhance.policy.starter import STARTER_FILE, load_starter
from photoaesth.learning.embedder import Embedder
from photoaesth.learning.model_input import model_input


def test_it_is_small():
    """It ships in at most three megabytes."""
    assert STARTER_FILE.stat().st_size <= 3_000_000


def test_it_mends_accidents_and_leaves_good_photos(scenes):
    """Distorted pictures come nearer to what they were; whole ones stay nearly as they are.

    Drawn ones are unlike the photos that it has learned from; benchmarks/fit_starter_policy.py
    measures it on photos.
    """
    embedder, starter = Embedder("cpu"), load_starter()
    rng = np.random.default_rng(0)
    before, after, introduced = [], [], []
    for scene in scenes[::2]:
        for distorted in (scene, draw(KINDS, rng)(scene)):
            levels = (distorted * 255 + 0.5).byte().permute(1, 2, 0).numpy()
            (embedding,) = embedder.embed([model_input(Image.fromarray(levels))])
            edited = apply(distorted[None], starter.edit(distorted, embedding)[None])[0]
            left = float(delta_e(edited, scene).mean())
            if distorted is scene:
                introduced.append(left)
            else:
                before.append(float(delta_e(distorted, scene).mean()))
                after.append(left)
    assert np.mean(after) < 0.8 * np.mean(before)
    assert np.mean(introduced) < 6
