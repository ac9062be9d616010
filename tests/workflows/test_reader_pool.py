"""Reading photos in processes: one that dies or hangs costs a file, never the run."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from itertools import cycle, islice
from pathlib import Path

import pytest

from photoaesth.errors import PhotoaesthError
from photoaesth.library.database import open_library
from photoaesth.library.found import FoundFile
from photoaesth.workflows import reader_pool
from photoaesth.workflows.reader_pool import ReaderPool
from photoaesth.workflows.reading import Failure, NewContent, Unfamiliar

pytestmark = pytest.mark.timeout(60)
posix = pytest.mark.skipif(sys.platform == "win32", reason="named pipes and signals are POSIX's")


@pytest.fixture
def pool(tmp_path: Path) -> Iterator[ReaderPool]:
    """Two processes, and an empty library."""
    with (
        open_library(tmp_path / "library.db", create=True) as library,
        ReaderPool(library.path, "space", 2) as opened,
    ):
        yield opened


@pytest.fixture
def files(tmp_path: Path, draw_photo: Callable[..., Path]) -> list[FoundFile]:
    """Twelve photos."""
    paths = [draw_photo(tmp_path / f"{number:02}.jpg", seed=number) for number in range(12)]
    return [found(path) for path in paths]


def found(path: Path) -> FoundFile:
    return FoundFile(os.fsencode(path), path.stat().st_size, path.stat().st_mtime_ns)


def pipe(folder: Path) -> FoundFile:
    """A file whose reading never ends."""
    os.mkfifo(folder / "pipe.jpg")
    return found(folder / "pipe.jpg")


def pids(pool: ReaderPool) -> list[int]:
    return [reader._worker.process.pid for reader in pool._readers]


def test_every_file_is_read_once(pool: ReaderPool, files: list[FoundFile]) -> None:
    """Each file has one result, with its size and the backbone's input; readers are reused."""
    for _ in range(2):
        results = list(pool.read(files))
        assert all(isinstance(result, NewContent) for result in results)
        assert [result.file for result in results] == files
        assert {(r.new.width, r.new.height) for r in results} == {(96, 64)}
    assert len(pids(pool)) == 2
    hashes = pool.read(files, decode_new=False)
    assert all(isinstance(result, Unfamiliar) for result in hashes)


def test_no_more_processes_than_files(pool: ReaderPool, files: list[FoundFile]) -> None:
    """One new photo starts one process, and none starts none."""
    assert list(pool.read([])) == []
    assert pids(pool) == []
    assert len(list(pool.read(files[:1]))) == 1
    assert len(pids(pool)) == 1


@posix
@pytest.mark.parametrize(
    ("how", "reason", "broken"),
    [
        (signal.SIGSEGV, "the decoder crashes on it", True),
        (signal.SIGKILL, "its reader was killed, perhaps for want of memory", False),
    ],
)
def test_a_process_that_dies_costs_one_file(
    pool: ReaderPool,
    files: list[FoundFile],
    tmp_path: Path,
    how: signal.Signals,
    reason: str,
    broken: bool,
) -> None:
    """The file in hand is the failure; what waited behind it is read by another process."""
    list(pool.read(files[:4]))  # both processes have begun
    victim = pids(pool)[0]
    threading.Timer(1.0, os.kill, (victim, how)).start()
    rest = list(pool.read([pipe(tmp_path), *files]))
    (failure,) = (result for result in rest if isinstance(result, Failure))
    assert (failure.file.path.name, failure.reason, failure.broken) == ("pipe.jpg", reason, broken)
    assert sorted(result.file for result in rest if result is not failure) == files
    assert victim not in pids(pool)


@posix
def test_a_file_that_hangs_is_given_up(
    pool: ReaderPool, files: list[FoundFile], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a while a file is left alone; it is tried again another time."""
    list(pool.read(files[:4]))  # both processes have loaded what they need
    monkeypatch.setattr(reader_pool, "_PATIENCE_S", 4.0)  # of a busy machine
    results = list(pool.read([*files[:3], pipe(tmp_path), *files[3:]]))
    (failure,) = (result for result in results if isinstance(result, Failure))
    assert (failure.file.path.name, failure.broken) == ("pipe.jpg", False)
    assert len(results) == len(files) + 1


@posix
def test_ctrl_c_is_for_the_main_process(pool: ReaderPool, files: list[FoundFile]) -> None:
    """The interrupt that a terminal sends to all processes does not stop a reader."""
    results = pool.read(files)
    got = [next(results)]
    for pid in pids(pool):
        os.kill(pid, signal.SIGINT)
    got += results
    assert sorted(result.file for result in got) == files
    assert all(isinstance(result, NewContent) for result in got)


def test_closing_ends_the_processes(pool: ReaderPool, files: list[FoundFile]) -> None:
    """Left in the middle of the work, no process stays behind."""
    next(pool.read(files))
    started = [reader._worker.process for reader in pool._readers]
    pool.__exit__(None, None, None)
    assert not any(process.is_alive() for process in started)


def test_processes_that_cannot_start_are_one_line(tmp_path: Path, files: list[FoundFile]) -> None:
    """When no process gets ready, every file would fail: that is an error, not twelve."""
    with (
        ReaderPool(tmp_path / "no library", "space", 1) as pool,
        pytest.raises(PhotoaesthError, match="cannot be started"),
    ):
        list(pool.read(files))


def test_what_a_reader_cannot_write_ends_the_run(
    pool: ReaderPool, files: list[FoundFile], home: Path
) -> None:
    """A thumbnail that cannot be kept is no failure of the photo: the run ends in one line."""
    (home / "cache" / "photoaesth").mkdir(parents=True)
    (home / "cache" / "photoaesth" / "thumbnails").write_text("a file where a folder belongs")
    with pytest.raises(PhotoaesthError, match="cannot write"):
        list(pool.read(files))


def test_memory_is_limited(tmp_path: Path, files: list[FoundFile]) -> None:
    """A reader that is asked for absurd amounts of memory is told no, on Linux."""
    if sys.platform != "linux":
        pytest.skip("the limit exists on Linux only")
    with (
        open_library(tmp_path / "library.db", create=True) as library,
        ReaderPool(library.path, "space", 1) as pool,
    ):
        list(pool.read(files[:1]))
        (pid,) = pids(pool)
        limits = Path(f"/proc/{pid}/limits").read_text()
    line = next(line for line in limits.splitlines() if line.startswith("Max address space"))
    assert int(line.split()[3]) == 4 << 30


def test_results_come_while_files_are_being_read(pool: ReaderPool, files: list[FoundFile]) -> None:
    """However long the list, only so many files are taken ahead of the first result."""
    taken = 0
    most = reader_pool._HELD_BACK + 2 * reader_pool._AHEAD

    def listed() -> Iterator[FoundFile]:
        nonlocal taken
        for file in islice(cycle(files), 2 * most):
            taken += 1
            yield file

    results = pool.read(listed())
    next(results)
    assert taken <= most
    time.sleep(0.2)
    assert taken <= most
    assert len(list(results)) == 2 * most - 1
