"""What processes are started with."""

import os
import subprocess
import sys

import pytest

from photoaesth.processes import available_cores, inherited_threads


def test_threads_are_set_for_processes_not_for_this_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process started in the block has so many threads; afterwards all is as before."""
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    shown = "import os; print(os.environ['OMP_NUM_THREADS'], os.environ['MKL_NUM_THREADS'])"
    with inherited_threads(3):
        output = subprocess.check_output([sys.executable, "-c", shown], text=True)
    assert output.split() == ["3", "3"]
    assert os.environ["OMP_NUM_THREADS"] == "7"
    assert "MKL_NUM_THREADS" not in os.environ


def test_cores_are_those_this_process_may_use() -> None:
    """At least one, and no more than the machine has."""
    assert 1 <= available_cores() <= (os.cpu_count() or 1)
