"""Whose tastes the library knows."""

import sqlite3
from dataclasses import dataclass

from photoaesth.errors import PhotoaesthError
from photoaesth.library.database import Library

_COUNTS = """
SELECT name,
    (SELECT count(*) FROM comparisons WHERE profile_id = p.id AND retracted_at IS NULL),
    (SELECT count(*) FROM ratings WHERE profile_id = p.id AND retracted_at IS NULL),
    (SELECT count(*) FROM retouches WHERE profile_id = p.id AND retracted_at IS NULL),
    (SELECT count(*) FROM albums WHERE profile_id = p.id),
    (SELECT count(*) FROM sidecar_runs WHERE profile_id = p.id AND undone_at IS NULL),
    (SELECT max(created_at) FROM models WHERE profile_id = p.id)
FROM profiles p WHERE {anything} ORDER BY name
"""


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile and what it has said.

    Attributes:
        name: of the profile.
        choices: answers that count, ties and skips among them.
        ratings: photos that it rated.
        retouches: edits that count.
        albums: saved rankings.
        sidecar_runs: writes of sidecars that can be taken back.
        trained_at: when it was trained last, UTC, ISO 8601; None if never.
    """

    name: str
    choices: int
    ratings: int
    retouches: int
    albums: int
    sidecar_runs: int
    trained_at: str | None

    @property
    def has_anything(self) -> bool:
        """Whether anything would be lost with it that cannot be computed again."""
        return any((self.choices, self.ratings, self.retouches, self.albums, self.sidecar_runs))


def profiles(library: Library) -> list[Profile]:
    """Return by name the profiles of whom anything is stored; asking for a name makes none."""
    connection = library.connection
    query = _COUNTS.format(anything=_anything(connection))
    return [Profile(*row) for row in connection.execute(query)]


def rename_profile(library: Library, name: str, new_name: str) -> None:
    """Give a profile another name.

    Raises:
        PhotoaesthError: there is no such profile, or one of the new name.
    """
    with library.transaction() as connection:
        number = _existing(library, name)
        if new_name in {profile.name for profile in profiles(library)}:
            raise PhotoaesthError(f"there is a profile {new_name!r} already; choose another name")
        connection.execute("DELETE FROM profiles WHERE name = ?", (new_name,))  # an empty one
        connection.execute("UPDATE profiles SET name = ? WHERE id = ?", (new_name, number))


def drop_profile(library: Library, name: str) -> None:
    """Delete a profile and everything that it said: the one way to do that, and it is asked for.

    Raises:
        PhotoaesthError: there is no such profile.
    """
    with library.transaction() as connection:
        number = _existing(library, name)
        for table in _tables_of_profiles(connection):
            connection.execute(f"DELETE FROM {table} WHERE profile_id = ?", (number,))
        connection.execute("DELETE FROM profiles WHERE id = ?", (number,))


def _existing(library: Library, name: str) -> int:
    known = [profile.name for profile in profiles(library)]
    if name not in known:
        names = ", ".join(known) or "none yet"
        raise PhotoaesthError(f"there is no profile {name!r}; the library knows: {names}")
    row = library.connection.execute("SELECT id FROM profiles WHERE name = ?", (name,)).fetchone()
    return int(row[0])


def _anything(connection: sqlite3.Connection) -> str:
    """Return an SQL condition on `profiles p`."""
    tables = _tables_of_profiles(connection)
    return " OR ".join(f"EXISTS (SELECT 1 FROM {t} WHERE profile_id = p.id)" for t in tables)


def _tables_of_profiles(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute(
        "SELECT m.name FROM sqlite_schema m, pragma_foreign_key_list(m.name) f "
        "WHERE m.type = 'table' AND f.\"table\" = 'profiles'"
    )
    return [name for (name,) in rows]
