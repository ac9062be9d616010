"""The words of `rank` and `albums`."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from photoaesth.cli.app import app
from photoaesth.cli.photo_filter import photo_filter, span
from photoaesth.cli.query_words import in_words
from photoaesth.errors import UsageError
from photoaesth.library.filters import Orientation, PhotoFilter, Span
from photoaesth.workflows.query import Order, Period, Query

Run = Callable[..., tuple[str, str]]


@pytest.fixture
def run(album: Any) -> Run:
    """Run a command on the indexed album."""

    def invoke(*words: object, code: int = 0) -> tuple[str, str]:
        result = CliRunner().invoke(app, [str(word) for word in words])
        assert result.exit_code == code, result.output
        return result.stdout, result.stderr

    return invoke


def names(shown: str) -> list[str]:
    return [Path(photo["path"]).name for photo in json.loads(shown)["photos"]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("24", Span(24, 24)),
        ("24-70", Span(24, 70)),
        ("4.25-6.5", Span(4.25, 6.5)),
        ("85-", Span(85, None)),
        ("-35", Span(None, 35)),
    ],
)
def test_ranges(text: str, expected: Span) -> None:
    """A number, two with a dash between, or one with a dash on either side."""
    assert span(text) == expected


@pytest.mark.parametrize("text", ["", "-", "x", "70-24", "24-35-70", "24 mm", "nan", "inf-nan"])
def test_what_is_no_range(text: str) -> None:
    """Anything else is refused, a range that begins after its end among it."""
    with pytest.raises(typer.BadParameter, match="is not a range"):
        span(text)


def test_all_filters_of_among() -> None:
    """What compare takes word for word means what rank's options mean."""
    words = (
        "under=x since=2026-01-31 until=2026-02-01 camera=a=b lens=c focal=24-70 iso=-400 "
        "orientation=square tag=sea tag=calm unrated has-gps"
    )
    assert photo_filter(words.split()) == PhotoFilter(
        under=Path("x"),
        since=date(2026, 1, 31),
        until=date(2026, 2, 1),
        camera="a=b",
        lens="c",
        focal_mm=Span(24, 70),
        iso=Span(None, 400),
        orientation=Orientation.SQUARE,
        tags=("sea", "calm"),
        rated=False,
        has_gps=True,
    )
    assert photo_filter(["rated"]).rated is True
    assert photo_filter([]) == PhotoFilter()


@pytest.mark.parametrize(
    "words",
    [
        ["camera"],
        ["camera="],
        ["rated=yes"],
        ["min-score=5"],
        ["mood=calm"],
        ["iso=100", "iso=200"],
        ["orientation=round"],
        ["focal=x"],
        ["since=soon"],
    ],
    ids=" ".join,
)
def test_no_filter(words: list[str]) -> None:
    """A word without its value, with one too many, twice, or unknown is refused."""
    with pytest.raises(typer.BadParameter):
        photo_filter(words)


def test_contradiction_among() -> None:
    """Rated and not rated is nothing."""
    with pytest.raises(UsageError, match="both rated and unrated"):
        photo_filter(["rated", "unrated"])


def test_words_for_everything() -> None:
    """A query is said in the order of its options, with what was typed as text."""
    chosen = PhotoFilter(
        under=Path("/photos/a\x1bb"),
        since=date(2026, 1, 31),
        until=date(2026, 2, 1),
        camera="x",
        lens="y\n",
        focal_mm=Span(24, 70),
        iso=Span(None, 400),
        orientation=Orientation.SQUARE,
        min_score=6.5,
        rated=False,
        has_gps=True,
        tags=("sea", "calm"),
        one_per_burst=True,
    )
    assert in_words(Query(chosen, 1_000, Order.WORST, diverse=True)) == (
        "the 1,000 worst photos, unlike each other, below /photos/a\\x1bb, since 2026-01-31, "
        "until 2026-02-01, camera “x”, lens “y\\x0a”, 24 to 70 mm, ISO 400 or less, square, "
        "scored 6.5 or more, not rated, with GPS, tagged “sea”, tagged “calm”, one per burst"
    )
    assert in_words(Query(count=1, period=Period.DAY)) == "the best photo of each day"
    other = PhotoFilter(rated=True, focal_mm=Span(85, None), iso=Span(100, 100))
    assert in_words(Query(other, 5, Order.UNCERTAIN)) == (
        "the 5 most doubted photos, 85 or more mm, ISO 100, rated"
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--per", "day", "3", "--top", "5"], "leave out --top"),
        (["--per", "day", "3", "--bottom", "5"], "leave out --bottom"),
        (["--per", "day", "0"], "at least one photo of each day"),
        (["--per", "year", "1"], "'year'"),
        (["--uncertain", "--bottom", "5"], "give --top, not --bottom"),
        (["--uncertain", "--diverse"], "leave out --uncertain"),
        (["--rated", "--unrated"], "both rated and unrated"),
        (["--focal", "70-24"], "is not a range"),
        (["--iso", "high"], "is not a range"),
        (["--orientation", "round"], "'round'"),
        (["--min-score", "11"], "--min-score"),
        (["--save", " "], "an album's name"),
        (["--explain", "a.jpg", "--top", "20"], "leave out the options about lists"),
        (["--explain", "a.jpg", "--rated"], "leave out the options about lists"),
        (["--explain", "a.jpg", "--album", "x"], "leave out the options about lists"),
        (["--explain", "a.jpg", "--format", "csv"], "prints text, or JSON"),
    ],
)
def test_what_makes_no_sense_is_wrong_usage(words: list[str], said: str) -> None:
    """It is refused before there is a library, with what to leave out."""
    result = CliRunner().invoke(app, ["rank", *words])
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""


