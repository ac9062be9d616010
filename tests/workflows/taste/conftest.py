"""A library of photos that are embeddings and attributes, and photographers of known taste."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from photoaesth.attributes import ATTRIBUTES, mask_of
from photoaesth.domain import Exif, Outcome, Source
from photoaesth.learning.crowd import OPINIONS, CrowdModel
from photoaesth.library import attributes, comparisons, models, photos
from photoaesth.library.comparisons import NewComparison
from photoaesth.library.database import open_library
from photoaesth.library.found import FoundFile, NewPhoto, content_hash
from photoaesth.workflows import personal
from photoaesth.workflows.evidence import statements_of
from photoaesth.workflows.looks import LAYOUT

PHOTOS = 160
LED_BY = ("brightness", "warmth", "colourfulness")  # attributes that an embedding tells
_NOISE = 0.25  # of a utility of standard deviation 1


@dataclass
class Gallery:
    """Photos of which all is known, and shortcuts to have somebody choose among them.

    Attributes:
        library: the library file.
        crowd: the crowd model that the workflows load.
        ids: the photos.
        values: `(N, A)` their attributes, random but for what an embedding tells: those of
            `LED_BY` are its first numbers.
        labels: the labels of each.
    """

    library: Path
    crowd: CrowdModel
    ids: list[int]
    values: NDArray[np.float32]
    labels: list[tuple[str, ...]]

    def standard(self, name: str) -> NDArray[np.float64]:
        """An attribute of all photos, in standard deviations."""
        column = self.values[:, [each.name for each in ATTRIBUTES].index(name)].astype(float)
        return (column - column.mean()) / column.std()

    def choose(
        self,
        profile: str,
        likings: Sequence[dict[str, float]],
        *,
        each: int = 90,
        seed: int = 0,
    ) -> None:
        """Answer random pairs by what somebody likes at one time after the other.

        Bradley–Terry with a little noise; a choice an hour.
        """
        rng = np.random.default_rng(seed)
        now = datetime(2026, 1, 1, tzinfo=UTC)
        answers = []
        for liked in likings:
            utility = sum(weight * self.standard(name) for name, weight in liked.items())
            for _ in range(each):
                left, right = rng.choice(len(self.ids), 2, replace=False)
                logit = (utility[left] - utility[right]) / _NOISE
                first = rng.random() < 1 / (1 + np.exp(-np.clip(logit, -50, 50)))
                now += timedelta(hours=1)
                answers.append(
                    NewComparison(
                        self.ids[left],
                        self.ids[right],
                        Outcome.LEFT if first else Outcome.RIGHT,
                        created_at=now.isoformat(timespec="milliseconds"),
                    )
                )
        with open_library(self.library) as library:
            number = comparisons.profile_id(library, profile)
            comparisons.add_comparisons(library, number, answers, source=Source.RANDOM)

    def train(self, profile: str) -> None:
        """Keep the personal model, without holding anything out."""
        with open_library(self.library) as library:
            number = comparisons.profile_id(library, profile)
            said = statements_of(library, number, self.crowd)
            head = personal.fit(
                self.crowd, said.embeddings, said.choices, trust=self.crowd.taste.trust
            )
            models.add_model(
                library,
                number,
                self.crowd.name,
                method="personal",
                kept="personal",
                head=head.to_bytes(),
            )


@pytest.fixture
def gallery(studio: Any) -> Gallery:
    """The photos of the studio and some more; every third bright one is high key."""
    rng = np.random.default_rng(11)
    looks = rng.normal(size=(PHOTOS, 6)) / np.sqrt(6)
    values = rng.normal(size=(PHOTOS, len(ATTRIBUTES))).astype(np.float32)
    names = [each.name for each in ATTRIBUTES]
    values[:, [names.index(name) for name in LED_BY]] = 20 * looks[:, :3] + 50
    labels, ids = [], []
    with open_library(studio.library) as library, library.transaction():
        for number, look in enumerate(looks):
            key = f"/gallery/{number:03}.jpg".encode()
            new = NewPhoto(FoundFile(key, 1, 1), content_hash(key), 300, 200, number, Exif())
            ids.append(photos.store_photo(library, new))
            vector = np.concatenate([look, np.zeros(OPINIONS)]).astype(np.float16)
            models.store_embedding(library, ids[-1], studio.crowd.embedding_name, vector)
            labels.append(
                tuple(
                    label
                    for label, holds in (
                        ("high key", look[0] > 0.4),
                        ("low key", look[0] < -0.4),
                        ("water", number % 4 == 0),
                        ("macro", number < 3),
                    )
                    if holds
                )
            )
            attributes.store(library, LAYOUT, ids[-1], values[number], mask_of(labels[-1]))
        _forget(library, studio.ids)
    stored = values.astype(np.float16).astype(np.float32)
    return Gallery(studio.library, studio.crowd, ids, stored, labels)


def _forget(library: Any, ids: Sequence[int]) -> None:
    """The studio's own photos have no attributes: they are gone."""
    library.connection.executemany(
        "UPDATE files SET missing_at = '2026-01-01' WHERE photo_id = ?", [(n,) for n in ids]
    )
