"""Choices as data: import, export, undo, conflicts."""

import os
from pathlib import Path

import pytest

from photoaesth.domain import Outcome
from photoaesth.errors import PhotoaesthError
from photoaesth.library import comparisons, ratings
from photoaesth.library.database import open_library
from photoaesth.workflows.comparisons import (
    Conflict,
    export_comparisons,
    import_comparisons,
    list_comparisons,
    list_conflicts,
    undo_comparisons,
)


@pytest.fixture
def abc(place):
    """Three indexed photos."""
    place.add("a.jpg", "b.jpg", "c.jpg")
    place.index()
    return place


def take(place, text: str | bytes, profile: str = "me"):
    """Import a CSV file that lies in the photos' folder."""
    file = place.root / "choices.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return import_comparisons(place.library, profile, file)


def answers(place, profile: str = "me") -> list[tuple[str, str, str]]:
    return [
        (choice.left.name, choice.right.name, choice.outcome)
        for choice in list_comparisons(place.library, profile)
    ]


def rated(place, profile: str = "me") -> dict[str, float]:
    """The ratings that count, by name."""
    with open_library(place.library) as library:
        known = ratings.ratings(library, comparisons.profile_id(library, profile))
    names = {place.photo(path): path.name for path in place.root.glob("*.jpg")}
    return {names[photo]: value for photo, value in known.items()}


def twin_of(place, library: Path):
    """The same photos in a fresh library."""
    from dataclasses import replace

    twin = replace(place, library=library)
    twin.index()
    return twin


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("winner,loser\na.jpg,b.jpg\n", [("a.jpg", "b.jpg", "left")]),
        (
            "winner,loser,outcome\na.jpg,b.jpg,\na.jpg,c.jpg,tie\nb.jpg,c.jpg,skip\n",
            [("a.jpg", "b.jpg", "left"), ("a.jpg", "c.jpg", "tie"), ("b.jpg", "c.jpg", "skip")],
        ),
        (
            "left,right,outcome\na.jpg,b.jpg,right\na.jpg,c.jpg,LEFT\n",
            [("a.jpg", "b.jpg", "right"), ("a.jpg", "c.jpg", "left")],
        ),
        ("\ufeffwinner,loser\r\na.jpg,b.jpg\r\n", [("a.jpg", "b.jpg", "left")]),
        ("loser, winner ,why\nb.jpg, a.jpg,sharper\n", [("a.jpg", "b.jpg", "left")]),
        ('"winner","loser"\n"a.jpg","b.jpg"', [("a.jpg", "b.jpg", "left")]),
        ("winner,loser\n../photos/a.jpg,./b.jpg\n\n", [("a.jpg", "b.jpg", "left")]),
        ("winner,loser\n", []),
    ],
    ids=["winner", "ties", "sides", "bom", "spaces", "quoted", "relative", "no rows"],
)
def test_import_reads(abc, text: str, expected: list[tuple[str, str, str]]) -> None:
    """Both headers, ties and skips, a byte-order mark, quotes and paths relative to the file."""
    report = take(abc, text)
    assert (report.imported, report.known, report.skipped) == (len(expected), 0, [])
    assert answers(abc) == expected


def test_import_reads_absolute_paths(abc, tmp_path: Path) -> None:
    """A file that lies elsewhere names photos by absolute paths."""
    file = tmp_path / "elsewhere.csv"
    file.write_text(f"winner,loser\n{abc.root / 'a.jpg'},{abc.root / 'b.jpg'}\n")
    assert import_comparisons(abc.library, "me", file).imported == 1


@pytest.mark.skipif(os.name == "nt", reason="Windows forbids these characters")
@pytest.mark.parametrize(
    "name", ['a, "the first".jpg', "two\nlines.jpg", "cr\rhere.jpg", "line\u2028sep.jpg", "~a.jpg"]
)
def test_names_with_special_characters_go_through_csv(place, tmp_path: Path, name: str) -> None:
    """Commas, quotes and line breaks of any kind in names survive export and import."""
    odd, plain = place.draw(place.root / name, seed=1), place.draw(place.root / "b.jpg", seed=2)
    place.index()
    place.choose(odd, plain)
    assert export_comparisons(place.library, "me", tmp_path / "out.csv") == 1
    twin = twin_of(place, tmp_path / "twin.db")
    report = import_comparisons(twin.library, "me", tmp_path / "out.csv")
    assert (report.imported, report.skipped) == (1, [])
    assert twin.choices() == [(name, "b.jpg")]


