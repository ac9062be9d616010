"""Which photos answer a query, in which order."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from photoaesth.learning.crowd import OPINIONS
from photoaesth.library import comparisons, models
from photoaesth.library.database import Library
from photoaesth.library.periods import foremost_of_each
from photoaesth.library.ranked import Order, Ranked, ranking
from photoaesth.ranking.diversity import diverse
from photoaesth.workflows.among import as_indexed
from photoaesth.workflows.profile_model import ProfileModel
from photoaesth.workflows.query import Query

if TYPE_CHECKING:
    from photoaesth.workflows.looks import Progress

_FEWEST_CANDIDATES = 4000  # for a diverse list: a twentieth of a second to choose from
_CANDIDATES = 10  # for each photo wanted

Listed = list[tuple[str | None, list[Ranked]]]
"""Photos with the name of their period; None for one list of all."""


def select(
    library: Library,
    profile: str,
    model: ProfileModel,
    query: Query,
    *,
    on_progress: "Progress" = lambda done, total: None,
) -> Listed:
    """Return the photos that answer a query.

    Where a tag is the name of a style or content, photos whose look is not known yet are measured
    first.

    Args:
        library: where; every photo has its score by the model.
        profile: who asks.
        model: of the profile.
        query: what is asked for.
        on_progress: told how far measuring is.

    Raises:
        PhotoaesthError: there is no such folder.
    """
    chosen = as_indexed(library, query.chosen, comparisons.profile_id(library, profile))
    if any(chosen.labels):
        from photoaesth.workflows.looks import measure_missing  # a tenth of a second

        measure_missing(library, on_progress)
    listed: Listed
    if query.period is None:
        wanted = max(_FEWEST_CANDIDATES, _CANDIDATES * query.count)
        limit = wanted if query.diverse else query.count
        rows = ranking(library, model.id, chosen, limit=limit, order=query.order)
        listed = [(None, rows)]
    else:
        count = _CANDIDATES * query.count if query.diverse else query.count
        listed = [
            *foremost_of_each(
                library, model.id, chosen, query.period, count=count, order=query.order
            )
        ]
    if query.diverse:
        listed = [(name, _diverse(library, model, rows, query)) for name, rows in listed]
    return listed


def _diverse(
    library: Library, model: ProfileModel, rows: Sequence[Ranked], query: Query
) -> list[Ranked]:
    """Return those of the foremost photos that are unlike each other."""
    if not rows:
        return []
    ids = [row.photo_id for row in rows]
    vectors = models.embeddings_of(library, ids, model.crowd.embedding_name)
    scores = np.array([row.score for row in rows])
    relevance = (10 - scores if query.order is Order.WORST else scores - 1) / 9
    described = np.stack([vectors[photo] for photo in ids])[:, :-OPINIONS]
    return [rows[place] for place in diverse(relevance, described, query.count).tolist()]
