"""The best and worst photos of a library."""

import os
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pytest

from photoaesth.domain import GroupKind
from photoaesth.library import locations, models, photos, ranked, scores
from photoaesth.library.database import Library
from photoaesth.library.filters import PhotoFilter
from photoaesth.library.found import FoundFile
from photoaesth.library.groups import add_group
from photoaesth.library.ranked import Order

AddPhoto = Callable[..., int]


@pytest.fixture
def generic(library: Library) -> int:
    """The id of the generic model."""
    return models.generic_model(library, "crowd-1").id


@pytest.fixture(autouse=True, params=[1, 1000])
def looked_up(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Look photos up one at a time, as in a large library, and all at once."""
    monkeypatch.setattr(ranked, "_FEWEST_LOOKED_UP", request.param)


def score(library: Library, model: int, **given: float) -> None:
    numbers = []
    with library.transaction():
        for name in given:
            photo = photos.photo_by_path(library, Path(f"/photos/{name}.jpg"))
            models.store_embedding(library, photo.id, "space", np.zeros(2, np.float16))
            (number,) = library.connection.execute("SELECT max(id) FROM embeddings").fetchone()
            numbers.append(number)
    values = np.array(list(given.values()))
    scores.store_scores(library, model, numbers, values, np.full(len(values), 0.25))


def ranking(
    library: Library, model: int, *, limit: int = 99, order: Order = Order.BEST, **chosen: object
) -> list[str]:
    rows = ranked.ranking(library, model, PhotoFilter(**chosen), limit=limit, order=order)
    return [Path(os.fsdecode(row.path)).name.removesuffix(".jpg") for row in rows]


def mark_missing(library: Library, name: str) -> None:
    with library.transaction():
        assert locations.mark_missing(library, f"/photos/{name}.jpg".encode())


def test_ranking_is_by_score_from_either_end(
    library: Library, add_photo: AddPhoto, generic: int
) -> None:
    """Best first or worst first, as many as asked for; equal scores keep a fixed order."""
    assert ranking(library, generic) == []
    for name in "abcd":
        add_photo(f"{name}.jpg")
    score(library, generic, a=5.0, b=9.0, c=1.0, d=5.0)
    assert ranking(library, generic) == ["b", "d", "a", "c"]
    assert ranking(library, generic, order=Order.WORST) == ["c", "a", "d", "b"]
    assert ranking(library, generic, limit=2) == ["b", "d"]
    assert ranking(library, generic, limit=2, order=Order.WORST) == ["c", "a"]
    assert ranking(library, generic, limit=0) == []


def test_what_is_known_of_a_ranked_photo(
    library: Library, add_photo: AddPhoto, generic: int
) -> None:
    """Photo, path, score and doubt belong together."""
    add_photo("a.jpg")
    photo = add_photo("b.jpg")
    score(library, generic, a=5.0, b=9.0)
    (best,) = ranked.ranking(library, generic, PhotoFilter(), limit=1)
    assert best == ranked.Ranked(photo, b"/photos/b.jpg", 9.0, 0.25)


@pytest.mark.parametrize("seed", range(3))
def test_any_number_of_the_foremost_is_the_beginning_of_all(
    library: Library, add_photo: AddPhoto, generic: int, seed: int
) -> None:
    """With many equal scores, missing photos and any limit, the order is that of one sort."""
    rng = np.random.default_rng(seed)
    given = {str(number): float(rng.integers(1, 5)) for number in range(40)}
    for name in given:
        add_photo(f"{name}.jpg")
    score(library, generic, **given)
    gone = {str(number) for number in rng.permutation(40)[:15]}
    for name in gone:
        mark_missing(library, name)
    expected = sorted(given.keys() - gone, key=lambda name: (given[name], int(name)))
    for limit in range(30):
        assert ranking(library, generic, limit=limit, order=Order.WORST) == expected[:limit]
        assert ranking(library, generic, limit=limit) == expected[::-1][:limit]


def test_ranking_shows_each_present_photo_once(
    library: Library, add_photo: AddPhoto, generic: int
) -> None:
    """Copies appear once, by their first name; a photo whose files are gone does not appear."""
    add_photo("b.jpg", "two files")
    add_photo("a.jpg", "two files")
    add_photo("gone.jpg")
    score(library, generic, a=5.0, gone=9.0)
    mark_missing(library, "gone")
    assert ranking(library, generic) == ["a"]


def test_of_a_raw_file_and_a_developed_one_the_developed_is_shown(
    library: Library, add_photo: AddPhoto, generic: int
) -> None:
    """Although its name comes later; when it is gone, the RAW file stands for the photo."""
    photo = add_photo("x.jpg")
    with library.transaction():
        raw = FoundFile(b"/photos/x.cr2", 1, 1, beside=b"/photos/x.jpg")
        locations.attach_file(library, raw, photo)
    score(library, generic, x=5.0)
    assert ranking(library, generic) == ["x"]
    mark_missing(library, "x")
    assert ranking(library, generic) == ["x.cr2"]


def test_scores_of_content_that_is_gone_do_not_count(
    library: Library, add_photo: AddPhoto, generic: int
) -> None:
    """A photo that changed is not ranked by what it was."""
    photo = add_photo("a.jpg", "before")
    add_photo("b.jpg")
    score(library, generic, a=9.0, b=5.0)
    assert add_photo("a.jpg", "after") == photo
    assert ranking(library, generic) == ["b"]
    score(library, generic, a=2.0)
    assert ranking(library, generic) == ["b", "a"]


def test_filters(library: Library, add_photo: AddPhoto, generic: int) -> None:
    """Folder, first and last day and camera each narrow the ranking, alone and together."""

    def day(number: int, hour: int = 12) -> datetime:
        return datetime(2024, 5, number, hour, 59, 59, 999_999)  # noqa: DTZ001 - camera time

    add_photo("x/1.jpg", taken_at=day(1), camera="Kamera X100")
    add_photo("x/2.jpg", taken_at=day(2, 0), camera="Kamera X100")
    add_photo("xy/3.jpg", taken_at=day(2, 23), camera="Other")
    add_photo("xy/4.jpg", taken_at=day(3), camera="Other")
    add_photo("xy/5.jpg")
    add_photo("xy/6.jpg", camera="X undated")
    score(
        library,
        generic,
        **{f"x/{n}": 9.0 - n for n in (1, 2)} | {f"xy/{n}": 9.0 - n for n in (3, 4, 5, 6)},
    )
    may = [date(2024, 5, number) for number in range(1, 5)]
    assert ranking(library, generic) == list("123456")
    assert ranking(library, generic, under=Path("/photos/x")) == list("12")
    assert ranking(library, generic, under=Path("/photos/xy"), since=may[2]) == ["4"]
    assert ranking(library, generic, since=may[1]) == list("234")
    assert ranking(library, generic, until=may[1]) == list("123")
    assert ranking(library, generic, since=may[1], until=may[1]) == list("23")
    assert ranking(library, generic, camera="kamera x") == list("12")
    assert ranking(library, generic, camera="x") == list("126")
    assert ranking(library, generic, camera="x", since=may[1]) == ["2"]
    assert ranking(library, generic, camera="100%") == []
    assert ranking(library, generic, camera="x", limit=2, order=Order.WORST) == list("62")


def test_copy_is_shown_where_the_filter_looks(
    library: Library, add_photo: AddPhoto, generic: int
) -> None:
    """Of a photo with two files, the one below the folder asked for is shown."""
    add_photo("a/first.jpg", "same")
    add_photo("b/second.jpg", "same")
    score(library, generic, **{"a/first": 5.0})
    assert ranking(library, generic, under=Path("/photos/b")) == ["second"]


def test_copy_that_can_be_reached_is_shown(
    library: Library, add_photo: AddPhoto, generic: int, tmp_path: Path
) -> None:
    """Of a photo's two files, the one on an absent drive is not the one that is named."""
    for root in (Path("/photos"), tmp_path):
        locations.add_root(library, root)
    photo = add_photo("a.jpg", "pixels")
    assert add_photo(str(tmp_path / "b.jpg"), "pixels") == photo
    score(library, generic, a=5.0)
    assert ranking(library, generic) == ["b"]


def test_one_of_a_burst_and_all_of_a_panorama(
    library: Library, add_photo: AddPhoto, generic: int
) -> None:
    """Bursts and copies show their foremost photo, from either end; other series stay whole."""
    ids = {name: add_photo(f"{name}.jpg") for name in "abcdefgh"}
    score(library, generic, a=8, b=7, c=6, d=5, e=4, f=3, g=2, h=1)
    with library.transaction():
        add_group(library, GroupKind.BURST, [ids["a"], ids["c"]])
        add_group(library, GroupKind.NEAR_DUPLICATES, [ids["b"], ids["h"]])
        add_group(library, GroupKind.PANORAMA, [ids["d"], ids["e"], ids["f"]])
    assert ranking(library, generic, one_per_burst=True) == list("abdefg")
    assert ranking(library, generic, one_per_burst=True, order=Order.WORST) == list("hgfedc")
    assert ranking(library, generic, one_per_burst=True, limit=3) == list("abd")
    assert len(ranking(library, generic)) == 8


def test_no_score_below_the_least_is_listed(
    library: Library, add_photo: AddPhoto, generic: int
) -> None:
    """From either end the list stops at the score that is asked for, which is enough itself."""
    for name in "abcd":
        add_photo(f"{name}.jpg", camera="One" if name < "c" else "Two")
    score(library, generic, a=8, b=6, c=6.5, d=3)
    assert ranking(library, generic, min_score=6) == list("acb")
    assert ranking(library, generic, min_score=6, order=Order.WORST) == list("bca")
    assert ranking(library, generic, min_score=6, camera="two") == ["c"]
    assert ranking(library, generic, min_score=9) == []


def test_the_most_doubted_come_first(library: Library, add_photo: AddPhoto, generic: int) -> None:
    """Whatever their scores, photos stand in the order of their standard deviations."""
    for name in "abc":
        add_photo(f"{name}.jpg")
    score(library, generic, a=9, b=5, c=1)
    numbers = scores.scores_by(library, generic).embeddings.tolist()
    doubts = np.array([0.5, 2.0, 1.0])
    scores.store_scores(library, generic, numbers, np.array([9.0, 5.0, 1.0]), doubts)
    assert ranking(library, generic, order=Order.UNCERTAIN) == list("bca")
    assert ranking(library, generic, order=Order.UNCERTAIN, min_score=2, limit=1) == ["b"]
    assert ranking(library, generic, order=Order.UNCERTAIN, min_score=6) == ["a"]
