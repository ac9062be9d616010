"""What we have to say of photos: scores, stars, a label, keywords."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photoaesth.attributes import CONTENTS, STYLES, labels_of
from photoaesth.library import albums, comparisons
from photoaesth.library.database import Library
from photoaesth.library.filters import PhotoFilter
from photoaesth.sidecars import Wanted
from photoaesth.workflows.looks import measured
from photoaesth.workflows.profile_model import ProfileModel
from photoaesth.workflows.query import EVERY, Query, from_json
from photoaesth.workflows.selecting import select
from photoaesth.workflows.xmp.options import WriteOptions
from photoaesth.workflows.xmp.sources import Source, given_label, given_stars, own_ratings
from photoaesth.workflows.xmp.stars import REJECTED, by_percentile, by_thresholds, rejected


def photos_of(
    library: Library, profile: str, model: ProfileModel, query: Query
) -> dict[int, float]:
    """Return the scores of the photos that answer a query, by id, the best first."""
    listed = select(library, profile, model, query)
    return {row.photo_id: row.score for _, rows in listed for row in rows}


@dataclass(frozen=True, slots=True)
class Words:
    """What we have to say of every photo of a library.

    Attributes:
        options: what is asked for.
        scores: by photo, on 1–10.
        stars: by photo, −1 (rejected) to 5; of a photo that is not in it nothing is said.
        keywords: by photo; None to leave all keywords as they are.
    """

    options: WriteOptions
    scores: Mapping[int, float]
    stars: Mapping[int, int]
    keywords: Mapping[int, Sequence[str]] | None

    def of(self, photo: int, sources: Sequence[Source]) -> tuple[Wanted, bool]:
        """Return what the files of a photo are to say, and whether somebody's word stays.

        Args:
            photo: its id.
            sources: all that speaks of it now.
        """
        own = own_ratings(sources)
        rated = any(given_stars(source, own) is not None for source in sources)
        labelled = any(given_label(source) is not None for source in sources)
        rating, label, kept = self.stars.get(photo), self.options.label, False
        if not self.options.overwrite:
            kept = (rating is not None and rated) or (label is not None and labelled)
            rating = None if rated else rating
            label = None if labelled else label
        keywords = None if self.keywords is None else tuple(self.keywords[photo])
        return Wanted(rating, label, None, self.scores[photo], keywords), kept


def words_for(library: Library, profile: str, model: ProfileModel, options: WriteOptions) -> Words:
    """Return what we have to say of a library whose photos all have their score by the model."""
    scores = photos_of(library, profile, model, Query(PhotoFilter(), count=EVERY))
    values = np.array(list(scores.values()))
    stars: dict[int, int] = {}
    if options.stars is not None:
        stars = dict(zip(scores, _stars(values, options.stars), strict=True))
    if options.rejects is not None:
        lowest = rejected(values, options.rejects)
        stars |= {photo: REJECTED for photo, out in zip(scores, lowest, strict=True) if out}
    if not options.keywords:
        return Words(options, scores, stars, None)
    keywords: dict[int, list[str]] = {photo: [] for photo in scores}
    if "stars" in options.keywords:
        for photo, count in zip(scores, _stars(values, options.stars or ()), strict=True):
            keywords[photo].append(f"stars|{count} {'star' if count == 1 else 'stars'}")
    if options.keywords & {"styles", "contents"}:
        _add_labels(keywords, library, options)
    if "albums" in options.keywords:
        _add_albums(keywords, library, profile, model)
    return Words(options, scores, stars, keywords)


def _stars(values: NDArray[np.float64], least: Sequence[float]) -> list[int]:
    stars = by_thresholds(values, least) if least else by_percentile(values)
    return [int(count) for count in stars]


def _add_labels(keywords: Mapping[int, list[str]], library: Library, options: WriteOptions) -> None:
    kinds: list[tuple[str, Sequence[str]]] = []
    kinds += [("style", STYLES)] * ("styles" in options.keywords)
    kinds += [("content", CONTENTS)] * ("contents" in options.keywords)
    table = measured(library)
    for photo, mask in zip(table.photos.tolist(), table.labels.tolist(), strict=True):
        labels = labels_of(mask)
        words = [f"{kind}|{label}" for kind, all_ in kinds for label in all_ if label in labels]
        keywords.get(photo, []).extend(words)


def _add_albums(
    keywords: Mapping[int, list[str]], library: Library, profile: str, model: ProfileModel
) -> None:
    for album in albums.albums(library, comparisons.profile_id(library, profile)):
        try:
            query = from_json(album.query)
        except ValueError:  # saved by another version; `albums list` says so
            continue
        for photo in photos_of(library, profile, model, query):
            keywords[photo].append(f"album|{album.name.replace('|', '/')}")
