"""What a profile's own edits do to photos: the distribution of DRL, from the modified photos."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from photoaesth.attributes import ATTRIBUTES, CONTENTS, LABELS, STYLES, looks, measure
from photoaesth.domain import Skipped
from photoaesth.errors import PhotoaesthError, UnreadableImageError
from photoaesth.learning.distribution import bounded_score
from photoaesth.learning.drivers import scale_of
from photoaesth.learning.model_input import model_input
from photoaesth.learning.personal import joint_utilities, score_distributions
from photoaesth.learning.significance import clear_of_chance
from photoaesth.learning.weighted import WeightedMean, effective_count, weighted_mean
from photoaesth.library import comparisons
from photoaesth.library.database import open_library
from photoaesth.workflows.profile_model import ProfileModel, profile_model
from photoaesth.workflows.taste.edits import Edit, edits_of
from photoaesth.workflows.taste.report import Estimate
from photoaesth.workflows.taste.retouch_report import AttributeChange, LabelChange, RetouchReport

FEWEST_RETOUCHES = 5
"""With fewer, what an edit does cannot be told from what its photo needed."""

_BATCH = 16

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Side:
    """Originals, or edits, as they were measured.

    Attributes:
        values: `(N, A)` attributes.
        labels: `(N,)` bitmasks.
        embeddings: `(N, D)`.
    """

    values: NDArray[np.float32]
    labels: NDArray[np.int64]
    embeddings: NDArray[np.float16]


def taste_of_retouches(
    library_path: Path,
    profile: str,
    *,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> RetouchReport:
    """Describe what a profile's retouches do to photos, with enhanced copies of such photos.

    Args:
        library_path: the library.
        profile: whose retouches, ratings and orders.
        on_progress: told about every edit that was rendered.

    Raises:
        PhotoaesthError: there is no library, or too few retouches can be rendered.
    """
    with open_library(library_path) as library:
        model = profile_model(library, profile)
        found = edits_of(library, comparisons.profile_id(library, profile))
    edits, before, after, skipped = _measured(found, on_progress)
    own = sum(edit.copy is None for edit in edits)
    if own < FEWEST_RETOUCHES:
        raise PhotoaesthError(
            f"profile {profile!r} has {own} retouches that can be shown, and it takes "
            f"{FEWEST_RETOUCHES}; make some with: photoaesth retouch"
        )
    weights = _weights(edits)
    scores, gain = _scores(model, before, after, weights)
    spreads = [
        score_distributions(model.crowd, side.embeddings, side_scores)
        for side, side_scores in zip((before, after), scores, strict=True)
    ]
    bins = [tuple((weights @ spread).tolist()) for spread in spreads]
    labels = _label_changes(before, after, weights)
    return RetouchReport(
        profile=profile,
        retouches=own,
        copies=len(edits) - own,
        rated=sum(edit.rating is not None for edit in edits),
        ordered=sum(edit.place is not None for edit in edits),
        effective=effective_count(weights),
        personal=model.personal,
        note=model.note,
        before=bins[0],
        after=bins[1],
        score=float(weights @ scores[1]),
        gain=gain,
        attributes=_attribute_changes(before, after, weights),
        styles=tuple(change for change in labels if change.label in STYLES),
        contents=tuple(change for change in labels if change.label in CONTENTS),
        skipped=tuple(skipped),
    )


def _measured(
    found: Sequence[Edit], on_progress: Callable[[int, int], None]
) -> tuple[list[Edit], _Side, _Side, list[Skipped]]:
    """Render and measure edits and their originals."""
    from photoaesth.learning.embedder import Embedder

    embedder = Embedder()
    edits, skipped = list[Edit](), list[Skipped]()
    sides: tuple[list[_Side], list[_Side]] = ([], [])
    for start in range(0, len(found), _BATCH):
        pictures = []
        for edit in found[start : start + _BATCH]:
            try:
                pictures.append(edit.pictures())
                edits.append(edit)
            except (UnreadableImageError, ValueError) as error:  # or a parameter of old
                skipped.append(Skipped(edit.copy or edit.photo.path, str(error)))
        for side, images in zip(sides, zip(*pictures, strict=True), strict=False):
            inputs = [model_input(image) for image in images]
            embeddings, classes = embedder.embed_and_classify(inputs)
            numbers = [
                measure(pixels, image.width, image.height)
                for pixels, image in zip(inputs, images, strict=True)
            ]
            exif = [edit.photo.exif for edit in edits[-len(images) :]]
            told = looks(numbers, classes, exif)
            side.append(
                _Side(
                    np.stack([each.values for each in told]),
                    np.array([each.labels for each in told], np.int64),
                    embeddings,
                )
            )
        on_progress(min(start + _BATCH, len(found)), len(found))
    before, after = (_joined(parts) for parts in sides)
    return edits, before, after, skipped


def _joined(parts: Sequence[_Side]) -> _Side:
    if not parts:
        nothing = np.zeros((0, len(ATTRIBUTES)), np.float32)
        return _Side(nothing, np.zeros(0, np.int64), np.zeros((0, 0), np.float16))
    return _Side(
        np.concatenate([part.values for part in parts]),
        np.concatenate([part.labels for part in parts]),
        np.concatenate([part.embeddings for part in parts]),
    )


def _weights(edits: Sequence[Edit]) -> Vector:
    """Return `(N,)` weights that sum up to 1: rating times place, the mean where unknown."""
    weights = np.ones(len(edits))
    for known in ([edit.rating for edit in edits], [edit.place for edit in edits]):
        numbers = np.array(known, np.float64)  # None becomes NaN
        if np.isfinite(numbers).any() and np.nanmean(numbers) > 0:
            weights *= np.where(np.isfinite(numbers), numbers, np.nanmean(numbers))
    if not weights.any():  # whatever is rated 0 stands last
        weights[:] = 1
    return np.asarray(weights / weights.sum())


def _scores(
    model: ProfileModel, before: _Side, after: _Side, weights: Vector
) -> tuple[tuple[Vector, Vector], Estimate]:
    """Return the scores of both sides, and by how much they differ."""
    both = np.concatenate([before.embeddings, after.embeddings])
    utilities, covariance = joint_utilities(model.crowd, model.head, both)
    scores = bounded_score(utilities)
    first, second = scores[: len(weights)], scores[len(weights) :]
    direction = np.concatenate([-weights, weights])
    doubt = max(float(direction @ covariance @ direction), 0.0)
    gain = weighted_mean(second - first, weights, variance=doubt)
    return (first, second), _estimates([gain])[0]


def _attribute_changes(before: _Side, after: _Side, weights: Vector) -> tuple[AttributeChange, ...]:
    spreads = scale_of(before.values).spreads
    means = [weighted_mean(column, weights) for column in (after.values - before.values).T]
    sides = [
        [weighted_mean(column, weights).mean for column in s.values.T] for s in (before, after)
    ]
    told = [place for place, mean in enumerate(means) if mean.freedom > 0]
    found = [
        (
            estimate,
            abs(estimate.value) / max(float(spreads[place]), 1e-9),
            AttributeChange(
                name=ATTRIBUTES[place].name,
                title=ATTRIBUTES[place].title,
                low=ATTRIBUTES[place].low,
                high=ATTRIBUTES[place].high,
                unit=ATTRIBUTES[place].unit,
                before=sides[0][place],
                after=sides[1][place],
                change=estimate,
            ),
        )
        for place, estimate in zip(told, _estimates([means[place] for place in told]), strict=True)
    ]
    found.sort(key=lambda each: (not each[0].clear, -each[1]))
    return tuple(change for *_, change in found)


def _label_changes(before: _Side, after: _Side, weights: Vector) -> list[LabelChange]:
    """Return what becomes of every label that any photo has, the largest change first."""
    shares = []
    for bit, label in enumerate(LABELS):
        had, has = (np.asarray(side.labels >> bit & 1, np.float64) for side in (before, after))
        if had.any() or has.any():
            shares.append((label, had, has))
    changes = _estimates([weighted_mean(has - had, weights) for _, had, has in shares])
    found = [
        LabelChange(label, float(weights @ had), float(weights @ has), change)
        for (label, had, has), change in zip(shares, changes, strict=True)
    ]
    return sorted(found, key=lambda each: (not each.change.clear, -abs(each.change.value)))


def _estimates(means: Sequence[WeightedMean]) -> list[Estimate]:
    clear = clear_of_chance(np.array([mean.p_value for mean in means]))
    return [
        Estimate(mean.mean, mean.interval, bool(sure))
        for mean, sure in zip(means, clear, strict=True)
    ]
