"""Measure how `enhance` mends distorted photos, or train the policy that it starts from anew.

    python benchmarks/distort_and_recover.py PHOTOS_DIR RATINGS_CSV [--output FILE]

RATINGS_CSV has the columns rater,photo,score. Of the 300 photos rated best, 100 are held out,
always the same. Each is distorted in each way, in all ways at once and not at all; printed is what
is left of the difference to the photo (mean CIEDE2000), and its share of what there was, after the
policy alone and after `--task auto` with the generic model. With --output a policy is trained on
all other photos, written to FILE and measured alone.
"""

import argparse
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from photoaesth.enhance.difference import delta_e
from photoaesth.enhance.operations import apply, to_vector
from photoaesth.enhance.policy import EnhancementPolicy, load_starter
from photoaesth.enhance.policy.distort import KINDS, Distortion, draw
from photoaesth.enhance.policy.recover import Accident, accident, fit_starter
from photoaesth.imaging import DECODED_SIDE, decode
from photoaesth.learning.embedder import Embedder
from photoaesth.learning.evaluation.rating_files import read_ratings
from photoaesth.learning.model_input import model_input
from photoaesth.library.database import open_library
from photoaesth.workflows.enhance.proposing import Proposer

GOOD = 300
HELD_OUT = 100
WAYS = {kind: (kind,) for kind in KINDS} | {"all four": KINDS}
VERSIONS = 8  # of each photo to learn from: one in each of these ways, and others at random
CLEAN = 2  # times that the photo itself is there
UPDATES = 1500
SIDE = 500
NOTHING = 0.01  # CIEDE2000 of which no share is told

Editor = Callable[[Tensor], Tensor]
"""Takes `(3, H, W)` sRGB in [0, 1] and returns `(P,)` parameters."""


def split(ratings: Path) -> tuple[list[str], list[str]]:
    """Return the photos to learn from and those held out."""
    given = defaultdict(list)
    for _, photo, score in read_ratings(ratings):
        given[photo].append(score)
    ranked = sorted(sorted(given), key=lambda photo: -float(np.mean(given[photo])))
    drawn = np.random.default_rng(7).permutation(GOOD)[:HELD_OUT]
    held_out = {ranked[place] for place in drawn}
    return [photo for photo in ranked if photo not in held_out], sorted(held_out)


def picture(path: Path) -> Tensor:
    """Return a photo as `(3, H, W)` sRGB in [0, 1]."""
    image = decode(path, min_side=DECODED_SIDE).image
    image.thumbnail((SIDE, SIDE), Image.Resampling.BOX)
    return torch.from_numpy(np.array(image)).permute(2, 0, 1).float() / 255


def levels(image: Tensor) -> NDArray[np.uint8]:
    """Return a `(3, H, W)` image in [0, 1] as `(H, W, 3)` bytes."""
    return np.asarray((image * 255 + 0.5).byte().permute(1, 2, 0).numpy())


def embed(embedder: Embedder, images: Sequence[Tensor]) -> Tensor:
    """Return `(N, D)` embeddings of sRGB images in [0, 1]."""
    inputs = [model_input(Image.fromarray(levels(image))) for image in images]
    return torch.from_numpy(embedder.embed(inputs).astype(np.float32))


def train(paths: Sequence[Path], embedder: Embedder) -> EnhancementPolicy:
    """Distort photos and train a policy to bring them back."""
    rng = np.random.default_rng(0)
    generator = torch.Generator().manual_seed(0)
    accidents: list[Accident] = []
    embeddings: list[Tensor] = []
    for number, path in enumerate(paths, start=1):
        original = picture(path)
        drawn = [draw(kinds, rng) for kinds in WAYS.values()]
        while len(drawn) < VERSIONS:
            drawn.append(draw(tuple(kind for kind in KINDS if rng.random() < 0.5), rng))
        versions = [original] * CLEAN + [distortion(original) for distortion in drawn]
        accidents += [accident(version, original, generator) for version in versions]
        embeddings.append(embed(embedder, versions))
        print(f"\r{number} of {len(paths)} photos", end="", flush=True)
    print()

    def tell(done: int, left: float) -> None:
        if done % 100 == 0:
            print(f"\r{done} of {UPDATES} updates, {left:.2f} left", end="", flush=True)

    policy = fit_starter(accidents, torch.cat(embeddings), updates=UPDATES, on_update=tell)
    print()
    return policy


def measure(editors: Mapping[str, Editor], paths: Sequence[Path]) -> None:
    """Print what edits leave of distortions."""
    rng = np.random.default_rng(1)
    left: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for number, path in enumerate(paths, start=1):
        original = picture(path)
        drawn = {"none": Distortion()} | {way: draw(WAYS[way], rng) for way in WAYS}
        for way, distortion in drawn.items():
            distorted = distortion(original)
            left["before"][way].append(float(delta_e(distorted, original).mean()))
            for name, editor in editors.items():
                edited = apply(distorted[None], editor(distorted)[None])[0]
                left[name][way].append(float(delta_e(edited, original).mean()))
        print(f"\r{number} of {len(paths)} photos", end="", flush=True)
    print(f"\n{'':12}" + "".join(f"{name:>16}" for name in left))
    groups = {"none": ("none",)} | {way: (way,) for way in WAYS}
    for group, ways in (groups | {"each alone": KINDS, "all": tuple(WAYS)}).items():
        means = {name: float(np.mean([found[way] for way in ways])) for name, found in left.items()}
        cells = [f"{mean:8.2f} {_share(mean, means['before']):7}" for mean in means.values()]
        print(f"{group:12}" + "".join(cells))


def _share(after: float, before: float) -> str:
    return f"({after / before:.3f})" if before > NOTHING else ""


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photos", type=Path)
    parser.add_argument("ratings", type=Path)
    parser.add_argument("--output", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    learned, held_out = split(arguments.ratings)
    embedder = Embedder("cpu")
    unseen = [arguments.photos / name for name in held_out]
    if arguments.output:
        policy = train([arguments.photos / name for name in learned], embedder)
        arguments.output.write_bytes(policy.to_bytes())
        measure({"policy": alone(policy, embedder)}, unseen)
        return
    with (
        TemporaryDirectory() as folder,
        open_library(Path(folder) / "library.db", create=True) as library,
    ):
        proposer = Proposer(library, "nobody", device="cpu")

        def auto(image: Tensor) -> Tensor:
            return to_vector(proposer.propose(Image.fromarray(levels(image))).parameters)

        measure({"policy": alone(load_starter(), embedder), "auto": auto}, unseen)


def alone(policy: EnhancementPolicy, embedder: Embedder) -> Editor:
    """Return what asks a policy alone."""
    return lambda image: policy.edit(image, embed(embedder, [image])[0].numpy())


if __name__ == "__main__":
    main()
