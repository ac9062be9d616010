"""`xmp import`: what others said becomes ratings and keywords, once, and nothing of ours does."""

import os
import time
from typing import Any

import pytest

from photoaesth.errors import PhotoaesthError
from photoaesth.library import keywords
from photoaesth.library.database import open_library


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ({"rating": 5}, 1.0),
        ({"rating": 1}, 0.2),
        ({"rating": -1}, 0.0),
        ({"rating": "3.0"}, 0.6),
        ({"pick": 1}, 0.0),
        ({"pick": 3}, 0.8),
        ({"pick": 1, "rating": 3}, 0.0),
        ({"pick": 3, "rating": 2}, 0.4),
    ],
)
def test_stars_and_picks(desk: Any, said: dict[str, Any], value: float) -> None:
    """Stars are fifths; rejected is nothing at all; picked without stars is four of them."""
    desk.give("IMG_1.xmp", **said)
    assert desk.read().imported == 1
    assert desk.ratings() == {"IMG_1.jpg": pytest.approx(value)}


@pytest.mark.parametrize("said", [{}, {"rating": 0}, {"rating": 7}, {"rating": "x"}, {"pick": 2}])
def test_what_is_no_rating(desk: Any, said: dict[str, Any]) -> None:
    """No stars, odd ones and a pending pick say nothing."""
    desk.give("IMG_1.xmp", **said)
    assert desk.read().imported == 0
    assert desk.ratings() == {}


def test_a_second_import_says_nothing_new(desk: Any) -> None:
    """Nothing is imported twice; what changed since is, and stars taken back are."""
    desk.give("IMG_1.xmp", rating=4)
    desk.give("IMG_2.jpg.xmp", rating=2)
    first, second = desk.read(), desk.read()
    assert (first.imported, first.known) == (2, 0)
    assert (second.imported, second.known) == (0, 2)
    desk.give("IMG_1.xmp", rating=5)
    desk.give("IMG_2.jpg.xmp", rating=0)
    assert desk.read().imported == 2
    assert desk.ratings() == {"IMG_1.jpg": 1.0}


def test_our_own_stars_are_nobodys(desk: Any) -> None:
    """No feedback: what we wrote is passed over, also where another program copied it; what
    somebody made of it counts."""
    desk.write(stars=(1, 1, 1, 1))
    desk.give("IMG_2.jpg.xmp", rating=5)
    report = desk.read()
    assert (report.imported, report.ours) == (0, 6)
    assert desk.ratings() == {}
    changed = desk.sidecars()["IMG_1.xmp"].replace(b"<xmp:Rating>5<", b"<xmp:Rating>2<")
    (desk.root / "IMG_1.xmp").write_bytes(changed)
    assert desk.read().imported == 1
    assert desk.ratings() == {"IMG_1.jpg": 0.4}


def test_overwriting_takes_nobodys_rating_away(desk: Any) -> None:
    """A rating that was imported stays when we write our stars over it."""
    desk.give("IMG_1.xmp", rating=5)
    desk.read()
    desk.write(stars=(10, 10, 10, 10), overwrite=True)
    desk.read()
    assert desk.ratings() == {"IMG_1.jpg": 1.0}


def test_the_newest_word_counts(desk: Any) -> None:
    """Programs that disagree are listed with what was taken: the newest by its own date."""
    desk.give("IMG_1.xmp", rating=4, date="2026-03-01T12:00:00+01:00")
    desk.give("IMG_1.jpg.xmp", rating=2, date="2026-03-01T11:30:00Z")
    desk.give("IMG_2.xmp", rating=3)
    desk.give("IMG_2.jpg.xmp", rating=3)
    report = desk.read()
    assert desk.ratings() == {"IMG_1.jpg": 0.4, "IMG_2.jpg": 0.6}
    (conflict,) = report.conflicts
    assert conflict.photo.name == "IMG_1.jpg"
    assert [(opinion.path.name, opinion.stars) for opinion in conflict.opinions] == [
        ("IMG_1.jpg.xmp", 2),
        ("IMG_1.xmp", 4),
    ]


def test_ratings_given_here(desk: Any) -> None:
    """A rating given in this program stays against older stars, and against newer ones that an
    import brought before; stars that are news replace it."""
    desk.rate("IMG_1.jpg", 0.9)
    desk.give("IMG_1.xmp", rating=1, date="2020-01-01T00:00:00Z")
    report = desk.read()
    assert (report.imported, report.kept) == (0, 1)
    desk.give("IMG_1.xmp", rating=2, date="2100-01-01T00:00:00Z")
    assert desk.read().imported == 1
    desk.rate("IMG_1.jpg", 0.9)
    assert desk.read().kept == 1
    assert desk.ratings() == {"IMG_1.jpg": 0.9}
    desk.give("IMG_1.xmp", rating=3, date="2100-01-02T00:00:00Z")
    assert desk.read().imported == 1


