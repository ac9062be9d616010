"""How well copies and series of photos are recognised, and what searching for copies costs.

    python benchmarks/groups.py PHOTOS_DIR [--photos 200] [--library 1000000]

Copies are made of every photo by usual edits. Series are made of photos at least 1,500 pixels
wide, as if each were a scene seen under 100 degrees: a camera with 40 degrees turns, exposes and
shakes in it. All pairs of photos in PHOTOS_DIR count as different; those found are named, for
some may be copies indeed.
"""

import argparse
import io
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from photoaesth.imaging import DECODED_SIDE, decode, photo_suffixes
from photoaesth.learning.crowd import load_crowd_model
from photoaesth.learning.distortions import to_display, to_linear
from photoaesth.learning.embedder import Embedder
from photoaesth.learning.model_input import model_input
from photoaesth.perceptual import perceptual_hash
from photoaesth.ranking.groups import Frame, Hashes, near_duplicates, series
from photoaesth.ranking.groups.alike import MAX_BITS_APART, least_cosine, normalised

Edit = Callable[[Image.Image], Image.Image]
FRAME = (480, 320)
SCENE_DEGREES, FRAME_DEGREES = 100, 40
NOON = datetime(2026, 1, 1, 12)  # noqa: DTZ001 - what a camera writes has no time zone


def saved_again(image: Image.Image, quality: int) -> Image.Image:
    """Return the picture through JPEG."""
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=quality)
    return Image.open(stream).convert("RGB")


def resized(image: Image.Image, factor: float) -> Image.Image:
    """Return the picture at a part of its size."""
    return image.resize((round(image.width * factor), round(image.height * factor)))


def exposed(image: Image.Image, ev: float) -> Image.Image:
    """Return the picture as if exposed longer, clipped."""
    light = np.minimum(to_linear(np.asarray(image) / 255) * 2**ev, 1)
    return Image.fromarray((to_display(light) * 255 + 0.5).astype(np.uint8))


def cropped(image: Image.Image, left: float, right: float) -> Image.Image:
    """Return the picture without these parts of its width and height, at both ends."""
    width, height = image.size
    return image.crop(
        (int(width * left), int(height * left), int(width * (1 - right)), int(height * (1 - right)))
    )


def turned(image: Image.Image, degrees: float) -> Image.Image:
    """Return the picture turned, without the corners that this leaves empty."""
    return cropped(image.rotate(degrees, Image.Resampling.BICUBIC), 0.02, 0.02)


def tinted(image: Image.Image) -> Image.Image:
    """Return the picture under a warm filter."""
    warm = np.asarray(image) * np.array([1.08, 1.0, 0.88])
    return Image.fromarray(np.minimum(warm, 255).astype(np.uint8))


