"""A full disk ends a command in one line; what was there stays, and with room it carries on."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest


class SmallDisk:
    """A file system of one megabyte."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self, *, leave: int = 0) -> None:
        """Take all room but `leave` bytes."""
        free = shutil.disk_usage(self.folder).free
        with self._ballast.open("wb") as file:
            file.write(bytes(free - leave))

    def free(self) -> None:
        self._ballast.unlink()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    folder = tmp_path / "small-disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:  # noqa: PLW1510  # its code is what we ask for
        pytest.skip("only root may mount a small disk, and not everywhere")
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_index_without_room_for_thumbnails(
    program: Any, small_disk: SmallDisk, draw_small: Callable[..., list[Path]]
) -> None:
    """Indexing names the full disk; with room again, the same command completes."""
    draw_small(program.photos, 4)
    program.cache.symlink_to(small_disk.folder / "cache")
    (small_disk.folder / "cache").mkdir()
    small_disk.fill()
    line = program.failure("index", program.photos)
    assert "the disk is full" in line or "No space left" in line
    assert str(program.cache) in line
    assert program.is_sound()
    small_disk.free()
    assert program.json("index", program.photos)["indexed"] == 4
    assert list(program.cache.rglob("*.part")) == []


def test_index_without_room_for_the_library(
    make_program: Callable[[Path], Any],
    small_disk: SmallDisk,
    draw_small: Callable[..., list[Path]],
    tmp_path: Path,
) -> None:
    """A library that cannot grow stays sound, and the same command completes later."""
    program = make_program(small_disk.folder)
    program.cache.symlink_to(tmp_path)
    photos = tmp_path / "photos"
    draw_small(photos, 4)
    small_disk.fill(leave=64 * 1024)  # less than the empty tables need, log included
    line = program.failure("index", photos)
    assert line.startswith(f"photoaesth: cannot write the library {program.library}: the disk is")
    small_disk.free()
    assert program.json("index", photos)["indexed"] == 4
    assert program.is_sound()


def test_choices_survive_a_full_disk(
    make_program: Callable[[Path], Any],
    indexed: Any,
    small_disk: SmallDisk,
    write_choices: Callable[..., Path],
    tmp_path: Path,
) -> None:
    """When new choices find no room, the old ones stay and none is taken by half."""
    program = make_program(small_disk.folder)
    shutil.copy(indexed.library, program.library)
    photos = sorted(indexed.photos.iterdir())
    first = write_choices(tmp_path / "first.csv", [(photos[0], photos[1], "left")])
    many = [(photos[i % 8], photos[(i + 1 + i // 8 % 7) % 8], "left") for i in range(4000)]
    second = write_choices(tmp_path / "second.csv", many)
    program("comparisons", "import", first)
    small_disk.fill(leave=200 * 1024)
    assert "the disk is full" in program.failure("comparisons", "import", second)
    small_disk.free()
    assert len(program.json("comparisons", "list")["comparisons"]) == 1
    assert program.is_sound()


def test_enhance_without_room_for_copies(indexed: Any, small_disk: SmallDisk) -> None:
    """The line names the copy, and no part of it is left."""
    photo = sorted(indexed.photos.iterdir())[0]
    output = small_disk.folder / "enhanced"
    output.mkdir()
    small_disk.fill()
    line = indexed.failure("enhance", photo, "--output", output, "--quiet")
    assert str(output) in line
    assert "the disk is full" in line
    assert list(output.iterdir()) == []


def test_enhance_into_a_read_only_folder(
    indexed: Any, small_disk: SmallDisk, tmp_path: Path
) -> None:
    """Copies, tables and pages are refused in one line each, and nothing else is written."""
    photo = sorted(indexed.photos.iterdir())[0]
    remount = ["mount", "-o", "remount,ro", str(small_disk.folder)]
    subprocess.run(remount, check=True)
    for option, name in (("--output", "out"), ("--lut", "a.cube"), ("--preview-sheet", "a.html")):
        place = small_disk.folder / name
        line = indexed.failure("enhance", photo, option, place, "--quiet")
        assert line.startswith("photoaesth: cannot write")
        assert str(small_disk.folder) in line
    both = ("--output", tmp_path / "out", "--params", small_disk.folder / "a.json")
    assert "read-only" in indexed.failure("enhance", photo, *both, "--quiet")
    assert not (tmp_path / "out").exists()
