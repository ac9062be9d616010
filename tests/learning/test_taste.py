from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from photoaesth.learning.crowd import CrowdModel
from photoaesth.learning.taste import (
    MIDDLE,
    TastePrior,
    Trust,
    combine,
    describe,
    part_variances,
    parts,
)

Floats = NDArray[np.floating[Any]]
GENERIC = np.array([3.0, 5.5, 7.5, 6.0])


@pytest.fixture
def taste(make_crowd: Callable[..., CrowdModel]) -> TastePrior:
    return make_crowd(6).taste


@pytest.fixture
def rows(make_embeddings: Callable[..., Floats]) -> Floats:
    return make_embeddings(4)


def test_covariances_by_hand(taste: TastePrior, rows: Floats) -> None:
    """Gain: (g - 5.5)(g' - 5.5); taste: the product of coordinates; own: that of the process less
    its value at the origin, k(x, y) - k(x, 0) - k(0, y) + 1."""
    photos = describe(taste, rows, GENERIC)
    gain, directions, own = parts(taste, photos, photos)
    x, y = rows[0, :6].astype(float), rows[2, :6].astype(float)
    assert gain[0, 2] == pytest.approx((3.0 - 5.5) * (7.5 - 5.5))
    assert directions[0, 2] == pytest.approx((x @ taste.basis) @ (y @ taste.basis))
    apart, x_off, y_off = (np.exp(-(v @ v) / taste.own_width) for v in (x - y, x, y))
    assert own[0, 2] == pytest.approx(taste.own_scale * (apart - x_off - y_off + 1))


def test_parts_of_other_photos_are_the_blocks_between_them(taste: TastePrior, rows: Floats) -> None:
    """Three photos against one are the rows and the column of all four against all four."""
    everything = describe(taste, rows, GENERIC)
    some, other = describe(taste, rows[:3], GENERIC[:3]), describe(taste, rows[3:], GENERIC[3:])
    whole = parts(taste, everything, everything)
    assert (len(some), len(other)) == (3, 1)
    np.testing.assert_allclose(parts(taste, some, other), whole[:, :3, 3:], atol=1e-12)


def test_variances_are_the_diagonal(taste: TastePrior, rows: Floats) -> None:
    """A photo's covariance with itself, without the rest of the matrix."""
    photos = describe(taste, rows, GENERIC)
    diagonals = np.diagonal(parts(taste, photos, photos), axis1=1, axis2=2)
    np.testing.assert_allclose(part_variances(taste, photos), diagonals, atol=1e-12)


def test_every_part_is_a_covariance(
    taste: TastePrior, make_embeddings: Callable[..., Floats]
) -> None:
    """Among forty photos no combination of them has a negative variance."""
    photos = describe(taste, make_embeddings(40), np.linspace(1, 10, 40))
    for part in parts(taste, photos, photos):
        np.testing.assert_allclose(part, part.T, atol=1e-12)
        assert np.linalg.eigvalsh(part).min() > -1e-9


def test_the_average_photo_is_beyond_doubt(taste: TastePrior) -> None:
    """At the origin, with a generic score in the middle, nothing can differ between people."""
    average = describe(taste, np.zeros((1, 16)), np.array([MIDDLE]))
    np.testing.assert_array_equal(part_variances(taste, average), 0)


def test_the_second_opinion_describes_nothing(taste: TastePrior, rows: Floats) -> None:
    """Two embeddings that differ in the last ten numbers only are one photo to every part."""
    changed = rows.copy()
    changed[:, 6:] += 5
    before, after = (describe(taste, each, GENERIC) for each in (rows, changed))
    np.testing.assert_array_equal(parts(taste, before, before), parts(taste, after, after))


def test_trust_weighs_by_squares() -> None:
    """2² · 1 + 3² · 10 + 0.5² · 100 = 119, for matrices and variances alike."""
    one = np.array([1.0, 10.0, 100.0])
    assert combine(Trust(2, 3, 0.5), one) == pytest.approx(119)
    np.testing.assert_allclose(
        combine(Trust(2, 3, 0.5), one[:, None, None] * np.eye(2)), 119 * np.eye(2)
    )
