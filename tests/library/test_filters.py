"""Which photos pass a filter."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from photoaesth.library import comparisons, ratings
from photoaesth.library.database import Library
from photoaesth.library.filters import Orientation, PhotoFilter, Span, condition
from photoaesth.library.keywords import set_keywords

AddPhoto = Callable[..., int]
Passing = Callable[..., str]


@pytest.fixture
def passing(library: Library) -> Passing:
    """Return the names of those that pass in one word."""

    def names(**chosen: object) -> str:
        passes, values = condition(PhotoFilter(**chosen))
        query = f"SELECT path FROM photos p JOIN files f ON f.photo_id = p.id WHERE {passes}"  # noqa: S608 - it is what is tested
        rows = library.connection.execute(f"{query} ORDER BY path", values)
        return "".join(Path(os.fsdecode(path)).stem for (path,) in rows)

    return names


def test_lens(add_photo: AddPhoto, passing: Passing) -> None:
    """A lens is found by any part of its name in any case, accents included."""
    add_photo("a.jpg", lens="Éclair 50 mm f/1.4")
    add_photo("b.jpg", lens="EF24-70mm f/2.8L II USM")
    add_photo("c.jpg")
    assert passing() == "abc"
    assert passing(lens="24-70MM") == "b"
    assert passing(lens="éCLAIR") == "a"
    assert passing(lens="f/") == "ab"
    assert passing(lens="%") == ""


def test_focal_length_and_sensitivity(add_photo: AddPhoto, passing: Passing) -> None:
    """Both bounds of a range belong to it, either may be open, and no value lies in none."""
    add_photo("a.jpg", focal_length_mm=24.0, iso=100)
    add_photo("b.jpg", focal_length_mm=50.0, iso=400)
    add_photo("c.jpg", focal_length_mm=70.0, iso=3200)
    add_photo("d.jpg")
    assert passing(focal_mm=Span(24, 70)) == "abc"
    assert passing(focal_mm=Span(24.5, 69.5)) == "b"
    assert passing(focal_mm=Span(50, 50)) == "b"
    assert passing(focal_mm=Span(50, None)) == "bc"
    assert passing(focal_mm=Span(None, 50)) == "ab"
    assert passing(iso=Span(400, None)) == "bc"
    assert passing(iso=Span(100, 400), focal_mm=Span(None, 24)) == "a"


def test_orientation(add_photo: AddPhoto, passing: Passing) -> None:
    """Every photo has one orientation; a square may be off by one per cent, as crops are."""
    shapes = {"a": (300, 200), "b": (200, 300), "c": (200, 200), "d": (1000, 990), "e": (1000, 989)}
    for name, size in shapes.items():
        add_photo(f"{name}.jpg", size=size)
    found = {shape.value: passing(orientation=shape) for shape in Orientation}
    assert found == {"landscape": "ae", "portrait": "b", "square": "cd"}


def test_place(add_photo: AddPhoto, passing: Passing) -> None:
    """The equator is a place; half a place is none."""
    add_photo("a.jpg", latitude=0.0, longitude=0.0)
    add_photo("b.jpg", latitude=10.0)
    add_photo("c.jpg")
    assert passing(has_gps=True) == "a"


def test_rated_is_about_one_profile_and_ratings_in_force(
    library: Library, add_photo: AddPhoto, passing: Passing
) -> None:
    """What others rated, and what was taken back, is not rated."""
    me, other = (comparisons.profile_id(library, name) for name in ("me", "other"))
    mine, taken_back, theirs = (add_photo(f"{name}.jpg") for name in "abc")
    ratings.set_ratings(library, me, {mine: 0.5, taken_back: 0.5}, source="import")
    ratings.set_ratings(library, me, {taken_back: None}, source="import")
    ratings.set_ratings(library, other, {theirs: 0.0}, source="import")
    assert passing(rated=True, rater=me) == "a"
    assert passing(rated=False, rater=me) == "bc"
    assert passing(rated=True, rater=other) == "c"


def test_tag_is_a_keyword_or_one_of_its_levels(
    library: Library, add_photo: AddPhoto, passing: Passing
) -> None:
    """In any case, whole, and however an accent is written; part of a word is no tag."""
    for name, keyword in {
        "a": "Places|Italy|Rome",
        "b": "rome",
        "c": "Romeo",
        "d": "Été",
        "e": "E\u0301te\u0301",  # as macOS writes it
    }.items():
        set_keywords(library, add_photo(f"{name}.jpg"), [keyword, "all of them"])

    def tagged(*tags: str) -> str:
        return passing(tags=tags, labels=(0,) * len(tags))

    assert tagged("ROME") == "ab"
    assert tagged("italy|rome") == "a"
    assert tagged("été") == "de"
    assert tagged("All Of Them") == "abcde"
    assert tagged("rome", "italy") == "a"
    assert tagged("rom") == tagged("ital|rome") == tagged("%") == ""


def test_tag_is_a_label_too(library: Library, add_photo: AddPhoto, passing: Passing) -> None:
    """A photo passes by a keyword or by a label, and needs no more than one of the two."""
    for name, mask in {"a": 0b101, "b": 0b100, "c": 0b010}.items():
        photo = add_photo(f"{name}.jpg")
        with library.transaction() as connection:
            connection.execute("INSERT INTO attributes VALUES (?, '1', x'', ?)", (photo, mask))
    set_keywords(library, add_photo("d.jpg"), ["macro"])
    add_photo("e.jpg")
    assert passing(tags=("macro",), labels=(0b100,), looks="1") == "abd"
    assert passing(tags=("macro", "sea"), labels=(0b100, 0b001), looks="1") == "a"
    assert passing(tags=("macro",), labels=(0b100,), looks="2") == "d", "of another version"
