"""Who is tested on which photos, and what the crowd model may learn from meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from photoaesth.errors import PhotoaesthError
from photoaesth.learning.evaluation.method import Indices, Ratings
from photoaesth.learning.evaluation.rating_files import Study


@dataclass(frozen=True, slots=True)
class Split:
    """One part of an evaluation: a crowd model, and those who never met it.

    Attributes:
        name: for the report.
        raters: `(R,)` numbers of the raters under test.
        photos: `(N,)` mask of the photos that they are asked about and tested on.
        crowd: what the crowd model is learned from; None for the shipped one.
    """

    name: str
    raters: Indices
    photos: NDArray[np.bool_]
    crowd: Ratings | None


def unsplit(study: Study, *, shots: int, raters: int | None, seed: int) -> list[Split]:
    """Test everybody at once, by the shipped crowd model or one refitted on the other ratings.

    From the ratings for the crowd, those by the raters under test and those of any photo that
    these rated are left out.

    Args:
        study: the ratings.
        shots: photos that a rater must have rated in the train file.
        raters: at most so many are tested, drawn at random; None for all.
        seed: decides which.

    Raises:
        PhotoaesthError: nothing is left to learn the crowd model from.
    """
    everything = np.ones(len(study.photos), dtype=bool)
    whole = Split("all", np.unique(study.test.rater), everything, None)
    drawn = draw_raters([whole], study, shots=shots, count=raters, seed=seed)[0]
    if study.crowd is None:
        return [drawn]
    theirs = np.zeros(len(study.photos), dtype=bool)
    for ratings in (study.train, study.test):
        theirs[ratings.photo[np.isin(ratings.rater, drawn.raters)]] = True
    crowd = _without(study.crowd, drawn.raters, theirs)
    if not len(crowd):
        raise PhotoaesthError(
            "the raters under test have rated every photo of --crowd-ratings, so nothing is left "
            "to learn the crowd from; split the data with --folds photo-sets or --folds category"
        )
    return [replace(drawn, crowd=crowd)]


def split_by_photo_set(study: Study) -> list[Split]:
    """Split photos and raters into the connected components of who rated what.

    Each component is tested with a crowd model learned from all the others.

    Raises:
        PhotoaesthError: there is one component only.
    """
    asked = _joined(study.train, study.test)
    component = _components(asked, len(study.photos))
    sets = np.unique(component[asked.photo])
    if len(sets) < 2:
        raise PhotoaesthError(
            "the photos do not fall into sets that share no rater, so --folds photo-sets has "
            "nothing to split by; use --folds category or --crowd-ratings of other photos"
        )
    splits = []
    for place, number in enumerate(sets.tolist(), start=1):
        photos = component == number
        raters = np.unique(asked.rater[photos[asked.photo]])
        splits.append(_refitted(study, f"photo set {place}", raters, photos))
    return splits


def split_by_category(study: Study, categories: Sequence[str], *, seed: int) -> list[Split]:
    """Test every category on its own, with a crowd that saw only the others.

    The raters are dealt into as many parts as there are categories. Part i is tested on
    category i, with a crowd model learned from what the other parts say of the other categories.

    Args:
        study: the ratings.
        categories: of every photo.
        seed: decides who is in which part.

    Raises:
        PhotoaesthError: there is one category only.
    """
    names = sorted(set(categories))
    if len(names) < 2:
        raise PhotoaesthError("--folds category needs photos of at least two categories")
    raters = np.unique(_joined(study.train, study.test).rater)
    dealt = np.random.default_rng(seed).permutation(raters)
    labels = np.array(categories)
    return [
        _refitted(study, name, np.sort(dealt[part :: len(names)]), labels == name)
        for part, name in enumerate(names)
    ]


def draw_raters(
    splits: Sequence[Split], study: Study, *, shots: int, count: int | None, seed: int
) -> list[Split]:
    """Keep the raters who can be tested, and of these at most so many, drawn at random.

    Args:
        splits: whom to draw from.
        study: the ratings.
        shots: photos that a rater must have rated in the train file.
        count: None for all.
        seed: decides who is drawn; a larger count keeps those of a smaller one.

    Raises:
        PhotoaesthError: nobody has rated so many photos.
    """
    able = [
        (place, rater) for place, split in enumerate(splits) for rater in _able(split, study, shots)
    ]
    if not able:
        raise PhotoaesthError(
            f"no rater under test has rated {shots} photos of the train file and any of the test "
            "file; use fewer --shots"
        )
    order = np.random.default_rng(seed).permutation(len(able))
    drawn = [able[number] for number in order[:count]]
    return [
        replace(split, raters=np.array(sorted(r for p, r in drawn if p == place), dtype=np.int64))
        for place, split in enumerate(splits)
    ]


def _able(split: Split, study: Study, shots: int) -> list[int]:
    def rated(ratings: Ratings) -> NDArray[np.int64]:
        shown = ratings.rater[split.photos[ratings.photo]]
        return np.bincount(shown, minlength=len(study.raters))

    able = (rated(study.train) >= shots) & (rated(study.test) > 0)
    return [int(rater) for rater in split.raters if able[rater]]


def _refitted(study: Study, name: str, raters: Indices, photos: NDArray[np.bool_]) -> Split:
    source = _joined(study.train, study.test) if study.crowd is None else study.crowd
    crowd = _without(source, raters, photos)
    if not len(crowd):
        raise PhotoaesthError(
            f"nothing is left to learn the crowd from when {name} is tested; the other parts "
            "need ratings of their own"
        )
    return Split(name, raters, photos, crowd)


def _without(ratings: Ratings, raters: Indices, photos: NDArray[np.bool_]) -> Ratings:
    return ratings.where(~np.isin(ratings.rater, raters) & ~photos[ratings.photo])


def _joined(train: Ratings, test: Ratings) -> Ratings:
    """Return the rows of both; what is in both counts once."""
    _, first = np.unique(
        np.stack([np.r_[train.rater, test.rater], np.r_[train.photo, test.photo]]),
        axis=1,
        return_index=True,
    )
    both = Ratings(
        np.r_[train.rater, test.rater],
        np.r_[train.photo, test.photo],
        np.r_[train.score, test.score],
    )
    kept = np.zeros(len(both), dtype=bool)
    kept[first] = True
    return both.where(kept)


def _components(ratings: Ratings, photos: int) -> NDArray[np.int64]:
    """Return for every photo the lowest number of a photo that it is connected with."""
    component = np.arange(photos)
    lowest = np.full(int(ratings.rater.max(initial=-1)) + 1, photos)
    while True:
        before = component.copy()
        np.minimum.at(lowest, ratings.rater, component[ratings.photo])
        np.minimum.at(component, ratings.photo, lowest[ratings.rater])
        if (component == before).all():
            return component
