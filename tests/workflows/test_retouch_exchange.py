"""Retouches as files: handed over and taken over, as parameters and as pairs of pictures."""

import csv
import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from photoaesth.enhance.copies import write_copy
from photoaesth.errors import PhotoaesthError, UsageError
from photoaesth.library import comparisons, ratings, retouches
from photoaesth.library.database import open_library
from photoaesth.library.found import content_hash
from photoaesth.library.retouches import NewOrder, NewRetouch
from photoaesth.workflows.retouch.export import export_retouches
from photoaesth.workflows.retouch.importing import ImportReport, import_retouches

LOOK = {"exposure": 0.4, "temperature": 0.2, "contrast": 0.15, "saturation": -0.2}


@pytest.fixture
def shelf(place: Any) -> Any:
    """Three indexed photos."""
    place.add("a.jpg", "b.jpg", "c.jpg", size=(240, 160))
    place.index()
    return place


@pytest.fixture
def rated(shelf: Any) -> Any:
    """The same, two of them retouched, rated and put in order."""
    a, b, c = (shelf.photo(shelf.root / f"{name}.jpg") for name in "abc")
    with open_library(shelf.library) as library:
        me = comparisons.profile_id(library, "me")
        edits = [NewRetouch(a, "r", LOOK, 0.4, 0.85), NewRetouch(b, "r", {}, None, None)]
        retouches.add_retouches(library, me, edits, source="retouch")
        retouches.add_orders(library, me, [NewOrder([c, a, b], "r")], source="rerank")
        ratings.set_ratings(library, me, {a: 0.4, c: 0.95}, source="rerank")
    return shelf


def _facts(place: Any) -> list[Any]:
    """Edits, orders and ratings in words that mean the same in every library."""
    names = {place.photo(path): path.name for path in place.root.glob("*.jpg")}
    with open_library(place.library) as library:
        me = comparisons.profile_id(library, "me")
        edits = [
            (names[e.photo], e.parameters, e.rating_before, e.rating_after, e.uid, e.round)
            for e in retouches.retouches(library, me)
        ]
        orders = [
            (o.uid, o.round, [names[p] for p in o.photos]) for o in retouches.orders(library, me)
        ]
        values = {names[p]: value for p, value in ratings.ratings(library, me).items()}
    return [edits, orders, values]


def _take(place: Any, text: str) -> ImportReport:
    """Import a CSV file that lies in the photos' folder."""
    file = place.root / "edits.csv"
    file.write_text(text)
    return import_retouches(place.library, "me", file)


def test_a_hand_over_comes_back_in_another_library(rated: Any, tmp_path: Path) -> None:
    """Edits, ratings and orders are the same there, times and rounds too, and nothing is twice."""
    file = tmp_path / "out.zip"
    report = export_retouches(rated.library, "me", file)
    assert (report.retouches, report.orders, report.skipped) == (2, 1, [])
    twin = replace(rated, library=tmp_path / "twin.db")
    twin.index()
    taken = import_retouches(twin.library, "me", file)
    assert (taken.imported, taken.known, taken.orders, taken.skipped) == (2, 0, 1, [])
    assert _facts(twin) == _facts(rated)
    with open_library(twin.library) as library:
        me = comparisons.profile_id(library, "me")
        ratings.set_ratings(library, me, {twin.photo(twin.root / "a.jpg"): 0.1}, source="import")
    before = _facts(twin)
    again = import_retouches(twin.library, "me", file)
    assert (again.imported, again.known, again.orders) == (0, 2, 0)
    assert _facts(twin) == before  # what was rated since then counts


def test_a_hand_over_holds_copies_and_tables(rated: Any, tmp_path: Path) -> None:
    """Checksums and parameters as JSON and CSV; the edited copy is the one `enhance` writes."""
    file = tmp_path / "out.zip"
    export_retouches(rated.library, "me", file)
    expected = write_copy(rated.root / "a.jpg", tmp_path / "a.jpg", LOOK).read_bytes()
    with zipfile.ZipFile(file) as zipped:
        document = json.loads(zipped.read("retouches.json"))
        edits = list(csv.DictReader(io.StringIO(zipped.read("retouches.csv").decode())))
        orders = list(csv.DictReader(io.StringIO(zipped.read("orders.csv").decode())))
        assert zipped.read("edited/0001-a.jpg") == expected
        assert len(zipped.namelist()) == 5
    first = document["retouches"][0]
    assert first["photo"] == content_hash((rated.root / "a.jpg").read_bytes())
    assert (first["parameters"], first["rating_before"], first["rating_after"]) == (LOOK, 4, 8.5)
    assert first["edited"] == edits[0]["edited"] == "edited/0001-a.jpg"
    assert (edits[0]["exposure"], edits[0]["tint"], edits[1]["exposure"]) == ("0.4", "0", "0")
    assert (edits[0]["saturation"], edits[0]["rating_after"]) == ("-0.2", "8.5")
    assert [(row["place"], Path(row["photo"]).name, row["rating"]) for row in orders] == [
        ("1", "c.jpg", "9.5"),
        ("2", "a.jpg", "4"),
        ("3", "b.jpg", ""),
    ]


