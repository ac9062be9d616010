"""Which photos somebody wants to see."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from photoaesth.library.locations import prefix_range

# Of the names of all cameras, each found by one step through the index, those with a text in them.
_CAMERAS = """
WITH RECURSIVE cameras(name) AS (
    SELECT min(camera) FROM photos UNION ALL
    SELECT (SELECT min(camera) FROM photos WHERE camera > name) FROM cameras
    WHERE name IS NOT NULL
)
SELECT name FROM cameras WHERE instr(casefold(name), casefold(?)) > 0
"""
# The photos with a keyword that is a text, or has it as one of its levels: `places|Italy|Rome`.
_TAGGED = """
WITH RECURSIVE names(name) AS (
    SELECT min(keyword) FROM keywords UNION ALL
    SELECT (SELECT min(keyword) FROM keywords WHERE keyword > name) FROM names
    WHERE name IS NOT NULL
)
SELECT k.photo_id FROM names CROSS JOIN keywords k ON k.keyword = name
WHERE instr('|' || casefold(name) || '|', '|' || casefold(?) || '|') > 0
"""
_LABELLED = (
    "EXISTS (SELECT 1 FROM attributes a WHERE a.photo_id = p.id AND a.labels & ? AND a.version = ?)"
)
_RATED = (
    "EXISTS (SELECT 1 FROM ratings r "
    "WHERE r.profile_id = ? AND r.photo_id = p.id AND r.retracted_at IS NULL)"
)
_SQUARE = (
    "abs(p.width - p.height) * 100 <= max(p.width, p.height)"  # a crop by hand is seldom exact
)


class Orientation(StrEnum):
    """How a photo stands, seen upright; a square's sides differ by one per cent at the most."""

    LANDSCAPE = "landscape"
    PORTRAIT = "portrait"
    SQUARE = "square"


_ORIENTATIONS = {
    Orientation.LANDSCAPE: f"p.width > p.height AND NOT {_SQUARE}",
    Orientation.PORTRAIT: f"p.width < p.height AND NOT {_SQUARE}",
    Orientation.SQUARE: _SQUARE,
}


@dataclass(frozen=True, slots=True)
class Span:
    """The numbers between two, which are among them; None is no bound."""

    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class PhotoFilter:
    """Which photos something is about; the empty filter means all.

    Texts are met in any case, accents included; ASCII or not.

    Attributes:
        under: only files in or below this folder, absolute.
        since: only photos taken on this day or later.
        until: only photos taken on this day or earlier.
        camera: only cameras whose name contains this text.
        lens: only lenses whose name contains this text.
        focal_mm: only these focal lengths, in mm, not the 35 mm equivalent.
        iso: only these sensitivities.
        orientation: only photos that stand so.
        min_score: only photos that the model in use scores at least so, in [1, 10].
        rated: only photos that `rater` has rated, or has not.
        has_gps: only photos that say where they were taken.
        tags: only photos that have each of these as a keyword or as a label of their look.
        one_per_burst: of a burst or of near-duplicates only the foremost; brackets and panoramas
            stay whole, for their frames are of no use alone.
        rater: number of the profile that `rated` is about.
        labels: for each of the tags, the mask of the labels that it is the name of.
        looks: version of the attributes whose labels these are.
    """

    under: Path | None = None
    since: date | None = None
    until: date | None = None
    camera: str | None = None
    lens: str | None = None
    focal_mm: Span | None = None
    iso: Span | None = None
    orientation: Orientation | None = None
    min_score: float | None = None
    rated: bool | None = None
    has_gps: bool = False
    tags: tuple[str, ...] = ()
    one_per_burst: bool = False
    rater: int | None = None
    labels: tuple[int, ...] = ()
    looks: str = ""


def condition(chosen: PhotoFilter) -> tuple[str, list[object]]:
    """Return an SQL condition on `photos p` and, for a folder, `files f`; with parameters.

    `one_per_burst` and `min_score` are not in it: they depend on a model.

    Args:
        chosen: with `rater`, `labels` and `looks`, if it has `rated` and `tags`;
            `workflows.among` finds them.
    """
    parts = [*_of_exif(chosen), *_of_record(chosen)]
    texts = [text for text, *_ in parts]
    return " AND ".join(texts) or "TRUE", [value for _, *values in parts for value in values]


def _of_exif(chosen: PhotoFilter) -> Iterator[tuple[str, *tuple[object, ...]]]:
    """Yield conditions on what the camera wrote, each with its parameters."""
    if chosen.since is not None:
        yield "p.taken_at >= ?", chosen.since.isoformat()
    if chosen.until is not None:  # the mark sorts after every time of that day
        yield "p.taken_at < ?", f"{chosen.until.isoformat()}~"
    if chosen.camera is not None:
        yield f"p.camera IN ({_CAMERAS})", chosen.camera
    if chosen.lens is not None:
        yield "instr(casefold(p.lens), casefold(?)) > 0", chosen.lens
    for column, span in (("p.focal_length_mm", chosen.focal_mm), ("p.iso", chosen.iso)):
        if span is not None and span.low is not None:
            yield f"{column} >= ?", span.low
        if span is not None and span.high is not None:
            yield f"{column} <= ?", span.high
    if chosen.has_gps:
        yield ("p.latitude IS NOT NULL AND p.longitude IS NOT NULL",)


def _of_record(chosen: PhotoFilter) -> Iterator[tuple[str, *tuple[object, ...]]]:
    """Yield conditions on what the library knows, each with its parameters."""
    if chosen.under is not None:
        yield "f.path >= ? AND f.path < ?", *prefix_range(chosen.under)
    if chosen.orientation is not None:
        yield (_ORIENTATIONS[chosen.orientation],)
    if chosen.rated is not None:
        yield _RATED if chosen.rated else f"NOT {_RATED}", chosen.rater
    for tag, mask in zip(chosen.tags, chosen.labels, strict=True):
        if mask:
            yield f"(p.id IN ({_TAGGED}) OR {_LABELLED})", tag, mask, chosen.looks
        else:
            yield f"p.id IN ({_TAGGED})", tag
