"""The state of a library at a glance."""

import shutil
from pathlib import Path

import pytest

from photoaesth.errors import LibraryError
from photoaesth.library import locations
from photoaesth.library.database import open_library
from photoaesth.workflows import status as status_workflow
from photoaesth.workflows.comparisons import import_comparisons
from photoaesth.workflows.status import status
from photoaesth.workflows.train import train


def test_status_needs_a_library(tmp_path: Path) -> None:
    """Without a library, one line says how to make one."""
    with pytest.raises(LibraryError, match="photoaesth index DIR"):
        status(tmp_path / "library.db", "me")


def test_status_leads_through_a_session(place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next step goes from index over compare and train to rank, and back to train."""
    monkeypatch.setattr(status_workflow, "ENOUGH_CHOICES", 2)
    with open_library(place.library, create=True):
        pass

    def next_step() -> str:
        return status(place.library, "me").next_step

    assert next_step() == "photoaesth index DIR"
    a, b, c = place.add("a.jpg", "b.jpg", "c.jpg")
    place.index()
    assert next_step() == "photoaesth compare (2 choices to a first judgement)"
    place.choose(a, b)
    place.choose(b, c)
    assert next_step() == "photoaesth train (2 choices)"
    train(place.library, "me", device="cpu")
    assert next_step().startswith("photoaesth rank")
    place.choose(a, c)
    assert next_step() == "photoaesth train (1 new choices)"


def test_status_counts(place) -> None:
    """Photos, files, roots and choices are counted; an absent root is told from a present one."""
    a, b, c = place.add("here/a.jpg", "here/b.jpg", "there/c.jpg")
    place.index(a.parent, c.parent)
    place.choose(a, c)
    b.unlink()
    place.index(a.parent)
    c.parent.rename(place.root / "elsewhere")
    report = status(place.library, "me")
    assert report.roots == {a.parent: True, c.parent: False}
    assert (report.counts.photos, report.counts.missing, report.counts.files) == (2, 1, 2)
    assert report.counts.offline == 1
    assert (report.counts.unreadable, report.counts.pending) == (0, 0)
    assert (report.choices, report.new_choices, report.model) == (1, 1, "generic")
    assert (report.library, report.profile, report.heldout) == (place.library, "me", None)
    assert status(place.library, "other").choices == 0


def test_a_folder_that_was_empty_when_it_was_indexed_is_offline(place) -> None:
    """The place of an absent drive is a folder like any other, but no photos are in it."""
    a, b = place.add("here/a.jpg", "drive/b.jpg")
    place.index(a.parent, b.parent)
    b.rename(place.root / "b.jpg")
    place.index(a.parent)
    assert status(place.library, "me").counts.offline == 0
    with open_library(place.library) as library:
        locations.mark_offline(library, b.parent)
    report = status(place.library, "me")
    assert report.roots == {a.parent: True, b.parent: False}
    assert (report.counts.photos, report.counts.offline) == (2, 1)
    b.parent.rename(place.root / "gone")
    assert status(place.library, "me").counts.offline == 1


def test_status_after_training(place) -> None:
    """The model in use and what training measured are shown as they were reported."""
    paths = place.add(*(f"{number}.jpg" for number in range(6)))
    place.index()
    for number, path in enumerate(paths):
        for other in paths[number + 1 :]:
            place.choose(path, other)
    trained = train(place.library, "me", device="cpu")
    report = status(place.library, "me")
    assert trained.heldout is not None
    assert (report.choices, report.new_choices) == (15, 0)
    assert report.model == trained.kept == "personal"
    assert report.heldout is not None
    assert report.heldout["personal"] == trained.heldout.personal
    assert report.heldout["pairs"] == 15


def test_other_profiles_are_named(place) -> None:
    """The other profiles that have made choices show, so that a mistyped name does too."""
    left, right = place.add("a.jpg", "b.jpg")
    place.index()
    place.choose(left, right, profile="anna")
    assert status(place.library, "ana").other_profiles == ("anna",)
    assert status(place.library, "anna").other_profiles == ()


def test_ratings_are_shown_and_count_as_news(place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their number, and that training would learn from them; after training they are no news."""
    monkeypatch.setattr(status_workflow, "ENOUGH_CHOICES", 2)
    place.add("a.jpg", "b.jpg")
    place.index()
    file = place.root / "stars.csv"
    file.write_text("photo,stars\na.jpg,5\nb.jpg,2\n")
    import_comparisons(place.library, "me", file)
    report = status(place.library, "me")
    assert (report.ratings, report.new_ratings, report.choices) == (2, 2, 0)
    assert report.next_step == "photoaesth train (2 ratings)"
    train(place.library, "me")
    assert status(place.library, "me").new_ratings == 0
    file.write_text("photo,stars\na.jpg,4\n")
    import_comparisons(place.library, "me", file)
    assert status(place.library, "me").next_step == "photoaesth train (1 new ratings)"


def test_status_names_what_is_lost(place) -> None:
    """Asked for names, it gives each photo that vanished and each file that is broken."""
    gone, _, copied = place.add("a/gone.jpg", "a/here.jpg", "a/copied.jpg")
    broken = place.root / "a" / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff\xe0 no more")
    shutil.copy(copied, place.root / "a" / "copy.jpg")
    place.index(gone.parent)
    gone.unlink()
    copied.unlink()
    place.index(gone.parent)
    assert status(place.library, "me").lost == ()
    lost = status(place.library, "me", names=True).lost
    assert [photo.path for photo in lost] == [gone, broken]
    assert "vanished" in lost[0].reason
