"""A folder of small photos and its library, without the backbone."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from photoaesth.domain import Outcome
from photoaesth.library import comparisons, photos
from photoaesth.library.comparisons import NewComparison
from photoaesth.library.database import check_integrity, open_library
from photoaesth.workflows import index as index_workflow
from photoaesth.workflows import reading
from photoaesth.workflows.comparisons import Choice, list_comparisons
from photoaesth.workflows.index import IndexReport


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
        self, *folders: Path, on_progress: Callable[[int, int], None] = lambda done, total: None
    ) -> IndexReport:
        """Index the root, or other folders, and check the library afterwards."""
        try:
            return index_workflow.index(
                self.library, folders or [self.root], device="cpu", on_progress=on_progress
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
            files = photos.known_files(library, [self.root])
        return {
            path.relative_to(self.root).as_posix(): file.missing for path, file in files.items()
        }

    def choose(self, winner: Path, loser: Path, profile: str = "me") -> None:
        """Store a choice between two photos."""
        with open_library(self.library) as library:
            pair = [photos.photo_by_path(library, path).id for path in (winner, loser)]
            comparisons.add_comparisons(
                library,
                comparisons.profile_id(library, profile),
                [NewComparison(*pair, Outcome.LEFT)],
                source="compare",
            )

    def choices(self, profile: str = "me") -> list[tuple[str, str]]:
        """The choices by name below the root, the winner first."""
        return [self._names(choice) for choice in list_comparisons(self.library, profile)]

    def _names(self, choice: Choice) -> tuple[str, str]:
        left, right = (p.relative_to(self.root).as_posix() for p in (choice.left, choice.right))
        return (left, right) if choice.outcome is Outcome.LEFT else (right, left)


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

    def spy(source: bytes, *, max_side: int) -> object:
        decoded.append(source)
        return real(source, max_side=max_side)

    monkeypatch.setattr(reading, "decode", spy)
    root = tmp_path.resolve() / "photos"
    root.mkdir()
    return Place(root, tmp_path / "library.db", draw_photo, decoded)