def signed(image: Image.Image) -> Image.Image:
    """Return the picture with white text in a corner."""
    copy = image.copy()
    place = (copy.width * 0.55, copy.height * 0.88)
    ImageDraw.Draw(copy).text(place, "(c) A. Photographer", "white", font_size=copy.height // 18)
    return copy


EDITS: dict[str, Edit] = {
    "half the size": lambda image: resized(image, 0.5),
    "a quarter of the size": lambda image: resized(image, 0.25),
    "JPEG quality 95": lambda image: saved_again(image, 95),
    "JPEG quality 40": lambda image: saved_again(image, 40),
    "half the size, JPEG 70": lambda image: saved_again(resized(image, 0.5), 70),
    "cropped by 2 %": lambda image: cropped(image, 0.01, 0.01),
    "cropped by 4 %": lambda image: cropped(image, 0.02, 0.02),
    "cropped by 8 %": lambda image: cropped(image, 0.04, 0.04),
    "cropped by 4 % at one corner": lambda image: cropped(image, 0.04, 0),
    "cropped by 8 % at one corner": lambda image: cropped(image, 0.08, 0),
    "+0.5 EV": lambda image: exposed(image, 0.5),
    "−0.5 EV": lambda image: exposed(image, -0.5),
    "contrast × 1.3": lambda image: ImageEnhance.Contrast(image).enhance(1.3),
    "contrast × 0.75": lambda image: ImageEnhance.Contrast(image).enhance(0.75),
    "warm filter": tinted,
    "black and white": lambda image: image.convert("L").convert("RGB"),
    "sharpened": lambda image: image.filter(ImageFilter.UnsharpMask(2, 150, 0)),
    "turned by 1°": lambda image: turned(image, 1),
    "text in a corner": signed,
    "crop 3 %, tint, +0.3 EV, half, JPEG 60": lambda image: saved_again(
        resized(exposed(cropped(tinted(image), 0.015, 0.015), 0.3), 0.5), 60
    ),
}


class Recogniser:
    """Hashes and looks of pictures, as indexing makes them."""

    def __init__(self) -> None:
        self._embedder = Embedder("cpu")
        self._projection = load_crowd_model().projection

    def hashes(self, images: Iterable[Image.Image]) -> NDArray[np.int64]:
        """Return `(N,)` hashes."""
        return np.array([perceptual_hash(image) for image in images], np.int64)

    def looks(self, images: Sequence[Image.Image]) -> NDArray[np.float32]:
        """Return `(N, D)` looks of length 1."""
        parts = [images[start : start + 32] for start in range(0, len(images), 32)]
        vectors = [self._embedder.embed([model_input(image) for image in part]) for part in parts]
        return normalised(self._projection.looks(np.concatenate(vectors)))


def photos_in(folder: Path, at_most: int, side: int) -> dict[str, Image.Image]:
    """Return photos spread evenly over a folder, by name, decoded to about this many pixels."""
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in photo_suffixes())
    chosen = files[:: max(1, len(files) // at_most)][:at_most]
    return {path.name: decode(path, min_side=side).image for path in chosen}


def bits_between(left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Return in how many bits hashes differ."""
    return np.bitwise_count((left ^ right).view(np.uint64))


def report_speed(image: Image.Image, size: int) -> None:
    """Print what a hash costs, and the search of new photos among many."""
    small = image.resize((768, 512))
    best = min(timed(lambda: perceptual_hash(small)) for _ in range(200))
    print(f"hash of {small.width} × {small.height} pixels: {best * 1e3:.2f} ms")
    rng = np.random.default_rng(0)
    looks = rng.standard_normal((size, 32)).astype(np.float32)
    values = rng.integers(-(1 << 63), 1 << 63, size + 4096, dtype=np.int64)
    originals = Hashes(np.arange(size), values[:size])
    row = values[size : size + 64, None]
    brute = min(
        timed(lambda: bits_between(row, values[:4096]) <= MAX_BITS_APART) for _ in range(50)
    )
    pair_ns = brute / 64 / 4096 * 1e9
    print(f"comparing every pair: {pair_ns:.2f} ns a pair")
    for count in (1, 1000, 4096):
        new = Hashes(np.arange(size, size + count), values[size : size + count])
        seconds = min(
            timed(lambda: near_duplicates(new, originals, lambda photos: looks[photos % size]))  # noqa: B023 - called at once
            for _ in range(3)
        )
        every = pair_ns * count * size / 1e9
        print(f"{count:,} new photos among {size:,}: {seconds:.2f} s, of every pair {every:.2f} s")


def timed(work: Callable[[], object]) -> float:
    """Return how many seconds a call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def report_copies(photos: dict[str, Image.Image], recogniser: Recogniser) -> None:
    """Print how many copies of each kind are found, and how many different photos."""
    images = list(photos.values())
    hashes, looks = recogniser.hashes(images), recogniser.looks(images)
    print(f"\n{'copies':42} {'hash close':>10} {'found':>7}")
    for name, edit in EDITS.items():
        edited = [edit(image) for image in images]
        copies, copied = recogniser.hashes(edited), recogniser.looks(edited)
        found = sum(
            bool(near_duplicates(Hashes(np.array([1]), copies[[n]]), original, both.__getitem__))
            for n in range(len(images))
            for original, both in [
                (Hashes(np.array([0]), hashes[[n]]), np.stack([looks[n], copied[n]]))
            ]
        )
        close = np.mean(bits_between(hashes, copies) <= MAX_BITS_APART)
        print(f"{name:42} {close:10.1%} {found / len(images):7.1%}")
    report_different(list(photos), hashes, looks)


def report_different(
    names: list[str], hashes: NDArray[np.int64], looks: NDArray[np.float32]
) -> None:
    """Print how many pairs of photos would be taken for copies, and which are."""
    left, right = np.triu_indices(len(names), 1)
    bits = bits_between(hashes[left], hashes[right])
    cosines = (looks @ looks.T)[left, right]
    is_copy = (bits <= MAX_BITS_APART) & (cosines >= least_cosine(bits))
    print(f"\ndifferent photos: {len(bits):,} pairs")
    for pair in np.flatnonzero(is_copy):
        print(
            f"  found: {names[left[pair]]} and {names[right[pair]]}, "
            f"{bits[pair]} bits apart, cosine {cosines[pair]:.2f}"
        )
    # Hashes and looks of different photos are independent, so that the rate of both is the
    # product of rates that so few pairs can tell.
    different = ~is_copy
    print(f"correlation of bits and cosines: {np.corrcoef(bits, cosines)[0, 1]:.3f}")
    rate = 0.0
    for apart in range(MAX_BITS_APART + 1):
        close = np.mean(bits[different] == apart)
        rate += close * np.mean(cosines[different] >= least_cosine(np.array(apart)))
    expected = rate * 10_000 * 9_999 / 2
    print(f"false pairs expected among 10,000 photos: {expected:.2f}")


def seen(scene: Image.Image, yaw: float, pitch: float = 0.0, roll: float = 0.0) -> Image.Image:
    """Return what a camera at the centre of a flat scene sees of it, turned by these degrees."""
    width, height = FRAME
    scene_px = scene.width / 2 / np.tan(np.radians(SCENE_DEGREES / 2))
    frame_px = width / 2 / np.tan(np.radians(FRAME_DEGREES / 2))
    sin_y, sin_p, sin_r = np.sin(np.radians([yaw, pitch, roll]))
    cos_y, cos_p, cos_r = np.cos(np.radians([yaw, pitch, roll]))
    turn = (
        np.array([[cos_y, 0, sin_y], [0, 1, 0], [-sin_y, 0, cos_y]])
        @ np.array([[1, 0, 0], [0, cos_p, -sin_p], [0, sin_p, cos_p]])
        @ np.array([[cos_r, -sin_r, 0], [sin_r, cos_r, 0], [0, 0, 1]])
    )
    to_scene = np.array(
        [[scene_px, 0, scene.width / 2], [0, scene_px, scene.height / 2], [0, 0, 1]]
    )
    to_frame = np.array([[frame_px, 0, width / 2], [0, frame_px, height / 2], [0, 0, 1]])
    mapping = to_scene @ turn @ np.linalg.inv(to_frame)
    return scene.transform(
        FRAME,
        Image.Transform.PERSPECTIVE,
        tuple((mapping / mapping[2, 2]).ravel()[:8]),
        Image.Resampling.BICUBIC,
    )


def shaky(
    scene: Image.Image, rng: np.random.Generator, *, yaw: float = 0.0, ev: float = 0.0
) -> Image.Image:
    """Return a hand-held frame: turned by half a degree at random, with noise of 5 levels."""
    frame = exposed(seen(scene, yaw + rng.normal(0, 0.5), *rng.normal(0, 0.5, 2)), ev)
    noisy = np.asarray(frame) + rng.normal(0, 5, (FRAME[1], FRAME[0], 3))
    return Image.fromarray(np.clip(noisy + 0.5, 0, 255).astype(np.uint8))


def kinds_found(
    pictures: Sequence[Image.Image],
    recogniser: Recogniser,
    *,
    seconds: float,
    levels: Sequence[float] | None = None,
) -> str:
    """Return what `series` makes of pictures taken at a pace: a kind, several, or nothing."""
    levels = levels or [0.0] * len(pictures)
    hashes, looks = recogniser.hashes(pictures), recogniser.looks(pictures)
    frames = [
        Frame(
            photo=n,
            camera="X",
            taken_at=NOON + timedelta(seconds=seconds * n),
            exposure_time_s=0.01 * 2 ** levels[n],
            aperture_f=8.0,
            iso=100,
            exposure_bias_ev=0.0,
            focal_length_mm=35.0,
            width=6000,
            height=4000,
            perceptual_hash=int(hashes[n]),
            look=looks[n],
        )
        for n in range(len(pictures))
    ]
    found = series(frames, lambda n: np.asarray(pictures[n].resize((64, 43)).convert("L")))
    if len(found) == 1 and len(found[0].photos) < len(frames):
        return f"part of a {found[0].kind}"
    return " + ".join(group.kind for group in found) or "nothing"


def report_series(scenes: Sequence[Image.Image], recogniser: Recogniser) -> None:
    """Print what is made of simulated series."""
    rng = np.random.default_rng(0)
    print(f"\nseries in {len(scenes)} scenes")

    def report(name: str, found: Sequence[str]) -> None:
        counts = {kind: found.count(kind) for kind in sorted(set(found), key=found.count)[::-1]}
        print(f"{name:42} " + ", ".join(f"{kind} {n}" for kind, n in counts.items()))

    for overlap in (0.2, 0.35, 0.5, 0.7):
        step = (1 - overlap) * FRAME_DEGREES
        shown = [[shaky(s, rng, yaw=step * (n - 1)) for n in range(3)] for s in scenes]
        found = [kinds_found(frames, recogniser, seconds=3) for frames in shown]
        report(f"three frames turning, overlap {overlap:.0%}", found)
    for levels in ((0.0, -1.0, 1.0), (0.0, -2.0, 2.0), (-2.0, -1.0, 0.0, 1.0, 2.0)):
        shown = [[shaky(s, rng, ev=ev) for ev in levels] for s in scenes]
        found = [kinds_found(each, recogniser, seconds=0.5, levels=levels) for each in shown]
        report("bracket of " + ", ".join(f"{ev:+.0f}" for ev in levels) + " EV", found)
    shown = [[shaky(s, rng, yaw=n) for n in range(5)] for s in scenes]
    report("burst that drifts", [kinds_found(each, recogniser, seconds=0.2) for each in shown])
    shown = [[shaky(s, rng) for _ in range(4)] for s in scenes]
    report("same view every 5 s", [kinds_found(each, recogniser, seconds=5) for each in shown])
    for seconds in (1.0, 5.0):
        shown = [[seen(scenes[n - k], 0) for k in range(3)] for n in range(len(scenes))]
        found = [kinds_found(each, recogniser, seconds=seconds) for each in shown]
        report(f"three different scenes every {seconds:.0f} s", found)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--photos", type=int, default=200)
    parser.add_argument("--library", type=int, default=1_000_000)
    arguments = parser.parse_args()
    recogniser = Recogniser()
    photos = photos_in(arguments.folder, arguments.photos, DECODED_SIDE)
    report_speed(next(iter(photos.values())), arguments.library)
    report_copies(photos, recogniser)
    large = photos_in(arguments.folder, arguments.photos, 1500).values()
    scenes = [image for image in large if image.width >= max(1500, image.height)]
    if scenes:
        report_series(scenes, recogniser)


if __name__ == "__main__":
    main()
