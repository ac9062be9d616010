"""`photoaesth reference`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from photoaesth.cli.app import app
from photoaesth.config import references_folder


def run(*arguments: object, code: int = 0) -> Any:
    result = CliRunner().invoke(app, ["reference", *map(str, arguments)])
    assert result.exit_code == code, result.output
    return result


@pytest.fixture
def photos(tmp_path: Path, draw_photo: Callable[..., Path]) -> Path:
    """A folder of two photos with ratings of these and of a missing one."""
    for seed in range(2):
        draw_photo(tmp_path / "photos" / f"{seed}.jpg", seed=seed)
    (tmp_path / "ratings.csv").write_text("rater,photo,score\na,0.jpg,1\na,1.jpg,5\nb,2.jpg,3\n")
    return tmp_path / "photos"


def test_add_and_list(photos: Path) -> None:
    """What is added is listed with its backbone and folder; a missing photo is exit code 3."""
    ratings = photos.parent / "ratings.csv"
    added = run("add", "mine", "--photos", photos, "--ratings", ratings, code=3)
    assert added.stdout == "Added mine: 2 photos, efficientnet-lite0-57934424.\n"
    assert f"{photos / '2.jpg'}: no such file" in added.stderr
    assert str(references_folder() / "mine.safetensors") in added.stderr
    rows = run("list").stdout.splitlines()
    assert rows[0].split() == ["name", "photos", "backbone", "images"]
    assert rows[1].startswith("shipped")
    assert rows[1].endswith("no images")
    assert rows[2].split() == ["mine", "2", "efficientnet-lite0-57934424", str(photos)]


def test_json(photos: Path) -> None:
    """Both commands give their facts as JSON, paths absolute, skipped photos with a reason."""
    ratings = photos.parent / "ratings.csv"
    arguments = ("--photos", photos, "--ratings", ratings, "--json")
    added = json.loads(run("add", "mine", *arguments, code=3).stdout)
    assert (added["name"], added["photos"]) == ("mine", 2)
    assert added["skipped"] == [{"path": str(photos / "2.jpg"), "reason": "no such file"}]
    shipped, mine = json.loads(run("list", "--json").stdout)["references"]
    assert (shipped["name"], shipped["folder"], shipped["path"]) == ("shipped", None, None)
    assert (mine["folder"], mine["path"]) == (str(photos), added["path"])


def test_wrong_usage(photos: Path) -> None:
    """Ratings of neither or of both kinds, and a name that is no name, are wrong usage."""
    assert "either --ratings or --ava" in run("add", "mine", "--photos", photos, code=2).stderr
    ratings = photos.parent / "ratings.csv"
    both = ("--ratings", ratings, "--ava", ratings)
    assert "either" in run("add", "mine", "--photos", photos, *both, code=2).stderr
    assert "'a/b'" in run("add", "a/b", "--photos", photos, *both[:2], code=2).stderr
