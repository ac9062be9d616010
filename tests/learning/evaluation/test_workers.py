import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable

import numpy as np
import pytest

from photoaesth.errors import PhotoaesthError, UsageError
from photoaesth.learning.evaluation import workers
from photoaesth.learning.evaluation.bench import Job, Setting
from photoaesth.learning.evaluation.protocol import Protocol, RaterUnderTest

NOBODY = np.empty(0, dtype=np.int64)
PROTOCOL = Protocol(shots=(2,), pairs=1, curve=(), seed=0)


def person(name: str) -> RaterUnderTest:
    return RaterUnderTest(name, NOBODY, np.empty(0), NOBODY, np.empty(0))


def schedule(*counts: int) -> workers._Schedule:
    """A schedule of two splits and two methods with so many raters in each group."""
    groups = [(0, "a"), (0, "b"), (1, "a"), (1, "b")]
    return workers._Schedule(
        {
            group: [person(f"{group}{number}") for number in range(count)]
            for group, count in zip(groups, counts, strict=False)
        }
    )


def groups_of(found: list[Job | None]) -> list[tuple[int, str]]:
    return [(job.split, job.method) for job in found if job is not None]


def test_one_process_takes_group_after_group() -> None:
    """Everybody comes once, and a group is finished before the next begins."""
    give = schedule(2, 1, 2)
    found = [give(0) for _ in range(5)]
    assert groups_of(found) == [(0, "a"), (0, "a"), (0, "b"), (1, "a"), (1, "a")]
    assert len({job.rater.name for job in found if job}) == 5
    assert give(0) is None


def test_processes_begin_groups_of_their_own_and_help_in_the_end() -> None:
    """A second process takes the next group; when none is left, it joins the longest."""
    give = schedule(3, 1)
    assert groups_of([give(0), give(1)]) == [(0, "a"), (0, "b")]
    assert groups_of([give(1), give(0)]) == [(0, "a"), (0, "a")]
    assert give(0) is None
    assert give(1) is None


@pytest.fixture
def setting(make_setting: Callable[..., Setting]) -> Setting:
    return make_setting(PROTOCOL)


def jobs(*names: str) -> Callable[[int], Job | None]:
    """Jobs that any process can do, methods or no methods: these raters have rated nothing."""
    waiting = list(names)
    return lambda worker: Job(0, "any", person(waiting.pop(0))) if waiting else None


def test_processes_do_all_jobs_and_are_gone_afterwards(setting: Setting) -> None:
    """Three jobs on two spawned processes come back with their results, once each."""
    with workers._Processes(setting, 2) as processes:
        done = list(processes.do(jobs("ann", "bob", "eve")))
    assert sorted(job.rater.name for job, _ in done) == ["ann", "bob", "eve"]
    assert {result.shots[2] for _, result in done} == {"fewer than 2 rated photos"}
    assert multiprocessing.active_children() == []


def test_an_error_in_a_process_is_raised_here_with_its_traceback(setting: Setting) -> None:
    """What goes wrong there is shown where somebody looks."""
    photos, scores = np.arange(5), np.arange(5.0)
    job = Job(0, "no such method", RaterUnderTest("ann", photos, scores, photos, scores))
    with workers._Processes(setting, 1) as processes, pytest.raises(UsageError) as raised:
        list(processes.do(lambda worker: job))
    assert "bench.py" in "".join(raised.value.__notes__)


def test_a_killed_process_ends_in_a_sentence(setting: Setting) -> None:
    """The operating system takes memory back without a word; the user gets one."""
    with workers._Processes(setting, 1) as processes:
        threading.Timer(0.3, processes._workers[0].process.kill).start()
        with pytest.raises(PhotoaesthError, match="fewer --jobs"):
            list(processes.do(lambda worker: time.sleep(0.01) or Job(0, "any", person("ann"))))


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no such signal to one process")
def test_ctrl_c_is_not_for_the_processes(setting: Setting) -> None:
    """The terminal interrupts all; the others wait for the first to end them, in silence."""
    with workers._Processes(setting, 1) as processes:
        list(processes.do(jobs("ann")))  # by now it has set up its handlers
        pid = processes._workers[0].process.pid
        assert pid is not None
        os.kill(pid, signal.SIGINT)
        assert len(list(processes.do(jobs("bob")))) == 1


def test_nobody_to_test_starts_no_process(setting: Setting) -> None:
    """When everything is finished already, there is nothing to wait for."""
    assert list(workers.run(setting, 2, {})) == []