@pytest.mark.skipif(os.name == "nt", reason="Windows names are Unicode")
def test_names_that_are_not_utf8_go_through_csv(place, tmp_path: Path) -> None:
    """A name of any bytes is written and read back byte by byte."""
    try:
        odd = place.draw(place.root / os.fsdecode(b"caf\xe9.jpg"), seed=1)
    except OSError:
        pytest.skip("this file system refuses the name")
    plain = place.draw(place.root / "b.jpg", seed=2)
    place.index()
    place.choose(plain, odd)
    export_comparisons(place.library, "me", tmp_path / "out.csv")
    assert b"caf\xe9.jpg" in (tmp_path / "out.csv").read_bytes()
    twin = twin_of(place, tmp_path / "twin.db")
    assert import_comparisons(twin.library, "me", tmp_path / "out.csv").imported == 1


def test_rows_that_cannot_be_used_are_named_with_their_line(abc) -> None:
    """Unknown photos, unknown outcomes and pairs of one photo are skipped, each with the line."""
    report = take(
        abc,
        "winner,loser,outcome\n"
        "a.jpg,b.jpg,\n"
        "nowhere.jpg,b.jpg,\n"
        "a.jpg\n"
        "a.jpg,./a.jpg,\n"
        "a.jpg,b.jpg,maybe\n"
        "a.jpg,b.jpg,right\n",
    )
    assert report.imported == 1
    assert [(skipped.path.name, skipped.reason) for skipped in report.skipped] == [
        ("choices.csv:3", "nowhere.jpg is not in the library; index its folder first"),
        ("choices.csv:4", "an empty path is not in the library; index its folder first"),
        ("choices.csv:5", "both paths are the same photo"),
        ("choices.csv:6", "the outcome 'maybe' is none of tie, skip"),
        ("choices.csv:7", "the outcome 'right' is none of tie, skip"),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"a.jpg,b.jpg\n", "does not start with the header winner,loser or left,right,outcome"),
        (b"left,right\na.jpg,b.jpg\n", "does not start with the header"),
        (b"", "does not start with the header"),
        (b"winner,loser\n" + b'"' + b"x" * 200_000 + b'",b.jpg\n', "line 2: field larger"),
    ],
    ids=["no header", "half a header", "empty", "endless field"],
)
def test_file_that_is_no_list_of_choices(abc, text: bytes, message: str) -> None:
    """A wrong header or broken CSV is one line, and nothing is imported."""
    with pytest.raises(PhotoaesthError, match=message):
        take(abc, text)
    assert answers(abc) == []


def test_file_that_cannot_be_read(abc) -> None:
    """A missing file, or a folder, is one line with the reason."""
    for path, reason in ((abc.root / "no.csv", "no such file"), (abc.root, "directory")):
        with pytest.raises(PhotoaesthError, match=f"cannot read .*{reason}"):
            import_comparisons(abc.library, "me", path)


def test_importing_again_adds_nothing(abc) -> None:
    """The same file, or its rows in another file, are known; repeats within one file count."""
    text = "winner,loser\na.jpg,b.jpg\na.jpg,b.jpg\nb.jpg,c.jpg\n"
    assert take(abc, text).imported == 3
    again = take(abc, text)
    assert (again.imported, again.known) == (0, 3)
    one_more = take(abc, text + "a.jpg,b.jpg\nb.jpg,a.jpg\n")
    assert (one_more.imported, one_more.known) == (2, 3)


def test_importing_again_knows_photos_that_were_changed_or_moved(abc) -> None:
    """Rows stay known when a photo was written to or lies elsewhere by now."""
    assert take(abc, "winner,loser\na.jpg,b.jpg\n").imported == 1
    a = abc.root / "a.jpg"
    a.write_bytes(a.read_bytes() + b"rating")
    (abc.root / "b.jpg").rename(abc.root / "moved.jpg")
    abc.index()
    report = take(abc, "winner,loser\na.jpg,moved.jpg\n")
    assert (report.imported, report.known) == (0, 1)


def test_retracted_rows_count_again_after_import(abc) -> None:
    """Importing after undo revives the answers that were taken back."""
    text = "winner,loser\na.jpg,b.jpg\nb.jpg,c.jpg\n"
    take(abc, text)
    undo_comparisons(abc.library, "me", 2)
    assert answers(abc) == []
    assert take(abc, text).imported == 2
    assert len(answers(abc)) == 2


