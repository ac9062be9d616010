"""A folder of small photos and its library, without the backbone; a library without photos."""

import os
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from photoaesth.domain import Exif, Outcome, Source
from photoaesth.learning.crowd import OPINIONS, CrowdModel, GenericHead, Projection
from photoaesth.learning.taste import TastePrior, Trust
from photoaesth.library import comparisons, models, photos, ratings
from photoaesth.library.comparisons import NewComparison
from photoaesth.library.database import check_integrity, open_library
from photoaesth.library.familiar import FamiliarContent
from photoaesth.library.found import FoundFile, NewPhoto, content_hash
from photoaesth.workflows import index as index_workflow
from photoaesth.workflows import index_run, reading
from photoaesth.workflows import profile_model as profile_model_workflow
from photoaesth.workflows import train as train_workflow
from photoaesth.workflows.comparisons import Choice, list_comparisons
from photoaesth.workflows.index import IndexOptions, IndexReport


@dataclass
class Place:
    """A folder with photos, the library that knows them, and shortcuts to ask it.

    Attributes:
        root: the folder.
        library: the library file.
        decoded: what was decoded since the list was cleared.
    """

    root: Path
    library: Path
    draw: Callable[..., Path]
    decoded: list[bytes]

    def add(self, *names: str, size: tuple[int, int] = (96, 64)) -> list[Path]:
        """Draw photos below the root; the name decides the picture."""
        paths = [self.root / name for name in names]
        for path in paths:
            self.draw(path, seed=sum(path.name.encode()) + 1000 * len(path.name), size=size)
        return paths

    def index(
        self,
        *folders: Path,
        on_progress: Callable[[int, int], None] = lambda done, total: None,
        **options: object,
    ) -> IndexReport:
        """Index the root, or other folders, and check the library afterwards."""
        try:
            return index_workflow.index(
                self.library,
                folders or [self.root],
                IndexOptions(device="cpu", **options),
                on_progress=on_progress,
            )
        finally:
            assert self.problems() == []

    def problems(self) -> list[str]:
        """What SQLite finds wrong with the library."""
        if not self.library.exists():
            return []
        with open_library(self.library) as library:
            return check_integrity(library)

    def photo(self, path: Path) -> int | None:
        """The id of the photo that a path is known to hold."""
        with open_library(self.library) as library:
            photo = photos.photo_by_path(library, path)
        return photo.id if photo else None

    def known(self) -> dict[str, bool]:
        """Every known file by its name below the root, and whether it is missing."""
        with open_library(self.library) as library:
            rows = library.connection.execute("SELECT path, missing_at FROM files").fetchall()
        files = {Path(os.fsdecode(key)): missing_at for key, missing_at in rows}
        return {
            path.relative_to(self.root).as_posix(): missing_at is not None
            for path, missing_at in files.items()
            if self.root in path.parents
        }

    def choose(self, winner: Path, loser: Path, profile: str = "me") -> None:
        """Store a choice between two photos."""
        with open_library(self.library) as library:
            pair = [photos.photo_by_path(library, path).id for path in (winner, loser)]
            comparisons.add_comparisons(
                library,
                comparisons.profile_id(library, profile),
                [NewComparison(*pair, Outcome.LEFT)],
                source=Source.RANDOM,
            )

    def choices(self, profile: str = "me") -> list[tuple[str, str]]:
        """The choices by name below the root, the winner first."""
        return [self._names(choice) for choice in list_comparisons(self.library, profile)]

    def _names(self, choice: Choice) -> tuple[str, str]:
        left, right = (p.relative_to(self.root).as_posix() for p in (choice.left, choice.right))
        return (left, right) if choice.outcome is Outcome.LEFT else (right, left)


class ReaderInThisProcess:
    """Reads files one after the other where the tests can see it."""

    def __init__(
        self, library: Path, space: str, workers: int, *, leave_jpegs: bool = False
    ) -> None:
        self._familiar = FamiliarContent(library, space)
        self._leave_jpegs = leave_jpegs

    def __enter__(self) -> "ReaderInThisProcess":
        return self

    def __exit__(self, *_: object) -> None:
        self._familiar.close()

    def read(
        self, files: Iterable[FoundFile], *, decode_new: bool = True
    ) -> Iterator[reading.ReadResult]:
        for file in files:
            yield reading.read_photo(
                file, self._familiar, decode_new=decode_new, leave_jpegs=self._leave_jpegs
            )


