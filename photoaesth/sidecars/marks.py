"""What other programs and this one say of a photo in a packet: stars, label, pick, keywords."""

import contextlib
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from photoaesth.sidecars import vocabulary as v
from photoaesth.sidecars.packet import Packet
from photoaesth.sidecars.properties import items_of, text_of

Pick = Literal["rejected", "pending", "accepted"]
"""What culling decided of a photo."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What a packet says of its photo.

    Attributes:
        rating: stars, −1 (rejected) to 5; 0 is what programs write for "none yet".
        label: the name of its colour, as written: English in most, localised in some.
        pick: what culling decided.
        keywords: flat ones.
        hierarchical: others, their levels from the outermost in, joined by `|`; each once.
        score: ours, 1 to 10.
        own_rating: the stars that we wrote. While `rating` is the same, nobody else gave them.
        own_label: the label that we wrote.
        own_pick: the pick that we wrote.
        modified: when something in the packet was last changed, as it says; with a time zone
            (UTC where it names none).
        sidecar_for: the suffix of the photo that it is for (`CR2`), as Camera Raw notes it.
        raw_file_name: the name of that photo, as Camera Raw or darktable note it.
    """

    rating: int | None = None
    label: str | None = None
    pick: Pick | None = None
    keywords: tuple[str, ...] = ()
    hierarchical: tuple[str, ...] = ()
    score: float | None = None
    own_rating: int | None = None
    own_label: str | None = None
    own_pick: Pick | None = None
    modified: datetime | None = None
    sidecar_for: str | None = None
    raw_file_name: str | None = None


def read_marks(data: bytes) -> Marks:
    """Return what a packet says of its photo.

    Args:
        data: a sidecar, or what is embedded in a photo.

    Raises:
        MalformedPacketError: it is not XMP; the message is the reason alone.
    """
    return marks_of(Packet(data))


def marks_of(packet: Packet) -> Marks:
    """Return what a parsed packet says of its photo."""
    return Marks(
        rating=_rating(packet),
        label=_label(packet),
        pick=_pick(packet),
        keywords=_unique(items_of(packet, v.SUBJECT)),
        hierarchical=_hierarchical(packet),
        score=_number(text_of(packet, v.OWN_SCORE)),
        own_rating=_stars(text_of(packet, v.OWN_RATING)),
        own_label=text_of(packet, v.OWN_LABEL),
        own_pick=_own_pick(packet),
        modified=_date(text_of(packet, v.METADATA_DATE) or text_of(packet, v.MODIFY_DATE)),
        sidecar_for=text_of(packet, v.SIDECAR_FOR) or None,
        raw_file_name=text_of(packet, v.RAW_FILE_NAME) or text_of(packet, v.DERIVED_FROM) or None,
    )


def _rating(packet: Packet) -> int | None:
    stars = _stars(text_of(packet, v.RATING))
    if stars is None:
        percent = _number(
            text_of(packet, v.MICROSOFT_RATING) or text_of(packet, v.OTHER_MICROSOFT_RATING)
        )
        if percent is not None and 0 <= percent <= 100:  # 1, 25, 50, 75, 99
            return 0 if percent < 1 else min(5, 1 + round(percent / 25))
        stars = _stars(text_of(packet, v.ACDSEE_RATING))
    return stars


def _stars(text: str | None) -> int | None:
    """Return stars, also of `4.0` and `+4`; None of what is none (XMP, part 2, 1.2.1: −1 to 5)."""
    number = _number(text)
    return round(number) if number is not None and -1 <= number <= 5 else None


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _label(packet: Packet) -> str | None:
    if text := text_of(packet, v.LABEL):
        return text
    for color in items_of(packet, v.DARKTABLE_LABELS):
        if color in v.DARKTABLE_COLORS:
            return v.DARKTABLE_COLORS[color]
    return v.DIGIKAM_COLORS.get(text_of(packet, v.COLOR_LABEL) or "")


def _pick(packet: Packet) -> Pick | None:
    digikam = v.PICKS.get(text_of(packet, v.PICK_LABEL) or "")
    if digikam:
        return digikam
    flag = _number(text_of(packet, v.PICK_FLAG))
    if flag:
        return "accepted" if flag > 0 else "rejected"
    tagged = (text_of(packet, v.TAGGED) or text_of(packet, v.ACDSEE_TAGGED) or "").lower()
    return "accepted" if tagged == "true" else None


def _own_pick(packet: Packet) -> Pick | None:
    written = text_of(packet, v.OWN_PICK)
    return next((pick for pick in v.PICKS.values() if pick == written), None)


def _hierarchical(packet: Packet) -> tuple[str, ...]:
    by_bar = (v.HIERARCHICAL, v.CATALOG_SETS)
    by_slash = (v.TAGS_LIST, v.LAST_KEYWORDS, v.OTHER_LAST_KEYWORDS)
    return _unique(
        [item.strip("|") for prop in by_bar for item in items_of(packet, prop)]
        + [
            item.strip("/").replace("/", "|")
            for prop in by_slash
            for item in items_of(packet, prop)
        ]
    )


def _unique(items: list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item.strip() for item in items if item.strip()))


def _date(text: str | None) -> datetime | None:
    with contextlib.suppress(ValueError):
        date = datetime.fromisoformat(text or "")
        return date if date.tzinfo else date.replace(tzinfo=UTC)
    return None
