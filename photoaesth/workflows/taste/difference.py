"""How the tastes of two profiles differ, on the photos of one library."""

from pathlib import Path

import numpy as np

from photoaesth.attributes import ATTRIBUTES, CONTENTS, STYLES
from photoaesth.errors import PhotoaesthError
from photoaesth.learning.distance import emd
from photoaesth.learning.drivers import FEWEST_PHOTOS
from photoaesth.learning.metrics import kendall, spearman
from photoaesth.library import photos
from photoaesth.library.database import Library, open_library
from photoaesth.library.profiles import profiles
from photoaesth.workflows.profile_model import ProfileModel, profile_model
from photoaesth.workflows.taste.difference_report import (
    AttributeDifference,
    LabelDifference,
    PartingPhoto,
    TasteDifference,
)
from photoaesth.workflows.taste.driving import by_attribute, drivers_on
from photoaesth.workflows.taste.ground import Ground, Opinion, Progress, Vector, survey
from photoaesth.workflows.taste.labels import label_differences
from photoaesth.workflows.taste.report import Estimate

_SHOWN = 6
_LIKED = 0.75  # quantile of the scores from which on a photo is liked


def taste_diff(
    library_path: Path,
    first: str,
    second: str,
    *,
    on_progress: Progress = lambda task, done, total: None,
) -> TasteDifference:
    """Compare the tastes of two profiles on all present photos.

    Args:
        library_path: the library.
        first: name of the one.
        second: name of the other.
        on_progress: told how far measuring and scoring are.

    Raises:
        PhotoaesthError: there is no library, no photo in it, or no such profile, or both names
            are one.
    """
    if first == second:
        raise PhotoaesthError("name two different profiles; see: photoaesth profiles list")
    with open_library(library_path) as library:
        voices = [_known(library, name) for name in (first, second)]
        ground, (one, other) = survey(library, voices, on_progress)
        sample = ground.sample
        bins = [opinion.distributions[ground.places(sample)].mean(0) for opinion in (one, other)]
        tau = kendall(one.scores[sample], other.scores[sample])
        labels = label_differences(ground, one, other)
        return TasteDifference(
            first=first,
            second=second,
            notes=tuple(model.note for model in voices if model.note),
            photos=len(ground),
            sample=len(sample),
            srcc=spearman(one.scores, other.scores),
            agreement=(1 + tau) / 2,
            distributions=(tuple(bins[0].tolist()), tuple(bins[1].tolist())),
            means=(float(one.scores.mean()), float(other.scores.mean())),
            emd=emd(*bins),
            attributes=_attributes(ground, one, other),
            styles=_labels(ground, one, other, labels, STYLES),
            contents=_labels(ground, one, other, labels, CONTENTS),
            first_likes=_parting(library, ground, one.scores, other.scores),
            second_likes=_parting(library, ground, other.scores, one.scores, swapped=True),
        )


def _known(library: Library, name: str) -> ProfileModel:
    if name not in {profile.name for profile in profiles(library)}:
        raise PhotoaesthError(f"there is no profile {name!r}; see: photoaesth profiles list")
    return profile_model(library, name)


def _attributes(ground: Ground, one: Opinion, other: Opinion) -> tuple[AttributeDifference, ...]:
    if len(ground.sample) < FEWEST_PHOTOS:
        return ()
    effects = [by_attribute(drivers_on(ground, o.scores, o.covariance)) for o in (one, other)]
    # What is not known of one profile has nothing to do with what is not known of the other.
    gaps = by_attribute(
        drivers_on(ground, one.scores - other.scores, one.covariance + other.covariance)
    )
    found = [
        AttributeDifference(
            name=attribute.name,
            title=attribute.title,
            low=attribute.low,
            high=attribute.high,
            first=effects[0][attribute.name].value,
            second=effects[1][attribute.name].value,
            difference=gaps[attribute.name],
        )
        for attribute in ATTRIBUTES
        if attribute.name in gaps
    ]
    return tuple(sorted(found, key=lambda each: _place(each.difference)))


def _labels(
    ground: Ground,
    one: Opinion,
    other: Opinion,
    differences: dict[str, Estimate],
    labels: tuple[str, ...],
) -> tuple[LabelDifference, ...]:
    found = []
    for label in labels:
        if label in differences:
            mask = ground.having(label)
            found.append(
                LabelDifference(
                    label=label,
                    photos=int(mask.sum()),
                    first=float(one.scores[mask].mean()),
                    second=float(other.scores[mask].mean()),
                    difference=differences[label],
                )
            )
    return tuple(sorted(found, key=lambda each: _place(each.difference)))


def _place(difference: Estimate) -> tuple[bool, float]:
    return not difference.clear, -abs(difference.value)


def _parting(
    library: Library, ground: Ground, likes: Vector, not_: Vector, *, swapped: bool = False
) -> tuple[PartingPhoto, ...]:
    """Return photos among the best for one profile and below the middle for the other."""
    parting = (likes >= np.quantile(likes, _LIKED)) & (not_ <= np.median(not_))
    rows = np.flatnonzero(parting)
    gaps = (likes - not_)[rows]
    ids = ground.table.photos[rows[np.argsort(-gaps, kind="stable")[:_SHOWN]]].tolist()
    records = photos.photos_by_id(library, ids)
    row_of = dict(zip(ground.table.photos.tolist(), range(len(ground)), strict=True))
    found = []
    for photo in ids:
        scores = (float(likes[row_of[photo]]), float(not_[row_of[photo]]))
        found.append(PartingPhoto(records[photo], *(reversed(scores) if swapped else scores)))
    return tuple(found)