def test_libraries_do_not_take_each_others_rows_for_their_own(place, tmp_path: Path) -> None:
    """Choices imported into two libraries with other photos can be brought together."""
    others = [place.draw(place.root / "x" / f"{n}.jpg", seed=10 + n) for n in range(2)]
    ours = [place.draw(place.root / "y" / f"{n}.jpg", seed=20 + n) for n in range(2)]
    for number, (library, paths) in enumerate({"one": others, "two": ours}.items()):
        place.library = tmp_path / f"{library}.db"
        place.index(paths[0].parent)
        assert take(place, f"winner,loser\n{paths[0]},{paths[1]}\n").imported == 1
        if not number:
            export_comparisons(place.library, "me", tmp_path / "one.csv")
    place.index(others[0].parent)
    report = import_comparisons(place.library, "me", tmp_path / "one.csv")
    assert (report.imported, report.known) == (1, 0)


def test_export_and_import_into_a_fresh_library(abc, tmp_path: Path) -> None:
    """Every answer arrives with sides, outcome, time and uid; doing it twice adds nothing."""
    take(abc, "left,right,outcome\na.jpg,b.jpg,right\nc.jpg,a.jpg,tie\nb.jpg,c.jpg,skip\n")
    file = tmp_path / "out.csv"
    assert export_comparisons(abc.library, "me", file) == 3
    twin = twin_of(abc, tmp_path / "twin.db")
    assert import_comparisons(twin.library, "me", file).imported == 3
    assert import_comparisons(twin.library, "me", file).known == 3
    before, after = (list_comparisons(p.library, "me") for p in (abc, twin))
    for old, new in zip(before, after, strict=True):
        assert (old.left, old.right, old.outcome) == (new.left, new.right, new.outcome)
        assert (old.created_at, old.uid) == (new.created_at, new.uid)


def test_another_profile_can_import_the_same_export(abc, tmp_path: Path) -> None:
    """One person's choices can be given to another profile of the same library."""
    take(abc, "winner,loser\na.jpg,b.jpg\n")
    export_comparisons(abc.library, "me", tmp_path / "out.csv")
    assert import_comparisons(abc.library, "other", tmp_path / "out.csv").imported == 1
    assert answers(abc, "other") == answers(abc)


def test_times_are_taken_over_in_utc_or_not_at_all(abc) -> None:
    """A time with its zone is converted; anything else becomes the time of import."""
    take(
        abc,
        "winner,loser,created_at\n"
        "a.jpg,b.jpg,2026-01-02T03:04:05+02:00\n"
        "b.jpg,c.jpg,2026-01-02 03:04\n"
        "a.jpg,c.jpg,\x1b[31myesterday\n",
    )
    times = [choice.created_at for choice in list_comparisons(abc.library, "me")]
    assert times[0] == "2026-01-02T01:04:05.000+00:00"
    assert all(time > "2026-01-02T03:05" and time.endswith("+00:00") for time in times[1:])


@pytest.mark.parametrize("uid", ["=1+1", "@x", "-5", "'=1+1", "''+x", "'quoted'", "plain"])
def test_spreadsheet_formulas_are_neutralised_and_come_back(abc, tmp_path: Path, uid: str) -> None:
    """No exported cell begins like a formula, and every cell is read back as it was."""
    take(abc, f'left,right,outcome,uid\na.jpg,b.jpg,left,"{uid}"\n')
    before = list_comparisons(abc.library, "me")[0].uid
    file = tmp_path / "out.csv"
    export_comparisons(abc.library, "me", file)
    cells = file.read_text().splitlines()[1].split(",")
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)
    assert import_comparisons(abc.library, "me", file).known == 1
    twin = twin_of(abc, tmp_path / "twin.db")
    import_comparisons(twin.library, "me", file)
    assert list_comparisons(twin.library, "me")[0].uid == before


def test_export_refuses_to_overwrite(abc, tmp_path: Path) -> None:
    """An existing file is kept unless asked otherwise; a missing folder is one line."""
    file = tmp_path / "out.csv"
    file.write_text("mine")
    with pytest.raises(PhotoaesthError, match=r"exists; .*--overwrite"):
        export_comparisons(abc.library, "me", file)
    assert file.read_text() == "mine"
    export_comparisons(abc.library, "me", file, overwrite=True)
    assert file.read_text().startswith("left,right,outcome")
    with pytest.raises(PhotoaesthError, match="cannot write"):
        export_comparisons(abc.library, "me", tmp_path / "no" / "out.csv")


