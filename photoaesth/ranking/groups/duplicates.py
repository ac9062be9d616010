"""Near-duplicates: copies of a picture that were saved again, resized, cropped a little or edited.

Hashes find the candidates, embeddings confirm them. A copy is like the one original that its
group began with, not like any other copy, so a chain of small differences joins nothing.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from photoaesth.perceptual import UNTELLING
from photoaesth.ranking.groups.alike import MAX_BITS_APART, least_cosine, normalised

_BLOCK = 4096  # new photos per search; 4096² / 2 pairs still fit in memory if all are alike
_CONFIRMED_AT_ONCE = 256  # new photos whose candidates' looks are in memory
_PAIRS_AT_ONCE = 1 << 16  # their differences stay in the processor's cache

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Hashes:
    """Photos and their perceptual hashes.

    Attributes:
        photos: `(N,)` int64, the library's numbers.
        values: `(N,)` int64, from `photoaesth.perceptual.perceptual_hash`.
    """

    photos: Numbers
    values: Numbers

    def __len__(self) -> int:
        return len(self.photos)

    def __getitem__(self, which: slice | NDArray[np.bool_]) -> "Hashes":
        return Hashes(self.photos[which], self.values[which])

    def and_also(self, others: "Hashes") -> "Hashes":
        """Return these photos and then others."""
        return Hashes(
            np.concatenate([self.photos, others.photos]),
            np.concatenate([self.values, others.values]),
        )


def near_duplicates(
    new: Hashes, originals: Hashes, looks_of: Callable[[Numbers], NDArray[np.floating]]
) -> dict[int, int]:
    """Return which photos are copies of which.

    A twentieth of all pairs is compared. Of the originals, 16 bytes each are in memory, and the
    looks of those alone whose hashes are close to one of 256 new photos.

    Args:
        new: photos in no group; of two that are alike the earlier is the original.
        originals: all other photos but those that are copies themselves: every photo that is in
            no group of near-duplicates, and the first of each such group.
        looks_of: returns `(n, D)` looks (see `Look`) of n photos, in the order asked for; asked
            for candidates alone.

    Returns:
        For each of `new` that is a copy, the one of `originals` or of `new` that it is most like.
        An original is never a copy itself.
    """
    copies: dict[int, int] = {}
    new = new[new.values != UNTELLING]
    originals = originals[originals.values != UNTELLING]
    for start in range(0, len(new), _BLOCK):
        block = new[start : start + _BLOCK]
        found = _copies_in(block, originals, looks_of)
        copies |= found
        is_original = ~np.isin(block.photos, np.fromiter(found, np.int64, len(found)))
        originals = originals.and_also(block[is_original])
    return copies


def _copies_in(
    block: Hashes, originals: Hashes, looks_of: Callable[[Numbers], NDArray[np.floating]]
) -> dict[int, int]:
    everything = originals.and_also(block)
    rows, columns = _close_pairs(block.values, everything.values)
    rows += len(originals)  # a place in `everything` as well
    earlier = columns < rows
    order = np.lexsort((columns[earlier], rows[earlier]))
    rows, columns = rows[earlier][order], columns[earlier][order]
    original_of = np.full(len(everything), -1)
    for start in range(len(originals), len(everything), _CONFIRMED_AT_ONCE):
        part = slice(*np.searchsorted(rows, [start, start + _CONFIRMED_AT_ONCE]))
        _confirm(everything, rows[part], columns[part], original_of, looks_of)
    copies = np.flatnonzero(original_of >= 0)
    photos = everything.photos
    return dict(zip(photos[copies].tolist(), photos[original_of[copies]].tolist(), strict=True))


def _confirm(
    everything: Hashes,
    rows: Numbers,
    columns: Numbers,
    original_of: Numbers,
    looks_of: Callable[[Numbers], NDArray[np.floating]],
) -> None:
    """Note in `original_of` which rows are copies of which of the columns given with them.

    Args:
        everything: what rows and columns are places in.
        rows: ascending.
        columns: those with close hashes, before the row.
        original_of: -1 for what is no copy.
        looks_of: see `near_duplicates`.
    """
    is_original = original_of[columns] < 0
    rows, columns = rows[is_original], columns[is_original]
    if not len(rows):
        return
    involved, places = np.unique(np.concatenate([columns, rows]), return_inverse=True)
    looks = normalised(looks_of(everything.photos[involved]))
    near, own = places[: len(columns)], places[len(columns) :]
    for first, end in pairwise(np.flatnonzero(np.diff(rows, prepend=-1, append=-1))):
        row, candidates = rows[first], columns[first:end]
        cosines = looks[near[first:end]] @ looks[own[first]]
        apart = _bits_apart(everything.values[candidates], everything.values[row])
        margins = np.where(original_of[candidates] < 0, cosines - least_cosine(apart), -1)
        best = np.argmax(margins)
        if margins[best] >= 0:
            original_of[row] = candidates[best]


def _close_pairs(some: Numbers, every: Numbers) -> tuple[Numbers, Numbers]:
    """Return the places in `some` and `every` of hashes that are close.

    Close are hashes that differ in at most `MAX_BITS_APART` bits and have one of eight bytes in
    common, which spares comparing 19 of 20 pairs. Up to seven bits apart they always have one (the
    pigeonhole principle of multi-index hashing: Norouzi, Punjani & Fleet 2012, "Fast search in
    Hamming space with multi-index hashing"), beyond nearly always.
    """
    some_bytes, every_bytes = (hashes.view(np.uint8).reshape(-1, 8) for hashes in (some, every))
    found: list[tuple[Numbers, Numbers]] = []
    for byte in range(8):
        for rows, columns in _with_same(some_bytes[:, byte].copy(), every_bytes[:, byte].copy()):
            near = every[columns]
            step = max(1, _PAIRS_AT_ONCE // len(columns))
            for start in range(0, len(rows), step):
                part = rows[start : start + step]
                apart = _bits_apart(some[part, None], near)
                close = np.flatnonzero(apart <= MAX_BITS_APART)
                if len(close):
                    row, column = part[close // len(columns)], columns[close % len(columns)]
                    # Those with an earlier byte in common have been found by it.
                    fresh = ~(some_bytes[row, :byte] == every_bytes[column, :byte]).any(axis=1)
                    found.append((row[fresh], column[fresh]))
    if not found:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    some_places, every_places = zip(*found, strict=True)
    return np.concatenate(some_places), np.concatenate(every_places)


def _with_same(
    some: NDArray[np.uint8], every: NDArray[np.uint8]
) -> Iterator[tuple[Numbers, Numbers]]:
    """Yield the places in `some` and in `every` of each value that both have."""
    values = np.arange(257)
    some_order, every_order = np.argsort(some, kind="stable"), np.argsort(every, kind="stable")
    some_bounds = np.searchsorted(some[some_order], values)
    every_bounds = np.searchsorted(every[every_order], values)
    for value in range(256):
        rows = some_order[some_bounds[value] : some_bounds[value + 1]]
        columns = every_order[every_bounds[value] : every_bounds[value + 1]]
        if len(rows) and len(columns):
            yield rows, columns


def _bits_apart(some: Numbers, others: Numbers) -> NDArray[np.uint8]:
    # Of a negative number numpy counts the bits of its absolute value.
    return np.bitwise_count((some ^ others).view(np.uint64))
