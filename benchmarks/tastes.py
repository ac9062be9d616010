"""How far apart the edits of photographers with opposite tastes are.

    python benchmarks/tastes.py PHOTOS_DIR [--method auto|search] [--picture FILE.jpg]

Six simulated photographers choose 100 times each between two of 120 photos, with noise, and
`train` learns from it. The edits that `enhance` then finds for 20 other photos are compared, also
with those of the generic model. The picture shows drawn photos under the same six tastes, each
learned from other drawn photos. Takes some three minutes on two cores, and twice that with the
picture.
"""

import argparse
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from PIL import Image, ImageDraw
from torch import Tensor

from photoaesth.domain import Source
from photoaesth.enhance.difference import ciede2000, srgb_to_lab
from photoaesth.enhance.operations import apply, to_vector
from photoaesth.imaging import DECODED_SIDE, decode
from photoaesth.learning.model_input import model_input
from photoaesth.library import photos
from photoaesth.library.comparisons import NewComparison, add_comparisons, profile_id
from photoaesth.library.database import open_library
from photoaesth.samples.album import draw_album
from photoaesth.samples.photographer import Photographer, standardise
from photoaesth.samples.traits import measure
from photoaesth.workflows.enhance.proposing import Method, Proposer
from photoaesth.workflows.index import IndexOptions, index
from photoaesth.workflows.train import train

CHOICES = 100
CHOSEN_FROM, EDITED = 120, 20
NOISE = 0.5  # standard deviations of the trait: they contradict their own taste one time in six
GENERIC = "generic"
COLUMN_PX = 220


@dataclass(frozen=True, slots=True)
class Opposites:
    """Two photographers who want more and less of one thing.

    Attributes:
        names: of who wants more, and who less.
        trait: what they choose by, of `samples.traits`.
        unit: the figure of an edit that tells them apart, of `figures`.
        aim: by how much they should be apart.
    """

    names: tuple[str, str]
    trait: str
    unit: str
    aim: float

    def photographers(self) -> list[Photographer]:
        """Return both."""
        return [
            Photographer(name, name, {self.trait: sign}, NOISE)
            for name, sign in zip(self.names, (1.0, -1.0), strict=True)
        ]


TASTES = (
    Opposites(("warm", "cool"), "warmth", "b*", 4.0),
    Opposites(("bright", "moody"), "brightness", "L*", 6.0),
    Opposites(("vivid", "muted"), "colourfulness", "chroma", 5.0),
)


def figures(image: Tensor) -> Mapping[str, float]:
    """Return mean L*, b* and chroma of `(3, h, w)` sRGB in [0, 1], in CIELAB under D65."""
    lightness, green_red, blue_yellow = srgb_to_lab(image)
    return {
        "L*": float(lightness.mean()),
        "b*": float(blue_yellow.mean()),
        "chroma": float(torch.hypot(green_red, blue_yellow).mean()),
    }


def learn(library: Path, folder: Path, paths: Sequence[Path]) -> None:
    """Index photos and let all six photographers choose among them."""
    index(library, [folder], IndexOptions(device="cpu"))
    traits = standardise([measure(decode(path, min_side=DECODED_SIDE).image) for path in paths])
    for photographer in (each for pair in TASTES for each in pair.photographers()):
        rng = np.random.default_rng(0)  # the same pairs for everybody
        answers = []
        with open_library(library) as opened:
            found = [photos.photo_by_path(opened, path) for path in paths]
            known = [(photo.id, each) for photo, each in zip(found, traits, strict=True) if photo]
            while len(answers) < CHOICES:
                (left, a), (right, b) = (known[n] for n in rng.choice(len(known), 2, replace=False))
                answers.append(NewComparison(left, right, photographer.choose(a, b, rng)))
            profile = profile_id(opened, photographer.name)
            add_comparisons(opened, profile, answers, source=Source.RANDOM)
        report = train(library, photographer.name)
        print(f"{photographer.name}: {report.kept} model", flush=True)


def edits(
    library: Path, profile: str, images: Sequence[Image.Image], method: Method
) -> list[Tensor]:
    """Return small copies of photos, `(3, h, w)` each, as a profile would have them."""
    with open_library(library) as opened:
        proposer = Proposer(opened, profile, method=method, device="cpu")
        vectors = [to_vector(proposer.propose(image).parameters) for image in images]
    return [
        apply(small(image).unsqueeze(0), vector.unsqueeze(0))[0]
        for image, vector in zip(images, vectors, strict=True)
    ]


