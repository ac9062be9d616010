"""`rank --album`: the real program fills a folder, and is killed while it does."""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from photoaesth.domain import Exif
from photoaesth.learning.crowd import load_crowd_model, rated_photos
from photoaesth.library import locations, models, photos
from photoaesth.library.database import open_library
from photoaesth.library.found import FoundFile, NewPhoto, content_hash

_PHOTOS = 10_000
_FOLDERS = 100  # the same names in each
_PATIENCE_S = 120


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory, make_program: Callable[[Path], Any]) -> Any:
    """The program with a library of 10,000 photos that are there; nobody looked at pixels."""
    program = make_program(tmp_path_factory.mktemp("large"))
    crowd = load_crowd_model()
    looks, distributions = rated_photos()
    known = np.concatenate([looks, np.log(np.maximum(distributions, 1e-4))], axis=1)
    with open_library(program.library, create=True) as library, library.transaction():
        locations.add_root(library, program.photos)
        for number in range(_PHOTOS):
            folder = program.photos / f"card {number % _FOLDERS:02}"
            path = folder / f"IMG_{number // _FOLDERS:04}.jpg"
            folder.mkdir(parents=True, exist_ok=True)
            data = b"%d" % number
            path.write_bytes(data)
            file = FoundFile(os.fsencode(path), len(data), path.stat().st_mtime_ns)
            photo = NewPhoto(file, content_hash(data), 60, 40, number, Exif())
            vector = known[number % len(known)].astype(np.float16)
            models.store_embedding(
                library, photos.store_photo(library, photo), crowd.embedding_name, vector
            )
    return program


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
@pytest.mark.parametrize(("how", "count"), [("--link", _PHOTOS), ("--copy", 1_000)])
def test_an_album_killed_again_and_again_completes(
    large: Any, tmp_path: Path, how: str, count: int
) -> None:
    """Each photo is in the album once, whole and under a name of its own."""
    album = tmp_path / "album"
    words = ("rank", "--top", count, "--album", album, how)
    reached = [0]
    for share in (0.1, 0.5):
        process = large.start(*words)
        _wait_until(lambda goal=share * count: _count(album) > goal, process)
        process.send_signal(signal.SIGKILL)
        assert process.wait(_PATIENCE_S) == -signal.SIGKILL
        process.stdout.close()
        process.stderr.close()
        reached.append(_count(album))
    assert 0 < reached[1] < reached[2] < count

    report = large.json(*words)
    assert report["album_folder"] == {
        "path": str(album),
        "made": count - reached[2],
        "known": reached[2],
        "others": 0,
        "skipped": [],
    }
    photos = [Path(photo["path"]) for photo in report["photos"]]
    shown = [path for path in album.iterdir() if not path.name.startswith(".")]
    assert len(shown) == len(set(photos)) == count
    if how == "--link":
        assert sorted(path.readlink() for path in shown) == sorted(photos)
        # From 100 folders with the same names.
        extras = ["", *(f" ({number})" for number in range(2, _FOLDERS + 1))]
        expected = {f"IMG_{n:04}{extra}.jpg" for n in range(100) for extra in extras}
        assert {path.name for path in shown} == expected
    else:
        assert sorted(p.read_bytes() for p in shown) == sorted(p.read_bytes() for p in photos)


def test_a_photo_that_vanished_is_named_at_the_end(
    indexed: Any, tmp_path: Path, draw_small: Callable[..., list[Path]]
) -> None:
    """The others are in the album, the list is printed, and the exit code is 3."""
    (gone,) = draw_small(indexed.home / "more", 1, first=50)
    indexed("index", indexed.home / "more")
    gone.unlink()
    result = indexed("rank", "--album", tmp_path / "best", code=3)
    assert f"{gone}: it is not there now" in result.stderr.decode()
    assert str(gone) in result.stdout.decode()
    links = [path for path in (tmp_path / "best").iterdir() if path.is_symlink()]
    assert sorted(path.readlink() for path in links) == sorted(indexed.photos.iterdir())
    report = indexed.json("rank", "--album", tmp_path / "best", code=3)["album_folder"]
    assert (report["made"], report["known"]) == (0, 8)
    assert [item["path"] for item in report["skipped"]] == [str(gone)]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--copy"], "--copy is about an album; add --album DIR"),
        (["--album", "x", "--link", "--copy"], "choose one of --link, --copy"),
        (["--thumbnails", "--no-thumbnails"], "not both"),
        (["--thumbnails", "--json"], "--thumbnails draws beside a table"),
    ],
    ids=" ".join,
)
def test_options_that_contradict_each_other_are_one_line(
    indexed: Any, options: list[str], said: str
) -> None:
    """Nothing is written, and the exit code is that of wrong usage."""
    assert said in indexed.failure("rank", *options, code=2)
    assert not (indexed.home / "x").exists()


def _count(album: Path) -> int:
    """How many photos are in the folder; those of unfinished copies have hidden names."""
    try:
        return sum(not name.startswith(".") for name in os.listdir(album))  # noqa: PTH208
    except FileNotFoundError:
        return 0


def _wait_until(condition: Callable[[], bool], process: Any) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not condition():
        assert process.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.002)
