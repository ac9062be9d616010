from collections.abc import Callable

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from photoaesth.perceptual import UNTELLING, bits_apart
from photoaesth.ranking.groups import Hashes, near_duplicates
from photoaesth.ranking.groups.duplicates import MAX_BITS_APART, _close_pairs

NOTHING = Hashes(np.empty(0, np.int64), np.empty(0, np.int64))
RNG = np.random.default_rng(0)
BASE = int(RNG.integers(-(1 << 63), 1 << 63, dtype=np.int64))


def flipped(value: int, *bits: int) -> int:
    for bit in bits:
        value ^= 1 << bit
    return (value + (1 << 63)) % (1 << 64) - (1 << 63)


def hashes(values: dict[int, int]) -> Hashes:
    return Hashes(np.array(list(values), np.int64), np.array(list(values.values()), np.int64))


def at_angles(degrees: dict[int, float]) -> Callable[[NDArray[np.int64]], NDArray[np.floating]]:
    """Looks in a plane, so that the cosine of two is that of the angle between them."""

    def looks_of(photos: NDArray[np.int64]) -> NDArray[np.floating]:
        angles = np.radians([degrees.get(int(photo), 0.0) for photo in photos])
        return np.stack([np.cos(angles), np.sin(angles)], axis=1) * 7

    return looks_of


def test_a_copy_is_put_to_its_original() -> None:
    """Of five hashes, the one two bits from an original is its copy, by either kind of number."""
    originals = hashes({1: BASE, 2: flipped(BASE, *range(0, 60, 2)), 3: flipped(BASE, *range(32))})
    new = hashes({7: flipped(BASE, 0, 63), 8: flipped(BASE, *range(1, 50, 2))})
    assert near_duplicates(new, originals, at_angles({})) == {7: 1}


def test_the_embedding_has_to_agree() -> None:
    """Equal hashes of pictures that look different, as of two foggy days, make no copy."""
    new, originals = hashes({2: BASE}), hashes({1: BASE})
    assert near_duplicates(new, originals, at_angles({1: 0, 2: 30})) == {2: 1}
    assert near_duplicates(new, originals, at_angles({1: 0, 2: 80})) == {}


def test_the_further_the_hashes_the_more_the_embedding_has_to_agree() -> None:
    """At 40 degrees (0.77) eight bits are a copy (0.75) and ten are none (0.8)."""
    originals, looks = hashes({1: BASE}), at_angles({2: 40})
    assert near_duplicates(hashes({2: flipped(BASE, *range(8))}), originals, looks) == {2: 1}
    assert near_duplicates(hashes({2: flipped(BASE, *range(10))}), originals, looks) == {}


def test_of_several_originals_the_most_alike_is_taken() -> None:
    """A copy goes to the original whose embedding agrees best, not to the first."""
    originals = hashes({1: BASE, 2: flipped(BASE, 1, 2), 3: BASE})
    looks = at_angles({1: 20, 2: 5, 3: -30})
    assert near_duplicates(hashes({9: flipped(BASE, 1)}), originals, looks) == {9: 2}


def test_among_new_photos_the_earlier_is_the_original() -> None:
    """Three equal new photos are the first and two copies of it, in the order given."""
    new = hashes({5: BASE, 4: BASE, 6: BASE})
    assert near_duplicates(new, NOTHING, at_angles({})) == {4: 5, 6: 5}


def test_small_differences_do_not_chain() -> None:
    """Of pictures that change little by little, each group keeps to what is like its first."""
    angles = {photo: 10.0 * photo for photo in range(36)}
    copies = near_duplicates(hashes(dict.fromkeys(range(36), BASE)), NOTHING, at_angles(angles))
    assert copies
    assert not set(copies) & set(copies.values())
    for copy, original in copies.items():
        apart = abs(angles[copy] - angles[original])
        assert np.cos(np.radians(apart)) >= 0.55 - 1e-6


def test_a_copy_is_no_original_of_later_photos() -> None:
    """What is like a copy but not like its original stays alone, thousands of photos later too."""
    others = RNG.integers(-(1 << 63), 1 << 63, 5000, dtype=np.int64).tolist()
    new = hashes({1: BASE, 2: BASE, **dict(enumerate(others, 10)), 9: BASE})
    looks = at_angles({1: 0, 2: 40, 9: 80, **dict.fromkeys(range(10, 5010), 180.0)})
    copies = near_duplicates(new, NOTHING, looks)
    assert copies[2] == 1
    assert 9 not in copies


def test_flat_pictures_are_no_copies_of_each_other() -> None:
    """A thousand black frames stay a thousand photos, and nobody's embedding is asked for."""

    def looks_of(photos: NDArray[np.int64]) -> NDArray[np.floating]:
        raise AssertionError(photos)

    black = hashes(dict.fromkeys(range(1000), UNTELLING))
    assert near_duplicates(black, hashes({-1: UNTELLING}), looks_of) == {}


def test_blocks_do_not_show() -> None:
    """Ten thousand photos, each with a copy far behind it, are found across all blocks."""
    values = RNG.integers(-(1 << 63), 1 << 63, 5000, dtype=np.int64)
    new = Hashes(np.arange(10_000), np.concatenate([values, values ^ 0b101]))
    looks = RNG.standard_normal((5000, 30))
    copies = near_duplicates(new, NOTHING, lambda photos: looks[photos % 5000])
    assert copies == {photo + 5000: photo for photo in range(5000)}


@given(
    st.lists(st.integers(-(1 << 63), (1 << 63) - 1), min_size=1, max_size=6),
    st.lists(st.tuples(st.integers(0, 5), st.sets(st.integers(0, 63), max_size=18)), max_size=12),
)
def test_close_pairs_are_those_of_the_definition(
    values: list[int], changes: list[tuple[int, set[int]]]
) -> None:
    """Found once each are exactly the pairs with a byte in common, few enough bits apart."""
    others = [flipped(values[place % len(values)], *bits) for place, bits in changes] or values
    some, every = np.array(values, np.int64), np.array(others, np.int64)

    def close(left: int, right: int) -> bool:
        bits = (left ^ right) % (1 << 64)
        shared = any((bits >> shift) & 255 == 0 for shift in range(0, 64, 8))
        return bits.bit_count() <= MAX_BITS_APART and shared

    expected = [(i, j) for i, a in enumerate(values) for j, b in enumerate(others) if close(a, b)]
    rows, columns = _close_pairs(some, every)
    assert sorted(zip(rows.tolist(), columns.tolist(), strict=True)) == expected


@given(st.integers(-(1 << 63), (1 << 63) - 1), st.sets(st.integers(0, 63), max_size=7))
def test_seven_bits_apart_always_share_a_byte(value: int, bits: set[int]) -> None:
    """No copy within seven bits is missed, whichever these are."""
    other = flipped(value, *bits)
    rows, _ = _close_pairs(np.array([value]), np.array([other]))
    assert len(rows) == 1
    if UNTELLING not in {value, other}:
        assert bits_apart(value, other) == len(bits)
