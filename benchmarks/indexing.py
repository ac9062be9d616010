"""How fast `photoaesth index` is: throughput, memory, re-indexing, growth.

    python benchmarks/indexing.py throughput PHOTOS
    python benchmarks/indexing.py reindex
    python benchmarks/indexing.py growth

`throughput` makes 24-megapixel JPEGs of about 5 MB out of a folder of photos. All of it happens in
a temporary folder (`--place`, some 2 GB). Figures are ratios within one run.
"""

import argparse
import io
import itertools
import json
import multiprocessing
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from photoaesth.imaging import DECODED_SIDE
from photoaesth.learning.crowd import load_crowd_model
from photoaesth.library import locations
from photoaesth.library.database import open_library
from photoaesth.processes import available_cores

_SIZE = (6000, 4000)
_BYTES = 5_000_000
_BASES = 8
_FEW, _MANY = 48, 240  # photos; what starting up takes cancels out in the difference
_SAMPLE_S = 0.05


def main() -> None:
    """Run one of the benchmarks."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("what", choices=["throughput", "reindex", "growth"])
    parser.add_argument("photos", type=Path, nargs="?", help="a folder of photos, for throughput")
    parser.add_argument("--place", type=Path, help="where to work [default: the temporary folder]")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.place) as folder:
        place = Path(folder)
        if options.what == "throughput":
            if options.photos is None:
                parser.error("throughput needs a folder of photos")
            throughput(options.photos, place, options.rounds)
        elif options.what == "reindex":
            reindex(place, options.rounds)
        else:
            growth(place, options.rounds)


# --- throughput


def throughput(photos: Path, place: Path, rounds: int) -> None:
    """Compare indexing with decoding alone, and with what one would write first."""
    few = large_jpegs(photos, place / "few", _FEW)
    many = large_jpegs(photos, place / "many", _MANY)
    size = statistics.mean(file.stat().st_size for file in many) / 1e6
    print(f"{len(many)} JPEGs of {_SIZE[0]} × {_SIZE[1]}, {size:.1f} MB; {available_cores()} cores")
    read_once(many)
    index_s, decode_s, plain_s, peaks = [], [], [], []
    for _ in range(rounds):
        short, _ = run_index(few[0].parent, place)
        long, peak = run_index(many[0].parent, place)
        index_s.append((long - short) / (_MANY - _FEW))
        peaks.append(peak)
        decode_s.append(decode_only(many, DECODED_SIDE))
        plain_s.append(plain_script(few[:12]))
    at = {"index": min(index_s), "decode only": min(decode_s), "plain script": min(plain_s)}
    for name, seconds in at.items():
        print(f"{name:14} {1 / seconds:6.1f} photos/s")
    print(f"index over decode only: {at['decode only'] / at['index']:.2f}")
    print(f"index over plain script: {at['plain script'] / at['index']:.1f}")
    print(f"peak memory of all processes: {max(peaks) / 1e9:.2f} GB")


def large_jpegs(photos: Path, folder: Path, count: int) -> list[Path]:
    """Write large JPEGs made of smaller photos, with the grain of a sensor."""
    folder.mkdir(parents=True)
    sources = sorted(path for path in photos.iterdir() if path.suffix.lower() in {".jpg", ".jpeg"})
    rng = np.random.default_rng(0)
    bases = []
    for source in sources[:: max(1, len(sources) // _BASES)][:_BASES]:
        with Image.open(source) as image:
            pixels = np.asarray(image.convert("RGB").resize(_SIZE, Image.Resampling.BICUBIC))
        grain = rng.normal(0, 3, (*pixels.shape[:2], 1)).astype(np.float32)
        picture = Image.fromarray((pixels + grain).clip(0, 255).astype(np.uint8))
        bases.append(encoded(picture))
    files = []
    for number, data in zip(range(count), itertools.cycle(bases), strict=False):
        files.append(folder / f"IMG_{number:04}.jpg")
        files[-1].write_bytes(data + f"{folder.name} {number}".encode())  # another content hash
    return files


def encoded(picture: Image.Image) -> bytes:
    """Return a JPEG of about the size that cameras write."""
    for quality in range(97, 60, -3):
        stream = io.BytesIO()
        picture.save(stream, "JPEG", quality=quality)
        if stream.tell() <= _BYTES:
            break
    return stream.getvalue()


def run_index(folder: Path, place: Path) -> tuple[float, int]:
    """Index a folder into a new library; return seconds, and peak bytes of all processes."""
    home = place / "home"
    shutil.rmtree(home, ignore_errors=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "photoaesth", "index", "--json", folder],
        env=os.environ
        | {"PHOTOAESTH_LIBRARY": str(home / "library.db"), "XDG_CACHE_HOME": str(place / "cache")},
        stdout=subprocess.PIPE,
    )
    peak = 0
    while process.poll() is None:
        peak = max(peak, sum(map(memory, family(process.pid))))
        time.sleep(_SAMPLE_S)
    assert process.stdout is not None
    report = json.load(process.stdout)
    shutil.rmtree(place / "cache" / "photoaesth" / "thumbnails", ignore_errors=True)
    return report["seconds"], peak


def family(pid: int) -> Iterator[int]:
    """Yield a process and its children."""
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return
    for child in children:
        yield from family(int(child))


def memory(pid: int) -> int:
    """Return the bytes of memory of a process, what it shares with others shared out."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


