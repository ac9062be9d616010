"""Index folders: find photos, read them once, store what scoring needs."""

import hashlib
import os
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from photoaesth.domain import Skipped
from photoaesth.errors import PhotoaesthError, UnreadableImageError
from photoaesth.files import display_path
from photoaesth.imaging import decode, thumbnail
from photoaesth.learning.crowd import load_crowd_model
from photoaesth.library import models, photos
from photoaesth.library.database import Library, open_library
from photoaesth.library.exif import read_exif
from photoaesth.library.scan import FoundFile, Scan, scan
from photoaesth.library.thumbnails import store_thumbnail

if TYPE_CHECKING:
    from photoaesth.learning.embedder import Embedder

_BATCH = 32
_DECODED_SIDE = 768  # pixels; the model input is 408 at most, the thumbnail 512

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
        ignored: files that are no photos.
        skipped: photos that could not be used.
        seconds: wall-clock time.
    """

    indexed: int = 0
    unchanged: int = 0
    moved: int = 0
    copies: int = 0
    missing: int = 0
    ignored: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def photos_per_s(self) -> float:
        """Photos read and stored per second."""
        return self.indexed / self.seconds if self.seconds else 0.0


@dataclass(frozen=True, slots=True)
class _Photo:
    """What a worker read of a file whose content is new."""

    new: photos.NewPhoto
    inputs: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class _Familiar:
    """A file whose content the library has met before, as a photo or as our own output."""

    file: FoundFile
    content_hash: str


@dataclass(frozen=True, slots=True)
class _Failure:
    """A file that gave no photo; a broken one stays so until it changes."""

    file: FoundFile
    reason: str
    broken: bool


_Result = _Photo | _Familiar | _Failure


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
        folders: where to look; none means every folder indexed before.
        device: where the backbone runs.
        on_progress: told about every file that is done.

    Raises:
        PhotoaesthError: a folder is missing, or there is no photo in any of them.
    """
    started = time.monotonic()
    roots = [_existing_folder(folder) for folder in folders]
    with open_library(library_path, create=bool(roots)) as library:
        roots = roots or [_existing_folder(root) for root in photos.roots(library)]
        found = scan(roots)
        _refuse_emptiness(library, roots, found)
        for root in roots:
            photos.add_root(library, root)
        report = _Indexer(library, found, roots, on_progress).run(device)
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
        self, library: Library, found: Scan, roots: Sequence[Path], on_progress: Progress
    ) -> None:
        self.library = library
        self.report = IndexReport(ignored=found.ignored, skipped=list(found.skipped))
        self._found = found
        self._on_progress = on_progress
        self._known = photos.known_files(library, roots)
        self._gone: set[Path] = set()
        self._backbone = load_crowd_model().embedding_name
        self._embedded = models.embedded_photos(library, self._backbone)
        self._unreadable = photos.unreadable_files(library)
        self._outputs = photos.output_hashes(library)
        self._photo_of = {
            content_hash: photo
            for content_hash, photo in photos.content_hashes(library).items()
            if photo in self._embedded
        }

    def run(self, device: str) -> IndexReport:
        """Process what is new or changed and return the report."""
        files = self._found.spread()
        self._gone |= self._vanished({file.path for file in files})
        work = [file for file in files if not self._is_settled(file)]
        # What is new comes before what has changed: a photo that was moved and whose old place
        # was taken by another is then recognised at its new place first.
        work.sort(key=lambda file: file.path in self._known)
        if work:
            self._read_and_store(work, device)
        photos.mark_missing(self.library, self._gone)
        self.report.missing = len(self._gone)
        return self.report

    def _vanished(self, present: set[Path]) -> set[Path]:
        """Known files that the scan did not meet, except below folders it could not open."""
        closed = [skipped.path for skipped in self._found.skipped]
        return {
            path
            for path, known in self._known.items()
            if not known.missing
            and path not in present
            and not any(folder in path.parents for folder in closed)
        }

    def _is_settled(self, file: FoundFile) -> bool:
        """Count a file that needs no reading and say so."""
        known = self._known.get(file.path)
        if known is not None and (known.size, known.mtime_ns) == (file.size, file.mtime_ns):
            if known.photo_id not in self._embedded:
                return False
            if known.missing:
                with self.library.transaction():
                    photos.attach_file(self.library, file, known.photo_id)
            self.report.unchanged += 1
            return True
        broken = self._unreadable.get(file.path)
        if broken is not None and broken[:2] == (file.size, file.mtime_ns):
            self.report.skipped.append(Skipped(file.path, broken[2]))
            return True
        return False

    def _read_and_store(self, work: Sequence[FoundFile], device: str) -> None:
        from photoaesth.learning.embedder import Embedder

        embedder = Embedder(device)
        batch: list[_Photo] = []
        for done, result in enumerate(_read_ahead(work, self._read), start=1):
            match result:
                case _Photo():
                    batch.append(result)
                case _Familiar():
                    self._meet_again(result)
                case _Failure():
                    self._fail(result)
            if len(batch) == _BATCH or (batch and done == len(work)):
                self._store(batch, embedder)
                batch = []
            self._on_progress(done, len(work))

    def _read(self, file: FoundFile) -> _Result:
        """Read, hash and decode one file; runs in a worker thread."""
        from photoaesth.learning.features import model_input

        try:
            data = file.path.read_bytes()
        except OSError as error:
            return _Failure(file, (error.strerror or str(error)).lower(), broken=False)
        content_hash = hashlib.blake2b(data, digest_size=20).hexdigest()
        if content_hash in self._photo_of or content_hash in self._outputs:
            return _Familiar(file, content_hash)
        try:
            decoded = decode(data, max_side=_DECODED_SIDE)
        except UnreadableImageError as error:
            return _Failure(file, str(error), broken=True)
        store_thumbnail(content_hash, thumbnail(decoded.image))
        exif = read_exif(decoded.exif)
        new = photos.NewPhoto(file, content_hash, decoded.width, decoded.height, exif)
        return _Photo(new, model_input(decoded.image))

    def _store(self, batch: Sequence[_Photo], embedder: "Embedder") -> None:
        vectors = embedder.embed([photo.inputs for photo in batch])
        with self.library.transaction():
            for photo, vector in zip(batch, vectors, strict=True):
                photo_id = photos.store_photo(self.library, photo.new)
                models.store_embedding(self.library, photo_id, self._backbone, vector)
        self.report.indexed += len(batch)

    def _meet_again(self, familiar: _Familiar) -> None:
        if familiar.content_hash in self._outputs:
            self.report.ignored += 1
            return
        photo_id = self._photo_of[familiar.content_hash]
        # Where the photo stood before, if it no longer does, is where it came from.
        left = [path for path in self._gone if self._known[path].photo_id == photo_id]
        with self.library.transaction():
            photos.attach_file(self.library, familiar.file, photo_id)
            if left:
                photos.drop_file(self.library, left[0])
        if left:
            self._gone.discard(left[0])
            self.report.moved += 1
        else:
            self.report.copies += 1

    def _fail(self, failure: _Failure) -> None:
        self.report.skipped.append(Skipped(failure.file.path, failure.reason))
        if failure.broken:
            photos.remember_unreadable(self.library, failure.file, failure.reason)
            if failure.file.path in self._known:
                self._gone.add(failure.file.path)  # the photo that was there is no more


