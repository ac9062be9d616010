"""`photoaesth xmp`: how its options are read, and what it says."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from photoaesth.cli.app import app
from photoaesth.cli.xmp_report import plan_lines
from photoaesth.workflows import xmp
from photoaesth.workflows.xmp import WriteOptions, WritePlan


def run(*arguments: object, code: int = 0) -> Any:
    result = CliRunner().invoke(app, ["xmp", *map(str, arguments)])
    assert result.exit_code == code, result.output
    return result


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[WriteOptions]:
    """What the workflow is asked for; it plans nothing."""
    seen: list[WriteOptions] = []

    def plan(library: Path, profile: str, options: WriteOptions, **_: object) -> WritePlan:
        seen.append(options)
        return WritePlan(profile=1)

    monkeypatch.setattr(xmp, "plan_write", plan)
    return seen


@pytest.mark.parametrize(
    ("words", "stars", "paths"),
    [
        ((), None, ()),
        (("--stars",), (), ()),
        (("--stars", "9,8,7,5"), (9, 8, 7, 5), ()),
        (("--stars=9,8,7.5,5",), (9, 8, 7.5, 5), ()),
        (("--stars", "photos"), (), ("photos",)),
        (("photos", "--stars", "--dry-run"), (), ("photos",)),
        (("--stars", "9,8,7,5", "photos"), (9, 8, 7, 5), ("photos",)),
        (("--stars", "--", "-photo.jpg"), (), ("-photo.jpg",)),
    ],
)
def test_stars_with_and_without_scores(
    asked: list[WriteOptions],
    words: tuple[str, ...],
    stars: tuple[float, ...] | None,
    paths: tuple[str, ...],
) -> None:
    """--stars takes four scores if they follow it, and else no value: a path stays a path."""
    run("write", *words)
    (options,) = asked
    assert options.stars == stars
    assert options.paths == tuple(map(Path, paths))


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("write", "--stars=5,7,8,9"), "four falling scores"),
        (("write", "--stars", "1.2.3,4,5,6"), "four falling scores"),
        (("write", "--stars=9,8"), "four falling scores"),
        (
            ("write", "--keywords", "stars,moods"),
            "'moods' is none of stars, styles, contents, albums",
        ),
        (("import", "--labels", "Green"), "write Green=5"),
        (("import", "--labels", "Green=6"), "write Green=5"),
    ],
)
def test_what_makes_no_sense(
    asked: list[WriteOptions], words: tuple[str, ...], complaint: str
) -> None:
    """Odd values are refused in one line that says how to write them."""
    result = run(*words, code=2)
    assert complaint in result.stderr
    assert result.stderr.count("\n") == 1
    assert asked == []


@pytest.mark.parametrize(
    ("count", "said"),
    [(1, "1 file says it all already"), (2, "2 files say it all already")],
)
def test_one_file_and_several(count: int, said: str) -> None:
    """One file says what several say."""
    assert plan_lines(WritePlan(1, unchanged=count), names=False) == [f"Nothing to write: {said}."]


def test_nothing_to_write_and_nothing_to_undo(tmp_path: Path) -> None:
    """An empty library has nothing to write, and no write to undo; both are no failures."""
    from photoaesth.library.database import open_library

    library = tmp_path / "library.db"
    with open_library(library, create=True):
        pass
    assert "Nothing to write" in run("write", "--stars", "--library", library).output
    assert "Nothing to undo" in run("undo", "--library", library).output
    undone = json.loads(run("undo", "--json", "--library", library).stdout)
    assert (undone["written_at"], undone["restored"]) == (None, [])
    report = json.loads(run("import", "--json", "--library", library).stdout)
    assert (report["photos"], report["imported"], report["conflicts"]) == (0, 0, [])
