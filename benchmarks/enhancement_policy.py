"""Does the enhancement policy come nearer to a photographer's own edits than `enhance` without it?

    python benchmarks/enhancement_policy.py PHOTOS_DIR

Simulated photographers with a consistent look: stated parameters, and noise of a fifth of each, on
photos drawn from PHOTOS_DIR. They retouch twenty, as `train --method policies` is told; mean
CIEDE2000 to their edits of forty others, by the policy over that by default `auto`. No gate.
"""

import argparse
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from photoaesth.enhance.small_photo import SmallPhoto
from photoaesth.imaging import DECODED_SIDE, decode
from photoaesth.learning.crowd import load_crowd_model
from photoaesth.learning.embedder import Embedder
from photoaesth.learning.model_input import model_input
from photoaesth.learning.personal import prior
from photoaesth.library.database import open_library
from photoaesth.workflows.enhance.proposing import Proposer
from photoaesth.workflows.policies.alternation import Alternation, Policies, propose
from photoaesth.workflows.policies.material import Edit, Embedding, Material
from photoaesth.workflows.policies.training import ROUNDS

LOOKS: Mapping[str, Mapping[str, float]] = {
    "warm, bright": {"temperature": 0.25, "exposure": 0.5, "shadows": 0.06, "vibrance": 0.15},
    "cool, moody": {"temperature": -0.25, "exposure": -0.5, "contrast": 0.25, "saturation": -0.15},
    "vivid": {"saturation": 0.35, "contrast": 0.25, "clarity": 0.2},
    "muted": {"saturation": -0.35, "contrast": -0.2, "blacks": 0.03, "temperature": 0.1},
}
NOISE = 0.2  # of each parameter, its standard deviation
RETOUCHED, HELD_OUT = 20, 40
OTHERS = 4  # not retouched, as the training takes them


def retouch(
    photo: int, copy: SmallPhoto, look: Mapping[str, float], rng: np.random.Generator
) -> Edit:
    """Return the photographer's edit of a photo."""
    noise = rng.normal(1, NOISE, len(look)).tolist()
    made = {name: value * factor for (name, value), factor in zip(look.items(), noise, strict=True)}
    return Edit(photo, photo, "", copy, made, None, None)


def mean_difference(edits: list[Edit], made: Mapping[int, Mapping[str, float]]) -> float:
    """Return the mean CIEDE2000 of edits, by photo, to the photographer's."""
    return float(np.mean([e.copy.difference(made[e.photo], e.parameters) for e in edits]))


def main() -> None:
    """Print a row for every look and seed, and the mean ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    arguments = parser.parse_args()
    crowd, embedder = load_crowd_model(), Embedder("auto")
    paths = sorted(path for path in arguments.photos.rglob("*") if path.is_file())
    drawn = np.random.default_rng(0).permutation(len(paths))[: RETOUCHED + HELD_OUT + OTHERS]
    pixels = [
        model_input(decode(paths[number], min_side=DECODED_SIDE).image) for number in drawn.tolist()
    ]
    copies = [SmallPhoto(each) for each in pixels]
    embeddings: dict[int, Embedding] = {
        number: embedder.embed([each])[0] for number, each in enumerate(pixels)
    }
    with (
        tempfile.TemporaryDirectory() as folder,
        open_library(Path(folder) / "library.db", create=True) as library,
    ):
        proposer = Proposer(library, "nobody", device="auto")
        auto = {n: proposer.propose(copy.picture).parameters for n, copy in enumerate(copies)}
    ratios = []
    print(f"{'look':14} {'seed':>4} {'untouched':>10} {'auto':>6} {'policy':>7} {'ratio':>6}")
    for name, look in LOOKS.items():
        for seed in range(arguments.seeds):
            rng = np.random.default_rng([seed, len(name)])
            places = rng.permutation(len(copies)).tolist()
            edits = [retouch(n, copies[n], look, rng) for n in places[OTHERS:]]
            others = {n: copies[n] for n in places[:OTHERS]}
            learned, tested = edits[:RETOUCHED], edits[RETOUCHED:]
            material = Material(tuple(learned), (), others, embeddings, {}, 0)
            game = Alternation(
                crowd, embedder, material, prior(crowd), enhancing=True, ranking=False, seed=seed
            )
            after: Policies | None = None
            for number in range(1, ROUNDS + 1):
                after = game.play(number, after, lambda done, total: None)
            assert after is not None
            assert after.enhancement is not None
            policy = after.enhancement
            made = {e.photo: propose(policy, e, embeddings[e.photo]) for e in tested}
            ours, theirs = mean_difference(tested, made), mean_difference(tested, auto)
            untouched = mean_difference(tested, {e.photo: {} for e in tested})
            ratios.append(ours / theirs)
            print(
                f"{name:14} {seed:4} {untouched:10.2f} {theirs:6.2f} {ours:7.2f} {ratios[-1]:6.2f}",
                flush=True,
            )
    print(f"policy over auto: mean {np.mean(ratios):.2f}, greatest {max(ratios):.2f}")


if __name__ == "__main__":
    main()
