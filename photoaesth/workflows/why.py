"""Why photos have the scores they have, by what they look like: in points, and in a few words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photoaesth.attributes import ATTRIBUTES, CONTENTS, Attribute
from photoaesth.learning.drivers import FEWEST_PHOTOS, Drivers, drivers
from photoaesth.learning.personal import joint_utilities
from photoaesth.library import models
from photoaesth.library.attributes import AttributeTable, attributes_of
from photoaesth.library.database import Library
from photoaesth.workflows.looks import LAYOUT
from photoaesth.workflows.profile_model import ProfileModel

Floats = NDArray[np.floating[Any]]

_SAMPLE = 1000  # photos: their joint covariance is known in a second
_LEAST_POINTS = 0.1  # that are worth a word
_WORDS = 3  # to either side
_ABSENT = frozenset({"none", "without"})
# What the ends of these attributes are ends of; those of others speak for themselves.
_NOUNS = {
    "shadows": "shadows",
    "highlights": "highlights",
    "dynamic_range": "dynamic range",
    "complementarity": "hues",
    "focus_contrast": "background",
    "backdrop": "border",
    "backdrop_evenness": "border",
    "subject_size": "subject",
    "horizon": "horizon",
    "horizon_height": "horizon",
    "horizon_tilt": "of the horizon",
    "vanishing_point": "vanishing point",
    **{content.replace(" ", "_"): content for content in CONTENTS},
}


@dataclass(frozen=True, slots=True)
class Share:
    """What an attribute adds to the score of a photo, measured from the average photo.

    Attributes:
        name: key of the attribute.
        title: for people.
        word: what the photo is in this respect: "dark", "without people".
        value: as it was measured.
        points: of score; below 0 where it lowers the score.
        sd: standard error of the points.
    """

    name: str
    title: str
    word: str
    value: float
    points: float
    sd: float

    @property
    def matters(self) -> bool:
        """Whether it is worth a word: the points are some, and more than their doubt."""
        return abs(self.points) >= max(_LEAST_POINTS, 1.96 * self.sd)


def library_drivers(
    library: Library, model: ProfileModel, table: AttributeTable, *, seed: int = 0
) -> Drivers | None:
    """Return what attributes do to scores in a library; None where too few are measured.

    Args:
        library: where.
        model: whose scores; of a fine-tuned network those of the personal model beside it, whose
            doubt is known.
        table: what was measured of the photos.
        seed: decides which photos stand for a large library.
    """
    rows = np.flatnonzero(np.isfinite(table.values).any(axis=1))
    if len(rows) > _SAMPLE:
        rows = np.sort(np.random.default_rng(seed).choice(rows, _SAMPLE, replace=False))
    known = models.embeddings_of(library, table.photos[rows].tolist(), model.crowd.embedding_name)
    rows = rows[[int(photo) in known for photo in table.photos[rows]]]
    if len(rows) < FEWEST_PHOTOS:
        return None
    vectors = np.stack([known[int(photo)] for photo in table.photos[rows]])
    utilities, covariance = joint_utilities(model.crowd, model.head, vectors)
    return drivers(table.values[rows], utilities, covariance)


def shares(found: Drivers, values: Floats) -> tuple[Share, ...]:
    """Return what each attribute that is known adds to a photo's score, the most points first.

    Args:
        found: what attributes do in the library.
        values: `(A,)` what was measured of the photo; NaN where unknown.
    """
    points = found.contributions(values[None])[0]
    sds = found.contribution_sds(values[None])[0]
    above = np.asarray(values) >= found.scale.means
    known = [place for place, value in enumerate(values) if np.isfinite(value)]
    return tuple(
        Share(
            name=ATTRIBUTES[place].name,
            title=ATTRIBUTES[place].title,
            word=_word(ATTRIBUTES[place], high=bool(above[place])),
            value=float(values[place]),
            points=float(points[place]),
            sd=float(sds[place]),
        )
        for place in sorted(known, key=lambda place: -abs(points[place]))
    )


def why(library: Library, model: ProfileModel, ids: Sequence[int]) -> Mapping[int, str]:
    """Return one short line for each photo: "+ warm, simple; − noisy".

    Only what is measured already is read; a photo of which nothing is known, or nothing stands
    out, has an empty line.
    """
    found = library_drivers(library, model, attributes_of(library, LAYOUT))
    if found is None:
        return dict.fromkeys(ids, "")
    table = attributes_of(library, LAYOUT, ids)
    return {
        int(photo): _line(shares(found, values))
        for photo, values in zip(table.photos, table.values, strict=True)
    }


def attribute_word(name: str, end: str) -> str:
    """Return the words for an end of an attribute: "dark", "wide dynamic range", "no people".

    Args:
        name: key of the attribute.
        end: its word for that end.
    """
    noun = _NOUNS.get(name)
    if noun is None:
        return end
    return f"{'no' if end in _ABSENT else end.partition(':')[0]} {noun}"


def _word(attribute: Attribute, *, high: bool) -> str:
    return attribute_word(attribute.name, attribute.high if high else attribute.low)


def _line(found: Sequence[Share]) -> str:
    telling = [share for share in found if share.matters]
    sides = {
        "+": [share.word for share in telling if share.points > 0],
        "−": [share.word for share in telling if share.points < 0],
    }
    return "; ".join(
        f"{sign} {', '.join(words[:_WORDS])}" for sign, words in sides.items() if words
    )
