"""Lists of photos in the terminal."""

import csv
import io
import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from photoaesth.cli import console, photo_list
from photoaesth.cli.photo_list import ListFormat, print_photos
from photoaesth.domain import Exif, Photo, ScoredPhoto

PATH = Path("/photos/2024-10 City weekend/a rather long name of a photo.jpg")


@pytest.fixture
def photo() -> ScoredPhoto:
    exif = Exif(taken_at=datetime(2024, 10, 5), camera="Tamis Phone 4")  # noqa: DTZ001 - cameras
    record = Photo(1, PATH, "0" * 40, 960, 640, exif)
    return ScoredPhoto(PATH, 1, 9.31, 1.2, 7.54, (0.1,) * 10, record)


def at_width(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "terminal_columns", lambda: columns)
    monkeypatch.setattr(photo_list, "terminal_columns", lambda: columns)


def test_a_narrow_terminal_keeps_the_path(
    photo: ScoredPhoto, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """At 80 columns, date and camera make room; the path is folded, never cut off."""
    at_width(80, monkeypatch)
    print_photos([photo], ListFormat.TABLE)
    shown = capsys.readouterr().out
    assert "Tamis" not in shown
    assert "".join(line[26:] for line in shown.splitlines()[1:]).replace(" ", "") == str(
        PATH
    ).replace(" ", "")


def test_a_wide_terminal_shows_date_and_camera(
    photo: ScoredPhoto, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With room for everything, everything is shown, and no line ends in blanks."""
    at_width(200, monkeypatch)
    print_photos([photo], ListFormat.TABLE)
    lines = capsys.readouterr().out.splitlines()
    assert all(text in lines[1] for text in ("2024-10-05", "Tamis Phone 4", str(PATH)))
    assert [line.rstrip() for line in lines] == lines


def test_an_empty_list_has_no_header(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing found prints nothing."""
    print_photos([], ListFormat.TABLE)
    assert capsys.readouterr().out == ""


def test_csv_holds_no_formula(photo: ScoredPhoto, capsys: pytest.CaptureFixture[str]) -> None:
    """What a spreadsheet would run gets a quote before it, in every column of text."""
    assert photo.photo is not None
    exif = replace(photo.photo.exif, camera="@SUM(A1)")
    hostile = replace(
        photo, path=Path("=1+1.jpg"), photo=replace(photo.photo, exif=exif), period="-2+3"
    )
    print_photos([hostile], ListFormat.CSV)
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert row == {
        "rank": "1",
        "score": "9.3100",
        "sd": "1.2000",
        "generic": "7.5400",
        "path": "'=1+1.jpg",
        "taken_at": "2024-10-05T00:00:00",
        "camera": "'@SUM(A1)",
        "period": "'-2+3",
    }


def test_the_period_is_named_where_a_list_has_periods(
    photo: ScoredPhoto, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the table as the first column, in JSON as a key; a list of all has neither."""
    at_width(80, monkeypatch)
    for period, header in ((None, "rank  score"), ("2024-W40", "period    rank")):
        print_photos([replace(photo, period=period)], ListFormat.TABLE)
        assert capsys.readouterr().out.startswith(header)
        print_photos([replace(photo, period=period)], ListFormat.NDJSON)
        assert json.loads(capsys.readouterr().out).get("period") == period
