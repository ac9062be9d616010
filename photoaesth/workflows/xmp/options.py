"""What somebody asks `xmp write` for."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from photoaesth.library.filters import PhotoFilter

KeywordKind = Literal["stars", "styles", "contents", "albums"]


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """What to write, and of which photos.

    Attributes:
        paths: files and folders; every photo when empty.
        chosen: which of them.
        stars: the least scores of 5, 4, 3 and 2 stars; empty gives stars by percentile, None
            gives none.
        rejects: so many photos in a hundred, those of the lowest scores, are rejected; with
            `stars` in the place of their stars.
        label: the name of a colour; None writes none.
        keywords: which keywords of ours.
        overwrite: also replace stars and labels that somebody gave.
        style: how new sidecars are named: adobe, darktable or both.
        embed: write into photos that can hold XMP instead of making sidecars for them.
    """

    paths: tuple[Path, ...] = ()
    chosen: PhotoFilter = field(default_factory=PhotoFilter)
    stars: tuple[float, ...] | None = None
    rejects: float | None = None
    label: str | None = None
    keywords: frozenset[KeywordKind] = frozenset()
    overwrite: bool = False
    style: str = "adobe"
    embed: bool = False