def _read_ahead(
    files: Sequence[FoundFile], read: Callable[[FoundFile], _Result]
) -> Iterator[_Result]:
    """Yield results in order while worker threads read a bounded number of files ahead."""
    workers = os.cpu_count() or 1
    waiting: deque[Future[_Result]] = deque()
    executor = ThreadPoolExecutor(workers, thread_name_prefix="read")
    try:
        for file in files:
            waiting.append(executor.submit(read, file))
            if len(waiting) >= _BATCH + workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        executor.shutdown(cancel_futures=True)


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


def _refuse_emptiness(library: Library, roots: Sequence[Path], found: Scan) -> None:
    """Refuse folders without photos: a wrong name, or the mount point of an absent drive."""
    if found.folders:
        return
    where = ", ".join(display_path(root) for root in roots)
    known = sum(not file.missing for file in photos.known_files(library, roots).values())
    if known:
        raise PhotoaesthError(
            f"no photos in {where}, but the library knows {known} there; is the drive connected? "
            "Nothing was changed"
        )
    if found.skipped:
        raise PhotoaesthError(f"cannot look into {where}: {found.skipped[0].reason}")
    others = f" ({found.ignored} other files)" if found.ignored else ""
    raise PhotoaesthError(f"there are no photos in {where}{others}; index a folder with pictures")
