"""A model's scores by photo, for a look at the whole library."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photoaesth.library.database import Library
from photoaesth.library.scores import scores_by


@dataclass(frozen=True, slots=True)
class PhotoScores:
    """What a model says of N photos.

    Attributes:
        photos: `(N,)` ids, ascending.
        scores: `(N,)` on 1–10.
        sds: `(N,)` their standard deviations, in points.
    """

    photos: NDArray[np.int64]
    scores: NDArray[np.float64]
    sds: NDArray[np.float64]


def photo_scores(library: Library, model_id: int, backbone: str) -> PhotoScores:
    """Return the scores of all photos that a model has scored, present or not.

    Args:
        library: where.
        model_id: which model.
        backbone: the space of its embeddings.
    """
    known = scores_by(library, model_id)
    # From an index alone: vectors are not read.
    rows = library.connection.execute(
        "SELECT photo_id, id FROM embeddings WHERE backbone = ? ORDER BY photo_id", (backbone,)
    )
    photos, numbers = np.array(rows.fetchall(), np.int64).reshape(-1, 2).T
    places = np.searchsorted(known.embeddings, numbers)
    places[places == len(known.embeddings)] = 0
    scored = np.flatnonzero(
        known.embeddings[places] == numbers if len(known.embeddings) else numbers < 0
    )
    places = places[scored]
    return PhotoScores(
        photos=photos[scored],
        scores=known.scores[places].astype(np.float64),
        sds=known.sds[places].astype(np.float64),
    )
