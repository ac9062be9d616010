"""`photoaesth taste`: what it prints. The figures themselves are tested with the workflow."""

import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from photoaesth.attributes import ATTRIBUTES, LABELS, mask_of
from photoaesth.cli.app import app
from photoaesth.cli.bars import balance, bar
from photoaesth.domain import Exif, Outcome, Source
from photoaesth.learning.crowd import load_crowd_model
from photoaesth.library import attributes, comparisons, models, photos, ratings
from photoaesth.library.comparisons import NewComparison
from photoaesth.library.database import open_library
from photoaesth.library.found import FoundFile, NewPhoto, content_hash
from photoaesth.workflows import personal
from photoaesth.workflows.evidence import statements_of
from photoaesth.workflows.looks import LAYOUT

Run = Callable[..., Result]
PHOTOS = 60
HOSTILE = "a\x1b[31m\n<img onerror=x>.jpg"


@pytest.fixture
def run(home: Path) -> Run:
    """Run the program on photos without pictures; `me` has chosen and trained, `guest` has not."""
    crowd, rng = load_crowd_model(), np.random.default_rng(0)
    with open_library(home / "library.db", create=True) as library:
        ids = []
        with library.transaction():
            for number in range(PHOTOS):
                file = FoundFile(os.fsencode(f"/photos/{number:02}{HOSTILE}"), 1, 1)
                new = NewPhoto(file, content_hash(file.key), 3, 2, number, Exif())
                ids.append(photos.store_photo(library, new))
                vector = rng.normal(0, 0.06, crowd.projection.size).astype(np.float16)
                models.store_embedding(library, ids[-1], crowd.embedding_name, vector)
                values = rng.normal(size=len(ATTRIBUTES))
                labels = mask_of(["monochrome"] if number % 3 == 0 else [])
                attributes.store(library, LAYOUT, ids[-1], values, labels)
        number = comparisons.profile_id(library, "me")
        guest = comparisons.profile_id(library, "guest")
        ratings.set_ratings(library, guest, {ids[0]: 0.5}, source="import")
        pairs = [rng.choice(ids, 2, replace=False).tolist() for _ in range(70)]
        answers = [
            NewComparison(left, right, Outcome.LEFT if left > right else Outcome.RIGHT)
            for left, right in pairs
        ]
        comparisons.add_comparisons(library, number, answers, source=Source.RANDOM)
        said = statements_of(library, number, crowd)
        head = personal.fit(crowd, said.embeddings, said.choices, trust=crowd.taste.trust)
        models.add_model(
            library, number, crowd.name, method="personal", kept="personal", head=head.to_bytes()
        )
    return lambda *words: CliRunner().invoke(app, list(words))


def test_text_has_every_part(run: Run) -> None:
    """One heading a part, in order; piped, there are no bars and no escape codes."""
    result = run("taste")
    assert result.exit_code == 0, result.output
    parts = [
        "me: 70 choices, 60 photos",
        "Mean score",
        "Styles",
        "monochrome",
        "What is shown",
        "What raises and lowers your scores",
        "Over time",
        "Typical of what you like",
        "You like these better than the crowd does",
        "The crowd likes these better than you do",
    ]
    places = [result.stdout.find(part) for part in parts]
    assert -1 not in places
    assert places == sorted(places)
    since = re.search(r"^(since|choices) +.*", result.stdout, re.MULTILINE)
    assert since
    assert since.group().split() == ["choices", "1-35", "36-70"]  # all were made on one day
    assert "█" not in result.stdout
    assert "\x1b" not in result.stdout
    assert result.stderr == ""


def test_json_has_a_stable_shape(run: Run) -> None:
    """The keys, the lengths and the kinds of values are what scripts rely on."""
    found = json.loads(run("taste", "--json").stdout)
    assert list(found) == [
        "profile",
        "personal",
        "note",
        "photos",
        "sample",
        "choices",
        "ratings",
        "distributions",
        "styles",
        "contents",
        "driving",
        "over_time",
        "typical",
        "surprising",
        "above_crowd",
        "below_crowd",
    ]
    distributions = {"personal", "generic", "personal_mean", "generic_mean", "emd"}
    assert found["distributions"].keys() == distributions
    assert len(found["distributions"]["personal"]) == 10
    style = next(each for each in found["styles"] if each["label"] == "monochrome")
    assert style["photos"] == 20
    assert style["difference"].keys() == {"value", "interval", "clear"}
    assert style["choices"].keys() == {"pairs", "chosen", "share", "expected"}
    assert len(found["styles"]) + len(found["contents"]) == len(LABELS)
    driver = found["driving"]["attributes"][0]
    keys = {"name", "title", "low", "high", "effect", "beyond", "chosen"}
    assert driver.keys() == keys
    assert [window["choices"] for window in found["over_time"]["windows"]] == [35, 35]
    assert found["over_time"]["attributes"][0]["verdict"] in {"steady", "rising", "falling"}
    assert found["typical"][0].keys() == {"path", "score", "sd", "generic"}


