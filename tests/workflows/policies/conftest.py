"""Photos that are nothing but their mean colour to the model, and somebody who edits and orders."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from photoaesth.enhance.policy import training as policy_training
from photoaesth.library import comparisons, retouches
from photoaesth.library.database import open_library
from photoaesth.library.retouches import NewRetouch
from photoaesth.workflows.policies import material, training
from photoaesth.workflows.train import TrainReport, train

PHOTOS = 16


@dataclass(frozen=True)
class Darkroom:
    """A library of small photos, and shortcuts.

    Attributes:
        library: the library file.
        ids: the photos.
    """

    library: Path
    ids: list[int]

    def retouch(self, edits: Sequence[NewRetouch], profile: str = "me") -> None:
        """Store retouches."""
        with open_library(self.library) as library:
            number = comparisons.profile_id(library, profile)
            retouches.add_retouches(library, number, edits, source="retouch")

    def train(self, **options: Any) -> TrainReport:
        """Train the policies."""
        return train(self.library, "me", method="policies", device="cpu", **options)


@pytest.fixture
def darkroom(place: Any, cheap_embedder: type, monkeypatch: pytest.MonkeyPatch) -> Darkroom:
    """Two folds, and no actor-critic, which takes long and is tested by itself."""
    monkeypatch.setattr(training, "Embedder", cheap_embedder)
    monkeypatch.setattr(policy_training, "improve", lambda policy, *_, **options: policy)
    monkeypatch.setattr(material, "_MOST_FOLDS", 2)
    place.add(*(f"{'x' * number}.jpg" for number in range(1, PHOTOS + 1)))  # all different
    place.index()
    with open_library(place.library) as library:
        rows = library.connection.execute("SELECT id FROM photos ORDER BY id").fetchall()
    return Darkroom(place.library, [number for (number,) in rows])