@pytest.fixture
def place(
    tmp_path: Path,
    draw_photo: Callable[..., Path],
    cheap_embedder: type,
    monkeypatch: pytest.MonkeyPatch,
) -> Place:
    """An empty folder and no library yet; photos are embedded by their mean colour."""
    decoded: list[bytes] = []
    real = reading.decode

    def spy(source: bytes, *, min_side: int) -> object:
        decoded.append(source)
        return real(source, min_side=min_side)

    monkeypatch.setattr(reading, "decode", spy)
    monkeypatch.setattr(index_run, "ReaderPool", ReaderInThisProcess)
    root = tmp_path.resolve() / "photos"
    root.mkdir()
    return Place(root, tmp_path / "library.db", draw_photo, decoded)


@dataclass
class Studio:
    """A library of photos that are nothing but their embeddings, and a small crowd model.

    Attributes:
        library: the library file.
        crowd: the crowd model that the workflows load.
        ids: the photos.
        looks: `(N, 6)` what describes them.
    """

    library: Path
    crowd: CrowdModel
    ids: list[int]
    looks: NDArray[np.float64]

    def utility(self, weights: Sequence[float]) -> dict[int, float]:
        """How much somebody with these weights of the looks likes each photo."""
        return dict(zip(self.ids, (self.looks @ np.array(weights)).tolist(), strict=True))

    def choose(
        self,
        pairs: Iterable[tuple[int, int]],
        answer: Callable[[int, int], Outcome],
        profile: str = "me",
        source: Source = Source.RANDOM,
    ) -> None:
        """Store the answers to pairs of photos."""
        new = [NewComparison(left, right, answer(left, right)) for left, right in pairs]
        with open_library(self.library) as library:
            number = comparisons.profile_id(library, profile)
            comparisons.add_comparisons(library, number, new, source=source)

    def rate(self, values: Mapping[int, float | None], profile: str = "me") -> None:
        """Store ratings in [0, 1]."""
        with open_library(self.library) as library:
            number = comparisons.profile_id(library, profile)
            ratings.set_ratings(library, number, values, source="import")

    def pairs(self, count: int, *, seed: int = 0) -> list[tuple[int, int]]:
        """Draw different pairs of photos."""
        rng = random.Random(seed)  # noqa: S311 - chance, not cryptography
        return rng.sample(list(combinations(self.ids, 2)), count)


@pytest.fixture
def studio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Studio:
    """Forty photos, one a minute, and nobody who has chosen."""
    crowd = small_crowd()
    for module in (train_workflow, profile_model_workflow):
        monkeypatch.setattr(module, "load_crowd_model", lambda: crowd)
    path = tmp_path / "library.db"
    rng = np.random.default_rng(5)
    looks = rng.normal(size=(40, 6)) / np.sqrt(6)
    ids = []
    with open_library(path, create=True) as library, library.transaction():
        for number, look in enumerate(looks):
            key = f"/photos/{number:02}.jpg".encode()
            file = FoundFile(key, size=1, mtime_ns=1)
            content = content_hash(key)
            exif = Exif(taken_at=datetime(2026, 5, 1, 12, number), camera="Test")  # noqa: DTZ001
            new = NewPhoto(file, content, 300, 200, number, exif)
            ids.append(photos.store_photo(library, new))
            vector = np.concatenate([look, np.zeros(OPINIONS)]).astype(np.float16)
            models.store_embedding(library, ids[-1], crowd.embedding_name, vector)
    return Studio(path, crowd, ids, looks)


def small_crowd() -> CrowdModel:
    """A crowd model whose embeddings are six numbers that describe and ten opinions."""
    rng = np.random.default_rng(0)
    nothing = np.zeros(6)
    return CrowdModel(
        name="crowd-small",
        embedding_name="small",
        projection=Projection(nothing, nothing, 1.0, 2, np.zeros((4, 4)), nothing),
        head=GenericHead(
            landmarks=rng.normal(size=(12, 6)) / np.sqrt(6),
            coefficients=rng.normal(size=(12, OPINIONS)),
            bias=np.zeros(OPINIONS),
            width=1.0,
            damage=np.zeros((6, 3)),
            damage_bias=np.zeros(3),
            damage_tilt=0.0,
        ),
        taste=TastePrior(
            basis=rng.normal(size=(6, 3)) / np.sqrt(3),
            own_width=2.0,
            own_scale=1.5,
            trust=Trust(gain_sd=0.3, taste_sd=0.6, own_sd=1.0),
            trust_spread=0.35,
            appeal_sd=0.7,
            choice_slope=2.0,
        ),
    )
