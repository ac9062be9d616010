"""Make a library of synthetic photos, as large as wanted, to measure the program on.

    python benchmarks/large_library.py LIBRARY [PHOTOS]

Writes a new library with PHOTOS photos (default 1,000,000) that no file on disk holds: a few
minutes. What decides how fast and how large a library is, is as in a real one: lengths of paths,
EXIF fields, RAW files beside a quarter of the photos, groups, and embeddings whose scores spread
like those of rated photos. `me` has made 300 choices among 200 photos, by a taste of their own.
`large_library_figures.py` then measures.
"""

import argparse
import contextlib
import random
import sqlite3
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from photoaesth.domain import Outcome, Source
from photoaesth.learning.crowd import CrowdModel, load_crowd_model, rated_photos
from photoaesth.library import comparisons, locations, models
from photoaesth.library.comparisons import NewComparison
from photoaesth.library.database import open_library

_PHOTOS = 1_000_000
_CHUNK = 20_000
_PER_DAY = 240
_PER_GROUP = 4
_GROUPED_SHARE = 0.2
_RAW_SHARE = 0.25
_FIRST_DAY = datetime(2012, 1, 1, 7)  # noqa: DTZ001  # camera time
_CAMERAS = [
    ("Canon EOS 5D Mark III", "EF24-70mm f/2.8L II USM", "CR2"),
    ("Canon EOS R5", "RF70-200mm F2.8 L IS USM", "CR3"),
    ("NIKON CORPORATION NIKON D850", "AF-S NIKKOR 50mm f/1.8G", "NEF"),
    ("FUJIFILM X-T4", "XF16-55mmF2.8 R LM WR", "RAF"),
    ("SONY ILCE-7RM4", "FE 24-105mm F4 G OSS", "ARW"),
    ("Apple iPhone 13 Pro", "iPhone 13 Pro back triple camera 5.7mm f/1.5", "DNG"),
]
_COMPARED, _CHOICES = 200, 300


def main() -> None:
    """Make the library."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("library", type=Path, metavar="LIBRARY")
    options.add_argument("photos", type=int, nargs="?", default=_PHOTOS, metavar="PHOTOS")
    arguments = options.parse_args()
    path, count = arguments.library, arguments.photos
    crowd = load_crowd_model()
    with open_library(path, create=True) as library, library.transaction():
        locations.add_root(library, Path("/photos"))
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA cache_size = -500000")
        connection.execute("PRAGMA synchronous = OFF")  # what is lost here is made again
        connection.execute("PRAGMA foreign_keys = OFF")
        for first in range(0, count, _CHUNK):
            numbers = range(first + 1, min(first + _CHUNK, count) + 1)
            _fill(connection, numbers, crowd)
            print(f"\r{numbers[-1]:,} photos", end="", file=sys.stderr)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    choose(path, crowd)
    print(f"\n{path}: {path.stat().st_size / count:,.0f} bytes a photo, without scores")


def choose(path: Path, crowd: CrowdModel) -> None:
    """Answer some pairs with a taste that is partly the crowd's and partly a direction of its own.

    What `me` said before is taken back.
    """
    rng = np.random.default_rng(5)
    own = crowd.taste.basis @ rng.normal(size=crowd.taste.basis.shape[1])
    with open_library(path) as library:
        profile = comparisons.profile_id(library, "me")
        said = comparisons.comparisons(library, profile)
        comparisons.retract(library, [answer.id for answer in said])
        (last,) = library.connection.execute("SELECT max(id) FROM photos").fetchone()
        ids = rng.integers(1, last, _COMPARED, endpoint=True).tolist()
        vectors = models.embeddings_of(library, ids, crowd.embedding_name)
        utility = {photo: float(vector[: len(own)] @ own) for photo, vector in vectors.items()}
        drawn = [rng.choice(list(vectors), 2, replace=False).tolist() for _ in range(_CHOICES)]
        answers = [
            NewComparison(a, b, Outcome.LEFT if utility[a] > utility[b] else Outcome.RIGHT)
            for a, b in drawn
        ]
        comparisons.add_comparisons(library, profile, answers, source=Source.IMPORT)


def _fill(connection: sqlite3.Connection, numbers: range, crowd: CrowdModel) -> None:
    """Write photos with their files, embeddings and groups in one transaction."""
    rng = random.Random(numbers[0])  # noqa: S311  # chance, not cryptography
    vectors = _embeddings(len(numbers), seed=numbers[0])
    with connection:
        connection.executemany("INSERT INTO groups VALUES (?, ?)", _groups(numbers))
        connection.executemany(
            "INSERT INTO photos (id, content_hash, width, height, perceptual_hash, group_id, "
            "grouped, taken_at, camera, lens, focal_length_mm, aperture_f, exposure_time_s, iso, "
            "latitude, longitude, exposure_bias_ev) "
            "VALUES (?, ?, ?, ?, ?, ?, TRUE, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (_photo(number, rng) for number in numbers),
        )
        connection.executemany(
            "INSERT INTO files (path, photo_id, size, mtime_ns, companion) VALUES (?, ?, ?, ?, ?)",
            (file for number in numbers for file in _files(number, rng)),
        )
        connection.executemany(
            "INSERT INTO embeddings (photo_id, backbone, vector) VALUES (?, ?, ?)",
            (
                (number, crowd.embedding_name, vector.tobytes())
                for number, vector in zip(numbers, vectors, strict=True)
            ),
        )


def _embeddings(count: int, *, seed: int) -> NDArray[np.float16]:
    """Draw `(count, D)` embeddings: blends of two rated photos and a little of neither."""
    looks, distributions = rated_photos()
    everything = np.concatenate([looks, np.log(np.maximum(distributions, 1e-4))], axis=1)
    rng = np.random.default_rng(seed)
    one, other = rng.integers(0, len(everything), (2, count))
    share = rng.beta(0.5, 0.5, (count, 1))
    blend = share * everything[one] + (1 - share) * everything[other]
    noise = rng.normal(0, 0.3, blend.shape) * everything.std(0)
    return (blend + noise).astype("<f2")


def _group_of(number: int) -> int | None:
    """Return the group of a photo: the first of every day's photos come in bursts."""
    place, day = number % _PER_DAY, number // _PER_DAY
    if place >= _PER_DAY * _GROUPED_SHARE:
        return None
    return 1 + (day * _PER_DAY + place) // _PER_GROUP


