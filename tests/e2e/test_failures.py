"""What goes wrong ends in one line, the right exit code, and nothing lost."""

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

needs_fifo = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")


def test_folders_without_photos_are_refused(program: Any, tmp_path: Path) -> None:
    """A missing folder, an empty one, one of other files and a file are each told apart."""
    empty, other = tmp_path / "empty", tmp_path / "other"
    empty.mkdir()
    other.mkdir()
    notes = other / "notes.txt"
    notes.write_text("no photo")
    missing = tmp_path / "missing"
    assert program.failure("index", missing).startswith(f"photoaesth: there is no folder {missing}")
    assert f"there are no photos in {empty};" in program.failure("index", empty)
    assert f"there are no photos in {other} (1 other files);" in program.failure("index", other)
    assert f"{notes} is a file" in program.failure("index", notes)


def test_commands_without_a_library_say_how_to_make_one(program: Any, tmp_path: Path) -> None:
    """What needs a library names the missing file and `index`, and makes no file."""
    for words in (
        ["index"],
        ["status"],
        ["rank"],
        ["train"],
        ["compare"],
        ["comparisons", "list"],
        ["enhance", "--top", "3", "--output", tmp_path / "out"],
    ):
        line = program.failure(*words)
        assert str(program.library) in line
        assert "photoaesth index DIR" in line
    assert list(program.home.iterdir()) == []
    assert not (tmp_path / "out").exists()


@needs_fifo
def test_one_bad_file_never_stops_an_index(
    program: Any, draw_small: Callable[..., list[Path]]
) -> None:
    """Text, nothing, a folder, a pipe, a dead link named like photos: passed over, exit code 3."""
    photos = program.photos
    draw_small(photos, 2)
    (photos / "text.jpg").write_text("no picture")
    (photos / "nothing.jpg").touch()
    (photos / "folder.jpg").mkdir()
    os.mkfifo(photos / "pipe.jpg")
    (photos / "link.jpg").symlink_to("nowhere.jpg")
    for expected in ({"indexed": 2, "unchanged": 0}, {"indexed": 0, "unchanged": 2}):
        report = program.json("index", photos, code=3)
        assert report | expected == report
        skipped = {Path(item["path"]).name: item["reason"] for item in report["skipped"]}
        assert skipped.keys() == {"text.jpg", "nothing.jpg", "link.jpg"}
        assert all(skipped.values())


@needs_fifo
@pytest.mark.parametrize("words", [["score"], ["enhance", "--output", "out"]], ids=lambda w: w[0])
def test_pipes_and_broken_files_are_skipped_when_named(program: Any, words: list[str]) -> None:
    """`score` and `enhance` neither wait for a pipe nor fall over text; they end with code 3."""
    pipe, text = program.home / "pipe.jpg", program.home / "text.jpg"
    os.mkfifo(pipe)
    text.write_text("no picture")
    report = program.json(*words, pipe, text, code=3)
    assert {item["path"] for item in report["skipped"]} == {str(pipe), str(text)}
    assert not list(program.home.rglob("*-enhanced*"))


def test_files_that_may_not_be_read_are_skipped(
    program: Any, draw_small: Callable[..., list[Path]]
) -> None:
    """A file without read permission is named, and indexed once it may be read."""
    locked = draw_small(program.photos, 2)[0]
    locked.chmod(0)
    if os.access(locked, os.R_OK):
        pytest.skip("root may read every file, and so may everybody on Windows")
    report = program.json("index", program.photos, code=3)
    assert report["indexed"] == 1
    assert [item["path"] for item in report["skipped"]] == [str(locked)]
    locked.chmod(0o644)
    assert program.json("index", program.photos)["indexed"] == 1


def test_a_library_of_a_newer_version_is_refused_untouched(
    indexed: Any, fingerprint: Callable[[Path], dict[str, Any]]
) -> None:
    """A step this version does not know is named, and the file stays as it is."""
    with sqlite3.connect(indexed.library) as connection:
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) "
            "VALUES ('photoaesth', '9999_from_the_future', '2099-01-01T00:00:00Z')"
        )
    connection.close()
    before = fingerprint(indexed.home)
    for command in ("status", "index", "train"):
        line = indexed.failure(command)
        assert "9999_from_the_future" in line
        assert "newer photoaesth" in line
    assert fingerprint(indexed.home) == before


@pytest.mark.parametrize("kind", ["text", "foreign database", "folder"])
def test_what_is_no_library_is_refused_untouched(program: Any, kind: str) -> None:
    """`--library` with another file says so, whatever the command, and changes nothing."""
    path = program.home / "mine.db"
    if kind == "text":
        path.write_text("dear diary")
    elif kind == "folder":
        path.mkdir()
    else:
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE mine (x)")
        connection.close()
    before = path.read_bytes() if path.is_file() else None
    (program.home / "photos").mkdir()
    (program.home / "photos" / "a.jpg").write_text("no picture")
    for words in (["status"], ["index", program.photos]):
        line = program.failure(*words, "--library", path)
        assert str(path) in line
        assert "--library" in line
    assert before is None or path.read_bytes() == before


