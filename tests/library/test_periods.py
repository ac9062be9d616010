"""The foremost photos of each period."""

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from photoaesth.domain import GroupKind
from photoaesth.library import locations, models, periods, photos
from photoaesth.library.database import Library
from photoaesth.library.filters import PhotoFilter
from photoaesth.library.groups import add_group
from photoaesth.library.periods import Period, foremost_of_each
from photoaesth.library.ranked import Order
from photoaesth.library.scores import store_scores

AddPhoto = Callable[..., int]
Best = Callable[..., dict[str, str]]


@pytest.fixture
def best(library: Library) -> Best:
    """Return names of photos by period, the foremost first; a name's number is its score."""
    model = models.generic_model(library, "crowd-1").id

    def names(
        period: Period, count: int = 9, order: Order = Order.BEST, **chosen: object
    ) -> dict[str, str]:
        known = library.connection.execute(
            "SELECT photo_id, min(path) FROM files GROUP BY photo_id ORDER BY photo_id"
        ).fetchall()
        with library.transaction() as connection:
            for photo, _ in known:
                models.store_embedding(library, photo, "space", np.zeros(2, np.float16))
            numbers = [
                connection.execute(
                    "SELECT id FROM embeddings WHERE photo_id = ?", (photo,)
                ).fetchone()[0]
                for photo, _ in known
            ]
        scores = np.array([float(_name(path)) for _, path in known])
        store_scores(library, model, numbers, scores, 10 - scores)
        found = foremost_of_each(
            library, model, PhotoFilter(**chosen), period, count=count, order=order
        )
        return {name: "".join(_name(row.path) for row in rows) for name, rows in found}

    return names


def _name(path: bytes) -> str:
    return Path(os.fsdecode(path)).stem


def _at(*when: int) -> datetime:
    return datetime(*when)  # noqa: DTZ001 - camera time


def test_periods_are_in_order_of_time_and_undated_photos_last(
    add_photo: AddPhoto, best: Best
) -> None:
    """Days, ISO weeks across the new year, and months; the best of each come first."""
    add_photo("1.jpg", taken_at=_at(2024, 12, 29, 23, 59))
    add_photo("2.jpg", taken_at=_at(2024, 12, 30))
    add_photo("4.jpg", taken_at=_at(2025, 1, 5, 12))
    add_photo("3.jpg", taken_at=_at(2025, 1, 5, 13))
    add_photo("5.jpg")
    assert list(best(Period.DAY).items()) == [
        ("2024-12-29", "1"),
        ("2024-12-30", "2"),
        ("2025-01-05", "43"),
        ("undated", "5"),
    ]
    assert best(Period.DAY, 1)["2025-01-05"] == "4"
    assert best(Period.WEEK) == {"2024-W52": "1", "2025-W01": "432", "undated": "5"}
    assert best(Period.MONTH) == {"2024-12": "21", "2025-01": "43", "undated": "5"}


def test_orders_and_filters_hold_within_each_period(add_photo: AddPhoto, best: Best) -> None:
    """Worst or most doubted first, and a period without a photo that passes is not named."""
    for number in range(1, 7):
        add_photo(f"{number}.jpg", taken_at=_at(2025, 1, 1 + number % 2), camera=f"C{number}")
    assert best(Period.DAY, 2) == {"2025-01-01": "64", "2025-01-02": "53"}
    assert best(Period.DAY, 2, Order.WORST) == {"2025-01-01": "24", "2025-01-02": "13"}
    assert best(Period.DAY, 2, Order.UNCERTAIN) == {"2025-01-01": "24", "2025-01-02": "13"}
    assert best(Period.DAY, min_score=6) == {"2025-01-01": "6"}
    assert best(Period.DAY, camera="c3") == {"2025-01-02": "3"}
    assert best(Period.DAY, camera="c9") == {}


def test_missing_photos_make_room_for_the_next(
    library: Library, add_photo: AddPhoto, best: Best
) -> None:
    """As many as asked for are found although the best are gone; all gone, the day is too."""
    for number in range(1, 9):
        add_photo(f"{number}.jpg", taken_at=_at(2025, 1, 1))
    add_photo("9.jpg", taken_at=_at(2025, 1, 2))
    with library.transaction():
        for number in (8, 7, 6, 4, 9):
            assert locations.mark_missing(library, f"/photos/{number}.jpg".encode())
    assert best(Period.DAY, 2) == {"2025-01-01": "53"}


def test_folder_is_that_of_the_file_that_is_shown(
    library: Library, add_photo: AddPhoto, best: Best
) -> None:
    """A photo with two files counts once, where the ranking shows it; a filter may move it."""
    add_photo("a/1.jpg", "one")
    add_photo("b/1.jpg", "one")
    add_photo("b/2.jpg")
    add_photo("b/deep/3.jpg")
    assert best(Period.FOLDER) == {"/photos/a": "1", "/photos/b": "2", "/photos/b/deep": "3"}
    assert best(Period.FOLDER, under=Path("/photos/b")) == {
        "/photos/b": "21",
        "/photos/b/deep": "3",
    }


def test_folder_of_a_copy_that_can_be_reached(
    library: Library, add_photo: AddPhoto, best: Best, tmp_path: Path
) -> None:
    """Of files on an absent drive and on one that is there, the latter counts."""
    for root in (Path("/photos"), tmp_path):
        locations.add_root(library, root)
    photo = add_photo("1.jpg", "one")
    assert add_photo(str(tmp_path / "1.jpg"), "one") == photo
    assert photos.photo_by_path(library, tmp_path / "1.jpg").id == photo
    assert best(Period.FOLDER) == {str(tmp_path): "1"}


def test_one_of_a_burst(library: Library, add_photo: AddPhoto, best: Best) -> None:
    """A burst gives its best photo to the list and no other, and the rest makes room."""
    ids = [add_photo(f"{number}.jpg", taken_at=_at(2025, 1, 1)) for number in range(1, 8)]
    with library.transaction():
        add_group(library, GroupKind.BURST, ids[2:])
    assert best(Period.DAY, 2) == {"2025-01-01": "76"}
    assert best(Period.DAY, 2, one_per_burst=True) == {"2025-01-01": "72"}


def test_nothing_is_divided(best: Best) -> None:
    """An empty library has no periods."""
    assert [best(period) for period in periods.Period] == [{}, {}, {}, {}]
