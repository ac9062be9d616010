"""What a hand-over file says: retouches, orders and ratings, of photos known by their content."""

import json
import math
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from photoaesth.errors import PhotoaesthError
from photoaesth.files import display_path

DOCUMENT = "retouches.json"
_FORMAT = "photoaesth-retouches"
_VERSION = 1
_MAX_DOCUMENT_BYTES = 256 << 20  # a million retouches; it is held in memory


@dataclass(frozen=True, slots=True)
class ArchivedRetouch:
    """An edit as it is handed over.

    Attributes:
        uid: identifies it across libraries.
        photo: content hash of the original, in hex.
        name: of its file, for people.
        round: which photos were retouched together.
        parameters: values by name; those left out are at their identity.
        rating_before: of the original, 0–10; None if it was not rated.
        rating_after: of the edit, the same.
        created_at: UTC, ISO 8601.
        edited: the edited copy's name within the file; empty if there is none.
    """

    uid: str
    photo: str
    name: str
    round: str
    parameters: Mapping[str, float]
    rating_before: float | None
    rating_after: float | None
    created_at: str
    edited: str


@dataclass(frozen=True, slots=True)
class ArchivedOrder:
    """An order as it is handed over; `photos` are content hashes, the best first."""

    uid: str
    round: str
    photos: Sequence[str]
    created_at: str


@dataclass(frozen=True, slots=True)
class Archive:
    """All that is handed over.

    Attributes:
        retouches: in the order they were made.
        orders: the same.
        ratings: of the photos they are about, 0–10, by content hash: the newest.
    """

    retouches: Sequence[ArchivedRetouch]
    orders: Sequence[ArchivedOrder]
    ratings: Mapping[str, float]


def as_json(archive: Archive) -> bytes:
    """Return the document of a hand-over file."""
    document = {
        "format": _FORMAT,
        "version": _VERSION,
        "retouches": [
            {
                "uid": edit.uid,
                "photo": edit.photo,
                "name": edit.name,
                "round": edit.round,
                "parameters": dict(edit.parameters),
                "rating_before": edit.rating_before,
                "rating_after": edit.rating_after,
                "created_at": edit.created_at,
                "edited": edit.edited,
            }
            for edit in archive.retouches
        ],
        "orders": [
            {
                "uid": order.uid,
                "round": order.round,
                "photos": list(order.photos),
                "created_at": order.created_at,
            }
            for order in archive.orders
        ],
        "ratings": dict(archive.ratings),
    }
    return json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False).encode()


def read_archive(file: Path) -> Archive:
    """Read a hand-over file; of its contents only the document is looked at.

    Raises:
        PhotoaesthError: the file cannot be read, or is no such file.
    """
    try:
        return _archive(json.loads(_document(file)))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise PhotoaesthError(f"cannot read {display_path(file)}: {reason}") from error
    except _Newer as error:
        raise PhotoaesthError(
            f"{display_path(file)} was written by a newer photoaesth; "
            "upgrade with: pip install --upgrade photoaesth"
        ) from error
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        RecursionError,
        RuntimeError,  # encrypted; NotImplementedError is one, too
        EOFError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        raise PhotoaesthError(
            f"{display_path(file)} is not a file of retouches; such a file is written by: "
            "photoaesth retouch export FILE.zip"
        ) from error


class _Newer(Exception):  # noqa: N818 - it never gets out
    """The document has a version that this program does not know."""


def _document(file: Path) -> bytes:
    with zipfile.ZipFile(file) as archive, archive.open(DOCUMENT) as stream:
        document = stream.read(_MAX_DOCUMENT_BYTES + 1)
    if len(document) > _MAX_DOCUMENT_BYTES:
        raise ValueError("too large")
    return document


def _archive(document: Any) -> Archive:
    if document["format"] != _FORMAT:
        raise ValueError("another program's")
    if document["version"] != _VERSION:
        raise _Newer
    return Archive(
        [
            ArchivedRetouch(
                uid=_text(edit["uid"]),
                photo=_hash(edit["photo"]),
                name=_text(edit["name"]),
                round=_text(edit["round"]),
                parameters={k: _number(v) for k, v in edit["parameters"].items()},
                rating_before=_rating(edit["rating_before"]),
                rating_after=_rating(edit["rating_after"]),
                created_at=_text(edit["created_at"]),
                edited=_text(edit["edited"]),
            )
            for edit in document["retouches"]
        ],
        [
            ArchivedOrder(
                uid=_text(order["uid"]),
                round=_text(order["round"]),
                photos=[_hash(photo) for photo in order["photos"]],
                created_at=_text(order["created_at"]),
            )
            for order in document["orders"]
        ],
        {_hash(photo): _number(value) for photo, value in document["ratings"].items()},
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _hash(value: object) -> str:
    return bytes.fromhex(_text(value)).hex()


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError(value)
    return float(value)


def _rating(value: object) -> float | None:
    if value is None:
        return None
    if not 0 <= (number := _number(value)) <= 10:
        raise ValueError(value)
    return number
