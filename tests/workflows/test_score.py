"""Scoring photos, indexed or not."""

import os
import shutil
from pathlib import Path

import pytest

from photoaesth.errors import LibraryError, PhotoaesthError
from photoaesth.workflows import score as score_workflow
from photoaesth.workflows.score import photo_files, score


@pytest.fixture
def copies(album, tmp_path: Path) -> dict[Path, Path]:
    """Five photos of the album with a copy of each outside of any indexed folder."""
    folder = tmp_path.resolve() / "copies"
    folder.mkdir()
    return {path: Path(shutil.copy(path, folder)) for path in sorted(album.traits)[::4]}


def test_indexed_or_not_the_score_is_the_same(album, copies: dict[Path, Path]) -> None:
    """A photo scores the same from its stored embedding as when it is read for the first time."""
    known = score(album.library, "me", list(copies), device="cpu").photos
    fresh = score(album.library, "me", list(copies.values()), device="cpu").photos
    assert [photo.photo is not None for photo in (*known, *fresh)] == [True] * 5 + [False] * 5
    for one, other in zip(known, fresh, strict=True):
        assert (one.path.name, one.rank) == (other.path.name, other.rank)
        assert one.score == pytest.approx(other.score, abs=0.02)
        assert one.generic == pytest.approx(other.generic, abs=0.02)
        assert one.sd == pytest.approx(other.sd, abs=0.02)


def test_everything_reported_is_in_range(album) -> None:
    """All photos of the library, best first: scores on 1 to 10, distributions that sum to 1."""
    report = score(album.library, "me", [])
    scores = [photo.score for photo in report.photos]
    assert {photo.path for photo in report.photos} == set(album.traits)
    assert scores == sorted(scores, reverse=True)
    assert [photo.rank for photo in report.photos] == list(range(1, 21))
    assert "not trained yet" in report.note
    for photo in report.photos:
        assert 1 <= photo.score <= 10
        assert photo.sd > 0
        assert sum(photo.distribution) == pytest.approx(1)
        mean = sum(bin_ * share for bin_, share in enumerate(photo.distribution, start=1))
        assert mean == pytest.approx(photo.score, abs=0.05)


def test_photos_are_listed_best_first(album) -> None:
    """The rank says how each stands among those asked for; each is listed once."""
    paths = sorted(album.traits)[:6]
    photos = score(album.library, "me", [*paths, paths[0]], device="cpu").photos
    assert sorted(photo.path for photo in photos) == paths
    assert [photo.rank for photo in photos] == [1, 2, 3, 4, 5, 6]
    assert [p.score for p in photos] == sorted((p.score for p in photos), reverse=True)


def test_changed_photo_is_scored_as_it_is_now(place) -> None:
    """After an edit that was not indexed yet, the file counts and not what is stored."""
    path, other = place.add("a.jpg", "b.jpg")
    place.index()
    shutil.copyfile(other, path)
    os.utime(path, (1, 1))
    photos = score(place.library, "me", [path, other], device="cpu").photos
    assert {photo.path: photo.photo is None for photo in photos} == {path: True, other: False}
    assert photos[0].score == pytest.approx(photos[1].score, abs=0.02)


def test_unreadable_photos_are_skipped(place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Broken files are named with the reason, in any batch; the others are scored."""
    monkeypatch.setattr(score_workflow, "_BATCH", 2)
    paths = place.add(*(f"{number}.jpg" for number in range(3)))
    broken = [place.root / f"broken{number}.jpg" for number in range(3)]
    for path in broken:
        path.write_bytes(b"")
    seen = []
    report = score(
        place.library,
        "me",
        [*broken, place.root],
        device="cpu",
        on_progress=lambda done, total: seen.append((done, total)),
    )
    assert {photo.path for photo in report.photos} == set(paths)
    assert {s.path: s.reason for s in report.skipped} == dict.fromkeys(broken, "the file is empty")
    assert seen == [(2, 6), (4, 6), (6, 6)]


def test_nothing_readable_is_an_empty_report(place) -> None:
    """When every file is broken, all of them are skipped and nothing is scored."""
    (place.root / "a.jpg").write_text("text")
    report = score(place.library, "me", [place.root], device="cpu")
    assert (report.photos, len(report.skipped)) == ([], 1)


def test_paths_that_are_none(place) -> None:
    """A path that is missing, or a folder without photos, is one line; so is no library at all."""
    with pytest.raises(PhotoaesthError, match=r"there is no .*nowhere\.jpg; check the name"):
        score(place.library, "me", [place.root / "nowhere.jpg"])
    with pytest.raises(PhotoaesthError, match="there are no photos in"):
        score(place.library, "me", [place.root])
    with pytest.raises(LibraryError, match="there is no library"):
        score(place.library.with_name("other.db"), "me", [])


def test_folders_stand_for_their_photos(place) -> None:
    """Files come as they are, folders as their photos by name, nothing twice."""
    a, b, c = place.add("a.jpg", "sub/b.jpg", "sub/c.jpg")
    (place.root / "sub" / "notes.txt").touch()
    assert photo_files([c, place.root])[0] == [c, a, b]
    assert photo_files([a, a])[0] == [a]