def test_the_table_of_a_hand_over_can_be_imported_by_itself(rated: Any, tmp_path: Path) -> None:
    """retouches.csv says the same edits as the whole file."""
    export_retouches(rated.library, "me", tmp_path / "out.zip")
    with zipfile.ZipFile(tmp_path / "out.zip") as zipped:
        zipped.extract("retouches.csv", tmp_path)
    twin = replace(rated, library=tmp_path / "twin.db")
    twin.index()
    assert import_retouches(twin.library, "me", tmp_path / "retouches.csv").imported == 2
    assert _facts(twin)[0] == _facts(rated)[0]


def test_an_original_that_is_gone_is_handed_over_without_its_copy(
    rated: Any, tmp_path: Path
) -> None:
    """The facts are there, the missing copy is named, and the next one is written."""
    (rated.root / "a.jpg").unlink()
    report = export_retouches(rated.library, "me", tmp_path / "out.zip")
    assert [item.path.name for item in report.skipped] == ["a.jpg"]
    with zipfile.ZipFile(tmp_path / "out.zip") as zipped:
        document = json.loads(zipped.read("retouches.json"))
    assert [edit["edited"] for edit in document["retouches"]] == ["", "edited/0002-b.jpg"]
    assert list(tmp_path.glob(".photoaesth-*")) == []


def test_a_file_is_not_replaced_unasked(rated: Any, tmp_path: Path) -> None:
    """An existing target stays as it was; so do all others when nothing was retouched."""
    file = tmp_path / "out.zip"
    file.write_bytes(b"mine")
    with pytest.raises(PhotoaesthError, match="--overwrite"):
        export_retouches(rated.library, "me", file)
    assert file.read_bytes() == b"mine"
    export_retouches(rated.library, "me", file, overwrite=True)
    assert zipfile.is_zipfile(file)
    with pytest.raises(PhotoaesthError, match="retouched nothing yet"):
        export_retouches(rated.library, "other", file, overwrite=True)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is not a file of retouches"),
        (b"PK\x03\x04 broken", "is not a file of retouches"),
        ({"other.json": "{}"}, "is not a file of retouches"),
        ({"retouches.json": "[1]"}, "is not a file of retouches"),
        ({"retouches.json": '{"format": "x"}'}, "is not a file of retouches"),
        ({"retouches.json": "[" * 100_000}, "is not a file of retouches"),
        (
            {"retouches.json": '{"format": "photoaesth-retouches", "version": 2}'},
            "by a newer photoaesth",
        ),
        (
            {
                "retouches.json": '{"format": "photoaesth-retouches", "version": 1, '
                '"retouches": [{"uid": 1}], "orders": [], "ratings": {}}'
            },
            "is not a file of retouches",
        ),
    ],
)
def test_another_file_is_refused(shelf: Any, tmp_path: Path, content: Any, said: str) -> None:
    """One line, whatever the file holds; nothing is stored."""
    file = tmp_path / "in.zip"
    if isinstance(content, bytes):
        file.write_bytes(content)
    else:
        with zipfile.ZipFile(file, "w") as zipped:
            for name, text in content.items():
                zipped.writestr(name, text)
    with pytest.raises(PhotoaesthError, match=said) as refusal:
        import_retouches(shelf.library, "me", file)
    assert "\n" not in str(refusal.value)
    assert _facts(shelf) == [[], [], {}]


def test_photos_that_are_not_here_are_skipped(rated: Any, tmp_path: Path) -> None:
    """Of a file about three photos, a library of one takes what concerns it."""
    export_retouches(rated.library, "me", tmp_path / "out.zip")
    (rated.root / "b.jpg").unlink()
    (rated.root / "c.jpg").unlink()
    twin = replace(rated, library=tmp_path / "twin.db")
    twin.index()
    report = import_retouches(twin.library, "me", tmp_path / "out.zip")
    assert (report.imported, report.orders, len(report.skipped)) == (1, 0, 2)
    assert "b.jpg is not in the library" in report.skipped[0].reason


