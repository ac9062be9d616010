"""Take back what the last `xmp write` wrote."""

import errno
import os
import shlex
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from photoaesth.domain import Skipped
from photoaesth.errors import PhotoaesthError
from photoaesth.library import comparisons, sidecar_journal
from photoaesth.library.database import Library, open_library
from photoaesth.library.found import content_hash
from photoaesth.library.photo_files import photo_files
from photoaesth.library.sidecar_journal import Entry
from photoaesth.sidecars import ExifTool, changes_from_json, restore_marks
from photoaesth.workflows.xmp.places import Embedded, Place, Sidecars, why_missing
from photoaesth.workflows.xmp.troubles import Troubles

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class LastWrite:
    """A write that can be undone.

    Attributes:
        run: the library's number for it.
        created_at: when it began: UTC, ISO 8601.
        files: how many files it wrote.
    """

    run: int
    created_at: str
    files: int


@dataclass(slots=True)
class UndoReport:
    """What an undo did.

    Attributes:
        restored: files that hold what they held before the write.
        removed: sidecars that the write had made.
        merged: files that another program changed since: only our words went.
        untouched: how many files need nothing: an interrupted write never reached them, an
            interrupted undo did, or another program took our words out.
        skipped: files that are gone or cannot be written, and why.
        complete: whether the write counts as undone: nothing is left to be tried again.
    """

    restored: list[Path] = field(default_factory=list)
    removed: list[Path] = field(default_factory=list)
    merged: list[Path] = field(default_factory=list)
    untouched: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    complete: bool = False


def last_write(library_path: Path, profile: str) -> LastWrite | None:
    """Return the profile's last write that was not undone yet.

    Raises:
        PhotoaesthError: another profile wrote into some of its files later, and that stands: its
            words would go, and to undo them would bring back those of this write.
    """
    with open_library(library_path) as library:
        run = sidecar_journal.last_run(library, comparisons.profile_id(library, profile))
        if run is None:
            return None
        later = sidecar_journal.written_over(library, run.id)
        if later is not None:
            raise PhotoaesthError(
                f"profile {later.profile!r} wrote into {later.files:,} of these files later; first "
                f"take that back: photoaesth --profile {shlex.quote(later.profile)} xmp undo"
            )
        return LastWrite(run.id, run.created_at, sidecar_journal.count(library, run.id))


def undo(
    library_path: Path,
    write: LastWrite,
    *,
    on_progress: Progress = lambda done, total: None,
) -> UndoReport:
    """Take a write back.

    A sidecar that is as the write left it gets its bytes of before, or goes if there was none. In
    one that another program changed since, only what still says what we wrote goes back; so in
    photos. Interrupted, the same call carries on. A file that is gone or is no XMP any more is
    named and given up; one that the system refuses, or whose folder is away, can be tried again.

    Raises:
        PhotoaesthError: the disk is full, or exiftool is needed and not installed.
    """
    report = UndoReport()
    troubles = Troubles()
    with open_library(library_path) as library, ExitStack() as stack:
        places: dict[bool, Place] = {False: Sidecars()}
        for done, entry in enumerate(sidecar_journal.entries(library, write.run), start=1):
            if entry.embedded not in places:
                places[entry.embedded] = _photos(library, stack)
            if not troubles.refuses(entry.path.parent):
                with troubles.around(entry.path):
                    _take_back(entry, places[entry.embedded], report, troubles)
            on_progress(done, write.files)
        report.complete = not troubles.may_pass
        if report.complete:
            sidecar_journal.mark_undone(library, write.run)
    report.skipped = troubles.skipped()
    return report


def _photos(library: Library, stack: ExitStack) -> Embedded:
    files = {file.path: file for file in photo_files(library)}
    return Embedded(stack.enter_context(ExifTool()), library, files)


def _take_back(entry: Entry, place: Place, report: UndoReport, troubles: Troubles) -> None:
    now = place.read(entry.path)
    if now is None and not entry.path.parent.is_dir():  # its drive may be unplugged
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
    if now == entry.before:
        report.untouched += 1
    elif now is None:
        troubles.may_pass |= entry.path.is_symlink()  # what it leads to may be on such a drive
        troubles.add(entry.path, why_missing(entry.path))
    elif content_hash(now) == entry.after:
        place.replace(entry.path, now, entry.before)
        made = entry.before is None and not entry.embedded
        (report.removed if made else report.restored).append(entry.path)
    else:
        restored = restore_marks(now, changes_from_json(entry.changes))
        if restored == now:
            report.untouched += 1
        else:
            place.replace(entry.path, now, restored)
            report.merged.append(entry.path)
