"""Processes that read photo files, so that a broken decoder costs one file and not the run."""

import contextlib
import signal
import sys
import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import NamedTuple, cast

from photoaesth.errors import PhotoaesthError
from photoaesth.library.familiar import FamiliarContent
from photoaesth.library.found import FoundFile
from photoaesth.processes import start
from photoaesth.workflows.reading import Failure, ReadResult, read_photo

_HELD_BACK = 64  # results; some 330 kB each, or a JPEG
_MOST_WORKERS = 60  # Windows waits for no more pipes at a time
_AHEAD = 2  # files given to a process at a time: the next one is there when one is done
_PATIENCE_S = 120.0  # for one file; a slow network drive is no broken photo
_MEMORY_BYTES = 4 << 30  # of addresses; the largest photo accepted takes a fraction of it
_READY = b"ready"


_Numbered = tuple[int, ReadResult]


class Task(NamedTuple):
    """What a process is asked to do with a file."""

    file: FoundFile
    decode_new: bool
    leave_jpegs: bool


class ReaderPool:
    """Processes with a pipe to each; use it as a context manager.

    They start with the first file, at most as many as there are files.
    """

    def __init__(
        self, library: Path, space: str, workers: int, *, leave_jpegs: bool = False
    ) -> None:
        """Prepare to read.

        Args:
            library: asked for the contents that are known.
            space: the embedding space that a known photo has an embedding in.
            workers: processes, at least 1.
            leave_jpegs: whether plain JPEGs are read but not decoded.
        """
        self._library = library
        self._space = space
        self._leave_jpegs = leave_jpegs
        self._workers = min(workers, _MOST_WORKERS)
        self._readers: list[_Reader] = []

    def __enter__(self) -> "ReaderPool":
        return self

    def __exit__(self, *_: object) -> None:
        for reader in self._readers:
            reader.stop()

    def read(
        self, files: Iterable[FoundFile], *, decode_new: bool = True
    ) -> Generator[ReadResult, None, None]:
        """Read files, several at a time.

        Args:
            files: which; taken one by one, a few ahead.
            decode_new: whether content that is not familiar is decoded.

        Yields:
            Each file's result, in the order of the files, so that photos are numbered alike on
            every machine. A file at which its process dies or hangs is a failure of that file
            alone.

        Raises:
            PhotoaesthError: a thumbnail cannot be written, or no process can be started.
        """
        numbered = enumerate(Task(file, decode_new, self._leave_jpegs) for file in files)
        done: dict[int, ReadResult] = {}
        following = 0  # the number of the next result to yield
        for _ in range(_AHEAD):
            for number in range(self._workers):
                self._give_next(number, numbered)
        while self._busy() or done:
            while following in done:
                yield done.pop(following)
                following += 1
            busy = self._busy()
            ready = wait([reader.pipe for reader in busy], timeout=1.0) if busy else []
            for reader in busy:
                result = reader.take() if reader.pipe in ready else reader.give_up_if_overdue()
                if result is not None:
                    done[result[0]] = result[1]
            # One file that takes long may hold results back, but not without bound.
            if len(done) < _HELD_BACK:
                for number, reader in enumerate(self._readers):
                    while len(reader.tasks) < _AHEAD and self._give_next(number, numbered):
                        pass

    def _busy(self) -> list["_Reader"]:
        return [reader for reader in self._readers if reader.tasks]

    def _give_next(self, number: int, tasks: Iterator[tuple[int, Task]]) -> bool:
        """Give a reader the next task; return whether there was one."""
        task = next(tasks, None)
        if task is None:
            return False
        if number == len(self._readers):
            self._readers.append(_Reader(self._library, self._space))
        self._readers[number].give(*task)
        return True


class _Reader:
    """One process and what it has been given to do, the task in hand first."""

    def __init__(self, library: Path, space: str) -> None:
        self._library = library
        self._space = space
        self.tasks: deque[tuple[int, Task]] = deque()
        self._start()

    def give(self, number: int, task: Task) -> None:
        if not self.tasks:
            self._since = time.monotonic()
        self.tasks.append((number, task))
        with contextlib.suppress(OSError):  # it has died; `take` finds out
            self.pipe.send(task)

    def take(self) -> _Numbered | None:
        """Return what the process says of the task in hand; None if it only says it is ready."""
        try:
            result = self.pipe.recv()
        except (EOFError, OSError):
            return self._post_mortem()
        if isinstance(result, BaseException):
            raise result
        self._is_ready = True
        if result == _READY:
            return None
        number, _ = self.tasks.popleft()
        self._since = time.monotonic()
        return number, cast("ReadResult", result)

    def give_up_if_overdue(self) -> _Numbered | None:
        if time.monotonic() - self._since < _PATIENCE_S:
            return None
        return self._give_up("reading it took too long", broken=False)

    def _give_up(self, reason: str, *, broken: bool) -> _Numbered:
        """Blame the task in hand; go on with the others in a new process."""
        number, task = self.tasks.popleft()
        failure = Failure(task.file, reason, broken=broken)
        waiting, self.tasks = self.tasks, deque()
        self.stop()
        self._start()
        for other in waiting:
            self.give(*other)
        return number, failure

    def stop(self) -> None:
        self._worker.stop()

    @property
    def pipe(self) -> Connection:
        return self._worker.pipe

    def _post_mortem(self) -> _Numbered:
        self._worker.process.join()
        if not self._is_ready:
            raise PhotoaesthError(
                "the processes that read photos cannot be started, perhaps for want of memory; "
                "try fewer: --workers 1"
            )
        if _is_crash(self._worker.process.exitcode or 0):
            return self._give_up("the decoder crashes on it", broken=True)
        return self._give_up("its reader was killed, perhaps for want of memory", broken=False)

    def _start(self) -> None:
        self._worker = start(_serve, self._library, self._space, threads=1)
        self._is_ready = False
        self._since = time.monotonic()


def _is_crash(exit_code: int) -> bool:
    """Return whether a process died of its own doing, rather than being ended."""
    if sys.platform == "win32":
        return exit_code >= 0xC0000000  # of NTSTATUS, the errors
    faults = (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGILL, signal.SIGFPE)
    return -exit_code in faults


def _serve(pipe: Connection, library: Path, space: str) -> None:
    """Read the files that come through a pipe until it is closed."""
    _limit_memory()
    familiar = FamiliarContent(library, space)
    with contextlib.suppress(EOFError, ConnectionError):
        pipe.send(_READY)
        while True:
            task: Task = pipe.recv()
            try:
                result: object = read_photo(
                    task.file,
                    familiar,
                    decode_new=task.decode_new,
                    leave_jpegs=task.leave_jpegs,
                )
            except PhotoaesthError as error:  # no fault of the photo
                result = error
            except Exception as error:
                reason = f"reading it failed ({type(error).__name__})"
                result = Failure(task.file, reason, broken=False)
            pipe.send(result)


def _limit_memory() -> None:
    """Let a file that asks for absurd amounts of memory fail instead of the machine."""
    if sys.platform == "linux":  # elsewhere the limit is not kept, or does not exist
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        limit = _MEMORY_BYTES if hard == resource.RLIM_INFINITY else min(hard, _MEMORY_BYTES)
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
