"""What is measured of the photos under evaluation, kept in the cache folder."""

import hashlib
import io
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from types import ModuleType

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from photoaesth import imaging, srgb
from photoaesth.config import cache_folder
from photoaesth.domain import Skipped
from photoaesth.errors import UnreadableImageError
from photoaesth.files import atomic_write, write_error
from photoaesth.learning import (
    backbone,
    backbones,
    crowd,
    distortions,
    embedder,
    features,
    opinion,
    rated,
)
from photoaesth.learning.backbones import POOLED_MAPS, NamedBackbone
from photoaesth.learning.features import PIXEL_STATISTICS
from photoaesth.learning.model_input import model_input
from photoaesth.learning.rated import CHANGES

PLAIN, SHIPPED = "plain", "shipped"
_BATCH = 16

Inputs = NDArray[np.uint8]
Rows = NDArray[np.floating]
Extract = Callable[[Sequence[Inputs]], Rows]


@dataclass(frozen=True, slots=True)
class Measured:
    """Those photos that can be read.

    Attributes:
        names: N photos, in the order asked for.
        paths: their N files.
        rows: by the ways asked for: `(N, F)` float32 features of the photos as they are
            (`PLAIN`) or changed (`rated.CHANGES`), or `(N, D)` float16 embeddings by the shipped
            model (`SHIPPED`).
        skipped: the photos that cannot be read, and why.
    """

    names: tuple[str, ...]
    paths: tuple[Path, ...]
    rows: dict[str, Rows]
    skipped: tuple[Skipped, ...]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A photo in one way, and where its row is kept."""

    path: Path
    way: str
    kept: Path

    def load(self) -> Rows | None:
        try:
            row: Rows = np.load(self.kept, allow_pickle=False)
        except (OSError, ValueError, EOFError):  # not there, or half of one from a full disk
            return None
        return row

    def store(self, row: Rows) -> None:
        buffer = io.BytesIO()
        np.save(buffer, row, allow_pickle=False)
        try:
            self.kept.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise write_error(self.kept, error) from error
        with atomic_write(self.kept, overwrite=True) as file:
            file.write(buffer.getvalue())


def measure(
    folder: Path,
    names: Sequence[str],
    ways: Sequence[str],
    *,
    device: str,
    named: NamedBackbone | None = None,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> Measured:
    """Return what the backbone makes of photos; it runs where that is not known yet.

    A row is kept as soon as its batch is done, for as long as file and code are the same.

    Args:
        folder: where the photos are.
        names: their paths below it.
        ways: what to measure, as in `Measured.rows`.
        device: torch device.
        named: on `device`; measures features in the place of the default backbone. None for that
            one, which is also what the shipped model takes.
        on_progress: told how many rows are done, of how many that have to be measured.

    Raises:
        PhotoaesthError: the cache cannot be written.
    """
    known: dict[tuple[Path, str], Rows] = {}
    skipped: dict[Path, Skipped] = {}
    missing: list[_Wanted] = []
    for path in (folder / name for name in names):
        try:
            identity = _identity(path)
        except (OSError, ValueError) as error:  # a name with a zero byte is a ValueError
            reason = getattr(error, "strerror", None) or str(error)
            skipped[path] = Skipped(path, reason.lower())
            continue
        for way in ways:
            wanted = _Wanted(path, way, _place(identity, way, named))
            row = wanted.load()
            if row is None:
                missing.append(wanted)
            else:
                known[path, way] = row
    done = 0
    for way in ways:
        of_way = [wanted for wanted in missing if wanted.way == way]
        for batch in _measured(of_way, _extractor(way, device, named) if of_way else None):
            for wanted, result in batch:
                if isinstance(result, Skipped):
                    skipped[wanted.path] = result
                else:
                    wanted.store(result)
                    known[wanted.path, way] = result
            done += len(batch)
            on_progress(done, len(missing))
    usable = [name for name in names if folder / name not in skipped]
    paths = tuple(folder / name for name in usable)
    rows = {way: _stacked([known[path, way] for path in paths]) for way in ways}
    return Measured(tuple(usable), paths, rows, tuple(skipped.values()))


def read_inputs(path: Path, change: rated.Change | None = None) -> Inputs | Skipped:
    """Return what the backbone takes of a photo, as it is or changed."""
    try:
        image: Image.Image = imaging.decode(path, min_side=imaging.DECODED_SIDE).image
    except UnreadableImageError as error:
        return Skipped(path, str(error))
    if change is not None:
        # By its name, so that what is drawn for a photo does not depend on the others.
        image = change(image, np.random.default_rng(list(_digest(path.name))))
    return model_input(image)


def code_digest(*modules: ModuleType) -> str:
    """Return what changes with the sources of modules, and of all modules of packages."""
    digest = hashlib.blake2b(digest_size=8)
    for module in modules:
        assert module.__file__ is not None
        file = Path(module.__file__)
        files = sorted(file.parent.glob("*.py")) if file.name == "__init__.py" else [file]
        for source in files:
            digest.update(source.read_bytes())
    return digest.hexdigest()


def _measured(
    missing: Sequence[_Wanted], extract: Extract | None
) -> Iterator[list[tuple[_Wanted, Rows | Skipped]]]:
    """Yield batches of rows of one way, or why there is none."""
    if extract is None:
        return
    with ThreadPoolExecutor(thread_name_prefix="read") as executor:
        for start in range(0, len(missing), _BATCH):
            batch = missing[start : start + _BATCH]
            read = list(executor.map(lambda w: read_inputs(w.path, CHANGES.get(w.way)), batch))
            inputs = [result for result in read if not isinstance(result, Skipped)]
            rows = iter(extract(inputs) if inputs else ())
            yield [
                (wanted, result if isinstance(result, Skipped) else next(rows))
                for wanted, result in zip(batch, read, strict=True)
            ]


def _extractor(way: str, device: str, named: NamedBackbone | None) -> Extract:
    if way == SHIPPED:
        return embedder.Embedder(device).embed
    if named is not None:
        return partial(_named_features, named, device=device)
    return partial(features.extract_features, backbone.load_backbone(device), device=device)


@torch.inference_mode()
def _named_features(
    named: NamedBackbone, inputs: Sequence[Inputs], device: str
) -> NDArray[np.float32]:
    """Return `(N, F)` pixel statistics and pooled maps, in the order of the default features."""
    size = PIXEL_STATISTICS + 2 * sum(named.channels[-POOLED_MAPS:])
    rows = np.empty((len(inputs), size), np.float32)
    for numbers, images in features.same_shape_batches(inputs, device):
        parts = [features.pixel_statistics(images), backbones.pooled(named(images))]
        rows[numbers] = torch.cat(parts, dim=1).cpu().numpy()
    return rows


def _stacked(rows: Sequence[Rows]) -> Rows:
    return np.stack(rows) if rows else np.empty((0, 0), np.float32)


def _identity(path: Path) -> str:
    state = path.stat()
    return f"{path.resolve()}\n{state.st_size}\n{state.st_mtime_ns}"


def _place(identity: str, way: str, named: NamedBackbone | None) -> Path:
    """Return where a photo's row is kept; another place when the file has changed."""
    own = None if named is None or way == SHIPPED else named.name
    name = _digest(f"{identity}\n{way}\n{_code_version(way, own)}").hex()
    folder = cache_folder() / "features"
    return (folder if own is None else folder / own) / name[:2] / f"{name}.npy"


@cache
def _code_version(way: str, named: str | None) -> str:
    """Return what changes with anything that a row depends on."""
    pictures = code_digest(imaging, srgb, backbone, features)
    if way == SHIPPED:
        return pictures + code_digest(embedder, opinion) + crowd.load_crowd_model().embedding_name
    if named is not None:
        return pictures + code_digest(distortions, rated, backbones) + named
    return pictures + code_digest(distortions, rated) + backbone.EFFICIENTNET_LITE0.sha256


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
