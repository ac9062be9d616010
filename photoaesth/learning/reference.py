"""Reference sets: features and score distributions of rated photos, for retrieval.

What is stored has no images in it; where their folder stays, networks can learn from them again.
"""

import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load_file, save

from photoaesth.config import references_folder
from photoaesth.errors import PhotoaesthError, UsageError
from photoaesth.files import atomic_write, display_path
from photoaesth.learning.crowd import load_crowd_model, rated_photos

SHIPPED = "shipped"
"""The set that comes with the program: what the crowd model was learned from."""

_HALF_MAX = float(np.finfo(np.float16).max)


@dataclass(frozen=True, slots=True)
class ReferenceInfo:
    """What a reference set is, without its numbers.

    Attributes:
        name: what the user calls it.
        photos: how many it has.
        backbone: what its features were measured with, weights included in the name.
        folder: where the images are; None if there are none.
        path: the file; None for the shipped set.
    """

    name: str
    photos: int
    backbone: str
    folder: Path | None
    path: Path | None


@dataclass(frozen=True, slots=True)
class ReferenceSet:
    """Rated photos.

    Attributes:
        name: what the user calls it.
        backbone: what the features were measured with; features of another do not compare.
        folder: where the images are; None if there are none.
        photos: N names of files in `folder`; empty if there are none.
        features: `(N, F)` float16; for the shipped set, the part of embeddings that
            describes photos.
        distributions: `(N, 10)` float32; rows sum to 1.
    """

    name: str
    backbone: str
    folder: Path | None
    photos: tuple[str, ...]
    features: NDArray[np.float16]
    distributions: NDArray[np.float32]


def reference_path(name: str) -> Path:
    """Return the file of a set of that name, there or not.

    Raises:
        UsageError: no name for a file, or that of the shipped set.
    """
    if not re.fullmatch(r"[A-Za-z0-9][\w.-]{0,63}", name, re.ASCII) or name == SHIPPED:
        raise UsageError(
            f"a reference set cannot be called {name!r}; use letters, digits, dots and dashes"
        )
    return references_folder() / f"{name}.safetensors"


def save_reference(reference: ReferenceSet) -> Path:
    """Write a set and return its file.

    Raises:
        PhotoaesthError: it cannot be written.
    """
    path = reference_path(reference.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors: dict[str, NDArray[Any]] = {
        "photos": _packed(reference.photos),
        "features": reference.features,
        "distributions": reference.distributions,
    }
    described = {
        "backbone": reference.backbone,
        "folder": _text(reference.folder) if reference.folder else "",
        "count": str(len(reference.features)),
    }
    with atomic_write(path, overwrite=True) as file:
        file.write(save(tensors, metadata=described))
    return path


def load_reference(name: str) -> ReferenceSet:
    """Read a set.

    Raises:
        PhotoaesthError: there is none of that name, or its file is damaged.
    """
    if name == SHIPPED:
        return _shipped()
    path = reference_path(name)
    if not path.exists():
        raise PhotoaesthError(
            f"there is no reference set {name!r}; photoaesth reference list shows what there is"
        )
    info = _info(path)
    tensors = load_file(path)
    return ReferenceSet(
        name=name,
        backbone=info.backbone,
        folder=info.folder,
        photos=_unpacked(tensors["photos"]),
        features=tensors["features"],
        distributions=tensors["distributions"],
    )


def list_references() -> list[ReferenceInfo]:
    """Return what sets there are, the shipped one first.

    Raises:
        PhotoaesthError: a file is damaged.
    """
    crowd = load_crowd_model()
    shipped = ReferenceInfo(SHIPPED, len(crowd.head.landmarks), crowd.embedding_name, None, None)
    return [shipped, *(_info(path) for path in sorted(references_folder().glob("*.safetensors")))]


Stamp = tuple[str, int, int]
"""Name, size in bytes and time of the last change in nanoseconds of a photo's file."""


class MeasuredParts:
    """Features of a set in the making, kept batch by batch so that an interruption costs little.

    Args:
        name: of the set.
        backbone: what the features are measured with.
        folder: where the images are. What is kept of another backbone or folder is dropped.
    """

    def __init__(self, name: str, backbone: str, folder: Path) -> None:
        self._place = reference_path(name).with_suffix(".parts")
        self._described = {"backbone": backbone, "folder": _text(folder)}
        self._rows: dict[Stamp, NDArray[np.float16]] = {}
        for path in self._parts():
            self._take(path)

    def __contains__(self, stamp: Stamp) -> bool:
        return stamp in self._rows

    def add(self, stamps: Sequence[Stamp], features: NDArray[np.floating[Any]]) -> None:
        """Keep the `(n, F)` features of a batch.

        Raises:
            PhotoaesthError: they cannot be written.
        """
        self._place.mkdir(parents=True, exist_ok=True)
        halves = np.clip(features, -_HALF_MAX, _HALF_MAX).astype(np.float16)
        tensors = {
            "photos": _packed([name for name, _, _ in stamps]),
            "stamps": np.array([stamp[1:] for stamp in stamps], np.int64),
            "features": halves,
        }
        number = 1 + max((int(part.stem) for part in self._parts()), default=0)
        path = self._place / f"{number:06}.safetensors"
        with atomic_write(path, overwrite=True) as file:
            file.write(save(tensors, metadata=self._described))
        self._rows |= dict(zip(stamps, halves, strict=True))

    def features(self, stamps: Sequence[Stamp]) -> NDArray[np.float16]:
        """Return the `(n, F)` features of photos that were added."""
        return np.stack([self._rows[stamp] for stamp in stamps])

    def drop(self) -> None:
        """Delete what was kept."""
        shutil.rmtree(self._place, ignore_errors=True)

    def _parts(self) -> list[Path]:
        return sorted(self._place.glob("[0-9]*.safetensors"))

    def _take(self, path: Path) -> None:
        try:
            with safe_open(path, framework="numpy") as file:
                fits = file.metadata() == self._described
            tensors = load_file(path) if fits else {}
        except (OSError, SafetensorError):  # it costs one batch
            tensors = {}
        if not tensors:
            path.unlink(missing_ok=True)
            return
        names = _unpacked(tensors["photos"])
        for name, (size, mtime), row in zip(
            names, tensors["stamps"].tolist(), tensors["features"], strict=True
        ):
            self._rows[name, size, mtime] = row


def _shipped() -> ReferenceSet:
    described, distributions = rated_photos()
    return ReferenceSet(
        name=SHIPPED,
        backbone=load_crowd_model().embedding_name,
        folder=None,
        photos=(),
        features=described,
        distributions=distributions,
    )


def _info(path: Path) -> ReferenceInfo:
    try:
        with safe_open(path, framework="numpy") as file:
            described = file.metadata()
        folder = _path(described["folder"])
        return ReferenceInfo(
            path.stem, int(described["count"]), described["backbone"], folder, path
        )
    except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
        raise PhotoaesthError(
            f"the reference set {display_path(path)} is damaged; delete the file and add it again"
        ) from error


def _text(path: Path) -> str:
    """Return a path as text that `_path` reads back; names need not be UTF-8."""
    return os.fsencode(path).hex()


def _path(text: str) -> Path | None:
    return Path(os.fsdecode(bytes.fromhex(text))) if text else None


def _packed(names: Sequence[str]) -> NDArray[np.uint8]:
    return np.frombuffer(b"\0".join(map(os.fsencode, names)), np.uint8)


def _unpacked(packed: NDArray[np.uint8]) -> tuple[str, ...]:
    joined = packed.tobytes()
    return tuple(os.fsdecode(name) for name in joined.split(b"\0")) if joined else ()
