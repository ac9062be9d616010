"""Stopped at any moment, an index leaves a sound library, and the next run carries on."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")

_PHOTOS = 40  # more than what is stored at once
_PATIENCE_S = 60


def _wait_until(condition: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not condition():
        assert process.poll() is None, "it ended before it could be interrupted"
        assert time.monotonic() < deadline
        time.sleep(0.005)


def _has_thumbnails(program: Any) -> bool:
    return any(program.cache.rglob("*.jpg"))


def _has_photos(program: Any) -> bool:
    return program.library.exists() and bool(
        program.sql("SELECT 1 FROM sqlite_master WHERE name = 'embeddings'")
        and program.sql("SELECT 1 FROM embeddings")
    )


def _stop(process: subprocess.Popen[bytes], how: signal.Signals) -> tuple[int, str, str]:
    process.send_signal(how)
    stdout, stderr = process.communicate(timeout=_PATIENCE_S)
    return process.returncode, stdout.decode(), stderr.decode()


def test_an_index_stopped_again_and_again_completes(
    program: Any, draw_small: Callable[..., list[Path]], fingerprint: Callable[..., Any]
) -> None:
    """Ctrl-C, kill and kill -9 lose the batch in flight at most; the last run has the rest."""
    draw_small(program.photos, _PHOTOS)
    originals = fingerprint(program.photos)

    process = program.start("index", program.photos)
    _wait_until(lambda: _has_thumbnails(program), process)
    code, stdout, stderr = _stop(process, signal.SIGKILL)
    assert (code, stdout, stderr) == (-signal.SIGKILL, "", "")
    assert program.is_sound()

    process = program.start("index", program.photos)
    _wait_until(lambda: _has_photos(program), process)
    code, stdout, stderr = _stop(process, signal.SIGINT)
    assert (code, stdout) == (130, "")
    assert stderr.count("\n") == 1
    assert stderr.startswith("photoaesth: interrupted; ")
    assert program.is_sound()
    ((stored,),) = program.sql("SELECT count(*) FROM embeddings")
    assert 0 < stored < _PHOTOS

    process = program.start("index", program.photos)
    time.sleep(1)  # while PyTorch is loading
    code, stdout, stderr = _stop(process, signal.SIGTERM)
    assert (code, stdout, stderr) == (128 + signal.SIGTERM, "", "")
    assert program.is_sound()

    report = program.json("index", program.photos)
    assert (report["indexed"], report["unchanged"]) == (_PHOTOS - stored, stored)
    assert program.is_sound()
    assert program.json("status")["photos"] == _PHOTOS
    assert fingerprint(program.photos) == originals


def test_an_impatient_ctrl_c_is_as_quiet(
    program: Any, draw_small: Callable[..., list[Path]]
) -> None:
    """A second Ctrl-C right after the first does not end in a traceback."""
    draw_small(program.photos, 4)
    process = program.start("index", program.photos)
    _wait_until(program.library.exists, process)
    process.send_signal(signal.SIGINT)
    time.sleep(0.02)
    code, stdout, stderr = _stop(process, signal.SIGINT)
    assert (code, stdout) == (130, "")
    assert "Traceback" not in stderr
    assert stderr.count("\n") <= 1


def test_ctrl_c_while_the_program_loads_is_quiet(program: Any) -> None:
    """Interrupted in the middle of its imports (a cold disk), it ends without a traceback."""
    slow_module = "import time\nprint('loading', flush=True)\ntime.sleep(60)\n"
    (program.home / "typer.py").write_text(slow_module)  # `python -m` looks here first
    process = program.start("rank")
    assert process.stdout.readline() == b"loading\n"
    assert _stop(process, signal.SIGINT) == (130, "", "")