def test_undo_takes_back_the_latest_first(abc) -> None:
    """The last n answers go, latest first; asking for more than there are is no error."""
    take(abc, "winner,loser\na.jpg,b.jpg\nb.jpg,c.jpg\na.jpg,c.jpg\n")
    undone = undo_comparisons(abc.library, "me", 2)
    assert [(c.left.name, c.right.name) for c in undone] == [("a.jpg", "c.jpg"), ("b.jpg", "c.jpg")]
    assert answers(abc) == [("a.jpg", "b.jpg", Outcome.LEFT)]
    assert undo_comparisons(abc.library, "other", 5) == []
    assert len(undo_comparisons(abc.library, "me", 5)) == 1


def test_conflicts_are_listed_once_with_their_kind(abc) -> None:
    """A pair chosen both ways is direct; a circle leaves an inferred contradiction."""
    a, b, c = (abc.root / f"{name}.jpg" for name in "abc")
    assert list_conflicts(abc.library, "me") == []
    take(abc, "winner,loser\na.jpg,b.jpg\nb.jpg,a.jpg\n")
    assert list_conflicts(abc.library, "me") == [Conflict(a, b, "direct")]
    take(abc, "winner,loser\na.jpg,b.jpg\nb.jpg,c.jpg\nc.jpg,a.jpg\n", profile="circle")
    circle = list_conflicts(abc.library, "circle")
    assert {conflict.kind for conflict in circle} == {"inferred"}
    pairs = [{conflict.winner, conflict.loser} for conflict in circle]
    assert sorted(map(sorted, pairs)) == [[a, b], [a, c], [b, c]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("photo,stars\na.jpg,5\nb.jpg,1\nc.jpg,-1\n", {"a.jpg": 1.0, "b.jpg": 0.2, "c.jpg": 0.0}),
        ("photo,stars\na.jpg,0\nb.jpg,\nc.jpg,3\n", {"c.jpg": 0.6}),
        ("rating, photo\n10, a.jpg\n0, b.jpg\n,c.jpg\n", {"a.jpg": 1.0, "b.jpg": 0.0}),
        ("photo,rating\na.jpg,7.5\n", {"a.jpg": 0.75}),
        ("photo,stars\na.jpg,1\n./a.jpg,4\n", {"a.jpg": 0.8}),
    ],
    ids=["stars", "unrated", "ratings", "decimals", "twice"],
)
def test_import_reads_ratings(abc, text: str, expected: dict[str, float]) -> None:
    """Stars with rejected and unrated photos, 0 to 10 with decimals; the last row of a photo."""
    report = take(abc, text)
    assert (report.kind, report.imported, report.skipped) == ("ratings", len(expected), [])
    assert rated(abc) == pytest.approx(expected)
    assert answers(abc) == []


def test_importing_ratings_again_adds_what_is_new(abc) -> None:
    """A grown file adds its new rows, a changed one replaces, an unrated photo loses its rating."""
    assert take(abc, "photo,stars\na.jpg,4\nb.jpg,2\n").imported == 2
    again = take(abc, "photo,stars\na.jpg,4\nb.jpg,2\nc.jpg,5\n")
    assert (again.imported, again.known) == (1, 2)
    changed = take(abc, "photo,stars\na.jpg,1\nb.jpg,0\nc.jpg,5\n")
    assert (changed.imported, changed.known) == (2, 1)
    assert rated(abc) == {"a.jpg": 0.2, "c.jpg": 1.0}
    assert rated(abc, "other") == {}


def test_ratings_that_cannot_be_used_are_named_with_their_line(abc) -> None:
    """Unknown photos and values off the scale are skipped; what follows is still read."""
    report = take(
        abc, "photo,stars\nnowhere.jpg,3\na.jpg,6\na.jpg,-2\na.jpg,nan\nb.jpg,good\nc.jpg,2\n"
    )
    assert report.imported == 1
    assert [(skipped.path.name, skipped.reason) for skipped in report.skipped] == [
        ("choices.csv:2", "nowhere.jpg is not in the library; index its folder first"),
        ("choices.csv:3", "stars '6' is not from 0 to 5"),
        ("choices.csv:4", "stars '-2' is not from 0 to 5"),
        ("choices.csv:5", "stars 'nan' is not from 0 to 5"),
        ("choices.csv:6", "stars 'good' is no number"),
    ]


def test_choices_with_a_column_of_photos_are_choices(abc) -> None:
    """A file of choices may have further columns of any name."""
    report = take(abc, "photo,winner,loser\n1,a.jpg,b.jpg\n")
    assert (report.kind, report.imported) == ("choices", 1)
