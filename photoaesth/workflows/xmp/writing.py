"""Write what was planned: the journal first, then the file."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from photoaesth.domain import Skipped
from photoaesth.errors import PhotoaesthError
from photoaesth.library import sidecar_journal
from photoaesth.library.database import Library, open_library
from photoaesth.library.found import content_hash
from photoaesth.library.sidecar_journal import Entry
from photoaesth.sidecars import ExifTool, Written, changes_to_json, write_marks
from photoaesth.workflows.xmp.places import ChangedMeanwhileError, Embedded, Place, Sidecars
from photoaesth.workflows.xmp.planning import PlannedWrite, WritePlan
from photoaesth.workflows.xmp.troubles import Troubles

Progress = Callable[[int, int], None]
_BATCH = 100  # journalled together: one flush of the disk for all of them


@dataclass(slots=True)
class WriteReport:
    """What a write did.

    Attributes:
        run: the library's number for it; None if nothing was written.
        written: the files that say something else now.
        skipped: files that were left as they are, and why.
    """

    run: int | None = None
    written: list[Path] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)


def write(
    library_path: Path,
    plan: WritePlan,
    *,
    on_progress: Progress = lambda done, total: None,
) -> WriteReport:
    """Carry out a plan.

    What a file held is in the journal, on disk, before the file is touched. So an interruption at
    any moment leaves whole files, and an undo that knows of all of them. A file that changed
    since it was planned is left alone: somebody may have rated its photo.

    Raises:
        PhotoaesthError: the disk is full, or exiftool is needed and not installed.
    """
    report = WriteReport()
    troubles = Troubles()
    with open_library(library_path) as library, ExitStack() as stack:
        places: dict[bool, Place] = {False: Sidecars()}
        if any(item.embedded for item in plan.writes):
            files = {item.file.path: item.file for item in plan.writes}
            places[True] = Embedded(stack.enter_context(ExifTool()), library, files)
        writer = _Writer(library, plan.profile, places, report, troubles)
        for start in range(0, len(plan.writes), _BATCH):
            batch = plan.writes[start : start + _BATCH]
            writer.write(batch)
            on_progress(start + len(batch), len(plan.writes))
    report.skipped = plan.skipped + troubles.skipped()
    return report


@dataclass(frozen=True, slots=True)
class _Writer:
    library: Library
    profile: int
    places: Mapping[bool, Place]
    report: WriteReport
    troubles: Troubles

    def write(self, batch: Sequence[PlannedWrite]) -> None:
        """Journal some writes, and then make them."""
        prepared: list[tuple[PlannedWrite, bytes | None, Written]] = []
        for item in batch:
            with self.troubles.around(item.path):
                before = self.places[item.embedded].read(item.path)
                if (None if before is None else content_hash(before)) != item.seen:
                    raise ChangedMeanwhileError
                written = write_marks(before, item.wanted, at=datetime.now(UTC))
                prepared.append((item, before, written))
        if not prepared:
            return
        if self.report.run is None:
            self.report.run = sidecar_journal.begin_run(self.library, self.profile)
        entries = [
            Entry(
                path=item.path,
                embedded=item.embedded,
                before=before,
                after=content_hash(written.packet),
                changes=changes_to_json(written.changes),
            )
            for item, before, written in prepared
        ]
        sidecar_journal.record(self.library, self.report.run, entries)
        changed = {
            item.path
            for item, before, written in prepared
            if self._put(item, before, written.packet)
        }
        for path in {item.path for item, _, _ in prepared} - changed:
            sidecar_journal.withdraw(self.library, self.report.run, path)

    def _put(self, item: PlannedWrite, before: bytes | None, after: bytes) -> bool:
        """Write a file; return whether it changed: also a write that failed may have done it."""
        if self.troubles.refuses(item.path.parent):
            return False
        place = self.places[item.embedded]
        is_changed = False
        with self.troubles.around(item.path):
            try:
                place.replace(item.path, before, after)
            except (PhotoaesthError, OSError):
                is_changed = _reads_otherwise(place, item.path, before)
                raise
            self.report.written.append(item.path)
            return True
        return is_changed


def _reads_otherwise(place: Place, path: Path, before: bytes | None) -> bool:
    """Return whether a file holds something else than before, as far as one can tell."""
    try:
        return place.read(path) != before
    except (PhotoaesthError, OSError):
        return True
