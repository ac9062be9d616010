"""`enhance` as a process: killed, refused, and without its models."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

_PATIENCE_S = 120


@pytest.fixture
def look(tmp_path: Path) -> Path:
    """A look to apply, so that no model is loaded."""
    from photoaesth.enhance.parameters import write_parameters

    write_parameters(tmp_path / "look.json", {"exposure": 0.4, "clarity": 0.3})
    return tmp_path / "look.json"


def _contents(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in folder.iterdir()}


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT], ids=lambda how: how.name)
def test_a_stopped_run_is_finished_by_the_same_command(
    program: Any, draw_photo: Callable[..., Path], look: Path, tmp_path: Path, how: signal.Signals
) -> None:
    """Stopped in the middle, --resume makes the rest, touches no copy again and leaves no bits."""
    for number in range(12):
        draw_photo(program.photos / f"{number:02}.jpg", number, size=(2400, 1600))
    out = tmp_path / "out"
    words = ("enhance", program.photos, "--output", out, "--apply", look, "--resume", "--jobs", "2")
    process = program.start(*words)
    deadline = time.monotonic() + _PATIENCE_S
    while not (out.exists() and len(list(out.glob("*.jpg"))) >= 3):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.005)
    process.send_signal(how)
    _, error = process.communicate(timeout=_PATIENCE_S)
    assert process.returncode == (130 if how is signal.SIGINT else -how)
    assert b"Traceback" not in error
    before = {name: seen for name, seen in _contents(out).items() if name.endswith(".jpg")}
    assert 3 <= len(before) < 12
    report = program.json(*words)
    assert report["resumed"] == len(before)
    assert len(report["written"]) == 12 - len(before)
    after = _contents(out)
    assert len(after) == 12
    assert all(name.endswith("-enhanced.jpg") for name in after)
    assert {name: after[name] for name in before} == before
    assert program.json(*words)["resumed"] == 12


_REPORT = """
import sys
from photoaesth.__main__ import main
sys.argv = ["photoaesth", *sys.argv[1:]]
try:
    main()
finally:
    print("torch" in sys.modules, file=sys.stderr)
"""


@pytest.mark.parametrize("wrong", ["missing photo", "existing table", "missing look"])
def test_what_is_wrong_is_said_before_torch_is_loaded(
    program: Any, draw_small: Callable[..., list[Path]], tmp_path: Path, wrong: str
) -> None:
    """Loading takes seconds, and a mistyped name need not wait for it."""
    photo = draw_small(program.photos, 1)[0]
    table = tmp_path / "look.cube"
    table.write_text("mine")
    words = {
        "missing photo": [photo.with_name("nope.jpg"), "--output", tmp_path / "out"],
        "existing table": [photo, "--lut", table],
        "missing look": [photo, "--output", tmp_path / "out", "--apply", tmp_path / "no.json"],
    }[wrong]
    command = [sys.executable, "-c", _REPORT, "enhance", *map(str, words)]
    done = subprocess.run(
        command, env=program.environment(), cwd=program.home, capture_output=True, check=False
    )
    line, torch = done.stderr.decode().splitlines()
    assert (done.returncode, torch) == (1, "False")
    assert line.startswith("photoaesth: ")
    assert table.read_text() == "mine"
    assert not (tmp_path / "out").exists()


def test_a_given_look_needs_no_model(
    program: Any, draw_small: Callable[..., list[Path]], look: Path, tmp_path: Path
) -> None:
    """Neither the backbone nor the engine is loaded to apply a file."""
    photo = draw_small(program.photos, 1)[0]
    report = _REPORT.replace(
        '"torch" in sys.modules', 'sorted({"timm", "openvino"} & {*sys.modules})'
    )
    words = ["enhance", photo, "--output", tmp_path / "out", "--apply", look, "--quiet"]
    command = [sys.executable, "-c", report, *map(str, words)]
    done = subprocess.run(
        command, env=program.environment(), cwd=program.home, capture_output=True, check=True
    )
    assert done.stderr.decode().splitlines() == ["[]"]
    assert [path.name for path in (tmp_path / "out").iterdir()] == [f"{photo.stem}-enhanced.jpg"]


def test_filters_choose_from_the_library(indexed: Any, look: Path, tmp_path: Path) -> None:
    """With a folder as the filter, all its photos get copies; a filter nobody passes says so."""
    out = tmp_path / "out"
    words = ["enhance", "--under", indexed.photos, "--output", out, "--apply", look]
    report = indexed.json(*words)
    assert {Path(item["source"]) for item in report["written"]} == set(indexed.photos.iterdir())
    nobody = indexed("enhance", "--camera", "Leica", "--output", out, "--apply", look)
    assert b"No photo passes these filters." in nobody.stderr


def test_exports_round_trip_through_files(indexed: Any, tmp_path: Path) -> None:
    """What a run found and exported makes the same copies when it is applied."""
    photo = sorted(indexed.photos.iterdir())[0]
    look = tmp_path / "look.json"
    found = indexed.json("enhance", photo, "--output", tmp_path / "found", "--params", look)
    given = indexed.json("enhance", photo, "--output", tmp_path / "given", "--apply", look)
    parameters = found["written"][0]["parameters"]
    saved = json.loads(look.read_text())["parameters"]
    assert {name: round(value, 4) for name, value in saved.items()} == {
        name: value for name, value in parameters.items() if value or name in saved
    }
    assert given["written"][0]["parameters"].items() <= parameters.items()
