"""Ranking the library."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from photoaesth.config import cache_folder
from photoaesth.errors import PhotoaesthError
from photoaesth.library.database import open_library
from photoaesth.workflows.rank import PhotoFilter, RankReport, rank, write_contact_sheet


def test_best_and_worst_are_the_two_ends(album) -> None:
    """Best first and worst first are the same order reversed; rank counts from the end shown."""
    best = rank(album.library, "me", limit=99).photos
    worst = rank(album.library, "me", limit=99, best_first=False).photos
    assert [photo.path for photo in worst] == [photo.path for photo in best][::-1]
    scores = [photo.score for photo in best]
    assert scores == sorted(scores, reverse=True)
    assert [photo.rank for photo in best] == [photo.rank for photo in worst] == list(range(1, 21))
    top = rank(album.library, "me", limit=3).photos
    assert [photo.path for photo in top] == [photo.path for photo in best[:3]]


def test_filters_narrow_the_ranking(album, monkeypatch: pytest.MonkeyPatch) -> None:
    """Folder, days and camera keep exactly the photos they describe, in the same order."""
    everything = rank(album.library, "me", limit=99).photos

    def names(**chosen: object) -> list[str]:
        report = rank(album.library, "me", limit=99, chosen=PhotoFilter(**chosen))
        return [photo.path.name for photo in report.photos]

    record = everything[0].photo
    assert record is not None
    folder, day, camera = record.path.parent, record.exif.taken_at.date(), record.exif.camera
    expected = [p.path.name for p in everything if p.path.parent == folder]
    assert 0 < len(expected) < 20
    assert names(under=folder) == expected
    monkeypatch.chdir(folder)
    assert names(under=Path()) == expected
    with pytest.raises(PhotoaesthError, match="there is no folder"):
        names(under=folder / "nowhere")

    def taken(photo) -> date:
        return photo.photo.exif.taken_at.date()

    assert names(since=day) == [p.path.name for p in everything if taken(p) >= day]
    assert names(until=day) == [p.path.name for p in everything if taken(p) <= day]
    some = camera.split()[-1].lower()
    assert names(camera=some) == [
        p.path.name for p in everything if some in p.photo.exif.camera.lower()
    ]


def test_copies_and_missing_photos(place) -> None:
    """A photo with two files stands in the ranking once; a vanished one does not."""
    a, b, c = place.add("a.jpg", "b.jpg", "c.jpg")
    shutil.copyfile(a, place.root / "copy.jpg")
    place.index()
    c.unlink()
    place.index()
    ranked = rank(place.library, "me", limit=99).photos
    assert sorted(photo.path for photo in ranked) == [a, b]


def test_empty_library_ranks_nothing(tmp_path: Path) -> None:
    """Without photos there is an empty ranking and the note of the generic model."""
    with open_library(tmp_path / "library.db", create=True):
        pass
    report = rank(tmp_path / "library.db", "me", limit=5)
    assert (report.photos, report.personal) == ([], False)
    assert "not trained yet" in report.note


def test_contact_sheet_shows_the_ranking(place, tmp_path: Path) -> None:
    """The page stands alone, in order, with pictures remade when the cache is lost."""
    lost, *_ = place.add("lost.jpg", "a.jpg", "b.jpg")
    place.index()
    shutil.rmtree(cache_folder())
    lost.unlink()
    report = rank(place.library, "me", limit=9)
    assert len(report.photos) == 3  # not noticed yet
    write_contact_sheet(report, tmp_path / "best.html", title="The best <3")
    page = (tmp_path / "best.html").read_text()
    assert page.count("data:image/jpeg;base64,") == 2
    assert "lost.jpg" not in page
    assert "The best &lt;3" in page
    shown = [photo.path.name for photo in report.photos if photo.path != lost]
    assert page.index(shown[0]) < page.index(shown[1])


def test_contact_sheet_refuses_to_overwrite(tmp_path: Path) -> None:
    """An existing file is kept unless asked otherwise; a missing folder is one line."""
    target = tmp_path / "best.html"
    target.write_text("mine")
    empty = RankReport([], personal=False, note="")
    with pytest.raises(PhotoaesthError, match=r"best\.html exists; .*--overwrite"):
        write_contact_sheet(empty, target, title="x")
    assert target.read_text() == "mine"
    write_contact_sheet(empty, target, title="x", overwrite=True)
    assert "<html" in target.read_text()
    with pytest.raises(PhotoaesthError, match="cannot write"):
        write_contact_sheet(empty, tmp_path / "no" / "best.html", title="x")


def test_photo_changed_in_place_is_scored_anew(place) -> None:
    """After an edit was indexed, the ranking shows the new picture's score."""
    a, b = place.add("a.jpg", "b.jpg")
    place.index()
    before = {photo.path: photo.score for photo in rank(place.library, "me", limit=9).photos}
    place.draw(a, seed=99)
    place.index()
    with open_library(place.library) as library:
        assert library.connection.execute("SELECT count(*) FROM photos").fetchone() == (2,)
    after = {photo.path: photo.score for photo in rank(place.library, "me", limit=9).photos}
    assert after[a] != before[a]
    assert after[b] == before[b]
