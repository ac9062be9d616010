"""Rank the library: best or worst first, with filters."""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from photoaesth.domain import ScoredPhoto
from photoaesth.errors import PhotoaesthError
from photoaesth.files import atomic_write, display_path
from photoaesth.library import models, photos
from photoaesth.library.database import Library, open_library
from photoaesth.library.filters import PhotoFilter
from photoaesth.library.ranked import ranking
from photoaesth.report.contact_sheet import SheetPhoto, contact_sheet
from photoaesth.workflows.among import as_indexed
from photoaesth.workflows.pictures import caption, photo_thumbnail
from photoaesth.workflows.profile_model import profile_model, score_all

__all__ = ["PhotoFilter", "RankReport", "rank", "write_contact_sheet"]


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
    *,
    limit: int,
    best_first: bool = True,
    chosen: PhotoFilter | None = None,
) -> RankReport:
    """Rank the photos that are present and pass a filter.

    Args:
        library_path: the library.
        profile: whose taste.
        limit: how many photos at the most.
        best_first: false lists the worst, the worst of all first.
        chosen: which photos; all when None.
    """
    with open_library(library_path) as library:
        return rank_library(
            library, profile, limit=limit, best_first=best_first, chosen=chosen or PhotoFilter()
        )


def rank_library(
    library: Library, profile: str, *, limit: int, best_first: bool, chosen: PhotoFilter
) -> RankReport:
    """Do what `rank` does in a library that is open already."""
    model = profile_model(library, profile)
    score_all(library, model)
    chosen = as_indexed(library, chosen)
    rows = ranking(library, model.id, chosen, limit=limit, best_first=best_first)
    ids = [row.photo_id for row in rows]
    records = photos.photos_by_id(library, ids)
    vectors = models.embeddings_of(library, ids, model.crowd.embedding_name)
    if not rows:
        return RankReport([], model.personal, model.note)
    described = model.describe(
        np.stack([vectors[photo] for photo in ids]),
        [Path(os.fsdecode(row.path)) for row in rows],
        [records[photo] for photo in ids],
        [row.score for row in rows],
    )
    return RankReport(described, model.personal, model.note)


def write_contact_sheet(
    report: RankReport, target: Path, *, title: str, overwrite: bool = False
) -> None:
    """Write a ranking as one self-contained HTML page with its pictures.

    Photos whose thumbnail is gone and cannot be made again are left out.

    Raises:
        PhotoaesthError: the target exists and `overwrite` is false, or cannot be written.
    """
    shown = []
    for scored in report.photos:
        jpeg = photo_thumbnail(scored.photo) if scored.photo else None
        if jpeg is not None:
            shown.append(_on_sheet(scored, jpeg))
    page = contact_sheet(shown, title=title).encode()
    try:
        with atomic_write(target, overwrite=overwrite) as file:
            file.write(page)
    except FileExistsError as error:
        raise PhotoaesthError(
            f"{display_path(target)} exists; choose another name or add --overwrite"
        ) from error


def _on_sheet(scored: ScoredPhoto, jpeg: bytes) -> SheetPhoto:
    assert scored.photo is not None
    return SheetPhoto(
        path=scored.path,
        thumbnail=jpeg,
        width=scored.photo.width,
        height=scored.photo.height,
        score=scored.score,
        sd=scored.sd,
        generic=scored.generic,
        rank=scored.rank,
        caption=caption(scored.photo.exif),
        distribution=scored.distribution,
    )