def small(image: Image.Image) -> Tensor:
    """Return a photo as the index sees it, `(3, h, w)` sRGB in [0, 1]."""
    return torch.from_numpy(model_input(image).copy()).permute(2, 0, 1) / 255


def report(folder: Path, place: Path, method: Method) -> None:
    """Print how far apart the edits are, and how far from the photos."""
    found = sorted(path for path in folder.iterdir() if path.is_file())
    files = [found[number] for number in np.random.default_rng(0).permutation(len(found))]
    chosen = place / "photos"
    chosen.mkdir()
    paths = [Path(shutil.copy(file, chosen)) for file in files[EDITED : EDITED + CHOSEN_FROM]]
    images = [decode(file, min_side=DECODED_SIDE).image for file in files[:EDITED]]
    library = place / "library.db"
    learn(library, chosen, paths)
    names = [GENERIC, *(name for pair in TASTES for name in pair.names)]
    made = {name: edits(library, name, images, method) for name in names}
    originals = [small(image) for image in images]
    print("| taste | L* | b* | chroma | mean ΔE2000 to the photo |\n|---|---|---|---|---|")
    for name in names:
        moved = [
            np.array(list(figures(edit).values())) - list(figures(original).values())
            for edit, original in zip(made[name], originals, strict=True)
        ]
        change = np.mean(
            [
                float(ciede2000(srgb_to_lab(edit), srgb_to_lab(original)).mean())
                for edit, original in zip(made[name], originals, strict=True)
            ]
        )
        cells = " | ".join(f"{value:+.1f}" for value in np.mean(moved, axis=0))
        print(f"| {name} | {cells} | {change:.1f} |")
    for pair in TASTES:
        apart = [
            figures(more)[pair.unit] - figures(less)[pair.unit]
            for more, less in zip(*(made[name] for name in pair.names), strict=True)
        ]
        print(f"{' and '.join(pair.names)}: apart by {np.mean(apart):.1f} {pair.unit}, ", end="")
        print(f"aim {pair.aim:g}; on {sum(each > 0 for each in apart)} of {len(apart)} photos so")


def draw_picture(target: Path, place: Path, method: Method) -> None:
    """Write a picture of drawn photos under every taste: a row each, the photo first."""
    drawn = [sample.path for sample in draw_album(place / "drawn", count=CHOSEN_FROM)]
    library = place / "drawn.db"
    learn(library, place / "drawn", drawn)
    shown = draw_album(place / "shown", count=40, seed=3)
    wanted = [  # well exposed and straight enough to be looked at
        sample.path
        for scene in ("lake", "balloons", "fruit", "façade")
        for sample in shown
        if sample.scene == scene
    ]
    images = [decode(path, min_side=DECODED_SIDE).image for path in wanted[:4]]
    names = [name for pair in TASTES for name in pair.names]
    columns = [[small(image) for image in images]]
    columns += [edits(library, name, images, method) for name in names]
    sheet(columns, ["as taken", *names]).save(target, quality=88, optimize=True)
    print(f"{target}: {target.stat().st_size / 1000:.0f} kB")


def sheet(columns: Sequence[Sequence[Tensor]], titles: Sequence[str]) -> Image.Image:
    """Return columns of pictures under their titles."""
    rows = [
        max(round(COLUMN_PX * picture.shape[1] / picture.shape[2]) for picture in row)
        for row in zip(*columns, strict=True)
    ]
    gap, head = 6, 28
    width = len(columns) * (COLUMN_PX + gap) - gap
    page = Image.new("RGB", (width, head + sum(rows) + gap * (len(rows) - 1)), "white")
    pen = ImageDraw.Draw(page)
    for number, (column, title) in enumerate(zip(columns, titles, strict=True)):
        left, top = number * (COLUMN_PX + gap), head
        pen.text((left + COLUMN_PX / 2, head / 2), title, "black", anchor="mm", font_size=16)
        for picture, height in zip(column, rows, strict=True):
            levels = (picture * 255).round().byte().permute(1, 2, 0).numpy()
            image = Image.fromarray(levels)
            size = (COLUMN_PX, round(COLUMN_PX * image.height / image.width))
            page.paste(image.resize(size, Image.Resampling.LANCZOS), (left, top))
            top += height + gap
    return page


def main() -> None:
    """Print the figures and draw the picture if asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", type=Path)
    parser.add_argument("--method", choices=("auto", "search"), default="auto")
    parser.add_argument("--picture", type=Path)
    asked = parser.parse_args()
    with TemporaryDirectory() as folder:
        report(asked.photos, Path(folder), asked.method)
        if asked.picture:
            draw_picture(asked.picture, Path(folder), asked.method)


if __name__ == "__main__":
    main()
