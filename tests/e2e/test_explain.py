"""`rank --explain` as a real process, on a drawn album."""

import json
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import pytest

from photoaesth.files import display_path


def run(*arguments: object, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run the program in the home that the test has; `-q` leaves only failures on stderr."""
    command = [sys.executable, "-m", "photoaesth", *map(str, arguments)]
    result = subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", timeout=480, check=False
    )
    assert result.returncode == code, result.stderr
    assert "Traceback" not in result.stderr
    return result


@pytest.fixture
def taught(album, tmp_path: Path):
    """The album of somebody who likes what is dark."""
    darkness = {path: -traits["brightness"] for path, traits in album.traits.items()}
    rows = ["winner,loser"]
    for left, right in list(combinations(sorted(darkness), 2))[::3]:
        winner, loser = sorted((left, right), key=darkness.__getitem__, reverse=True)
        rows.append(f'"{winner}","{loser}"')
    choices = tmp_path / "choices.csv"
    choices.write_text("\n".join(rows), "utf-8")
    run("comparisons", "import", choices)
    run("train")
    return album


def test_a_score_is_explained(taught) -> None:
    """JSON adds up to the score of `rank`; the text names the photo, its score and its choices."""
    best = json.loads(run("rank", "--top", "1", "--json").stdout)["photos"][0]
    told = json.loads(run("rank", "--explain", best["path"], "--json").stdout)
    assert told["score"] == best["score"]
    assert told["rank"] == 1
    assert told["ranked"] == len(taught.traits)
    assert sum(told["parts"].values()) == pytest.approx(best["score"], abs=0.02)
    assert told["model"] == "personal"
    assert told["certainty"]["over_median"] > 0.5
    assert told["preferred"]
    assert told["rejected"]
    known = {display_path(path) for path in taught.traits}
    for effect in told["comparisons"]:
        assert {effect["chosen"], effect["other"]} <= known
        assert effect["made_at"]
    text = run("rank", "--explain", best["path"]).stdout
    assert text.startswith(best["path"])
    assert f"{best['score']:.2f} ±" in text
    assert "Comparisons that matter most" in text
    assert "\x1b" not in text  # nobody looks at a terminal


def test_a_photo_outside_the_library_is_placed_in_it(taught, tmp_path: Path) -> None:
    """A copy of an indexed photo elsewhere has its score, and is said not to be indexed."""
    photo = sorted(taught.traits)[4]
    indexed = json.loads(run("rank", "--explain", photo, "--json").stdout)
    copy = tmp_path / "elsewhere.jpg"
    copy.write_bytes(photo.read_bytes())
    told = json.loads(run("rank", "--explain", copy, "--json").stdout)
    assert (indexed["indexed"], told["indexed"]) == (True, False)
    assert told["score"] == pytest.approx(indexed["score"], abs=0.02)
    assert "not indexed" in run("rank", "--explain", copy).stdout


def test_what_cannot_be_explained_is_one_line(album, tmp_path: Path) -> None:
    """An unknown photo and a format for lists end in one line and the right exit code."""
    missing = run("rank", "--explain", tmp_path / "none.jpg", code=1)
    assert missing.stderr.splitlines()[-1].endswith("neither a file nor indexed; check the name")
    photo = sorted(album.traits)[0]
    wrong = run("rank", "--explain", photo, "--format", "csv", code=2)
    assert "--explain prints text" in wrong.stderr
