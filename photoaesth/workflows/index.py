"""Index folders: find photos, read them once, store what scoring needs."""

import contextlib
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from photoaesth.domain import Skipped
from photoaesth.errors import PhotoaesthError
from photoaesth.files import display_path
from photoaesth.learning.crowd import load_crowd_model
from photoaesth.library import excluded, models, photos
from photoaesth.library.database import Library, open_library
from photoaesth.library.scan import FoundFile, Scan, scan
from photoaesth.workflows.reading import (
    Failure,
    Familiar,
    NewContent,
    ReadResult,
    read_ahead,
    read_hash,
    read_photo,
)

if TYPE_CHECKING:
    from photoaesth.learning.embedder import Embedder

_BATCH = 16  # files per transaction and photos per call of the backbone

Progress = Callable[[int, int], None]
"""Called with how many files are done and how many there are."""


@dataclass(slots=True)
class IndexReport:
    """What indexing did.

    Attributes:
        indexed: photos read and stored, new or changed.
        unchanged: files that are as they were.
        moved: photos found at another place than before.
        copies: further files of photos that are known.
        missing: files that have vanished since the last time.
        ignored: files that are no photos, copies that `enhance` wrote, and unsupported ones.
        unsupported: those of the ignored that are photos in a format that is not read yet.
        skipped: photos that could not be used.
        seconds: wall-clock time.
    """

    indexed: int = 0
    unchanged: int = 0
    moved: int = 0
    copies: int = 0
    missing: int = 0
    ignored: int = 0
    unsupported: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def photos_per_s(self) -> float:
        """Photos read and stored per second."""
        return self.indexed / self.seconds if self.seconds else 0.0


def index(
    library_path: Path,
    folders: Sequence[Path],
    *,
    device: str = "auto",
    on_progress: Progress = lambda done, total: None,
) -> IndexReport:
    """Bring the library up to date with folders.

    Photos are committed in batches, so an interruption loses at most the batch in flight and
    the next run carries on.

    Args:
        library_path: the library; made when there is none.
        folders: where to look; none means every folder indexed before, of which those that
            cannot be reached now are skipped.
        device: where the backbone runs.
        on_progress: told about every file that is done.

    Raises:
        PhotoaesthError: a folder is missing, or there is no photo in any of them.
    """
    started = time.monotonic()
    named = [_existing_folder(folder) for folder in folders]
    with open_library(library_path, create=bool(named)) as library:
        roots = named or photos.roots(library)
        if not roots:
            raise PhotoaesthError("no folder is indexed yet; name one: photoaesth index DIR")
        found = scan(roots)
        unreachable = _unreachable(library, roots, found)
        if unreachable and (named or len(unreachable) == len(roots)):
            name, reason = display_path(unreachable[0].path), unreachable[0].reason
            raise PhotoaesthError(f"cannot index {name}: {reason}; nothing was changed")
        if not found.folders:
            where = ", ".join(display_path(root) for root in roots)
            others = f" ({found.ignored} other files)" if found.ignored else ""
            raise PhotoaesthError(
                f"there are no photos in {where}{others}; index a folder with pictures"
            )
        found.skipped = [s for s in found.skipped if s.path not in roots] + unreachable
        for root in roots:
            photos.add_root(library, root)
        report = _Indexer(library, found, roots, device, on_progress).run()
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
        known = photos.roots(library)
        if root not in known:
            names = ", ".join(display_path(path) for path in known) or "none"
            raise PhotoaesthError(
                f"{display_path(root)} is not an indexed folder; the indexed ones are: {names}"
            )
        return photos.forget_root(library, root)


