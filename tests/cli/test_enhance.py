"""The words of `enhance`: what they mean, and which make no sense together."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from photoaesth.cli.app import app
from photoaesth.cli.enhance_preview import side_by_side
from photoaesth.enhance.parameters import write_parameters
from photoaesth.graphics.canvas import Canvas
from photoaesth.graphics.picture import Terminal


def run(*words: object, code: int = 0) -> tuple[str, str]:
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == code, result.output
    return result.stdout, result.stderr


@pytest.fixture
def photo(tmp_path: Path, draw_photo) -> Path:
    return draw_photo(tmp_path / "photos" / "a.png", 3)


@pytest.fixture
def look(tmp_path: Path) -> Path:
    """A look to apply, so that no model is loaded."""
    write_parameters(tmp_path / "look.json", {"exposure": 0.5, "contrast": 0.1})
    return tmp_path / "look.json"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--output", "out"], "say which photos"),
        (["a.jpg", "--top", "3", "--output", "out"], "say which photos"),
        (["a.jpg", "--since", "2026-01-01", "--output", "out"], "say which photos"),
        (["a.jpg"], "say where the copies go"),
        (["a.jpg", "--output", "out", "--strength", "2"], "--strength"),
        (["a.jpg", "--output", "out", "--format", "bmp"], "--format"),
        (["a.jpg", "--output", "out", "--quality", "0"], "--quality"),
        (["a.jpg", "--output", "out", "--size", "0"], "--size"),
        (["a.jpg", "--output", "out", "--jobs", "0"], "--jobs"),
        (["a.jpg", "--lut", "photo.jpg"], "a name that ends in .cube"),
        (["a.jpg", "--params", "photo.jpg"], "a name that ends in .json"),
        (["a.jpg", "--preview-sheet", "photo.jpg"], "a name that ends in .html"),
        (["a.jpg", "--output", "out", "--apply", "look.xmp"], "a name that ends in .json or .cube"),
        (["a.jpg", "--output", "out", "--resume", "--lut", "look.cube"], "--resume passes over"),
        (["a.jpg", "--output", "out", "--apply", "l.json", "--task", "color"], "leave out --task"),
        (["a.jpg", "--apply", "look.cube", "--params", "look.json"], "has no parameters"),
        (["a.jpg", "--preview", "--preview-sheet", "x.html"], "not both"),
        (["a.jpg", "--preview", "--json"], "no JSON"),
        (["a.jpg", "--preview-sheet", "x.html", "--dry-run"], "--dry-run writes nothing"),
        (["a.jpg", "--preview", "--lut", "look.cube"], "a preview writes no look"),
        (["a.jpg", "--preview-sheet", "x.html", "--params", "l.json"], "a preview writes no look"),
    ],
    ids=" ".join,
)
def test_what_makes_no_sense_is_told(words: list[str], said: str, tmp_path: Path) -> None:
    """Wrong usage ends with 2, before anything is looked at."""
    _, error = run("enhance", *words, code=2)
    assert said in error
    assert list(tmp_path.iterdir()) == []


def test_the_result_is_told_as_json(photo: Path, look: Path, tmp_path: Path) -> None:
    """Source, output, parameters and geometry; without a model there are no scores."""
    out = tmp_path / "out"
    stdout, _ = run("enhance", photo, "--output", out, "--apply", look, "--json")
    assert json.loads(stdout) == {
        "written": [
            {
                "source": str(photo),
                "output": str(out / "a-enhanced.png"),
                "parameters": {"exposure": 0.5, "contrast": 0.1},
                "degrees": 0.0,
                "scale": 1.0,
                "score_before": None,
                "score_after": None,
            }
        ],
        "skipped": [],
        "resumed": 0,
        "not_better": 0,
        "dry_run": False,
    }


def test_the_result_is_told_in_words(photo: Path, look: Path, tmp_path: Path) -> None:
    """The copy, what was changed, how many; a second run says what was passed over."""
    words = ["enhance", photo, "--output", tmp_path / "out", "--apply", look]
    cube = tmp_path / "look.cube"
    stdout, error = run(*words, "--lut", cube)
    assert stdout.splitlines() == [
        str(tmp_path / "out" / "a-enhanced.png"),
        "  exposure +0.50, contrast +0.10",
    ]
    assert error.splitlines() == [
        "Wrote 1 enhanced photo.",
        f"Wrote {cube}, the average look of 1 photo.",
    ]
    stdout, error = run(*words, "--resume")
    assert stdout == ""
    assert error.splitlines() == [
        "1 photo had a copy from an earlier run.",
        "Wrote 0 enhanced photos.",
    ]
    _, error = run(*words, code=3)
    assert "exists; --overwrite replaces it" in error


def test_a_preview_needs_a_terminal(photo: Path, look: Path) -> None:
    """Without one, the line names the page that can be written instead."""
    _, error = run("enhance", photo, "--preview", "--apply", look, code=1)
    assert "standard output is not a terminal; --preview-sheet FILE.html" in error


def test_a_preview_sheet_is_all_that_is_written(photo: Path, look: Path, tmp_path: Path) -> None:
    """The page appears, no copy does, and an existing page stays."""
    sheet, out = tmp_path / "sheet.html", tmp_path / "out"
    words = ["enhance", photo, "--preview-sheet", sheet, "--apply", look, "--output", out]
    _, error = run(*words)
    assert f"Wrote {sheet}" in error
    assert "a.png" in sheet.read_text("utf-8")
    assert not out.exists()
    _, error = run(*words, code=1)
    assert "exists; choose another name or add --overwrite" in error


def _pair(view: str, sizes: list[tuple[int, int]]) -> tuple[str, list[int]]:
    canvas = Canvas(Terminal(view))
    rng = np.random.default_rng(0)
    pictures = [
        canvas.draw(Image.fromarray(rng.integers(0, 256, (h, w, 3), np.uint8)), 20, 10)
        for w, h in sizes
    ]
    return side_by_side(*pictures), [picture.columns for picture in pictures]


def test_two_pictures_of_blocks_stand_side_by_side() -> None:
    """Each line holds a line of both; below the lower one there is only the higher."""
    text, (left, right) = _pair("blocks", [(40, 20), (20, 40)])
    lines = text.splitlines()
    assert len(lines) == 10
    blocks = [line.count("▀") for line in lines]
    assert blocks == [left + right] * 5 + [right] * 5
    assert lines[-1].startswith(" " * left)


@pytest.mark.parametrize("view", ["kitty", "iterm2", "sixel"])
def test_pictures_of_pixels_are_drawn_over_lines_that_made_room(view: str) -> None:
    """Both are placed by moving up from below, and the cursor ends where it was."""
    text, (left, _) = _pair(view, [(40, 20), (40, 20)])
    before, _, overlays = text.rpartition("\n")
    height = before.count("\n") + 1
    assert overlays.count(f"\x1b7\x1b[{height}A\x1b[1G") == 1
    assert overlays.count(f"\x1b7\x1b[{height}A\x1b[{left + 3}G") == 1
    assert overlays.endswith("\x1b8")
