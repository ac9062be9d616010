"""Processes that share the raters of an evaluation."""

import contextlib
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from multiprocessing.connection import Connection, wait
from typing import cast

from photoaesth.errors import PhotoaesthError
from photoaesth.learning.evaluation.bench import Bench, Job, Setting
from photoaesth.learning.evaluation.journal import RaterResult
from photoaesth.learning.evaluation.protocol import RaterUnderTest
from photoaesth.processes import available_cores, start

Group = tuple[int, str]
"""Split and method: what a process has to learn once before it can test raters."""
NextJob = Callable[[int], Job | None]
"""Takes the number of an idle process; None when there is nothing left to do."""


def run(
    setting: Setting, jobs: int, raters: Mapping[Group, Sequence[RaterUnderTest]]
) -> Iterator[tuple[Group, RaterUnderTest, RaterResult]]:
    """Test every rater of every group.

    Args:
        setting: what stays the same.
        jobs: processes; with 1 it happens in this one.
        raters: whom to test, by split and method.

    Yields:
        Each rater's result as soon as it is there, in no particular order.

    Raises:
        PhotoaesthError: a method cannot be learned, or a process has died.
    """
    count = min(jobs, sum(map(len, raters.values())))
    with _Processes(setting, count) if count > 1 else _ThisProcess(setting) as workers:
        for job, result in workers.do(_Schedule(raters)):
            yield (job.split, job.method), job.rater, result


class _Schedule:
    """Gives every process raters of the group that it is at for as long as there are any.

    Then it begins a group that nobody has begun, and in the end it helps with the one that has
    most raters left: what a method learns of a fold is learned as rarely as can be.
    """

    def __init__(self, raters: Mapping[Group, Sequence[RaterUnderTest]]) -> None:
        self._waiting = {group: deque(members) for group, members in raters.items()}
        self._at: dict[int, Group] = {}

    def __call__(self, worker: int) -> Job | None:
        group = self._group_for(worker)
        if group is None:
            return None
        self._at[worker] = group
        return Job(*group, self._waiting[group].popleft())

    def _group_for(self, worker: int) -> Group | None:
        left = [group for group, members in self._waiting.items() if members]
        if not left or self._at.get(worker) in left:
            return self._at[worker] if left else None
        begun = set(self._at.values())
        new = [group for group in left if group not in begun]
        return new[0] if new else max(left, key=lambda group: len(self._waiting[group]))


class _ThisProcess:
    def __init__(self, setting: Setting) -> None:
        self._bench = Bench(setting)

    def __enter__(self) -> "_ThisProcess":
        return self

    def __exit__(self, *_: object) -> None: ...

    def do(self, next_job: NextJob) -> Iterator[tuple[Job, RaterResult]]:
        while (job := next_job(0)) is not None:
            yield job, self._bench.do(job)


class _Processes:
    """Processes with a pipe to each, so that one can be told apart and ended at any moment."""

    def __init__(self, setting: Setting, count: int) -> None:
        threads = max(1, available_cores() // count)
        self._workers = [start(_serve, setting, threads, threads=threads) for _ in range(count)]
        self._pipes = [worker.pipe for worker in self._workers]

    def __enter__(self) -> "_Processes":
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.stop()

    def do(self, next_job: NextJob) -> Iterator[tuple[Job, RaterResult]]:
        under_way: dict[Connection, Job] = {}

        def give(pipe: Connection) -> None:
            job = next_job(self._pipes.index(pipe))
            if job is not None:
                with _death_named():
                    pipe.send(job)
                under_way[pipe] = job

        for pipe in self._pipes:
            give(pipe)
        while under_way:
            for ready in wait(list(under_way)):
                pipe = cast("Connection", ready)  # it may be a socket elsewhere, never here
                with _death_named():
                    result = pipe.recv()
                if isinstance(result, BaseException):
                    raise result
                job = under_way.pop(pipe)
                give(pipe)
                yield job, result


def _serve(pipe: Connection, setting: Setting, threads: int) -> None:
    """Do the jobs that come through a pipe until it is closed."""
    import torch

    torch.set_num_threads(threads)
    bench = Bench(setting)
    with contextlib.suppress(EOFError, ConnectionError):  # whoever asked is gone
        while True:
            job = pipe.recv()
            try:
                result: object = bench.do(job)
            except Exception as error:  # whatever it is, it is told where it can be shown
                error.add_note(traceback.format_exc())
                result = error
            pipe.send(result)


@contextlib.contextmanager
def _death_named() -> Iterator[None]:
    try:
        yield
    except (EOFError, OSError) as error:
        raise PhotoaesthError(
            "a process of the evaluation was killed, perhaps for want of memory; what was finished "
            "is kept: run the command again, with fewer --jobs"
        ) from error
