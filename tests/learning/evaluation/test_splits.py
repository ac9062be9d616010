from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from photoaesth.errors import PhotoaesthError
from photoaesth.learning.evaluation.method import Ratings
from photoaesth.learning.evaluation.rating_files import Row, Study, number, read_ratings
from photoaesth.learning.evaluation.splits import (
    Split,
    draw_raters,
    split_by_category,
    split_by_photo_set,
    unsplit,
)

OASIS = Path(__file__).parents[4] / "shared" / "data" / "oasis-beauty" / "ratings.csv"


def study_of(rows: list[Row], crowd: list[Row] | None = None) -> Study:
    photos = {photo for _, photo, _ in [*rows, *(crowd or [])]}
    return number(rows, rows, crowd, photos)


def blocks(count: int, raters: int, photos: int) -> list[Row]:
    """Rows of photo sets that share no rater; within one, neighbours share a photo only."""
    return [
        (f"r{block}{rater}", f"p{block}{(rater + step) % photos}", float(step))
        for block in range(count)
        for rater in range(raters)
        for step in range(2)
    ]


def names(study: Study, split: Split) -> tuple[set[str], set[str]]:
    raters = {study.raters[rater] for rater in split.raters}
    return raters, {study.photos[photo] for photo in np.flatnonzero(split.photos)}


def assert_unseen(split: Split) -> None:
    """Nothing of the raters or the photos under test is what the crowd is learned from."""
    assert split.crowd is not None
    assert len(split.crowd)
    assert not np.isin(split.crowd.rater, split.raters).any()
    assert not split.photos[split.crowd.photo].any()


def test_photo_sets_are_the_components_of_who_rated_what() -> None:
    """Chains of raters who share one photo with the next are one set; the sets partition all."""
    study = study_of(blocks(3, raters=4, photos=5))
    splits = split_by_photo_set(study)
    assert len(splits) == 3
    for block, split in enumerate(splits):
        raters, photos = names(study, split)
        assert raters == {f"r{block}{rater}" for rater in range(4)}
        assert photos == {f"p{block}{photo}" for photo in range(5)}
        assert_unseen(split)
        assert len(split.crowd or ()) == 2 * 4 * 2  # all that the other two sets hold


def test_one_photo_set_cannot_be_split() -> None:
    """Where everybody is connected, the way out is named."""
    with pytest.raises(PhotoaesthError, match="--folds category"):
        split_by_photo_set(study_of(blocks(1, raters=4, photos=4)))


def test_categories_take_turns_with_a_part_of_the_raters_each(
    scores: np.ndarray, make_study: Callable[..., Study]
) -> None:
    """Every rater is tested in one category; the crowd saw neither them nor that category."""
    study = make_study(scores)
    categories = ["cat" if place % 3 else "dog" for place in range(len(study.photos))]
    splits = split_by_category(study, categories, seed=0)
    assert [split.name for split in splits] == ["cat", "dog"]
    assert sorted(np.concatenate([split.raters for split in splits])) == list(range(len(scores)))
    for split in splits:
        assert {categories[photo] for photo in np.flatnonzero(split.photos)} == {split.name}
        assert_unseen(split)
    assert (
        splits[0].raters.tolist() != split_by_category(study, categories, seed=1)[0].raters.tolist()
    )


def test_without_folds_the_crowd_loses_raters_and_photos_under_test() -> None:
    """Of the ratings for the crowd, those of raters under test and of their photos are out."""
    rows = [("ann", f"p{place}", float(place)) for place in range(4)]
    crowd = [
        ("ann", "q0", 1.0),  # a rater under test
        ("bob", "p0", 1.0),  # a photo under test
        ("bob", "q0", 2.0),
        ("eve", "q1", 3.0),
    ]
    study = study_of(rows, [*rows, *crowd])
    (split,) = unsplit(study, shots=2, raters=None, seed=0)
    assert split.crowd is not None
    assert [study.raters[rater] for rater in split.crowd.rater] == ["bob", "eve"]
    assert [study.photos[photo] for photo in split.crowd.photo] == ["q0", "q1"]


def test_an_empty_crowd_leads_to_folds() -> None:
    """Ratings that are all of raters under test leave nothing, and --folds is named."""
    rows = blocks(2, raters=3, photos=3)
    with pytest.raises(PhotoaesthError, match="--folds photo-sets"):
        unsplit(study_of(rows, rows), shots=2, raters=None, seed=0)


def test_the_shipped_crowd_is_used_without_ratings_for_one() -> None:
    """No ratings for the crowd and no folds: nothing is refitted, everybody is tested."""
    study = study_of(blocks(2, raters=3, photos=3))
    (split,) = unsplit(study, shots=2, raters=None, seed=0)
    assert split.crowd is None
    assert len(split.raters) == 6


def test_a_larger_draw_keeps_the_raters_of_a_smaller() -> None:
    """Only raters with enough photos are drawn, and more of them join those drawn before."""
    study = study_of([*blocks(2, raters=5, photos=5), ("lazy", "p00", 1.0)])
    splits = split_by_photo_set(study)

    def drawn(count: int | None, seed: int = 0) -> set[int]:
        kept = draw_raters(splits, study, shots=2, count=count, seed=seed)
        return {int(rater) for split in kept for rater in split.raters}

    assert len(drawn(3)) == 3
    assert drawn(3) < drawn(6) < drawn(None)
    assert {study.raters[rater] for rater in drawn(None)} == set(study.raters) - {"lazy"}
    assert drawn(3) != drawn(3, seed=1)
    with pytest.raises(PhotoaesthError, match="no rater under test has rated 3 photos"):
        draw_raters(splits, study, shots=3, count=None, seed=0)


def test_the_crowd_file_is_filtered_in_folds_too() -> None:
    """With folds and a file for the crowd, that file is the source, less what is under test."""
    rows = blocks(2, raters=3, photos=3)
    study = study_of(rows, [*rows, ("guest", "p00", 1.0), ("guest", "p10", 1.0)])
    for split in split_by_photo_set(study):
        assert_unseen(split)
        assert isinstance(split.crowd, Ratings)
        assert study.raters.index("guest") in split.crowd.rater


@pytest.mark.shared_data
@pytest.mark.skipif(not OASIS.exists(), reason="the development ratings are not here")
def test_the_development_ratings_fall_into_four_photo_sets() -> None:
    """557 people rated four disjoint sets, each crowd learned from the other three."""
    study = study_of(read_ratings(OASIS))
    splits = split_by_photo_set(study)
    assert len(splits) == 4
    assert sum(len(split.raters) for split in splits) == 557
    assert sum(split.photos.sum() for split in splits) == 565
    for split in splits:
        assert_unseen(split)
