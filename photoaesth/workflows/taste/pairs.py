"""The decided choices of a profile, with what the photos in them look like."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photoaesth.library import comparisons, models
from photoaesth.library.attributes import AttributeTable, attributes_of
from photoaesth.library.database import Library
from photoaesth.workflows.looks import LAYOUT

Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Pairs:
    """M decided choices among P photos, present or not, the oldest first.

    Attributes:
        looks: attributes and labels of the photos.
        embeddings: `(P, D)`.
        chosen: `(M,)` rows of the photos that were preferred.
        rejected: `(M,)` rows of the others.
        times: M times, UTC, ISO 8601.
    """

    looks: AttributeTable
    embeddings: NDArray[np.float16]
    chosen: Rows
    rejected: Rows
    times: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.chosen)


def decided_pairs(library: Library, profile: int, space: str) -> Pairs:
    """Read a profile's choices; ties, and photos that were never measured, are left out.

    Args:
        library: where.
        profile: whose.
        space: in which embeddings are taken.
    """
    answers = [
        (answer.created_at, *answer.preference)
        for answer in comparisons.comparisons(library, profile)
        if answer.preference
    ]
    asked = sorted({photo for _, *pair in answers for photo in pair})
    vectors = models.embeddings_of(library, asked, space)
    looks = attributes_of(library, LAYOUT, [photo for photo in asked if photo in vectors])
    known = np.isfinite(looks.values).any(axis=1)
    looks = AttributeTable(looks.photos[known], looks.values[known], looks.labels[known])
    row_of = {photo: row for row, photo in enumerate(looks.photos.tolist())}
    usable = sorted(answer for answer in answers if row_of.keys() >= {*answer[1:]})
    rows = np.array([[row_of[chosen], row_of[not_]] for _, chosen, not_ in usable], np.intp)
    chosen, rejected = rows.reshape(-1, 2).T
    return Pairs(
        looks=looks,
        embeddings=np.array([vectors[photo] for photo in row_of], np.float16),
        chosen=chosen,
        rejected=rejected,
        times=tuple(time for time, *_ in usable),
    )
