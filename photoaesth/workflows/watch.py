"""Follow folders: index again whenever something changes in them."""

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from photoaesth.config import cache_folder
from photoaesth.errors import NothingToIndexError, PhotoaesthError
from photoaesth.files import display_path
from photoaesth.library import locations
from photoaesth.library.database import open_library
from photoaesth.library.ignoring import IGNORE_FILE
from photoaesth.workflows.index import IndexOptions, IndexReport, index

_QUIET_MS = 1600  # a camera's card is copied file by file; each pause is not a run of its own
_AT_LEAST_EVERY_MS = 60_000  # also while something changes all the time
_WAKE_MS = 1000  # how often the drives and the wish to stop are looked at


def watch(
    library_path: Path,
    folders: Sequence[Path],
    options: IndexOptions,
    *,
    stop: threading.Event | None = None,
) -> Iterator[IndexReport]:
    """Index folders again whenever something changes in them, until stopped.

    What has changed since they were indexed is found at once. A folder that goes, with its drive,
    is followed again when it is back.

    Args:
        library_path: the library, in which the folders have been indexed.
        folders: as in `index`.
        options: how to index.
        stop: ends the iteration once set; None goes on for ever.

    Yields:
        What each run did that found something to do.

    Raises:
        PhotoaesthError: the library cannot be written, or the system cannot follow the folders.
    """
    roots = _roots(library_path, folders)
    while not (stop and stop.is_set()):
        present = [root for root in roots if root.is_dir()]
        for where in _changes(present, roots, _matters(library_path, roots), stop):
            try:
                report = index(library_path, where, options)
            except NothingToIndexError:
                continue
            if report.changes:
                yield report


def _changes(
    present: Sequence[Path],
    roots: Sequence[Path],
    matters: Callable[[object, str], bool],
    stop: threading.Event | None,
) -> Iterator[list[Path]]:
    """Yield the folders to look at; end when one of the roots comes or goes."""
    from watchfiles import watch as changes

    if not present:
        (stop or threading.Event()).wait(_WAKE_MS / 1000)
        return
    yield list(present)  # something may have changed before the following began
    followed = changes(
        *present,
        watch_filter=matters,
        debounce=_AT_LEAST_EVERY_MS,
        step=_QUIET_MS,
        rust_timeout=_WAKE_MS,
        yield_on_timeout=True,
        stop_event=stop,
        ignore_permission_denied=True,
    )
    try:
        for batch in followed:
            touched = [Path(path) for _, path in batch]
            where = [r for r in present if any(r in path.parents for path in touched)]
            if where:
                yield where
            if [root for root in roots if root.is_dir()] != list(present):
                return
    except OSError as error:
        names = ", ".join(display_path(root) for root in present)
        raise PhotoaesthError(f"cannot follow {names}: {str(error).lower()}") from error


def _matters(library_path: Path, roots: Sequence[Path]) -> Callable[[object, str], bool]:
    """Return a filter that passes over what is hidden, and what indexing writes itself."""
    ours = (str(library_path.resolve()), str(cache_folder().resolve()))

    def keep(_: object, changed: str) -> bool:
        path = Path(changed)
        root = next((root for root in roots if root in path.parents), None)
        return (
            root is not None
            and not changed.startswith(ours)
            and not any(
                part.startswith(".") and part != IGNORE_FILE
                for part in path.relative_to(root).parts
            )
        )

    return keep


def _roots(library_path: Path, folders: Sequence[Path]) -> list[Path]:
    """Return the indexed folders that were asked for."""
    with open_library(library_path) as library:
        known = list(locations.roots(library))
    named = {folder.expanduser().resolve() for folder in folders}
    return [root for root in known if root in named or not named]
