"""Rank the library: best or worst first, with filters."""

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from photoaesth.domain import ScoredPhoto
from photoaesth.library import models, photos
from photoaesth.library.database import Library, open_library
from photoaesth.workflows.profile_model import profile_model, score_all
from photoaesth.workflows.query import Order, Period, PhotoFilter, Query, Span
from photoaesth.workflows.selecting import select

if TYPE_CHECKING:
    from photoaesth.workflows.looks import Progress

__all__ = [
    "Order",
    "Period",
    "PhotoFilter",
    "Query",
    "RankReport",
    "Span",
    "rank",
    "rank_library",
]


@dataclass(frozen=True, slots=True)
class RankReport:
    """A ranking.

    Attributes:
        photos: in the order asked for; `rank` counts from that end.
        personal: whether the profile's own model ranked them.
        note: one line for the user when it did not; empty otherwise.
    """

    photos: list[ScoredPhoto]
    personal: bool
    note: str


def rank(
    library_path: Path,
    profile: str,
    query: Query,
    *,
    on_progress: "Progress" = lambda done, total: None,
) -> RankReport:
    """Rank the photos that are present and pass a filter.

    Args:
        library_path: the library.
        profile: whose taste.
        query: which photos, how many and in which order.
        on_progress: told how far measuring the looks is, if that must come first.

    Raises:
        PhotoaesthError: the folder that is asked for is not there.
    """
    with open_library(library_path) as library:
        return rank_library(library, profile, query, on_progress=on_progress)


def rank_library(
    library: Library,
    profile: str,
    query: Query,
    *,
    on_progress: "Progress" = lambda done, total: None,
) -> RankReport:
    """Do what `rank` does in a library that is open already."""
    model = profile_model(library, profile)
    score_all(library, model)
    listed = select(library, profile, model, query, on_progress=on_progress)
    rows = [row for _, part in listed for row in part]
    if not rows:
        return RankReport([], model.personal, model.note)
    ids = [row.photo_id for row in rows]
    records = photos.photos_by_id(library, ids)
    vectors = models.embeddings_of(library, ids, model.crowd.embedding_name)
    described = model.describe(
        np.stack([vectors[photo] for photo in ids]),
        [Path(os.fsdecode(row.path)) for row in rows],
        [records[photo] for photo in ids],
        [row.score for row in rows],
    )
    if query.period is not None:
        periods = [name for name, part in listed for _ in part]
        described = [
            replace(photo, period=name) for photo, name in zip(described, periods, strict=True)
        ]
    return RankReport(described, model.personal, model.note)
