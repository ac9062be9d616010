"""Attributes in the library."""

import numpy as np
import pytest

from photoaesth.library.attributes import Layout, attributes_of, store, unmeasured
from photoaesth.library.database import Library

LAYOUT = Layout("3", 4)


@pytest.fixture
def photos(library: Library) -> list[int]:
    """Four photos; the last has no file that is present."""
    with library.transaction() as connection:
        for number in range(1, 5):
            connection.execute(
                "INSERT INTO photos (id, content_hash, width, height, perceptual_hash) "
                "VALUES (?, ?, 60, 40, 0)",
                (number, bytes([number])),
            )
            connection.execute(
                "INSERT INTO files (path, photo_id, size, mtime_ns, missing_at) "
                "VALUES (?, ?, 1, 1, ?)",
                (f"/{number}.jpg".encode(), number, "2026-01-01" if number == 4 else None),
            )
    return [1, 2, 3, 4]


def test_what_is_stored_comes_back(library: Library, photos: list[int]) -> None:
    """Numbers come back in half precision, labels to the bit; the last one stored counts."""
    values = np.array([0.1, -3.5, np.nan, 97.25], np.float32)
    mask = (1 << 62) + 5
    with library.transaction():
        store(library, LAYOUT, 2, np.zeros(4, np.float32), 0)
        store(library, LAYOUT, 2, values, mask)
    table = attributes_of(library, LAYOUT)
    assert table.photos.tolist() == [1, 2, 3]
    np.testing.assert_array_equal(table.values[1], values.astype(np.float16).astype(np.float32))
    assert np.isnan(table.values[[0, 2]]).all()
    assert table.labels.tolist() == [0, mask, 0]


def test_in_the_order_asked_for(library: Library, photos: list[int]) -> None:
    """Rows are those asked for, in that order, present or not."""
    with library.transaction():
        store(library, LAYOUT, 4, np.full(4, 4.0), 4)
        store(library, LAYOUT, 1, np.full(4, 1.0), 1)
    table = attributes_of(library, LAYOUT, [4, 3, 1])
    assert table.labels.tolist() == [4, 0, 1]
    assert table.values[:, 0].tolist()[::2] == [4, 1]


def test_another_version_does_not_count(library: Library, photos: list[int]) -> None:
    """What another version measured is unknown and waits to be measured again."""
    with library.transaction():
        store(library, Layout("2", 3), 1, np.ones(3), 1)
        store(library, LAYOUT, 2, np.ones(4), 1)
    assert unmeasured(library, LAYOUT) == [1, 3]
    assert attributes_of(library, LAYOUT).labels.tolist() == [0, 1, 0]