def test_parameters_are_imported_once(shelf: Any) -> None:
    """Names, values and ratings of a table; known rows are passed over, others are new."""
    text = "photo,exposure,contrast,rating_before\na.jpg,0.5,-0.1,3\nb.jpg,,0.2,\n"
    report = _take(shelf, text)
    assert (report.imported, report.known, report.skipped) == (2, 0, [])
    edits, _, values = _facts(shelf)
    assert [edit[:4] for edit in edits] == [
        ("a.jpg", {"exposure": 0.5, "contrast": -0.1}, 0.3, None),
        ("b.jpg", {"contrast": 0.2}, None, None),
    ]
    assert values == {"a.jpg": 0.3}
    report = _take(shelf, text + "c.jpg,1,0,\n")
    assert (report.imported, report.known) == (1, 2)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("a.jpg,9,5", r"exposure is 9.0, outside \[-3.0, 3.0\]"),
        ("a.jpg,x,5", "could not convert string to float: 'x'"),
        ("a.jpg,nan,5", "exposure is nan"),
        ("a.jpg,1,11", "rating_after '11' is not from 0 to 10"),
        ("z.jpg,1,5", "z.jpg is not in the library"),
    ],
)
def test_a_row_that_makes_no_sense_is_named(shelf: Any, row: str, said: str) -> None:
    """The line and the reason are told, and the other rows are taken."""
    report = _take(shelf, f"photo,exposure,rating_after\n{row}\nb.jpg,1,5\n")
    assert report.imported == 1
    (skipped,) = report.skipped
    assert skipped.path.name == "edits.csv:2"
    with pytest.raises(AssertionError, match=said):
        raise AssertionError(skipped.reason)


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("photo,exposre", "does not start with the header original,edited, nor with photo"),
        ("photo,exposure,contrst", "a column that is no parameter: contrst"),
        ("exposure,contrast", "does not start with the header"),
        ("", "does not start with the header"),
    ],
)
def test_a_misspelt_column_is_refused(shelf: Any, header: str, said: str) -> None:
    """It must not be taken for a parameter that nobody moved."""
    with pytest.raises(PhotoaesthError, match=said):
        _take(shelf, f"{header}\na.jpg,1,2\n")


def test_another_kind_of_file_is_wrong_usage(shelf: Any, tmp_path: Path) -> None:
    """Neither .zip nor .csv: said by the name alone."""
    with pytest.raises(UsageError, match=r"neither a \.zip nor a \.csv"):
        import_retouches(shelf.library, "me", tmp_path / "edits.json")


def test_an_edit_made_elsewhere_is_recovered(shelf: Any) -> None:
    """From the pictures alone the edit is met to less than a ΔE2000 of 1, and once is enough."""
    write_copy(shelf.root / "a.jpg", shelf.root / "out" / "a.png", LOOK)
    text = "original,edited,rating_before,rating_after\na.jpg,out/a.png,2,9\n"
    report = _take(shelf, text)
    assert (report.imported, report.skipped) == (1, [])
    (found,) = report.recovered
    assert found.before > 5
    assert found.after < 1
    ((name, parameters, *rating, _, _),) = _facts(shelf)[0]
    assert (name, rating) == ("a.jpg", [0.2, 0.9])
    again = write_copy(shelf.root / "a.jpg", shelf.root / "out" / "again.png", parameters)
    pictures = [
        np.asarray(Image.open(p), np.float32) for p in (again, shelf.root / "out" / "a.png")
    ]
    assert np.abs(pictures[0] - pictures[1]).mean() < 3
    report = _take(shelf, text)
    assert (report.imported, report.known, report.recovered) == (0, 1, [])


def test_another_crop_is_skipped(shelf: Any) -> None:
    """Another aspect ratio, another part of the photo, another photo, no picture: each is said."""
    with Image.open(shelf.root / "a.jpg") as picture:
        picture.crop((0, 0, 240, 120)).save(shelf.root / "wide.png")
        picture.crop((24, 16, 216, 144)).save(shelf.root / "inner.png")
    (shelf.root / "text.png").write_text("no picture")
    rows = "".join(
        f"a.jpg,{name}\n" for name in ("wide.png", "inner.png", "b.jpg", "text.png", "no.png")
    )
    report = _take(shelf, f"original,edited\n{rows}")
    assert report.imported == 0
    assert [item.path.name for item in report.skipped] == [f"edits.csv:{n}" for n in range(2, 7)]
    reasons = [item.reason for item in report.skipped]
    assert all("shows another part of the photo, or another photo" in r for r in reasons[:3])
    assert "text.png: not an image" in reasons[3]
    assert "cannot read" in reasons[4]
