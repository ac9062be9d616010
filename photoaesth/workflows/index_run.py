"""The work that indexing finds to do: files are read in processes, embedded and stored."""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from photoaesth.attributes import Look, looks
from photoaesth.domain import Skipped
from photoaesth.learning.crowd import CrowdModel
from photoaesth.learning.device import decodes_jpegs, resolve_device
from photoaesth.library import attributes, excluded, locations, models, photos
from photoaesth.library.database import Library
from photoaesth.library.found import FoundFile
from photoaesth.library.survey import Survey, Work
from photoaesth.processes import available_cores
from photoaesth.workflows.grouping import group_new_photos
from photoaesth.workflows.looks import LAYOUT
from photoaesth.workflows.reader_pool import ReaderPool
from photoaesth.workflows.reading import (
    Compressed,
    Failure,
    Familiar,
    NewContent,
    ReadResult,
)

if TYPE_CHECKING:
    from photoaesth.learning.embedder import Embedder

_BATCH = 32  # files per transaction, and photos given to the backbone together

Progress = Callable[[int, int], None]
"""Called with how many files are done and how many there are."""
_Batch = list[tuple[Work, ReadResult]]


class _Derived(NamedTuple):
    """What is made of a new photo's pixels."""

    embedding: NDArray[np.float16]
    look: Look


_ByContent = dict[str, _Derived]


@dataclass(slots=True)
class IndexReport:
    """What indexing did, or would do.

    Attributes:
        indexed: photos read and stored, new or changed.
        unchanged: files that are as they were.
        moved: photos found at another place than before.
        copies: further files of photos that are known.
        paired: RAW files newly known as the second file of a photo beside them.
        missing: files that have vanished since the last time.
        ignored: files that are no photos, copies that `enhance` wrote, and unsupported ones.
        unsupported: those of the ignored that are photos in a format that cannot be read here.
        skipped: photos that could not be used.
        seconds: wall-clock time.
    """

    indexed: int = 0
    unchanged: int = 0
    moved: int = 0
    copies: int = 0
    paired: int = 0
    missing: int = 0
    ignored: int = 0
    unsupported: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def changes(self) -> int:
        """How many files were found new, changed, elsewhere or gone."""
        return self.indexed + self.moved + self.copies + self.paired + self.missing

    @property
    def photos_per_s(self) -> float:
        """Photos read and stored per second."""
        return self.indexed / self.seconds if self.seconds else 0.0


