"""Which photos to retouch: those of whose edits the policy is least sure."""

import io
import random
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from photoaesth.learning.selection import diverse
from photoaesth.library import models, photos, retouches
from photoaesth.library.database import Library
from photoaesth.library.photos import comparable_photos
from photoaesth.workflows.pictures import photo_thumbnail
from photoaesth.workflows.policies import enhancement_policy
from photoaesth.workflows.profile_model import profile_model

if TYPE_CHECKING:
    from photoaesth.enhance.policy.network import Embedding

_SAMPLE = 1500  # photos that are drawn by chance,
_LOOKED_AT = 96  # and those of them, as different as can be, whose thumbnails are looked at
_REMEMBERED = 100  # of the photos that were retouched, the last


def photos_to_retouch(
    library: Library, profile: str, number: int, count: int, rng: random.Random
) -> list[int]:
    """Return photos that were not retouched yet, at most `count`, the most telling first.

    Args:
        library: where.
        profile: who retouches.
        number: the profile's.
        count: how many.
        rng: source of chance.
    """
    done = list(dict.fromkeys(edit.photo for edit in retouches.retouches(library, number)))
    drawn = comparable_photos(library, at_most=_SAMPLE + len(done), rng=rng)
    known = set(done)
    space = profile_model(library, profile).crowd.embedding_name
    vectors = models.embeddings_of(library, [photo for photo in drawn if photo not in known], space)
    candidates = list(vectors)
    if not candidates:
        return []
    rows = np.stack([vectors[photo] for photo in candidates])
    places = diverse(rows, max(count, _LOOKED_AT), np.random.default_rng(rng.getrandbits(64)))
    apart = [candidates[place] for place in places.tolist()]
    if not done:  # all are as new to it
        return apart[:count]
    from photoaesth.enhance.policy import load_starter
    from photoaesth.enhance.policy.doubt import least_sure

    asked = _seen(library, apart, space)
    shown = _seen(library, done[-_REMEMBERED:], space)
    policy = enhancement_policy(library, profile) or load_starter()
    order = least_sure(policy, list(shown.values()), list(asked.values()), count)
    return [list(asked)[place] for place in order]


def _seen(
    library: Library, ids: list[int], space: str
) -> "dict[int, tuple[Image.Image, Embedding]]":
    """Return thumbnails and embeddings of the photos that have both."""
    vectors = models.embeddings_of(library, ids, space)
    records = photos.photos_by_id(library, list(vectors))
    found = {}
    for photo, record in records.items():
        if (jpeg := photo_thumbnail(record)) is not None:
            with Image.open(io.BytesIO(jpeg)) as image:
                found[photo] = (image.convert("RGB"), vectors[photo])
    return found
