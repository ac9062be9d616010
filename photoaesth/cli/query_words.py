"""What a ranking asks for, in words."""

import os
from typing import TYPE_CHECKING

from photoaesth.files import display_path

if TYPE_CHECKING:
    from photoaesth.library.filters import PhotoFilter, Span
    from photoaesth.workflows.query import Query

_ORDERS = {"best": "best", "worst": "worst", "uncertain": "most doubted"}


def in_words(query: "Query") -> str:
    """Return what a query asks for: `the 3 best photos of each day, since 2026-05-01, rated`."""
    photos = f"{_ORDERS[query.order]} photo"
    head = f"the {photos}" if query.count == 1 else f"the {query.count:,} {photos}s"
    head += f" of each {query.period}" if query.period else ""
    unlike = ["unlike each other"] if query.diverse else []
    return ", ".join([head, *unlike, *_filters(query.chosen)])


def _filters(chosen: "PhotoFilter") -> list[str]:
    words = [
        f"below {display_path(chosen.under)}" if chosen.under else "",
        f"since {chosen.since}" if chosen.since else "",
        f"until {chosen.until}" if chosen.until else "",
        f"camera {_quoted(chosen.camera)}" if chosen.camera else "",
        f"lens {_quoted(chosen.lens)}" if chosen.lens else "",
        f"{_range(chosen.focal_mm)} mm" if chosen.focal_mm else "",
        f"ISO {_range(chosen.iso)}" if chosen.iso else "",
        chosen.orientation or "",
        f"scored {chosen.min_score:g} or more" if chosen.min_score is not None else "",
        {None: "", True: "rated", False: "not rated"}[chosen.rated],
        "with GPS" if chosen.has_gps else "",
        *(f"tagged {_quoted(tag)}" for tag in chosen.tags),
        "one per burst" if chosen.one_per_burst else "",
    ]
    return [word for word in words if word]


def _range(span: "Span") -> str:
    if span.low == span.high:
        return f"{span.low:g}"
    if span.high is None:
        return f"{span.low:g} or more"
    if span.low is None:
        return f"{span.high:g} or less"
    return f"{span.low:g} to {span.high:g}"


def _quoted(text: str) -> str:
    return f"“{display_path(os.fsencode(text))}”"
