"""Whose tastes the library knows: list, rename, drop."""

from pathlib import Path

from photoaesth.errors import UsageError
from photoaesth.library import profiles
from photoaesth.library.database import open_library
from photoaesth.library.profiles import Profile

__all__ = ["Profile", "drop_profile", "list_profiles", "rename_profile"]


def list_profiles(library_path: Path) -> list[Profile]:
    """Return the profiles by name, with what each has said."""
    with open_library(library_path) as library:
        return profiles.profiles(library)


def rename_profile(library_path: Path, name: str, new_name: str) -> None:
    """Give a profile another name.

    Raises:
        UsageError: the new name is empty.
        PhotoaesthError: there is no such profile, or one of the new name.
    """
    if not new_name.strip():
        raise UsageError("a profile needs a name")
    with open_library(library_path) as library:
        profiles.rename_profile(library, name, new_name)


def drop_profile(library_path: Path, name: str) -> None:
    """Delete a profile, its choices and its models; photos and sidecars stay as they are.

    Raises:
        PhotoaesthError: there is no such profile.
    """
    with open_library(library_path) as library:
        profiles.drop_profile(library, name)
