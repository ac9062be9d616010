"""Which photos to retouch: those that show most of what there is, and were not retouched yet."""

import random

import numpy as np

from photoaesth.learning.selection import diverse
from photoaesth.library import models, retouches
from photoaesth.library.database import Library
from photoaesth.library.photos import comparable_photos
from photoaesth.workflows.profile_model import profile_model

_SAMPLE = 1500  # photos that they are chosen from


def photos_to_retouch(
    library: Library, profile: str, number: int, count: int, rng: random.Random
) -> list[int]:
    """Return photos that differ as much as possible, at most `count`.

    Args:
        library: where.
        profile: who retouches.
        number: the profile's.
        count: how many.
        rng: source of chance.
    """
    done = {edit.photo for edit in retouches.retouches(library, number)}
    drawn = comparable_photos(library, at_most=_SAMPLE + len(done), rng=rng)
    candidates = [photo for photo in drawn if photo not in done]
    space = profile_model(library, profile).crowd.embedding_name
    vectors = models.embeddings_of(library, candidates, space)
    known = list(vectors)
    if not known:
        return []
    rows = np.stack([vectors[photo] for photo in known])
    places = diverse(rows, count, np.random.default_rng(rng.getrandbits(64)))
    return [known[place] for place in places.tolist()]
