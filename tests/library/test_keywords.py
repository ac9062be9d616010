"""Keywords: replaced as a whole, the same in any case."""

from collections.abc import Callable

from photoaesth.library.database import Library
from photoaesth.library.keywords import keywords_of, set_keywords


def test_keywords_are_replaced(library: Library, add_photo: Callable[..., int]) -> None:
    """What is set last is all there is; a photo without keywords is not listed."""
    one, other = add_photo("a.jpg"), add_photo("b.jpg")
    set_keywords(library, one, ["sea", "places|Italy|Rome"])
    set_keywords(library, other, ["sea"])
    assert keywords_of(library, [one, other]) == {
        one: ("places|Italy|Rome", "sea"),
        other: ("sea",),
    }
    set_keywords(library, one, ["night"])
    set_keywords(library, other, [])
    assert keywords_of(library, [one, other]) == {one: ("night",)}


def test_case_and_empty_keywords(library: Library, add_photo: Callable[..., int]) -> None:
    """One keyword in two spellings is one, and an empty one is none."""
    photo = add_photo("a.jpg")
    set_keywords(library, photo, ["Sea", "SEA", ""])
    assert keywords_of(library, [photo]) == {photo: ("Sea",)}
    assert keywords_of(library, []) == {}


def test_hostile_keywords(library: Library, add_photo: Callable[..., int]) -> None:
    """Keywords are text and nothing else, whatever they look like."""
    photo = add_photo("a.jpg")
    hostile = {"'; DROP TABLE photos --", "<img onerror=x>", "two\nlines", "\u202eright to left"}
    set_keywords(library, photo, hostile)
    assert set(keywords_of(library, [photo])[photo]) == hostile
