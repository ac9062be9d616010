"""The foremost photos of each day, week, month or folder."""

import itertools
import os
from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from functools import cache

import numpy as np
from numpy.typing import NDArray

from photoaesth.files import display_path
from photoaesth.library.database import Library
from photoaesth.library.filters import PhotoFilter
from photoaesth.library.ranked import Contest, Order, Ranked
from photoaesth.library.shown import passing, shown_paths

UNDATED = "undated"


class Period(StrEnum):
    """What a library can be divided by."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    FOLDER = "folder"


def foremost_of_each(
    library: Library,
    model_id: int,
    chosen: PhotoFilter,
    period: Period,
    *,
    count: int,
    order: Order = Order.BEST,
) -> list[tuple[str, list[Ranked]]]:
    """Return the foremost photos of each period that are present and pass a filter.

    Args:
        library: where.
        model_id: whose scores count.
        chosen: which photos.
        period: what they are divided by.
        count: how many of each at the most.
        order: which are the foremost.

    Returns:
        With the name of each period: `2026-05-01`, the ISO week `2026-W18`, `2026-05` or the
        folder. They are in order of time, with photos that are undated last, or of folders.
    """
    contest = Contest(library, model_id, chosen, order)
    names, period_of = _divided(library, chosen, period, contest.embeddings)
    places = contest.places[period_of[contest.places] >= 0]
    places = places[contest.foremost(places, len(places))]
    places = places[np.argsort(period_of[places], kind="stable")]
    bounds = np.searchsorted(period_of[places], np.arange(len(names) + 1))
    found: list[list[Ranked]] = [[] for _ in names]
    start, end = 0, count
    while parts := {
        number: part
        for number, (low, high) in enumerate(itertools.pairwise(bounds))
        if len(found[number]) < count and len(part := places[low:high][start:end])
    }:
        rows = iter(contest.look_up(np.concatenate(list(parts.values()))))
        for number, part in parts.items():
            found[number] += [row for row in itertools.islice(rows, len(part)) if row]
        start, end = end, 2 * end  # more of those of which some are gone, or of one burst
    return [(name, rows[:count]) for name, rows in zip(names, found, strict=True) if rows]


def _divided(
    library: Library, chosen: PhotoFilter, period: Period, embeddings: NDArray[np.int64]
) -> tuple[list[str], NDArray[np.int64]]:
    """Return the names of the periods, and for each embedding in which it is; -1 for none."""
    pairs: Iterable[tuple[int, str | bytes | None]]
    if period is Period.FOLDER:
        paths = shown_paths(library, chosen)
        pairs = ((n, os.path.dirname(path)) for n, path in paths.items())  # noqa: PTH120  # bytes
    else:
        pairs = ((number, _time(period, at)) for number, at in passing(library, chosen))
    keys = dict(pairs)
    in_order = sorted({key for key in keys.values() if key is not None})
    places = {key: place for place, key in enumerate([*in_order, None])}
    names = [display_path(key) if isinstance(key, bytes) else key for key in in_order]
    period_of = np.array([places[keys[n]] if n in keys else -1 for n in embeddings.tolist()], int)
    return [*names, UNDATED], period_of


@cache
def _week(day: str) -> str:
    year, week, _ = date.fromisoformat(day).isocalendar()
    return f"{year:04}-W{week:02}"


def _time(period: Period, taken_at: str | None) -> str | None:
    """Return the name of the period of a time, ISO 8601."""
    if taken_at is None:
        return None
    if period is Period.WEEK:
        return _week(taken_at[:10])
    return taken_at[:7] if period is Period.MONTH else taken_at[:10]
