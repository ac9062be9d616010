"""What programs rely on: JSON alone on stdout, global options anywhere, no escape codes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

_PHOTO_KEYS = {"path", "rank", "score", "sd", "generic", "distribution"}


def _is_photo(photo: dict[str, Any]) -> bool:
    return (
        photo.keys() >= _PHOTO_KEYS
        and Path(photo["path"]).is_absolute()
        and 1 <= photo["score"] <= 10
        and 1 <= photo["generic"] <= 10
        and photo["sd"] > 0
        and len(photo["distribution"]) == 10
        and sum(photo["distribution"]) == pytest.approx(1, abs=1e-3)
    )


def test_index_reports_every_kind_of_file(
    program: Any, draw_small: Callable[..., list[Path]]
) -> None:
    """New, broken and other files are counted apart, and what was skipped has its reason."""
    draw_small(program.photos, 2)
    broken = program.photos / "broken.jpg"
    broken.write_text("no picture")
    (program.photos / "notes.txt").write_text("no photo")
    report = program.json("index", program.photos, code=3)
    assert (report["indexed"], report["unchanged"], report["moved"]) == (2, 0, 0)
    assert (report["missing"], report["ignored"]) == (0, 1)
    assert [item["path"] for item in report["skipped"]] == [str(broken)]
    assert report["skipped"][0]["reason"]
    assert report["seconds"] > 0
    assert report["photos_per_s"] == pytest.approx(2 / report["seconds"], rel=0.1)


@pytest.mark.parametrize("command", ["rank", "score"])
def test_lists_of_photos_have_the_published_shape(indexed: Any, command: str) -> None:
    """`rank` and `score` describe every photo alike, with ranks counted from 1."""
    photos = indexed.json(command)["photos"]
    assert [photo["rank"] for photo in photos] == list(range(1, 9))
    assert all(_is_photo(photo) for photo in photos)


def test_score_of_files_says_what_it_skipped(indexed: Any, tmp_path: Path) -> None:
    """A photo and a broken file give one score, one reason and exit code 3."""
    broken = tmp_path / "broken.jpg"
    broken.write_text("no picture")
    photo = sorted(indexed.photos.iterdir())[0]
    report = indexed.json("score", photo, broken, code=3)
    assert [item["path"] for item in report["photos"]] == [str(photo)]
    assert _is_photo(report["photos"][0])
    assert [item["path"] for item in report["skipped"]] == [str(broken)]


def test_status_counts(indexed: Any) -> None:
    """`status` says what is there, which model is in use and what to do next."""
    report = indexed.json("status")
    assert report["library"] == str(indexed.library)
    assert report["roots"] == [{"path": str(indexed.photos), "reachable": True}]
    assert (report["photos"], report["files"], report["missing"]) == (8, 8, 0)
    assert (report["choices"], report["model"], report["heldout"]) == (0, "generic", None)
    assert "photoaesth compare" in report["next"]


def test_doctor_names_its_checks(indexed: Any) -> None:
    """`doctor` finds nothing wrong with what these tests run on."""
    checks = indexed.json("doctor")["checks"]
    assert {"photoaesth", "torch", "crowd model", "library"} <= {c["name"] for c in checks}
    assert [check for check in checks if not check["ok"]] == []


def test_choices_as_data(indexed: Any, write_choices: Callable[..., Path], tmp_path: Path) -> None:
    """Every `comparisons` command has its JSON, and an export reads back as the same choices."""
    one, two, three = sorted(indexed.photos.iterdir())[:3]
    rows = [(one, two, "left"), (two, one, "left"), (two, three, "tie"), (one, three, "skip")]
    imported = indexed.json("comparisons", "import", write_choices(tmp_path / "in.csv", rows))
    assert imported == {"kind": "choices", "imported": 4, "known": 0, "skipped": []}

    listed = indexed.json("comparisons", "list")["comparisons"]
    assert [(Path(c["left"]), Path(c["right"]), c["outcome"]) for c in listed] == rows

    (conflict,) = indexed.json("comparisons", "conflicts")["conflicts"]
    assert conflict["kind"] == "direct"
    assert {conflict["winner"], conflict["loser"]} == {str(one), str(two)}

    out = tmp_path / "out.csv"
    assert indexed.json("comparisons", "export", out) == {"exported": 4, "path": str(out)}
    again = indexed.json("comparisons", "import", out, "--profile", "other")
    assert again["imported"] == 4

    assert indexed.json("comparisons", "undo", "--last", 3) == {"undone": 3}
    assert len(indexed.json("comparisons", "list")["comparisons"]) == 1
    other = indexed.json("comparisons", "list", "--profile", "other")["comparisons"]
    assert [c["outcome"] for c in other] == ["left", "left", "tie", "skip"]


def test_train_on_few_choices_says_that_it_is_early(
    indexed: Any, write_choices: Callable[..., Path], tmp_path: Path
) -> None:
    """With three choices nothing can be held out, and the report has the same keys."""
    photos = sorted(indexed.photos.iterdir())
    rows = [(photos[0], photos[number], "left") for number in (1, 2, 3)]
    indexed("comparisons", "import", write_choices(tmp_path / "in.csv", rows))
    report = indexed.json("train")
    keys = {"method", "direct", "inferred", "conflicts", "heldout", "kept"}
    assert report.keys() >= keys
    assert (report["direct"], report["conflicts"], report["early"]) == (3, 0, True)
    assert report["kept"] == "personal"


@pytest.mark.parametrize(
    "command", [["status"], ["rank", "--top", "2"], ["comparisons", "list"]], ids=lambda c: c[0]
)
def test_global_options_work_anywhere(indexed: Any, command: list[str]) -> None:
    """Before the command, after it and between its words, global options mean the same."""
    options = ["--library", str(indexed.library), "--profile", "ada", "--json", "--quiet"]
    before, after, between = (
        indexed(*words, PHOTOAESTH_LIBRARY="/nowhere.db")
        for words in (
            [*options, *command],
            [*command, *options],
            [command[0], *options, *command[1:]],
        )
    )
    assert json.loads(before.stdout) == json.loads(after.stdout) == json.loads(between.stdout)
    assert before.stderr == after.stderr == between.stderr == b""


def test_the_later_global_option_wins(indexed: Any) -> None:
    """An option after the command's name overrides the same one before it."""
    report = indexed.json("--profile", "ada", "status", "--profile", "bo")
    assert report["profile"] == "bo"


