"""What processes are started with."""

import os
import signal
from multiprocessing.connection import Connection

import pytest

from photoaesth.processes import available_cores, start


def report(pipe: Connection, name: str) -> None:
    """Say what this process was started with, then wait for a word and answer it."""
    pipe.send((os.environ[name], signal.getsignal(signal.SIGINT) is signal.SIG_IGN))
    pipe.send(pipe.recv())


def test_process_has_its_threads_and_this_one_keeps_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A process computes with so many threads and ignores Ctrl-C; here all is as before."""
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    handler = signal.getsignal(signal.SIGINT)
    worker = start(report, "MKL_NUM_THREADS", threads=3)
    try:
        assert worker.pipe.recv() == ("3", True)
        worker.pipe.send("still there?")
        assert worker.pipe.recv() == "still there?"
    finally:
        worker.stop()
    assert not worker.process.is_alive()
    assert os.environ["OMP_NUM_THREADS"] == "7"
    assert "MKL_NUM_THREADS" not in os.environ
    assert signal.getsignal(signal.SIGINT) == handler


def test_cores_are_those_this_process_may_use() -> None:
    """At least one, and no more than the machine has."""
    assert 1 <= available_cores() <= (os.cpu_count() or 1)
