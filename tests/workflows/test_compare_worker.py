"""The thread that a sitting thinks in."""

import threading

import pytest

from photoaesth.workflows.compare.worker import Worker


def test_what_is_urgent_is_done_first_and_each_in_order() -> None:
    """Calls that wait behind a long one are done by urgency, then in the order they came."""
    worker = Worker("test")
    gate = threading.Event()
    done: list[str] = []
    worker.submit(gate.wait)
    worker.submit_later(done.append, "later 1")
    worker.submit(done.append, "now 1")
    worker.submit_later(done.append, "later 2")
    worker.submit(done.append, "now 2")
    gate.set()
    worker.finish()
    assert done == ["now 1", "now 2", "later 1", "later 2"]


def test_results_and_errors_reach_whoever_waits() -> None:
    """A call's result, or what it raised, is in its future; the thread goes on."""
    worker = Worker("test")
    failed = worker.submit(int, "no number")
    assert worker.submit(int, "12").result() == 12
    with pytest.raises(ValueError, match="no number"):
        failed.result()
    worker.finish()