def test_a_damaged_library_is_refused(indexed: Any) -> None:
    """A library with a page of garbage gives one line, from `doctor` and others."""
    content = bytearray(indexed.library.read_bytes())
    page = 4096
    content[page : 6 * page] = b"\xa5" * (5 * page)
    indexed.library.write_bytes(content)
    assert "is not a sound library" in indexed.failure("rank")
    assert b"BAD  library" in indexed("doctor", code=1).stdout


def test_a_busy_library_is_waited_for_then_given_up(indexed: Any) -> None:
    """While another program writes for longer than the timeout, one line says that."""
    other = sqlite3.connect(indexed.library, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        line = indexed.failure("comparisons", "undo")
    finally:
        other.close()
    assert f"the library {indexed.library} is busy" in line
    assert indexed.json("comparisons", "undo") == {"undone": 0}


def test_training_without_choices_is_refused(indexed: Any) -> None:
    """The line names the profile and the command that makes choices."""
    line = indexed.failure("train", "--profile", "ada")
    assert line == (
        "photoaesth: profile 'ada' has made no choices yet; make some with: photoaesth compare"
    )


def test_rows_about_unknown_photos_are_skipped(
    indexed: Any, write_choices: Callable[..., Path], tmp_path: Path
) -> None:
    """An import takes the rows it can, names the others by line, and ends with code 3."""
    one, two = sorted(indexed.photos.iterdir())[:2]
    rows = [
        (one, two, "left"),
        (one, "/nowhere.jpg", "left"),
        (one, two, "best"),
        (one, one, "tie"),
    ]
    file = write_choices(tmp_path / "in.csv", rows)
    report = indexed.json("comparisons", "import", file, code=3)
    assert report["imported"] == 1
    assert [item["path"] for item in report["skipped"]] == [f"{file}:{line}" for line in (3, 4, 5)]
    reasons = [item["reason"] for item in report["skipped"]]
    assert "/nowhere.jpg is not in the library" in reasons[0]
    assert "'best' is none of" in reasons[1]
    assert "the same photo" in reasons[2]


def test_files_of_choices_that_are_none_are_refused(indexed: Any, tmp_path: Path) -> None:
    """A missing file, a folder, a picture and a table of something else give one line each."""
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n")
    photo = sorted(indexed.photos.iterdir())[0]
    for file in (tmp_path / "missing.csv", tmp_path, photo, other):
        assert str(file) in indexed.failure("comparisons", "import", file)
    assert indexed.json("comparisons", "list") == {"comparisons": []}


def test_paths_that_do_not_exist_are_refused(indexed: Any, tmp_path: Path) -> None:
    """`score` and `enhance` name the missing path and do nothing for the others."""
    missing, photo = tmp_path / "missing.jpg", sorted(indexed.photos.iterdir())[0]
    assert f"there is no {missing}" in indexed.failure("score", photo, missing)
    output = tmp_path / "out"
    assert f"there is no {missing}" in indexed.failure(
        "enhance", photo, missing, "--output", output
    )
    assert not output.exists()


def test_existing_files_are_not_overwritten(indexed: Any, tmp_path: Path) -> None:
    """An export and a contact sheet leave what stands in their place."""
    table, page = tmp_path / "mine.csv", tmp_path / "mine.html"
    for words, target in ((["comparisons", "export"], table), (["rank", "--contact-sheet"], page)):
        target.write_text("precious")
        assert "--overwrite" in indexed.failure(*words, target, "--quiet")
        assert target.read_text() == "precious"


@pytest.mark.parametrize(
    "words",
    [
        ["frobnicate"],
        ["rank", "--frobnicate"],
        ["rank", "--top", "many"],
        ["rank", "--top", "0"],
        ["rank", "--top", "1", "--bottom", "1"],
        ["rank", "--json", "--format", "csv"],
        ["rank", "--since", "yesterday"],
        ["enhance", "--output", "out"],
        ["enhance", "--top", "1"],
        ["index", "photos", "--forget", "photos"],
        ["score", "--device", "abacus"],
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2(program: Any, words: list[str]) -> None:
    """What makes no sense as written is told so on stderr, before anything is done."""
    result = program(*words, code=2)
    assert result.stdout == b""
    assert result.stderr
    assert list(program.home.iterdir()) == []


@pytest.mark.parametrize("options", [[], ["--json"], ["-0"], ["--format", "csv"]], ids=str)
def test_a_closed_pipe_ends_quietly(indexed: Any, options: list[str]) -> None:
    """When the reader has gone (`| head -1`), there is no complaint."""
    process = indexed.start("rank", "--quiet", *options)
    process.stdout.close()  # before anything is printed, which importing takes long enough for
    with process.stderr as stderr:
        assert stderr.read() == b""
    assert process.wait(60) in (0, 1)
