"""How long finding the parameters of a photo takes, and what it gains.

    taskset -c 0 env OMP_NUM_THREADS=1 python benchmarks/enhance_search.py PHOTOS_DIR [--photos N]

For photos drawn evenly from the folder, under the generic model: processor time and wall time of
each method (decoding and the first photo of every shape left out), the points gained at the size
of the index, and the mean CIEDE2000 to the photo. On Linux, `taskset` keeps it on one core.
"""

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory

import numpy as np
import torch
from PIL import Image

from photoaesth.enhance.difference import delta_e
from photoaesth.enhance.operations import apply, to_vector
from photoaesth.imaging import DECODED_SIDE, decode
from photoaesth.learning.model_input import model_input
from photoaesth.library.database import open_library
from photoaesth.workflows.enhance.proposing import Method, Proposer

METHODS: tuple[Method, ...] = ("search", "policy", "auto")


def drawn(folder: Path, count: int) -> list[Image.Image]:
    """Return photos of a folder, the same ones every time."""
    files = sorted(path for path in folder.iterdir() if path.is_file())
    order = np.random.default_rng(0).permutation(len(files))[:count]
    return [decode(files[number], min_side=DECODED_SIDE).image for number in order]


def change(image: Image.Image, parameters: dict[str, float]) -> float:
    """Return the mean CIEDE2000 that parameters make."""
    small = torch.from_numpy(model_input(image).copy()).permute(2, 0, 1).unsqueeze(0) / 255
    return float(delta_e(apply(small, to_vector(parameters).unsqueeze(0)), small).mean())


def measure(proposer: Proposer, images: Sequence[Image.Image]) -> str:
    """Return the cells of a method's row."""
    for image in {image.size: image for image in images}.values():
        proposer.propose(image)  # each shape of input is compiled once
    walls, works, gains, changes, doubts = [], [], [], [], []
    for image in images:
        wall, work = time.perf_counter(), time.process_time()
        proposal = proposer.propose(image)
        walls.append(time.perf_counter() - wall)
        works.append(time.process_time() - work)
        gains.append(proposal.score_after - proposal.score_before)
        doubts.append(proposal.gain_sd)
        changes.append(change(image, dict(proposal.parameters)))
    unchanged = sum(each < 1e-3 for each in changes)
    return (
        f"{fmean(works):.2f} | {fmean(walls):.2f} | {min(walls):.2f} | {fmean(gains):+.3f} | "
        f"{fmean(doubts):.2f} | {fmean(changes):.2f} | {unchanged} of {len(images)}"
    )


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", type=Path)
    parser.add_argument("--photos", dest="count", type=int, default=20)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    images = drawn(asked.photos, asked.count)
    print("| method | processor, s | wall, s | least, s | gain | its sd | ΔE2000 | unchanged |")
    print("|---|---|---|---|---|---|---|---|")
    with (
        TemporaryDirectory() as folder,
        open_library(Path(folder) / "l.db", create=True) as library,
    ):
        for method in METHODS:
            cells = measure(Proposer(library, "nobody", method=method, device="cpu"), images)
            print(f"| {method} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
