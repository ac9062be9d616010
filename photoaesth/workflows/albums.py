"""Saved albums: rankings that are asked for again, and answered anew each time."""

from dataclasses import dataclass, replace
from pathlib import Path

from photoaesth.errors import PhotoaesthError, UsageError
from photoaesth.library import albums, comparisons
from photoaesth.library.albums import Album
from photoaesth.library.database import Library, open_library
from photoaesth.workflows.profile_model import profile_model, score_all
from photoaesth.workflows.query import Query, from_json, to_json
from photoaesth.workflows.rank import RankReport, rank_library
from photoaesth.workflows.selecting import select

_LONGEST_NAME = 100  # characters


@dataclass(frozen=True, slots=True)
class ListedAlbum:
    """An album in the list of all.

    Attributes:
        name: of the album.
        query: what it asks for; None when another version saved it and this one cannot tell.
        photos: how many photos it has now; None when that cannot be told.
        problem: why not; empty otherwise.
        created_at: when it was saved, UTC, ISO 8601.
    """

    name: str
    query: Query | None
    photos: int | None
    problem: str
    created_at: str


def checked_name(name: str) -> str:
    """Return the name of an album without blanks around it.

    Raises:
        UsageError: it is none.
    """
    name = name.strip()
    if not name or not name.isprintable() or len(name) > _LONGEST_NAME:
        raise UsageError(
            f"an album's name is one line of up to {_LONGEST_NAME} characters; choose another"
        )
    return name


def as_saved(query: Query) -> Query:
    """Return a query as an album keeps it: its folder is absolute."""
    if query.chosen.under is None:
        return query
    folder = query.chosen.under.expanduser().resolve()
    return replace(query, chosen=replace(query.chosen, under=folder))


def is_taken(library_path: Path, profile: str, name: str, query: Query) -> bool:
    """Return whether a profile has an album of this name that asks for something else."""
    with open_library(library_path) as library:
        known = albums.album(library, comparisons.profile_id(library, profile), name)
    return known is not None and known.query != to_json(as_saved(query))


def save_album(library_path: Path, profile: str, name: str, query: Query) -> None:
    """Keep a query under a name; an album of this name is replaced."""
    with open_library(library_path) as library:
        number = comparisons.profile_id(library, profile)
        albums.save_album(library, number, name, to_json(as_saved(query)))


def list_albums(library_path: Path, profile: str) -> list[ListedAlbum]:
    """Return the albums of a profile by name, each counted anew."""
    with open_library(library_path) as library:
        known = albums.albums(library, comparisons.profile_id(library, profile))
        if not known:
            return []
        model = profile_model(library, profile)
        score_all(library, model)
        listed = []
        for album in known:
            query, count, problem = None, None, ""
            try:
                query = _query(album)
                count = sum(len(rows) for _, rows in select(library, profile, model, query))
            except PhotoaesthError as error:
                problem = str(error)
            listed.append(ListedAlbum(album.name, query, count, problem, album.created_at))
        return listed


def show_album(library_path: Path, profile: str, name: str) -> tuple[Query, RankReport]:
    """Return what an album asks for, and the photos that it has now.

    Raises:
        PhotoaesthError: there is no such album, this version cannot read it, or its folder is gone.
    """
    with open_library(library_path) as library:
        query = _query(_existing(library, profile, name))
        return query, rank_library(library, profile, query)


def check_album(library_path: Path, profile: str, name: str) -> None:
    """Make sure that there is an album, before somebody is asked about it.

    Raises:
        PhotoaesthError: there is no such album.
    """
    with open_library(library_path) as library:
        _existing(library, profile, name)


def drop_album(library_path: Path, profile: str, name: str) -> None:
    """Forget an album; its photos stay as they are.

    Raises:
        PhotoaesthError: there is no such album.
    """
    with open_library(library_path) as library:
        _existing(library, profile, name)
        albums.drop_album(library, comparisons.profile_id(library, profile), name)


def _existing(library: Library, profile: str, name: str) -> Album:
    number = comparisons.profile_id(library, profile)
    album = albums.album(library, number, name)
    if album is None:
        known = ", ".join(repr(album.name) for album in albums.albums(library, number))
        raise PhotoaesthError(
            f"profile {profile!r} has no album {name!r}; it has: {known}"
            if known
            else f"profile {profile!r} has no album yet; save one with: photoaesth rank --save NAME"
        )
    return album


def _query(album: Album) -> Query:
    try:
        return from_json(album.query)
    except ValueError as error:
        raise PhotoaesthError(
            f"album {album.name!r} asks for {str(error)!r} in a way that this version does not "
            "know; upgrade with: pip install --upgrade photoaesth"
        ) from error
