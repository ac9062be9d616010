"""Our words merged into a packet, and taken out of it again."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from photoaesth.sidecars import vocabulary as v
from photoaesth.sidecars.canonical import others_of
from photoaesth.sidecars.editing import put, without_empty_descriptions
from photoaesth.sidecars.marks import Pick, marks_of
from photoaesth.sidecars.packet import EMPTY_PACKET, MalformedPacketError, Packet
from photoaesth.sidecars.properties import Property, Value, items_of, printable, value_of

ROOT_KEYWORD = "photoaesth"
"""The outermost level of every hierarchical keyword of ours."""

_BY_NAME = {prop.name: prop for prop in v.WRITTEN}
_PICK_CODES = {pick: code for code, pick in v.PICKS.items()}
_COLOR_CODES = {name: code for code, name in v.DIGIKAM_COLORS.items()} | {"Purple": "6"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a packet is to say; None leaves what it says now.

    Attributes:
        rating: stars, −1 (rejected) to 5.
        label: the name of a colour, in English: Red, Yellow, Green, Blue or Purple.
        pick: what culling decided. A rating of −1 rejects by itself, and stars take that back.
        score: ours, 1 to 10; two decimals are kept.
        keywords: all of ours, their levels below `photoaesth` joined by `|` (`style|low key`);
            those that we wrote before and that are not among them go. Empty takes all out.
    """

    rating: int | None = None
    label: str | None = None
    pick: Pick | None = None
    score: float | None = None
    keywords: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What one property held before a write and holds after it.

    Attributes:
        field: its usual name, such as `xmp:Rating`.
        before: a text, the items of an array, or None where it was absent.
        after: the same, of after.
    """

    field: str
    before: Value
    after: Value


@dataclass(frozen=True, slots=True)
class Written:
    """A packet that says what was wanted.

    Attributes:
        packet: its bytes; the very same as before if nothing had to change.
        changes: what was changed; none if it said all that already.
    """

    packet: bytes
    changes: tuple[Change, ...]


def write_marks(packet: bytes | None, wanted: Wanted, *, at: datetime) -> Written:
    """Merge our words into a packet. All else in it stays as it is, character by character.

    Args:
        packet: what is there; None makes a new one.
        wanted: what it is to say.
        at: now, with a time zone. Whatever changes is dated (`xmp:MetadataDate`): that is how
            Lightroom and Bridge see that a sidecar has news for them.

    Raises:
        MalformedPacketError: `packet` is not XMP; the message is the reason alone.
    """
    source = Packet(EMPTY_PACKET if packet is None else packet)
    values = {
        prop: value
        for prop, value in _spelled(source, wanted).items()
        if value != value_of(source, prop)
    }
    if not values:
        return Written(packet or b"", ())
    values[v.METADATA_DATE] = at.isoformat(timespec="seconds")
    changes = tuple(
        Change(prop.name, value_of(source, prop), value) for prop, value in values.items()
    )
    return Written(_merged(source, values), changes)


def restore_marks(packet: bytes, changes: Sequence[Change]) -> bytes:
    """Put back what our properties held, in a packet that other programs may have changed since.

    A property that no longer holds what we wrote is another's by now and stays; of an array,
    what we added goes and what we took out returns.

    Args:
        packet: as it is now.
        changes: what a write noted.

    Raises:
        MalformedPacketError: `packet` is not XMP; the message is the reason alone.
    """
    source = Packet(packet)
    values: dict[Property, Value] = {}
    for change in changes:
        prop = _BY_NAME[change.field]
        current = value_of(source, prop)
        if current == change.after:
            values[prop] = change.before
        elif prop.array and isinstance(current, tuple):
            values[prop] = _items_restored(current, change)
    values = {prop: value for prop, value in values.items() if value != value_of(source, prop)}
    if not values:
        return packet
    restored = Packet(_merged(source, values))
    return without_empty_descriptions(restored, v.NAMESPACE)


def changes_to_json(changes: Sequence[Change]) -> str:
    """Return changes as a JSON object: `{"xmp:Rating": [before, after]}`."""
    return json.dumps({change.field: [change.before, change.after] for change in changes})


def changes_from_json(text: str) -> tuple[Change, ...]:
    """Return the changes that `changes_to_json` wrote."""
    return tuple(
        Change(field, *(tuple(value) if isinstance(value, list) else value for value in pair))
        for field, pair in json.loads(text).items()
    )


def _spelled(packet: Packet, wanted: Wanted) -> dict[Property, Value]:
    """Return the properties that say what is wanted, whether or not they hold it already."""
    values: dict[Property, Value] = {}
    marks = marks_of(packet)
    pick = wanted.pick
    if wanted.rating is not None and wanted.rating != marks.rating:
        # Stars that are there already stay their giver's: they are not noted as ours.
        values |= _rating_spelled(packet, wanted.rating)
        if pick is None and wanted.rating == -1:
            pick = "rejected"
        elif pick is None and marks.pick == "rejected":
            values |= _pick_spelled(packet, None)
    if pick is not None and pick != marks.pick:
        values |= _pick_spelled(packet, pick)
    if wanted.label is not None:
        label = printable(wanted.label)
        if label != marks.label:
            values |= {v.LABEL: label, v.OWN_LABEL: label}
            if label in _COLOR_CODES:
                values[v.COLOR_LABEL] = _COLOR_CODES[label]
    if wanted.score is not None:
        values[v.OWN_SCORE] = f"{wanted.score:.2f}"
    if wanted.keywords is not None:
        values |= _keywords_spelled(packet, wanted.keywords)
    return values


def _rating_spelled(packet: Packet, rating: int) -> dict[Property, Value]:
    """Return the properties that say so many stars."""
    percent = v.MICROSOFT_PERCENT[rating]
    echoes: dict[Property, Value] = {
        v.MICROSOFT_RATING: percent,
        v.OTHER_MICROSOFT_RATING: percent,
        v.ACDSEE_RATING: str(max(0, rating)),
    }
    return {v.RATING: str(rating), v.OWN_RATING: str(rating)} | _present(packet, echoes)


def _pick_spelled(packet: Packet, pick: Pick | None) -> dict[Property, Value]:
    """Return the properties that say what culling decided; None takes a rejection back."""
    flag, good = v.PICK_FLAGS.get(pick or "", ("0", None))
    echoes: dict[Property, Value] = {v.PICK_FLAG: flag, v.GOOD: good}
    if pick is None:
        return {v.OWN_PICK: None} | _present(packet, {v.PICK_LABEL: "0"} | echoes)
    return {v.PICK_LABEL: _PICK_CODES[pick], v.OWN_PICK: pick} | _present(packet, echoes)


def _present(packet: Packet, values: Mapping[Property, Value]) -> dict[Property, Value]:
    """Return the values of those properties that a packet has: what only one program reads."""
    return {prop: value for prop, value in values.items() if value_of(packet, prop) is not None}


def _keywords_spelled(packet: Packet, keywords: Sequence[str]) -> dict[Property, Value]:
    """Return the lists of keywords with ours in the place of those that we wrote before.

    digiKam and darktable read the first list they find of `digiKam:TagsList`,
    `lr:hierarchicalSubject` and `dc:subject`. So a list that we begin takes over the words of
    the next one, and `digiKam:TagsList` is never begun. The words that `dc:subject` gets from us
    are noted in our own namespace: only those may go again.
    """
    levels = [[printable(level) for level in keyword.split("|")] for keyword in keywords]
    paths = [[ROOT_KEYWORD, *filter(None, path)] for path in levels if any(path)]
    leaves = tuple(dict.fromkeys(path[-1] for path in paths))

    flat_before = items_of(packet, v.SUBJECT)
    own_before = items_of(packet, v.OWN_SUBJECT)
    others = tuple(word for word in flat_before if word not in own_before)
    own = tuple(leaf for leaf in leaves if leaf not in others)

    tags = items_of(packet, v.TAGS_LIST)
    hierarchical = items_of(packet, v.HIERARCHICAL)
    if not hierarchical and paths:
        hierarchical = tuple(tag.replace("/", "|") for tag in tags) or others
    values: dict[Property, Value] = {
        v.SUBJECT: _kept_order(flat_before, others + own),
        v.OWN_SUBJECT: _kept_order(own_before, own),
        v.HIERARCHICAL: _with_ours(hierarchical, ["|".join(path) for path in paths], "|"),
    }
    if tags:  # a slash parts levels there
        ours = ["/".join(level.replace("/", "\u2215") for level in path) for path in paths]
        values[v.TAGS_LIST] = _with_ours(tags, ours, "/")
    return {
        prop: value or None for prop, value in values.items() if value or items_of(packet, prop)
    }


def _with_ours(current: Sequence[str], ours: Sequence[str], separator: str) -> tuple[str, ...]:
    start = ROOT_KEYWORD + separator
    others = [item for item in current if not item.startswith(start)]
    return _kept_order(current, (*others, *ours))


def _kept_order(current: Sequence[str], wanted: Sequence[str]) -> tuple[str, ...]:
    """Return what is wanted: first what is there, in its order and even if twice, then the rest."""
    kept = [item for item in current if item in wanted]
    return (*kept, *dict.fromkeys(item for item in wanted if item not in kept))


def _items_restored(current: tuple[str, ...], change: Change) -> tuple[str, ...] | None:
    before = change.before if isinstance(change.before, tuple) else ()
    after = change.after if isinstance(change.after, tuple) else ()
    added = set(after) - set(before)
    back = [item for item in before if item not in after and item not in current]
    return (*(item for item in current if item not in added), *back) or None


def _merged(source: Packet, values: Mapping[Property, Value]) -> bytes:
    """Return the packet with other values, having made sure that nothing else changed."""
    merged = put(source, values, v.HOME)
    ours = {prop.tag for prop in v.WRITTEN}
    if others_of(source, ours) != others_of(Packet(merged), ours):
        raise MalformedPacketError("our words cannot be merged without touching those of others")
    return merged