def read_once(files: list[Path]) -> None:
    """Bring files into the system's cache: the disk is not what is measured."""
    for file in files:
        file.read_bytes()


def decode_only(files: list[Path], side: int) -> float:
    """Return the seconds a photo takes when every core does nothing but decode it, scaled."""
    with multiprocessing.get_context("spawn").Pool(available_cores()) as pool:
        pool.map(decode_scaled, [(file, side) for file in files[: 4 * available_cores()]])
        started = time.perf_counter()
        pool.map(decode_scaled, [(file, side) for file in files], chunksize=1)
        return (time.perf_counter() - started) / len(files)


def decode_scaled(task: tuple[Path, int]) -> None:
    """Decode a JPEG at the fraction that still has the long side."""
    path, side = task
    with Image.open(path) as image:
        scale = side / max(image.size)
        image.draft(None, (round(image.width * scale), round(image.height * scale)))
        image.load()


def plain_script(files: list[Path]) -> float:
    """Return the seconds a photo takes as one would write it first: full decode, torch, a loop."""
    import torch

    from photoaesth.learning.backbone import load_backbone

    backbone = load_backbone("cpu")

    def embed(path: Path) -> None:
        with Image.open(path) as image:
            small = image.convert("RGB").resize((384, 288), Image.Resampling.LANCZOS)
        pixels = torch.from_numpy(np.asarray(small).copy()).permute(2, 0, 1)[None].float() / 255
        with torch.inference_mode():
            [features.mean((2, 3)) for features in backbone(pixels)]

    embed(files[0])
    started = time.perf_counter()
    for file in files:
        embed(file)
    return (time.perf_counter() - started) / len(files)


# --- libraries of many files


def reindex(place: Path, rounds: int, count: int = 100_000) -> None:
    """Compare a run that finds everything unchanged with a bare walk."""
    tree = place / "photos"
    many_files(tree, count)
    library = place / "library.db"
    know_files(library, tree)
    walk_s, index_s = [], []
    for _ in range(rounds):
        walk_s.append(timed(lambda: bare_walk(tree)))
        index_s.append(index_again(library, tree, place, count))
    print(f"{count:,} files: bare walk {min(walk_s):.2f} s, re-index {min(index_s):.2f} s")
    print(f"re-index over bare walk: {min(index_s) / min(walk_s):.1f}")