def test_options_reach_the_ranking(run: Run) -> None:
    """Each narrows or orders the list as its words say."""
    everything = json.loads(run("rank", "--top", 99, "--json")[0])["photos"]
    assert len(everything) == 20
    middle = everything[9]["score"]
    assert len(names(run("rank", "--top", 99, "--min-score", middle - 1e-4, "--json")[0])) == 10
    doubted = json.loads(run("rank", "--uncertain", "--top", 99, "--json")[0])["photos"]
    assert [p["sd"] for p in doubted] == sorted((p["sd"] for p in everything), reverse=True)
    assert names(run("rank", "--lens", "no such lens", "--json")[0]) == []
    flags = ("--focal", "-1000", "--iso", "1-", "--unrated", "--one-per-burst", "--diverse")
    assert 0 < len(names(run("rank", *flags, "--json")[0])) <= 20
    portraits = names(run("rank", "--top", 99, "--orientation", "portrait", "--json")[0])
    landscapes = names(run("rank", "--top", 99, "--orientation", "landscape", "--json")[0])
    assert not set(portraits) & set(landscapes)
    assert "No photo passes these filters." in run("rank", "--rated")[1]


def test_periods_are_told(run: Run) -> None:
    """With --per the list says of which day each photo is one of the best."""
    shown = json.loads(run("rank", "--per", "day", 1, "--json")[0])["photos"]
    days = [photo["period"] for photo in shown]
    assert days == sorted(set(days))
    assert days == [photo["taken_at"][:10] for photo in shown]


def test_life_of_an_album(run: Run) -> None:
    """Saved, listed, shown, replaced only when that is meant, and dropped."""
    saved, said = run("rank", "--top", 3, "--save", "the three", "--json")
    assert json.loads(saved)["album"] == "the three"
    assert "photoaesth albums show 'the three'" in said
    (listed,) = json.loads(run("albums", "list", "--json")[0])["albums"]
    assert (listed["name"], listed["photos"]) == ("the three", 3)
    assert (listed["query"], listed["words"]) == ({"count": 3}, "the 3 best photos")
    assert "the 3 best photos" in run("albums", "list")[0]
    shown = json.loads(run("albums", "show", "the three", "--json")[0])
    assert shown == json.loads(saved)
    assert len(run("albums", "show", "the three", "--format", "paths")[0].splitlines()) == 3

    run("rank", "--top", 3, "--save", "the three", "--quiet")  # the same again
    refused = run("rank", "--bottom", 2, "--save", "the three", code=2)
    assert refused[0] == ""
    assert "add --yes" in refused[1]
    assert json.loads(run("albums", "show", "the three", "--json")[0]) == shown
    run("rank", "--bottom", 2, "--save", "the three", "--yes")
    assert len(names(run("albums", "show", "the three", "--json")[0])) == 2

    assert "add --yes" in run("albums", "drop", "the three", code=2)[1]
    assert json.loads(run("albums", "drop", "the three", "--yes", "--json")[0]) == {
        "dropped": "the three"
    }
    assert "No album yet" in run("albums", "list")[1]
    assert "no album yet" in run("albums", "show", "the three", code=1)[1]
    assert "no album yet" in run("albums", "drop", "the three", code=1)[1]


def test_explain_is_about_one_photo(run: Run) -> None:
    """It says of the best photo what the list says, and lists nothing."""
    (best,) = json.loads(run("rank", "--top", 1, "--json")[0])["photos"]
    said = json.loads(run("rank", "--explain", best["path"], "--json")[0])
    assert said["score"] == pytest.approx(best["score"], abs=1e-3)
    assert "photos" not in said


@pytest.mark.parametrize("how", ["--link", "--copy", "--hardlink"])
def test_no_album_among_the_photos(run: Run, tmp_path: Path, how: str) -> None:
    """A folder of indexed photos is refused, before anything is written."""
    photo = Path(json.loads(run("rank", "--top", "1", "--json")[0])["photos"][0]["path"])
    before = sorted(photo.parent.iterdir())
    page = tmp_path / "page.html"
    words = ("rank", "--top", "3", how, "--contact-sheet", page, "--album")

    said = run(*words, photo.parent, code=1)[1]
    assert "give the album a folder of its own" in said
    assert sorted(photo.parent.iterdir()) == before
    assert not page.exists()


def test_an_album_goes_where_a_ranking_goes(run: Run, tmp_path: Path) -> None:
    """The outputs of rank are those of albums show, the page has the album's name."""
    run("rank", "--top", 2, "--save", "Two <best>", "--quiet")
    words = ("albums", "show", "Two <best>", "--contact-sheet", tmp_path / "two.html")
    run(*words, "--album", tmp_path / "two", "--quiet")
    assert "Two &lt;best&gt;" in (tmp_path / "two.html").read_text()
    assert len([path for path in (tmp_path / "two").iterdir() if path.is_symlink()]) == 2


def test_enhance_takes_the_same_filters(run: Run, tmp_path: Path) -> None:
    """Of the photos of the library only those that pass would be written."""
    words = ("enhance", "--output", tmp_path / "out", "--dry-run", "--method", "search", "--json")
    found = json.loads(run(*words, "--rated")[0])
    assert found["written"] == []