class _Indexer:
    """One run over what a scan found."""

    def __init__(
        self,
        library: Library,
        found: Scan,
        roots: Sequence[Path],
        device: str,
        on_progress: Progress,
    ) -> None:
        self.library = library
        self.report = IndexReport(
            ignored=found.ignored,
            unsupported=found.unsupported,
            skipped=list(found.skipped),
        )
        self._files = found.spread()
        self._unseen = [skipped.path for skipped in found.skipped]
        self._device = device
        self._on_progress = on_progress
        self._embedder: Embedder | None = None
        self._known = photos.known_files(library, roots)
        self._unreadable = {
            path: file
            for path, file in excluded.unreadable_files(library).items()
            if any(root in path.parents for root in roots)
        }
        self._outputs = excluded.output_hashes(library)
        self._backbone = load_crowd_model().embedding_name
        self._embedded = models.embedded_photos(library, self._backbone)
        self._photo_of = {
            content_hash: photo
            for content_hash, photo in photos.content_hashes(library).items()
            if photo in self._embedded
        }
        self._gone: set[Path] = set()  # files that vanished since the last run
        # By photo, where it no longer stands; what is met elsewhere has come from there.
        self._left = defaultdict[int, list[Path]](list)

    def run(self) -> IndexReport:
        """Process what is new or changed and return the report."""
        self._note_missing()
        work = self._unsettled()
        new = [file for file in work if file.path not in self._known]
        # Content is looked at before names: where photos changed places, each is recognised
        # before a file with new content can inherit the photo that stood at its path.
        changed = self._recognise([file for file in work if file.path in self._known])
        for file in changed:
            self._left[self._known[file.path].photo_id].append(file.path)
        self._read_and_store(new + changed)
        self.report.missing = len(self._gone)
        return self.report

    def _note_missing(self) -> None:
        """Mark the files that the scan did not meet, except where it could not look."""
        present = {file.path for file in self._files}

        def vanished(path: Path) -> bool:
            return path not in present and not any(
                unseen == path or unseen in path.parents for unseen in self._unseen
            )

        for path, known in self._known.items():
            if known.missing and path not in present:
                self._left[known.photo_id].append(path)
            elif vanished(path):
                self._left[known.photo_id].append(path)
                self._gone.add(path)
        with self.library.transaction():
            photos.mark_missing(self.library, self._gone)
            excluded.forget_unreadable(self.library, filter(vanished, self._unreadable))

    def _unsettled(self) -> list[FoundFile]:
        """Return the files that have to be read; account for the others."""
        unsettled: list[FoundFile] = []
        returned: list[FoundFile] = []
        for file in self._files:
            state = (file.size, file.mtime_ns)
            known = self._known.get(file.path)
            broken = self._unreadable.get(file.path)
            if known and (known.size, known.mtime_ns) == state and known.photo_id in self._embedded:
                self.report.unchanged += 1
                if known.missing:
                    returned.append(file)
            elif broken and broken[:2] == state:
                self.report.skipped.append(Skipped(file.path, broken[2]))
            else:
                unsettled.append(file)
        with self.library.transaction():
            for file in returned:
                photos.attach_file(self.library, file, self._known[file.path].photo_id)
        return unsettled

    def _recognise(self, files: Sequence[FoundFile]) -> list[FoundFile]:
        """Store the files whose content is known already; return the others."""
        familiar: list[Familiar] = []
        others: list[FoundFile] = []
        with contextlib.closing(read_ahead(files, read_hash)) as hashes:
            for file, content_hash in zip(files, hashes, strict=True):
                if content_hash is not None and self._is_familiar(content_hash):
                    familiar.append(Familiar(file, content_hash))
                else:
                    others.append(file)
        self._store(familiar)
        return others

    def _is_familiar(self, content_hash: str) -> bool:
        return content_hash in self._photo_of or content_hash in self._outputs

    def _read_and_store(self, files: Sequence[FoundFile]) -> None:
        read = partial(read_photo, is_familiar=self._is_familiar)
        batch: list[ReadResult] = []
        with contextlib.closing(read_ahead(files, read)) as results:
            for done, result in enumerate(results, start=1):
                batch.append(result)
                if len(batch) == _BATCH or done == len(files):
                    self._store(batch)
                    batch = []
                self._on_progress(done, len(files))

    def _store(self, batch: Sequence[ReadResult]) -> None:
        """Write what was read of a batch of files, all of it or nothing."""
        new = {result.content_hash: result for result in batch if isinstance(result, NewContent)}
        vectors = dict(zip(new, self._embed(list(new.values())), strict=True))
        with self.library.transaction():
            for result in batch:
                if isinstance(result, Failure):
                    self._fail(result)
                elif result.content_hash in self._photo_of:
                    self._meet_again(result.file, self._photo_of[result.content_hash])
                elif isinstance(result, NewContent):
                    self._add(result, vectors[result.content_hash])
                else:  # an enhanced copy of ours
                    self.report.ignored += 1
                    self._lose(result.file.path)

    def _embed(self, new: Sequence[NewContent]) -> Sequence[NDArray[np.float16]]:
        if not new:
            return ()
        if self._embedder is None:  # loading it takes longer than a run that finds nothing new
            from photoaesth.learning.embedder import Embedder

            self._embedder = Embedder(self._device)
        return list(self._embedder.embed([photo.inputs for photo in new]))

    def _add(self, photo: NewContent, vector: NDArray[np.float16]) -> None:
        photo_id = photos.store_photo(self.library, photo.new)
        models.store_embedding(self.library, photo_id, self._backbone, vector)
        self._photo_of[photo.content_hash] = photo_id
        self.report.indexed += 1

    def _meet_again(self, file: FoundFile, photo_id: int) -> None:
        photos.attach_file(self.library, file, photo_id)
        known = self._known.get(file.path)
        if known is not None and known.photo_id == photo_id:
            self.report.unchanged += 1  # only its time was changed
        elif self._left[photo_id]:
            origin = self._left[photo_id].pop(0)
            photos.drop_file(self.library, origin)
            self._gone.discard(origin)
            self.report.moved += 1
        elif known is not None:  # it changed places with another photo
            self.report.moved += 1
        else:
            self.report.copies += 1

    def _fail(self, failure: Failure) -> None:
        self.report.skipped.append(Skipped(failure.file.path, failure.reason))
        if failure.broken:
            excluded.remember_unreadable(self.library, failure.file, failure.reason)
            self._lose(failure.file.path)

    def _lose(self, path: Path) -> None:
        """Mark a file missing whose photo was replaced by what is none."""
        known = self._known.get(path)
        if known is not None and not known.missing:
            photos.mark_missing(self.library, [path])
            self._gone.add(path)


def _existing_folder(folder: Path) -> Path:
    resolved = folder.expanduser().resolve()
    if not resolved.exists():
        raise PhotoaesthError(
            f"there is no folder {display_path(resolved)}; check the name, "
            "or that the drive is connected"
        )
    if not resolved.is_dir():
        raise PhotoaesthError(
            f"{display_path(resolved)} is a file; index the folder it is in: "
            f"photoaesth index {display_path(resolved.parent)}"
        )
    return resolved


def _unreachable(library: Library, roots: Sequence[Path], found: Scan) -> list[Skipped]:
    """Return the roots that show no photos though they should: an absent drive, say."""
    refused = {skipped.path: skipped.reason for skipped in found.skipped}
    unreachable: list[Skipped] = []
    for root in roots:
        if any(root in files[0].path.parents for files in found.folders):
            continue
        known = sum(not file.missing for file in photos.known_files(library, [root]).values())
        if root in refused:
            unreachable.append(Skipped(root, refused[root]))
        elif known:
            reason = f"no photos now, and the library knows {known} (is the drive connected?)"
            unreachable.append(Skipped(root, reason))
    return unreachable