def test_an_untrained_profile_is_told_so(run: Run) -> None:
    """The note goes to stderr; what only a personal model can tell is left out, or null."""
    result = run("taste", "--profile", "guest")
    assert result.exit_code == 0
    assert "profile 'guest' is not trained yet" in result.stderr
    assert "better than the crowd" not in result.stdout
    assert "What raises and lowers the crowd's scores" in result.stdout
    assert "Typical of what the crowd likes" in result.stdout
    assert not re.search(r"\byou", result.stdout, re.IGNORECASE)
    found = json.loads(run("taste", "--profile", "guest", "--json").stdout)
    assert not found["personal"]
    assert found["over_time"] is None
    assert {each["difference"] for each in found["styles"]} == {None}


def test_difference_is_told(run: Run) -> None:
    """Two profiles, in text and as JSON; the untrained one is named on stderr."""
    result = run("taste", "diff", "me", "guest")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("me and guest on 60 photos\n")
    assert "profile 'guest' is not trained yet" in result.stderr
    found = json.loads(run("taste", "diff", "me", "guest", "--json").stdout)
    assert (found["first"], found["second"]) == ("me", "guest")
    assert -1 <= found["srcc"] <= 1
    assert 0 <= found["agreement"] <= 1
    first = found["first_likes"] + found["second_likes"]
    assert all(each.keys() == {"path", "first", "second"} for each in first)


def test_names_that_would_draw_are_shown_as_text(run: Run) -> None:
    """File names with escape codes and a line break stay on one line, harmless."""
    for words in (("taste",), ("taste", "diff", "me", "guest")):
        lines = run(*words).stdout.splitlines()
        assert "\x1b" not in "".join(lines)
        assert any("/photos/" in line and line.endswith("<img onerror=x>.jpg") for line in lines)
    listed = json.loads(run("taste", "--json").stdout)
    paths = [each["path"] for key in ("typical", "above_crowd") for each in listed[key]]
    assert len(paths) == 12
    assert not any(set(path) & {"\n", "\x1b"} for path in paths)


@pytest.mark.parametrize("words", [("taste",), ("taste", "diff", "me", "guest")])
def test_a_page_is_written_once(run: Run, words: tuple[str, ...], tmp_path: Path) -> None:
    """--html writes a page beside the text, and replaces one only with --overwrite."""
    page = tmp_path / "taste.html"
    result = run(*words, "--html", str(page))
    assert result.exit_code == 0, result.output
    assert f"Wrote {page}" in result.stderr
    assert page.read_text("utf-8").startswith("<!DOCTYPE html>")
    assert run(*words, "--html", str(page)).exit_code == 1
    assert run(*words, "--html", str(page), "--overwrite").exit_code == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("taste", "diff", "me"), "PROFILE_B"),
        (("taste", "--from", "dreams"), "dreams"),
    ],
)
def test_wrong_usage_ends_with_2(run: Run, words: tuple[str, ...], message: str) -> None:
    """What does not go together, or is missing, is named."""
    result = run(*words)
    assert result.exit_code == 2
    assert message in result.stderr


def test_without_edits_the_way_to_them_is_named(run: Run) -> None:
    """`--from retouches` fails in one line."""
    result = run("taste", "--from", "retouches")
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1].startswith("photoaesth: profile 'me' has 0 retouches")


def test_unknown_profiles_end_with_1(run: Run) -> None:
    """A profile that nobody made is named."""
    result = run("taste", "diff", "me", "nobody")
    assert result.exit_code == 1
    assert "there is no profile 'nobody'" in result.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudoterminals")
@pytest.mark.parametrize("columns", [80, 120])
def test_a_terminal_of_any_width_shows_bars(run: Run, columns: int) -> None:
    """On a real terminal there are bars, no line is wider than it, and NO_COLOR has no codes."""
    import pexpect

    environment = os.environ | {"NO_COLOR": "1", "TERM": "xterm-256color"}
    command = [sys.executable, "-m", "photoaesth", "--quiet", "taste"]
    output, status = pexpect.run(
        " ".join(command),
        env=environment,
        withexitstatus=True,
        timeout=240,
        dimensions=(80, columns),
    )
    lines = output.decode().replace("\r", "").splitlines()
    assert status == 0, lines
    assert "\x1b" not in "".join(lines)
    assert max(map(len, lines)) <= columns
    assert sum("█" in line for line in lines) >= 10
    assert sum("│" in line for line in lines) >= 5  # the drivers' own


def test_bars_are_as_long_as_their_share() -> None:
    """Eighths of a column; from the middle to either side; never out of their width."""
    assert bar(0.5, 8) == "████    "
    assert bar(1 / 16, 8) == "▌       "
    assert bar(7, 4) == "████"
    assert balance(1, 7) == "   │███"
    assert balance(-0.34, 7) == "  █│   "
    assert balance(-9, 7) == "███│   "
