"""Processes of ours, each at the other end of a pipe, and the cores that they share."""

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any

_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def available_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Worker:
    """A process and our end of the pipe to it."""

    process: SpawnProcess
    pipe: Connection

    def stop(self) -> None:
        """End the process, whatever it is at."""
        self.process.terminate()
        self.process.join()
        self.pipe.close()


def start(target: Callable[..., None], *arguments: Any, threads: int) -> Worker:
    """Start a process that ends with this one and has no ear for Ctrl-C.

    Args:
        target: called there with its end of the pipe, then `arguments`.
        arguments: what else it needs; they are pickled.
        threads: how many it computes with.
    """
    # Not forked: threads of torch, OpenVINO and BLAS would not survive it.
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(target, theirs, *arguments), daemon=True)
    with _inherited_threads(threads), _deaf_to_ctrl_c():
        process.start()
    theirs.close()
    return Worker(process, ours)


def _serve(target: Callable[..., None], *arguments: Any) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Windows does not inherit it
    target(*arguments)


@contextlib.contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """Let the process started meanwhile have no ear for Ctrl-C.

    It reaches all processes of a terminal, but it is for the one that ends the others; set before
    they start, for one that is still loading would answer with a traceback.
    """
    if threading.current_thread() is not threading.main_thread():  # only that one may set it
        yield
        return
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)


@contextlib.contextmanager
def _inherited_threads(count: int) -> Iterator[None]:
    """Let the processes started meanwhile compute with so many threads each.

    Numerical libraries read these variables as they are loaded, before anybody could tell them.
    """
    before = {name: os.environ.get(name) for name in _THREAD_VARIABLES}
    os.environ.update(dict.fromkeys(_THREAD_VARIABLES, str(count)))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
