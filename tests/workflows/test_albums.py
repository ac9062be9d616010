"""Saved albums."""

import json
from pathlib import Path

import pytest

from photoaesth.errors import PhotoaesthError, UsageError
from photoaesth.library.database import open_library
from photoaesth.workflows.albums import (
    checked_name,
    drop_album,
    is_taken,
    list_albums,
    save_album,
    show_album,
)
from photoaesth.workflows.query import PhotoFilter, Query
from photoaesth.workflows.rank import rank


def test_an_album_shows_what_its_query_finds_now(place) -> None:
    """Photos that come and go come into it and go out of it."""
    place.add("sea/a.jpg", "sea/b.jpg", "land/c.jpg")
    place.index()
    query = Query(PhotoFilter(under=place.root / "sea"), count=3)
    save_album(place.library, "me", "sea", query)
    shown = show_album(place.library, "me", "sea")[1]
    assert shown == rank(place.library, "me", query)
    assert {photo.path.name for photo in shown.photos} == {"a.jpg", "b.jpg"}
    place.add("sea/d.jpg")
    (place.root / "sea" / "a.jpg").unlink()
    place.index()
    shown = show_album(place.library, "me", "sea")[1]
    assert {photo.path.name for photo in shown.photos} == {"b.jpg", "d.jpg"}


def test_a_folder_is_kept_as_it_was_meant(place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked for from another folder, an album is about the same one."""
    place.add("sea/a.jpg", "b.jpg")
    place.index()
    monkeypatch.chdir(place.root / "sea")
    save_album(place.library, "me", "here", Query(PhotoFilter(under=Path())))
    monkeypatch.chdir(place.root)
    query, report = show_album(place.library, "me", "here")
    assert query.chosen.under == place.root / "sea"
    assert [photo.path.name for photo in report.photos] == ["a.jpg"]


def test_albums_belong_to_a_profile(place) -> None:
    """Two profiles may use one name, and neither sees or drops what is the other's."""
    place.add("a.jpg")
    place.index()
    save_album(place.library, "me", "best", Query(count=1))
    save_album(place.library, "other", "best", Query(count=2))
    save_album(place.library, "other", "all", Query(count=9))
    drop_album(place.library, "me", "best")
    assert list_albums(place.library, "me") == []
    assert [album.name for album in list_albums(place.library, "other")] == ["all", "best"]
    with pytest.raises(PhotoaesthError, match="profile 'me' has no album yet; save one with"):
        show_album(place.library, "me", "best")
    with pytest.raises(PhotoaesthError, match=r"no album 'worst'; it has: 'all', 'best'"):
        drop_album(place.library, "other", "worst")


def test_a_name_is_taken_by_another_query_only(place) -> None:
    """Saving the same again changes nothing; saving something else replaces it."""
    place.add("a.jpg")
    place.index()
    assert not is_taken(place.library, "me", "best", Query(count=1))
    save_album(place.library, "me", "best", Query(count=1))
    assert not is_taken(place.library, "me", "best", Query(count=1))
    assert is_taken(place.library, "me", "best", Query(count=2))
    save_album(place.library, "me", "best", Query(count=2))
    (album,) = list_albums(place.library, "me")
    assert album.query == Query(count=2)


def test_the_list_counts_and_says_what_it_cannot_count(place) -> None:
    """An album of another version or of a lost folder is told of and hides no other."""
    place.add("sea/a.jpg", "b.jpg")
    place.index()
    save_album(place.library, "me", "all", Query())
    save_album(place.library, "me", "lost", Query(PhotoFilter(under=place.root / "lost")))
    save_album(place.library, "me", "newer", Query())
    with open_library(place.library) as library, library.transaction() as connection:
        newer = json.dumps({"count": 3, "mood": "calm"})
        connection.execute("UPDATE albums SET query = ? WHERE name = 'newer'", (newer,))
    found = {album.name: album for album in list_albums(place.library, "me")}
    assert (found["all"].photos, found["all"].problem) == (2, "")
    assert found["lost"].photos is None
    assert "there is no folder" in found["lost"].problem
    assert (found["newer"].query, found["newer"].photos) == (None, None)
    assert "album 'newer' asks for 'mood'" in found["newer"].problem
    with pytest.raises(PhotoaesthError, match=r"asks for 'mood' .* upgrade with: pip install"):
        show_album(place.library, "me", "newer")


def test_an_album_outlives_its_photos(place) -> None:
    """With all of them gone it is empty, and there."""
    (gone, _) = place.add("sea/a.jpg", "b.jpg")
    place.index()
    save_album(place.library, "me", "sea", Query(PhotoFilter(under=place.root / "sea")))
    gone.unlink()
    place.index()
    (album,) = list_albums(place.library, "me")
    assert (album.photos, album.problem) == (0, "")


@pytest.mark.parametrize("name", ["", "  ", "two\nlines", "\x1b[1m", "\udcff", "x" * 101])
def test_a_name_is_one_printable_line(name: str) -> None:
    """What could not be shown in a list, or typed again, is no name."""
    with pytest.raises(UsageError, match="an album's name is one line"):
        checked_name(name)


def test_blanks_around_a_name_do_not_count() -> None:
    """A name in any script is kept; blanks within it too."""
    assert checked_name("  Søgne – été 1 ") == "Søgne – été 1"
