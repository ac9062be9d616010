"""Saved albums: what a profile wants to see again, not the photos that this was once."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from photoaesth.library.database import Library, now


@dataclass(frozen=True, slots=True)
class Album:
    """An album.

    Attributes:
        name: as the profile knows it.
        query: what it asks for, as JSON values.
        created_at: UTC, ISO 8601.
    """

    name: str
    query: dict[str, Any]
    created_at: str


def save_album(library: Library, profile: int, name: str, query: Mapping[str, Any]) -> None:
    """Keep an album; one of the same name is replaced."""
    with library.transaction() as connection:
        connection.execute(
            "INSERT INTO albums (profile_id, name, query, created_at) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (profile_id, name) "
            "DO UPDATE SET query = excluded.query, created_at = excluded.created_at",
            (profile, name, json.dumps(query), now()),
        )


def albums(library: Library, profile: int) -> list[Album]:
    """Return the albums of a profile by name."""
    rows = library.connection.execute(
        "SELECT name, query, created_at FROM albums WHERE profile_id = ? ORDER BY name", (profile,)
    )
    return [Album(name, json.loads(query), created_at) for name, query, created_at in rows]


def album(library: Library, profile: int, name: str) -> Album | None:
    """Return the album of a profile that has a name."""
    found = [one for one in albums(library, profile) if one.name == name]
    return found[0] if found else None


def drop_album(library: Library, profile: int, name: str) -> None:
    """Forget an album; its photos stay as they are."""
    with library.transaction() as connection:
        connection.execute("DELETE FROM albums WHERE profile_id = ? AND name = ?", (profile, name))
