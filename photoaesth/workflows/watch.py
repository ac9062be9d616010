"""Follow folders: index again whenever something changes in them."""

import contextlib
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from photoaesth.errors import OfflineError, PhotoaesthError
from photoaesth.files import display_path
from photoaesth.library import locations
from photoaesth.library.database import open_library
from photoaesth.workflows.index import IndexOptions, IndexReport, Progress, index

_QUIET_MS = 1600  # a camera's card is copied file by file; each pause is not a run of its own
_WAKE_MS = 1000  # how often the wish to stop is looked at


def watch(
    library_path: Path,
    folders: Sequence[Path],
    options: IndexOptions,
    *,
    on_progress: Progress = lambda done, total: None,
    stop: threading.Event | None = None,
) -> Iterator[IndexReport]:
    """Index folders, and the one where something has changed whenever it does, until stopped.

    What changes while a run is under way starts the next one.

    Args:
        library_path: the library; made when there is none.
        folders: as in `index`.
        options: how to index.
        on_progress: told about every file that is done.
        stop: ends the iteration once set; None goes on for ever.

    Yields:
        What each run did; runs that found nothing to do after the first are not told.

    Raises:
        PhotoaesthError: as `index` does at the first run, or the system cannot follow the folders.
    """
    from watchfiles import watch as changes

    yield index(library_path, folders, options, on_progress=on_progress)
    roots = _roots(library_path, folders)
    followed = changes(
        *roots,
        watch_filter=None,
        debounce=_QUIET_MS,
        rust_timeout=_WAKE_MS,
        yield_on_timeout=True,
        stop_event=stop,
        ignore_permission_denied=True,
    )
    is_first = True  # something may have changed before the following began
    try:
        for batch in followed:
            touched = [Path(path) for _, path in batch]
            where = [
                root for root in roots if is_first or any(root in path.parents for path in touched)
            ]
            is_first = False
            with contextlib.suppress(OfflineError):  # the drive may come back
                if where:
                    report = index(library_path, where, options, on_progress=on_progress)
                    if report.changes:
                        yield report
    except OSError as error:
        names = ", ".join(display_path(root) for root in roots)
        raise PhotoaesthError(f"cannot follow {names}: {str(error).lower()}") from error


def _roots(library_path: Path, folders: Sequence[Path]) -> list[Path]:
    """Return the folders that were just indexed and can be reached."""
    with open_library(library_path) as library:
        known = [root for root in locations.roots(library) if root.is_dir()]
    named = {folder.expanduser().resolve() for folder in folders}
    return [root for root in known if root in named or not named]
