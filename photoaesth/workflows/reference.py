"""Add and list rated photo sets for retrieval."""

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from photoaesth.domain import Skipped
from photoaesth.errors import PhotoaesthError, UnreadableImageError
from photoaesth.files import display_path
from photoaesth.imaging import DECODED_SIDE, decode, photo_suffixes
from photoaesth.library.found import FoundFile
from photoaesth.workflows.ahead import read_ahead

if TYPE_CHECKING:
    from photoaesth.learning.reference import MeasuredParts, ReferenceInfo, Stamp

_BATCH = 64  # photos measured and kept together

_Read = tuple[FoundFile, NDArray[np.uint8] | str]


@dataclass(frozen=True, slots=True)
class ReferenceReport:
    """What became of the photos that were rated.

    Attributes:
        name: of the set.
        photos: how many it has.
        backbone: what their features were measured with.
        path: the file.
        skipped: rated photos that are missing or cannot be read.
    """

    name: str
    photos: int
    backbone: str
    path: Path
    skipped: list[Skipped]


def add_reference(
    name: str,
    folder: Path,
    *,
    ratings: Path | None = None,
    ava: Path | None = None,
    backbone: str = "efficientnet-lite0",
    weights: Path | None = None,
    device: str = "auto",
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> ReferenceReport:
    """Measure the rated photos of a folder and keep features and score distributions.

    Measured features are kept batch by batch: after an interruption, the same call carries on.

    Args:
        name: what to call the set.
        folder: where the photos are.
        ratings: a CSV file of `reference_ratings.read_rating_csv`.
        ava: `AVA.txt` instead; photos are then called IMAGE_ID with any photo's suffix.
        backbone: see `backbones.load_named_backbone`.
        weights: a local file for that backbone.
        device: auto, cuda, mps or cpu.
        on_progress: called with photos done and photos in all.

    Raises:
        UsageError: not exactly one of `ratings` and `ava`, or an impossible name or backbone.
        PhotoaesthError: the set exists, its files cannot be read, or no photo is left.
    """
    from photoaesth.learning.backbones import backbone_features, load_named_backbone
    from photoaesth.learning.device import resolve_device
    from photoaesth.learning.reference import (
        MeasuredParts,
        ReferenceSet,
        reference_path,
        save_reference,
    )
    from photoaesth.learning.reference_ratings import read_distributions

    folder = folder.expanduser().resolve()
    path = reference_path(name)
    if path.exists():
        raise PhotoaesthError(
            f"there is a reference set {name!r} already; "
            f"choose another name or delete {display_path(path)}"
        )
    distributions = read_distributions(ratings=ratings, ava=ava)
    found, skipped = _find(folder, distributions)
    processor = resolve_device(device)
    net = load_named_backbone(backbone, device=processor, weights=weights)
    parts = MeasuredParts(name, net.name, folder)
    skipped += _measure(
        found,
        folder,
        parts,
        lambda inputs: backbone_features(net, inputs, processor),
        on_progress,
    )
    kept = [(photo, file) for photo, file in found.items() if _stamp(file, folder) in parts]
    if not kept:
        raise PhotoaesthError(f"none of the rated photos in {display_path(folder)} can be read")
    stamps = [_stamp(file, folder) for _, file in kept]
    save_reference(
        ReferenceSet(
            name=name,
            backbone=net.name,
            folder=folder,
            photos=tuple(stamp[0] for stamp in stamps),
            features=parts.features(stamps),
            distributions=np.array([distributions[p] for p, _ in kept], np.float32),
        )
    )
    parts.drop()
    return ReferenceReport(name, len(kept), net.name, path, skipped)


def list_references() -> "list[ReferenceInfo]":
    """Return what reference sets there are, the shipped one first."""
    from photoaesth.learning import reference

    return reference.list_references()


def _find(folder: Path, names: Iterable[str]) -> tuple[dict[str, FoundFile], list[Skipped]]:
    """Return the photo files of names, which may lack a suffix, and the names without a file."""
    try:
        listed = sorted(folder.iterdir())
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise PhotoaesthError(f"cannot read the folder {display_path(folder)}: {reason}") from error
    by_stem = {p.stem: p for p in reversed(listed) if p.suffix.lower() in photo_suffixes()}
    found: dict[str, FoundFile] = {}
    skipped: list[Skipped] = []
    for name in names:
        path = folder / name
        if not path.is_file():
            path = by_stem.get(name, path)
        try:
            status = path.stat()
        except OSError:
            skipped.append(Skipped(path, "no such file"))
        else:
            found[name] = FoundFile(os.fsencode(path), status.st_size, status.st_mtime_ns)
    return found, skipped


def _measure(
    found: dict[str, FoundFile],
    folder: Path,
    parts: "MeasuredParts",
    features: Callable[[Sequence[NDArray[np.uint8]]], NDArray[np.float32]],
    on_progress: Callable[[int, int], None],
) -> list[Skipped]:
    """Measure what `parts` lacks; return what cannot be read."""
    missing = [file for file in found.values() if _stamp(file, folder) not in parts]
    done = len(found) - len(missing)
    on_progress(done, len(found))
    skipped: list[Skipped] = []
    with contextlib.closing(read_ahead(missing, _read)) as reads:
        for batch in _batches(reads):
            good = [(file, inputs) for file, inputs in batch if not isinstance(inputs, str)]
            skipped += [Skipped(file.path, why) for file, why in batch if isinstance(why, str)]
            if good:
                stamps = [_stamp(file, folder) for file, _ in good]
                parts.add(stamps, features([inputs for _, inputs in good]))
            done += len(batch)
            on_progress(done, len(found))
    return skipped


def _read(file: FoundFile) -> _Read:
    """Return a photo as the backbone takes it, or why it cannot be read."""
    from photoaesth.learning.model_input import model_input

    try:
        return file, model_input(decode(file.path, min_side=DECODED_SIDE).image)
    except UnreadableImageError as error:
        return file, str(error)


def _batches(reads: Iterable[_Read]) -> Iterator[list[_Read]]:
    batch: list[_Read] = []
    for read in reads:
        batch.append(read)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _stamp(file: FoundFile, folder: Path) -> "Stamp":
    name = file.path.relative_to(folder) if file.path.is_relative_to(folder) else file.path
    return str(name), file.size, file.mtime_ns
