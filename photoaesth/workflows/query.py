"""What a ranking asks for, as a value that an album can keep."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from photoaesth.library.filters import Orientation, PhotoFilter, Span
from photoaesth.library.periods import Period
from photoaesth.library.ranked import Order

__all__ = ["EVERY", "Order", "Orientation", "Period", "PhotoFilter", "Query", "Span"]

EVERY = 2**62
"""A count of photos that no library has."""


@dataclass(frozen=True, slots=True)
class Query:
    """Which photos of a library, how many and in which order.

    Attributes:
        chosen: which photos may be among them.
        count: how many at the most, of each period if there is one.
        order: which of them come first.
        diverse: whether photos that are much like others before them are passed over.
        period: what they are divided by; None for one list of all.
    """

    chosen: PhotoFilter = field(default_factory=PhotoFilter)
    count: int = 20
    order: Order = Order.BEST
    diverse: bool = False
    period: Period | None = None


def to_json(query: Query) -> dict[str, Any]:
    """Return a query as JSON values; only what differs from asking for nothing is in them.

    So an earlier version can read what a later one wrote, unless it asks for what only that can.
    """
    nothing = Query()
    asked: dict[str, Any] = {"count": query.count}
    for name in _READERS:
        value = _of(query, name)
        if value != _of(nothing, name):
            asked[name] = _json(value)
    return asked


def from_json(asked: Mapping[str, Any]) -> Query:
    """Return the query that JSON values are.

    Raises:
        ValueError: this version does not know what they ask for; the message is the name of it.
    """
    values: dict[str, Any] = {name: _read(name, value) for name, value in asked.items()}
    own = {name: values.pop(name) for name in list(values) if name in _OWN}
    return Query(PhotoFilter(**values), **own)


def _of(query: Query, name: str) -> object:
    return getattr(query if name in _OWN else query.chosen, name)


def _json(value: object) -> object:
    match value:
        case Path() | date():
            return str(value)
        case Span(low, high):
            return [low, high]
        case tuple():
            return list(value)
    return value


def _read(name: str, value: Any) -> object:
    try:
        return _READERS[name](value)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(name) from error


def _span(value: Any) -> Span:
    low, high = (None if bound is None else float(bound) for bound in value)
    return Span(low, high)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


_OWN = frozenset({"count", "order", "diverse", "period"})
_READERS: dict[str, Callable[[Any], object]] = {
    "count": int,
    "order": Order,
    "diverse": _flag,
    "period": Period,
    "under": lambda value: Path(_text(value)),
    "since": date.fromisoformat,
    "until": date.fromisoformat,
    "camera": _text,
    "lens": _text,
    "focal_mm": _span,
    "iso": _span,
    "orientation": Orientation,
    "min_score": float,
    "rated": _flag,
    "has_gps": _flag,
    "tags": lambda value: tuple(map(_text, value)),
    "one_per_burst": _flag,
}
