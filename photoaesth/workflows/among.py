"""Photos that somebody asks for by folder, time, camera and more."""

from dataclasses import replace

from photoaesth.errors import PhotoaesthError
from photoaesth.files import display_path
from photoaesth.library import locations
from photoaesth.library.database import Library
from photoaesth.library.filters import PhotoFilter

__all__ = ["PhotoFilter", "as_indexed"]


def as_indexed(library: Library, chosen: PhotoFilter, profile: int) -> PhotoFilter:
    """Return a filter as the library can answer it.

    Its folder is as the library knows it, and need not be reachable now; the photos that are
    rated are those of a profile; tags have the labels that they are the names of.

    Args:
        library: where.
        chosen: what is asked for.
        profile: number of the profile that asks.

    Raises:
        PhotoaesthError: there is no such folder.
    """
    if chosen.under is not None:
        folder = chosen.under.expanduser().resolve()
        if not folder.is_dir() and not locations.knows_files_below(library, folder):
            raise PhotoaesthError(f"there is no folder {display_path(folder)}; check the name")
        chosen = replace(chosen, under=folder)
    if chosen.rated is not None:
        chosen = replace(chosen, rater=profile)
    if chosen.tags:
        from photoaesth.attributes import VERSION

        labels = tuple(map(_mask, chosen.tags))
        chosen = replace(chosen, labels=labels, looks=VERSION)
    return chosen


def _mask(tag: str) -> int:
    """Return the mask of the labels that a tag is the name of: one, or none."""
    from photoaesth.attributes import LABELS, mask_of  # few filters need it

    wanted = tag.casefold().replace("-", " ")
    return mask_of(label for label in LABELS if label.replace("-", " ") == wanted)
