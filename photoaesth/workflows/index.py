"""Index folders: find photos, read them once, store what scoring needs."""

import contextlib
import os
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from photoaesth.domain import Skipped
from photoaesth.errors import NothingToIndexError, PhotoaesthError
from photoaesth.files import display_path
from photoaesth.learning.crowd import load_crowd_model
from photoaesth.library import locations
from photoaesth.library.database import Library, open_library
from photoaesth.library.scan import Scan
from photoaesth.library.survey import Survey
from photoaesth.workflows.index_run import IndexReport, IndexRun, Progress

__all__ = ["IndexOptions", "IndexReport", "Progress", "forget", "index"]

_NOT_THERE = "the folder is not there (is the drive connected?)"


@dataclass(frozen=True, slots=True)
class IndexOptions:
    """How to index.

    Attributes:
        device: where the backbone runs.
        workers: processes that read photos; None for as many as there are cores.
        exclude: patterns of what to leave out this time, as in an ignore file; nothing changes
            for what the library knows of it.
        follow_symlinks: whether links may lead outside the folders.
        dry_run: only count what there is to do.
    """

    device: str = "auto"
    workers: int | None = None
    exclude: tuple[str, ...] = ()
    follow_symlinks: bool = False
    dry_run: bool = False


def index(
    library_path: Path,
    folders: Sequence[Path],
    options: IndexOptions = IndexOptions(),  # frozen
    *,
    on_progress: Progress = lambda done, total: None,
) -> IndexReport:
    """Bring the library up to date with folders.

    Photos are committed in batches, so an interruption loses at most those in flight and the
    next run carries on.

    Args:
        library_path: the library; made when there is none.
        folders: where to look; none means every folder indexed before, of which those that
            cannot be reached now are left alone.
        options: how.
        on_progress: told about every file that is done.

    Raises:
        NothingToIndexError: a folder that was named, or every one, is absent or without photos.
        PhotoaesthError: a folder is none.
    """
    started = time.monotonic()
    named = [_existing_folder(folder) for folder in folders]
    with contextlib.ExitStack() as stack:
        if options.dry_run and named and not library_path.exists():
            nowhere = stack.enter_context(tempfile.TemporaryDirectory())
            library_path = Path(nowhere, "library.db")
        library = stack.enter_context(open_library(library_path, create=bool(named)))
        roots = named or list(locations.roots(library))
        if not roots:
            raise PhotoaesthError("no folder is indexed yet; name one: photoaesth index DIR")
        report = _Visit(library, roots, options, explicit=bool(named)).index(on_progress)
    report.seconds = time.monotonic() - started
    return report


def forget(library_path: Path, folder: Path) -> int:
    """Drop a root from the library, keeping every choice.

    Returns:
        How many files the library no longer knows.

    Raises:
        PhotoaesthError: the folder was never indexed.
    """
    with open_library(library_path) as library:
        root = folder.expanduser().resolve()
        known = locations.roots(library)
        if root not in known:
            names = ", ".join(display_path(path) for path in known) or "none"
            raise PhotoaesthError(
                f"{display_path(root)} is not an indexed folder; the indexed ones are: {names}"
            )
        return locations.forget_root(library, root)


class _Visit:
    """One look at folders and what follows from it."""

    def __init__(
        self, library: Library, roots: Sequence[Path], options: IndexOptions, *, explicit: bool
    ) -> None:
        self._library = library
        self._roots = roots
        self._options = options
        self._explicit = explicit  # the folders were named, so one that is absent is a mistake
        self._crowd = load_crowd_model()

    def index(self, on_progress: Progress) -> IndexReport:
        present = [root for root in self._roots if root.is_dir()]
        scan = Scan(
            present,
            exclude=self._options.exclude,
            follow_symlinks=self._options.follow_symlinks,
        )
        survey = Survey(self._library, self._roots, self._crowd.embedding_name)
        count = survey.add(scan)
        offline = self._offline(survey, scan) + self._offline_within(survey)
        unread = [os.fsencode(skipped.path) for skipped in [*scan.skipped, *offline]]
        survey.leave_out([*scan.unseen, *unread])
        if not count and not offline and not scan.unseen:
            self._refuse_emptiness(scan)
        survey.compare()
        report = IndexReport(
            ignored=scan.ignored,
            unsupported=scan.unsupported,
            unchanged=survey.unchanged,
            skipped=[s for s in scan.skipped if s.path not in self._roots] + offline,
        )
        if self._options.dry_run:
            report.skipped += survey.broken()
            report.indexed, report.missing = survey.waiting, survey.vanished
            return report
        for root in set(self._roots) - {skipped.path for skipped in offline}:
            locations.add_root(self._library, root)
        for skipped in offline:
            locations.mark_offline(self._library, skipped.path)
        IndexRun(
            self._library,
            survey,
            report,
            crowd=self._crowd,
            device=self._options.device,
            workers=self._options.workers,
            on_progress=on_progress,
        ).run()
        return report

    def _offline(self, survey: Survey, scan: Scan) -> list[Skipped]:
        """Return the roots that show no photos though they should: an absent drive, say."""
        refused = {skipped.path: skipped.reason for skipped in scan.skipped}
        offline: list[Skipped] = []
        for root in self._roots:
            if survey.met_below(root) or (root.is_dir() and _any_below(root, scan.unseen)):
                continue
            known = locations.count_present_below(self._library, root)
            if root in refused:
                offline.append(Skipped(root, refused[root]))
            elif not root.is_dir():
                offline.append(Skipped(root, _NOT_THERE))
            elif known:
                reason = f"no photos now, and the library knows {known} (is the drive connected?)"
                offline.append(Skipped(root, reason))
        if offline and (self._explicit or len(offline) == len(self._roots)):
            name, reason = display_path(offline[0].path), offline[0].reason
            raise NothingToIndexError(f"cannot index {name}: {reason}; nothing was changed")
        return offline

    def _offline_within(self, survey: Survey) -> list[Skipped]:
        """Return the indexed folders within these that are absent: drives mounted inside."""
        return [
            Skipped(root, _NOT_THERE)
            for root in locations.roots(self._library)
            if any(outer in root.parents for outer in self._roots)
            and root not in self._roots
            and not survey.met_below(root)
            and (not root.is_dir() or locations.count_present_below(self._library, root))
        ]

    def _refuse_emptiness(self, scan: Scan) -> None:
        where = ", ".join(display_path(root) for root in self._roots)
        others = f" ({scan.ignored} other files)" if scan.ignored else ""
        raise NothingToIndexError(
            f"there are no photos in {where}{others}; index a folder with pictures"
        )


def _any_below(root: Path, keys: Iterable[bytes]) -> bool:
    low, high = locations.prefix_range(root)
    return any(low <= key < high for key in keys)


def _existing_folder(folder: Path) -> Path:
    resolved = folder.expanduser().resolve()
    if not resolved.exists():
        raise NothingToIndexError(
            f"there is no folder {display_path(resolved)}; check the name, "
            "or that the drive is connected"
        )
    if not resolved.is_dir():
        raise PhotoaesthError(
            f"{display_path(resolved)} is a file; index the folder it is in: "
            f"photoaesth index {display_path(resolved.parent)}"
        )
    return resolved
