"""Queries as JSON values."""

import json
from datetime import date
from pathlib import Path

import pytest

from photoaesth.workflows.query import (
    Order,
    Orientation,
    Period,
    PhotoFilter,
    Query,
    Span,
    from_json,
    to_json,
)

FILTER = PhotoFilter(
    under=Path("/photos/\udcff"),  # a byte that is not UTF-8
    since=date(2026, 1, 31),
    until=date(2026, 2, 1),
    camera="x",
    lens="“y”",
    focal_mm=Span(24, None),
    iso=Span(None, 400),
    orientation=Orientation.SQUARE,
    min_score=6.5,
    rated=False,
    has_gps=True,
    tags=("sea", "a|b"),
    one_per_burst=True,
)
FULL = Query(FILTER, count=3, order=Order.WORST, diverse=True, period=Period.FOLDER)


@pytest.mark.parametrize(
    "query", [Query(), FULL, Query(PhotoFilter(rated=True)), Query(order=Order.UNCERTAIN)]
)
def test_there_and_back(query: Query) -> None:
    """A query that was written as JSON is read as the same query."""
    assert from_json(json.loads(json.dumps(to_json(query)))) == query


def test_only_what_is_asked_for_is_written() -> None:
    """A plain query says how many; every field of a full one is there by its name."""
    assert to_json(Query()) == {"count": 20}
    assert to_json(FULL) == {
        "count": 3,
        "order": "worst",
        "diverse": True,
        "period": "folder",
        "under": "/photos/\udcff",
        "since": "2026-01-31",
        "until": "2026-02-01",
        "camera": "x",
        "lens": "“y”",
        "focal_mm": [24, None],
        "iso": [None, 400],
        "orientation": "square",
        "min_score": 6.5,
        "rated": False,
        "has_gps": True,
        "tags": ["sea", "a|b"],
        "one_per_burst": True,
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("mood", "gloomy"),
        ("labels", [1]),  # found anew each time, never kept
        ("order", "loudest"),
        ("period", "aeon"),
        ("count", None),
        ("since", 7),
        ("until", "the day before"),
        ("focal_mm", [1, 2, 3]),
        ("iso", "many"),
        ("tags", [1]),
        ("camera", 1),
        ("rated", "yes"),
    ],
)
def test_what_is_not_known_is_named(name: str, value: object) -> None:
    """A key or a value of another version is refused by the name of the key."""
    with pytest.raises(ValueError, match=f"^{name}$"):
        from_json({"count": 5, name: value})