@pytest.mark.parametrize("date", ["2020-01-01T00:00:00Z", ""])
def test_our_writing_makes_no_older_word_new(desk: Any, date: str) -> None:
    """A sidecar that we dated anew, twice even, speaks as of when somebody else changed it."""
    desk.give("IMG_1.xmp", rating=1, date=date)
    desk.rate("IMG_1.jpg", 0.9)
    desk.write()
    desk.write(label="Red")
    report = desk.read()
    assert (report.imported, report.kept) == (0, 1)
    assert desk.ratings() == {"IMG_1.jpg": 0.9}


def test_a_program_that_does_not_date_its_changes(desk: Any) -> None:
    """Stars that were changed after our write count as new, though the date inside is ours."""
    desk.give("IMG_1.xmp", rating=1, date="2020-01-01T00:00:00Z")
    desk.write()
    desk.rate("IMG_1.jpg", 0.9)
    changed = desk.sidecars()["IMG_1.xmp"].replace(b'xmp:Rating="1"', b'xmp:Rating="3"')
    (desk.root / "IMG_1.xmp").write_bytes(changed)
    later = time.time() + 60
    os.utime(desk.root / "IMG_1.xmp", (later, later))
    assert desk.read().imported == 1
    assert desk.ratings() == {"IMG_1.jpg": pytest.approx(0.6)}


def test_labels_as_far_as_they_are_explained(desk: Any) -> None:
    """A label is a rating only by a mapping, in any case, and never against stars."""
    desk.give("IMG_1.xmp", label="Green")
    desk.give("IMG_2.xmp", label="Rot")
    desk.give("IMG_3.xmp", label="green", rating=2)
    assert desk.read().imported == 1
    assert desk.read(labels={"green": 5, "rot": -1}).imported == 2
    assert desk.ratings() == {"IMG_1.jpg": 1.0, "IMG_2.jpg": 0.0, "IMG_3.jpg": 0.4}


def test_keywords(desk: Any) -> None:
    """Keywords are taken over with their levels, ours are not; what is gone there is gone here."""
    desk.give("IMG_1.xmp", keywords=("sea", "Italy"), hierarchical=("places|Italy",))
    desk.give("IMG_1.jpg.xmp", keywords=("boat",))
    desk.write(stars=(), keywords=frozenset({"stars"}))
    assert desk.read().keywords == 1
    assert _keywords(desk) == [("boat", "places|Italy", "sea")]
    assert desk.read().keywords == 0
    desk.give("IMG_1.xmp")
    assert desk.read().keywords == 1
    assert _keywords(desk) == [("boat",)]


def test_keywords_that_differ_in_case_alone(desk: Any) -> None:
    """They are one keyword, beyond ASCII too, and a second import finds nothing new."""
    desk.give("IMG_1.xmp", keywords=("straße", "Äpfel", "ITALY"), hierarchical=("places|Italy",))
    desk.give("IMG_1.jpg.xmp", keywords=("Straße", "äpfel"))
    assert desk.read().keywords == 1
    assert _keywords(desk) == [("places|Italy", "Straße", "Äpfel")]
    assert desk.read().keywords == 0


def test_some_folders_only(desk: Any) -> None:
    """What is named is read, the rest is left as it is; a folder without photos is refused."""
    desk.give("IMG_1.xmp", rating=1)
    desk.give("IMG_2.xmp", rating=2)
    assert desk.read(desk.root / "IMG_2.jpg").imported == 1
    assert desk.ratings() == {"IMG_2.jpg": 0.4}
    with pytest.raises(PhotoaesthError, match="nowhere is no indexed photo"):
        desk.read(desk.root / "nowhere")


def test_one_bad_sidecar_does_not_stop_the_others(desk: Any) -> None:
    """A broken one is named; its photo keeps the rating that it had."""
    for name in ("IMG_1.xmp", "IMG_2.xmp"):
        desk.give(name, rating=4)
    desk.read()
    (desk.root / "IMG_1.xmp").write_bytes(b"<x:xmpmeta")
    desk.give("IMG_2.xmp", rating=5)
    report = desk.read()
    assert [skipped.path.name for skipped in report.skipped] == ["IMG_1.xmp"]
    assert desk.ratings() == {"IMG_1.jpg": 0.8, "IMG_2.jpg": 1.0}


def _keywords(desk: Any) -> list[tuple[str, ...]]:
    with open_library(desk.library) as library:
        ids = [row[0] for row in library.connection.execute("SELECT id FROM photos")]
        return list(keywords.keywords_of(library, ids).values())
