"""Opening photos in the system's viewer."""

import os
import sys
import time
from pathlib import Path

import pytest

from photoaesth.cli.compare_screen.viewer import open_files

if sys.platform in {"win32", "darwin"}:
    pytest.skip("here, the viewer is the system's own", allow_module_level=True)


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    files = [tmp_path / "a photo.jpg", tmp_path / "-b.jpg"]
    for file in files:
        file.write_bytes(b"")
    return files


@pytest.fixture
def desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A desktop whose xdg-open is noisy and writes down what it opens; returns where."""
    seen = tmp_path / "opened"
    program = tmp_path / "bin" / "xdg-open"
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\necho noise\necho noise >&2\nprintf "%s %s\\n" "$#" "$1" >> "{seen}"\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("DISPLAY", ":7")
    return seen


def test_every_file_is_opened_in_silence(photos, desktop, capfd):
    """Each is one argument of its own viewer, which writes nothing on our screen."""
    assert open_files(photos) == "opened in the system's viewer"

    deadline = time.monotonic() + 20
    while not desktop.exists() or len(desktop.read_text().splitlines()) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert sorted(desktop.read_text().splitlines()) == sorted(f"1 {photo}" for photo in photos)
    assert capfd.readouterr() == ("", "")


def test_a_file_that_is_gone_is_named(photos, desktop):
    """Nothing is opened when one of them is missing."""
    photos[1].unlink()

    assert open_files(photos) == "-b.jpg is not there now"
    assert not desktop.exists()


def test_without_a_desktop_nothing_is_started(photos, desktop, monkeypatch):
    """Over SSH, xdg-open would look for a browser to run in this terminal."""
    monkeypatch.delenv("DISPLAY")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)

    assert open_files(photos) == "there is no desktop here to open the files on"
    assert not desktop.exists()


def test_without_a_viewer_the_notice_says_so(photos, tmp_path, monkeypatch):
    """A bare system has no xdg-open."""
    monkeypatch.setenv("PATH", str(tmp_path))

    assert open_files(photos) == "there is no xdg-open to open the files with"