def _groups(numbers: range) -> Iterator[tuple[int, str]]:
    for number in numbers:
        group = _group_of(number)
        if group is not None and _group_of(number - 1) != group:
            yield group, "burst"


def _taken(number: int) -> datetime:
    return _FIRST_DAY + timedelta(days=number // _PER_DAY, seconds=150 * (number % _PER_DAY))


def _photo(number: int, rng: random.Random) -> tuple[object, ...]:
    camera, lens, _ = _CAMERAS[number // (9 * _PER_DAY) % len(_CAMERAS)]
    return (
        number,
        rng.randbytes(20),
        6000,
        4000,
        rng.getrandbits(64) - 2**63,
        _group_of(number),
        _taken(number).isoformat(),
        camera,
        lens,
        rng.choice([24.0, 35.0, 50.0, 85.0, 5.7]),
        rng.choice([1.5, 1.8, 2.8, 5.6, 8.0]),
        1 / rng.choice([30, 60, 125, 250, 500, 1000]),
        rng.choice([64, 100, 200, 400, 800, 3200]),
        *((rng.uniform(-60, 70), rng.uniform(-180, 180)) if number % 2 else (None, None)),
        rng.choice([0.0, 0.0, 0.0, -1 / 3, 1.0]),
    )


def _files(number: int, rng: random.Random) -> Iterator[tuple[bytes, int, int, int, int]]:
    taken = _taken(number)
    raw = _CAMERAS[number // (9 * _PER_DAY) % len(_CAMERAS)][2]
    stem = f"/photos/{taken:%Y}/{taken:%Y-%m-%d}/IMG_{number % 10_000:04}."
    mtime_ns = int(taken.timestamp()) * 10**9 + rng.randrange(10**9)
    yield (stem + "JPG").encode(), number, rng.randrange(3_000_000, 12_000_000), mtime_ns, 0
    if rng.random() < _RAW_SHARE:
        yield (stem + raw).encode(), number, rng.randrange(20_000_000, 60_000_000), mtime_ns, 1


if __name__ == "__main__":
    main()
