"""Comparing among photos that pass a filter."""

import pytest

from photoaesth.errors import PhotoaesthError
from photoaesth.library import comparisons, ratings
from photoaesth.library.database import open_library
from photoaesth.library.keywords import set_keywords
from photoaesth.workflows.compare import CompareOptions, PhotoFilter, compare_session


def asked_about(place, profile: str, **chosen: object) -> set[str]:
    """Return the names of all photos that a sitting asks about."""
    asked = set[str]()
    options = CompareOptions(seed=1, among=PhotoFilter(**chosen))
    with compare_session(place.library, profile, options) as session:
        while (question := session.next()) is not None:
            asked |= {side.name for side in question.sides}
            session.answer(question, 0)
    return asked


def test_ratings_and_tags_narrow_the_questions(place) -> None:
    """Questions are about photos with a keyword, or that this profile rated."""
    paths = place.add("a.jpg", "b.jpg", "c.jpg", "d.jpg")
    place.index()
    a, b, c, d = (place.photo(path) for path in paths)
    with open_library(place.library) as library:
        for photo in (a, b, c):
            set_keywords(library, photo, ["places|Sea"])
        me = comparisons.profile_id(library, "me")
        ratings.set_ratings(library, me, {c: 0.5, d: 0.5}, source="import")
    assert asked_about(place, "me", tags=("sea",)) == {"a.jpg", "b.jpg", "c.jpg"}
    assert asked_about(place, "me", rated=True) == {"c.jpg", "d.jpg"}
    with pytest.raises(PhotoaesthError, match="these filters leave 1; widen them"):
        asked_about(place, "me", rated=True, tags=("sea",))
    with pytest.raises(PhotoaesthError, match="these filters leave 0; widen them"):
        asked_about(place, "other", rated=True)
