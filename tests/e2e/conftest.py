"""The program as a real process, in a home of its own."""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

# What a developer may have set for themselves and would change what is printed or where.
_FOREIGN = ("PHOTOAESTH_", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "XDG_")
_TIMEOUT_S = 480

Result = subprocess.CompletedProcess[bytes]


@dataclass(frozen=True)
class Program:
    """Runs `photoaesth` with its library and cache in `home`, on the photos in `photos`."""

    home: Path
    photos: Path

    @property
    def library(self) -> Path:
        return self.home / "library.db"

    @property
    def cache(self) -> Path:
        return self.home / "cache"

    def environment(self, **extra: str) -> dict[str, str]:
        own = {k: v for k, v in os.environ.items() if not k.startswith(_FOREIGN)}
        return own | {
            "HOME": str(self.home),
            "XDG_CACHE_HOME": str(self.cache),
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "XDG_DATA_HOME": str(self.home / "data"),
            "PHOTOAESTH_LIBRARY": str(self.library),
            "TERM": "xterm-256color",
            "LC_ALL": "C.UTF-8",
            "OMP_NUM_THREADS": "1",  # tests run side by side
            **extra,
        }

    def command(self, *arguments: object) -> list[str]:
        return [sys.executable, "-m", "photoaesth", *map(str, arguments)]

    def __call__(self, *arguments: object, code: int | None = 0, **extra: str) -> Result:
        """Run to the end and check the exit code; `extra` are environment variables."""
        result = subprocess.run(
            self.command(*arguments),
            env=self.environment(**extra),
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
        assert b"Traceback" not in result.stderr, result.stderr.decode()
        assert code is None or result.returncode == code, (result.returncode, result.stderr)
        return result

    def json(self, *arguments: object, code: int = 0) -> Any:
        """Run with `--json` and parse what is on stdout, all of it."""
        return json.loads(self(*arguments, "--json", code=code).stdout)

    def failure(self, *arguments: object, code: int = 1) -> str:
        """Run what must fail; return the one line that says why."""
        result = self(*arguments, code=code)
        lines = result.stderr.decode().splitlines()
        assert len(lines) == 1, lines
        assert lines[0].startswith("photoaesth: ")
        assert result.stdout == b""
        return lines[0]

    def start(self, *arguments: object) -> subprocess.Popen[bytes]:
        """Start it in the background, in a process group of its own."""
        return subprocess.Popen(
            self.command(*arguments),
            env=self.environment(),
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def sql(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Ask the library by a connection of our own."""
        connection = sqlite3.connect(self.library, timeout=5)
        try:
            return connection.execute(query, values).fetchall()
        finally:
            connection.close()

    def is_sound(self) -> bool:
        return self.sql("PRAGMA integrity_check") == [("ok",)] and not self.sql(
            "PRAGMA foreign_key_check"
        )


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """The program, never run before."""
    return _program(tmp_path / "home")


@pytest.fixture(scope="session")
def make_program() -> Callable[[Path], Program]:
    """Makes a home for the program in a folder, for fixtures that live longer than a test."""
    return _program


@pytest.fixture(scope="session")
def draw_small(draw_photo: Callable[..., Path]) -> Callable[..., list[Path]]:
    """Draws pictures that are quick to read, from the number `first` on; no two are alike."""

    def draw(folder: Path, count: int, first: int = 0) -> list[Path]:
        names = [f"small-{number:03}.jpg" for number in range(first, first + count)]
        return [draw_photo(folder / name, first + i) for i, name in enumerate(names)]

    return draw


@pytest.fixture(scope="session")
def _indexed_once(
    tmp_path_factory: pytest.TempPathFactory, draw_small: Callable[..., list[Path]]
) -> Program:
    program = _program(tmp_path_factory.mktemp("indexed"))
    draw_small(program.photos, 8)
    program("index", program.photos)
    return program


@pytest.fixture
def indexed(_indexed_once: Program, tmp_path: Path) -> Iterator[Program]:
    """The program with eight small photos in its library, which is this test's alone.

    The photos are everybody's; that they stay as they are is checked after every test.
    """
    before = _fingerprint(_indexed_once.photos)
    copy = _program(tmp_path / "home", _indexed_once.photos)
    shutil.copy(_indexed_once.library, copy.library)
    shutil.copytree(_indexed_once.cache, copy.cache)
    yield copy
    assert _fingerprint(_indexed_once.photos) == before


@pytest.fixture(scope="session")
def fingerprint() -> Callable[[Path], dict[str, tuple[str, int, int]]]:
    """Tells whether anything below a folder was touched: content, time, permissions."""
    return _fingerprint


@pytest.fixture(scope="session")
def write_choices() -> Callable[[Path, Sequence[tuple[object, ...]]], Path]:
    """Writes rows of left, right, outcome to a CSV file that `comparisons import` reads."""

    def write(file: Path, rows: Sequence[tuple[object, ...]]) -> Path:
        lines = [",".join(map(str, row)) for row in [("left", "right", "outcome"), *rows]]
        file.write_text("\n".join(lines) + "\n", "utf-8")
        return file

    return write


@pytest.fixture(scope="session")
def exiftool() -> Callable[[Path], dict[str, Any]]:
    """Reads a file's metadata with ExifTool, which shares no code with this program."""
    tool = shutil.which("exiftool")

    def read(path: Path) -> dict[str, Any]:
        if tool is None:
            pytest.skip("exiftool is not installed")
        command = [tool, "-json", "-n", "-G1", "-struct", str(path)]
        output = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout
        (tags,) = json.loads(output)
        return dict(tags)

    return read


def _program(home: Path, photos: Path | None = None) -> Program:
    home.mkdir(parents=True, exist_ok=True)
    return Program(home, photos or home / "photos")


def _fingerprint(folder: Path) -> dict[str, tuple[str, int, int]]:
    return {
        str(path.relative_to(folder)): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            path.stat().st_mtime_ns,
            path.stat().st_mode,
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