def test_version_and_help_work_without_a_library(program: Any) -> None:
    """Both print to stdout, succeed and make nothing, before and after a command's name."""
    for words in (["--version"], ["rank", "--version"], ["-h"], ["comparisons", "list", "--help"]):
        result = program(*words)
        assert result.stdout
        assert result.stderr == b""
    assert list(program.home.iterdir()) == []


def test_no_escape_codes_without_a_terminal(
    indexed: Any, write_choices: Callable[..., Path], tmp_path: Path
) -> None:
    """Piped output is plain text: tables, notes, progress, help."""
    one, two = sorted(indexed.photos.iterdir())[:2]
    choices = write_choices(tmp_path / "in.csv", [(one, two, "left")])
    for words in (
        ["--help"],
        ["index"],
        ["status"],
        ["rank"],
        ["comparisons", "import", choices],
        ["comparisons", "list"],
        ["comparisons", "undo"],
    ):
        result = indexed(*words)
        assert result.stdout
        assert b"\x1b" not in result.stdout + result.stderr


def test_tables_are_not_cut_off_without_a_terminal(indexed: Any) -> None:
    """Paths in a piped table are whole, however narrow the window that it is piped from."""
    table = indexed("rank", COLUMNS="40").stdout.decode()
    assert all(str(photo) in table for photo in indexed.photos.iterdir())


def test_quiet_leaves_the_result_alone(indexed: Any) -> None:
    """`--quiet` takes away notes, not results."""
    loud, quiet = indexed("rank"), indexed("rank", "--quiet")
    assert loud.stdout == quiet.stdout
    assert loud.stderr != b""
    assert quiet.stderr == b""