def growth(place: Path, rounds: int, new: int = 400) -> None:
    """Compare the time a new photo takes in a small library and in a large one."""
    photos = place / "new"
    rng = np.random.default_rng(0)
    photos.mkdir()
    for number in range(new):
        coarse = Image.fromarray(rng.integers(0, 256, (24, 36, 3), np.uint8))
        coarse.resize((1200, 800), Image.Resampling.BICUBIC).save(photos / f"{number}.jpg")
    per_photo: dict[int, list[float]] = {1_000: [], 100_000: []}
    for size in per_photo:
        many_files(place / f"known{size}", size)
        know_files(place / f"{size}.db", place / f"known{size}")
    for _ in range(rounds):
        for size, measured in per_photo.items():
            shutil.copyfile(place / f"{size}.db", place / "copy.db")
            measured.append(index_again(place / "copy.db", photos, place, new, new=True) / new)
    small, large = (min(measured) for measured in per_photo.values())
    print(f"time per new photo at 1,000: {small * 1e3:.1f} ms, at 100,000: {large * 1e3:.1f} ms")
    print(f"growth: {large / small:.2f}")


def many_files(tree: Path, count: int) -> None:
    """Make many empty files named like photos, 500 in a folder."""
    for number in range(count):
        folder = tree / f"2024-{number // 500:03}"
        if number % 500 == 0:
            folder.mkdir(parents=True)
        (folder / f"IMG_{number:06}.jpg").touch()


def know_files(library_path: Path, tree: Path) -> None:
    """Make a library that knows all files of a tree as indexed photos."""
    space = load_crowd_model().embedding_name
    rng = np.random.default_rng(1)
    with open_library(library_path, create=True) as library, library.transaction() as connection:
        locations.add_root(library, tree)
        for number, entry in enumerate(bare_walk(tree), start=1):
            store(connection, number, *entry, space, rng)


def store(
    connection: sqlite3.Connection,
    number: int,
    path: str,
    status: os.stat_result,
    space: str,
    rng: np.random.Generator,
) -> None:
    """Write one photo with a random embedding."""
    connection.execute(
        "INSERT INTO photos (id, content_hash, width, height, perceptual_hash, grouped) "
        "VALUES (?, ?, ?, ?, ?, 1)",
        (number, number.to_bytes(20), 6000, 4000, int(rng.integers(-(2**63), 2**63 - 1))),
    )
    connection.execute(
        "INSERT INTO files (path, photo_id, size, mtime_ns) VALUES (?, ?, ?, ?)",
        (os.fsencode(path), number, status.st_size, status.st_mtime_ns),
    )
    connection.execute(
        "INSERT INTO embeddings (photo_id, backbone, vector) VALUES (?, ?, ?)",
        (number, space, rng.normal(size=256).astype("<f2").tobytes()),
    )


def bare_walk(tree: Path) -> list[tuple[str, os.stat_result]]:
    """List every file below a folder with its size and time."""
    found = []
    waiting = [str(tree)]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                else:
                    found.append((entry.path, entry.stat(follow_symlinks=False)))
    return found


def index_again(
    library: Path, folder: Path, place: Path, count: int, *, new: bool = False
) -> float:
    """Return the seconds of `photoaesth index` as a process; check that it did what is measured."""
    shutil.rmtree(place / "cache" / "photoaesth" / "thumbnails", ignore_errors=True)
    started = time.perf_counter()
    result = subprocess.run(
        [sys.executable, "-m", "photoaesth", "index", "--json", folder],
        env=os.environ
        | {"PHOTOAESTH_LIBRARY": str(library), "XDG_CACHE_HOME": str(place / "cache")},
        stdout=subprocess.PIPE,
        check=True,
    )
    seconds = time.perf_counter() - started
    report = json.loads(result.stdout)
    assert report["indexed" if new else "unchanged"] == count, report
    return seconds


def timed(function: Callable[[], object]) -> float:
    """Return the seconds that a call takes."""
    started = time.perf_counter()
    function()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