class IndexRun:
    """Works off a survey; the report tells how it went."""

    def __init__(
        self,
        library: Library,
        survey: Survey,
        report: IndexReport,
        *,
        crowd: CrowdModel,
        device: str,
        workers: int | None,
        on_progress: Progress,
    ) -> None:
        self._library = library
        self._survey = survey
        self._report = report
        self._crowd = crowd
        self._space = crowd.embedding_name
        self._device = resolve_device(device)
        cores = available_cores()
        self._workers = workers or cores
        # The engine has about a fifth of the work; more threads would take turns with readers.
        self._engine_threads = max(1, cores // 4)
        self._on_progress = on_progress
        self._done = 0
        self._total = survey.waiting
        self._embedder: Embedder | None = None

    def run(self) -> None:
        """Read what is new or changed, and bring everything else up to date."""
        broken = self._survey.broken()  # some of them as long as no developed file speaks for them
        with self._library.transaction():
            self._survey.apply()
        with ReaderPool(
            self._library.path,
            self._space,
            self._workers,
            leave_jpegs=decodes_jpegs(self._device),
        ) as pool:
            self._recognise(pool)
            # What is new before what changed: where photos changed places, each is recognised
            # before a file with new content can inherit the photo that stood at its path.
            self._survey.leave_changed()
            self._read(pool, self._survey.work(known=False))
            self._read(pool, self._survey.work(known=True))
            with self._library.transaction():
                for raw, developed in self._survey.twins():
                    photos.merge(self._library, raw, into=developed)
                self._report.paired, unchanged = self._survey.attach_companions()
            self._report.unchanged += unchanged + self._survey.enlist_orphans()
            self._total += self._survey.waiting
            self._read(pool, self._survey.work(known=False))
            self._read(pool, self._survey.work(known=True))
        group_new_photos(self._library, self._crowd)
        self._report.missing = self._survey.vanished
        still_broken = set(self._survey.broken())
        self._report.skipped += [skipped for skipped in broken if skipped in still_broken]
        self._report.skipped.sort(key=lambda skipped: skipped.path)

    def _recognise(self, pool: ReaderPool) -> None:
        """Store the known files that have other content which is known as well."""
        in_hand = _InHand(self._survey.work(known=True))
        results = pool.read(in_hand.files(), decode_new=False)
        with contextlib.closing(results):
            for result in results:
                work = in_hand.take(result)
                if isinstance(result, Familiar):
                    self._store([(work, result)], {})
                    self._advance()

    def _read(self, pool: ReaderPool, works: Iterable[Work]) -> None:
        """Read files, embed what is new in them and store it, all three at the same time."""
        in_hand = _InHand(works)
        results = pool.read(in_hand.files())
        batch: _Batch = []
        with contextlib.closing(results), _Assembly(self._finish, self._store) as assembly:
            for result in results:
                batch.append((in_hand.take(result), result))
                if len(batch) == _BATCH:
                    assembly.put(batch)
                    batch = []
                self._advance()
            assembly.put(batch)
            assembly.finish()

    def _advance(self) -> None:
        self._done += 1
        self._on_progress(self._done, self._total)

    def _finish(self, batch: _Batch) -> tuple[_Batch, _ByContent]:
        """Return a batch all decoded, and what is derived of it; runs in a thread of its own."""
        compressed = [result for _, result in batch if isinstance(result, Compressed)]
        if compressed:
            from photoaesth.workflows.device_reading import decode_compressed

            decoded = iter(decode_compressed(compressed, self._device))
            batch = [
                (work, next(decoded) if isinstance(result, Compressed) else result)
                for work, result in batch
            ]
        return batch, self._derive([r for _, r in batch if isinstance(r, NewContent)])

    def _derive(self, photos: Sequence[NewContent]) -> _ByContent:
        """Return what is made of each new content."""
        new = {photo.content_hash: photo for photo in photos}
        if not new:
            return {}
        if self._embedder is None:  # loading it takes longer than a run that finds nothing new
            from photoaesth.learning.embedder import Embedder

            self._embedder = Embedder(self._device, threads=self._engine_threads)
        vectors, classes = self._embedder.embed_and_classify([p.inputs for p in new.values()])
        found = looks(
            [photo.measured for photo in new.values()],
            classes,
            [photo.new.exif for photo in new.values()],
        )
        return dict(zip(new, map(_Derived, vectors, found), strict=True))

    def _store(self, batch: _Batch, derived: _ByContent) -> None:
        """Write what was read of a batch of files, all of it or nothing."""
        with self._library.transaction():
            for work, result in batch:
                match result:
                    case Failure():
                        self._fail(work, result)
                    case Familiar() | NewContent():
                        self._meet(work, result, derived)
                    case _:
                        continue  # to be read later
                self._survey.settle(work.file.key)

    def _meet(self, work: Work, result: Familiar | NewContent, derived: _ByContent) -> None:
        known = models.embedded_photo(self._library, result.content_hash, self._space)
        if known is not None:
            self._meet_again(work, known)
        elif isinstance(result, NewContent):
            photo_id = photos.store_photo(self._library, result.new, raw=work.raw)
            embedding, look = derived[result.content_hash]
            models.store_embedding(self._library, photo_id, self._space, embedding)
            attributes.store(self._library, LAYOUT, photo_id, look.values, look.labels)
            self._report.indexed += 1
        else:  # an enhanced copy of ours
            self._report.ignored += 1
            self._lose(work)

    def _meet_again(self, work: Work, photo_id: int) -> None:
        held = photos.photo_by_path(self._library, work.file.path)
        locations.attach_file(self._library, work.file, photo_id)
        if photo_id in {work.photo_id, held and held.id}:  # by another run at the same time, too
            self._report.unchanged += 1  # only its time was changed
        elif (origin := self._survey.origin_of(photo_id)) is not None:
            locations.drop_file(self._library, origin)
            self._report.moved += 1
        elif work.photo_id is not None:  # it changed places with another photo
            self._report.moved += 1
        else:
            self._report.copies += 1

    def _fail(self, work: Work, failure: Failure) -> None:
        self._report.skipped.append(Skipped(work.file.path, failure.reason))
        if failure.broken:
            excluded.remember_unreadable(self._library, work.file, failure.reason)
            self._lose(work)

    def _lose(self, work: Work) -> None:
        """Mark a file missing whose photo was replaced by what is none."""
        if work.photo_id is not None and locations.mark_missing(self._library, work.file.key):
            self._survey.lose(work.file.key)


class _InHand:
    """Remembers what is known of the files that are being read."""

    def __init__(self, works: Iterable[Work]) -> None:
        self._works = works
        self._by_key: dict[bytes, Work] = {}

    def files(self) -> Iterator[FoundFile]:
        for work in self._works:
            self._by_key[work.file.key] = work
            yield work.file

    def take(self, result: ReadResult) -> Work:
        return self._by_key.pop(result.file.key)


class _Assembly:
    """Finishes one batch while the next is being read; at most one waits to be stored."""

    def __init__(
        self,
        finish: Callable[[_Batch], tuple[_Batch, _ByContent]],
        store: Callable[[_Batch, _ByContent], None],
    ) -> None:
        self._prepare = finish
        self._store = store
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="embed")
        self._waiting: Future[tuple[_Batch, _ByContent]] | None = None

    def __enter__(self) -> "_Assembly":
        return self

    def __exit__(self, *_: object) -> None:
        self._executor.shutdown(cancel_futures=True)

    def put(self, batch: _Batch) -> None:
        """Take over a batch, and store the one before."""
        ahead = self._executor.submit(self._prepare, batch)
        self.finish()
        self._waiting = ahead

    def finish(self) -> None:
        """Store the batch that waits."""
        if self._waiting is not None:
            waiting, self._waiting = self._waiting, None
            self._store(*waiting.result())
