"""Photos that somebody asks for by folder, time or camera."""

from dataclasses import replace

from photoaesth.errors import PhotoaesthError
from photoaesth.files import display_path
from photoaesth.library import locations
from photoaesth.library.database import Library
from photoaesth.library.filters import PhotoFilter


def as_indexed(library: Library, chosen: PhotoFilter) -> PhotoFilter:
    """Return a filter with its folder as the library knows it; it need not be reachable now.

    Raises:
        PhotoaesthError: there is no such folder.
    """
    if chosen.under is None:
        return chosen
    folder = chosen.under.expanduser().resolve()
    if not folder.is_dir() and not locations.knows_files_below(library, folder):
        raise PhotoaesthError(f"there is no folder {display_path(folder)}; check the name")
    return replace(chosen, under=folder)
