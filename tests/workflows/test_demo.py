"""The demo's folder, album and simulated photographer."""

from functools import partial
from pathlib import Path

import pytest

from photoaesth.domain import Outcome
from photoaesth.errors import PhotoaesthError
from photoaesth.samples.album import draw_album
from photoaesth.samples.photographer import DEMO_PHOTOGRAPHER
from photoaesth.workflows import demo
from photoaesth.workflows.comparisons import list_comparisons
from photoaesth.workflows.index import IndexOptions, index


def quiet(done: int, total: int) -> None:
    """Take progress and say nothing."""


@pytest.fixture
def small_album(monkeypatch: pytest.MonkeyPatch) -> None:
    """A demo of eight photos and twelve questions."""
    monkeypatch.setattr(demo, "draw_album", partial(draw_album, count=8))
    monkeypatch.setattr(demo, "QUESTIONS", 12)


def test_new_and_empty_folders_are_taken(tmp_path: Path) -> None:
    """A folder that is new, empty, or the demo's own of before is used."""
    new = demo.prepare_folder(tmp_path / "a" / "demo")
    assert demo.prepare_folder(tmp_path / "a" / "demo") == new
    (new.album.parent / "something.txt").touch()
    assert demo.prepare_folder(tmp_path / "a" / "demo") == new
    (tmp_path / "empty").mkdir()
    assert demo.prepare_folder(tmp_path / "empty").album == (tmp_path / "empty" / "album").resolve()


def test_foreign_folder_is_refused(tmp_path: Path) -> None:
    """A folder with anything in it, or a file, is left alone."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "photo.jpg").touch()
    for foreign in (tmp_path / "mine", tmp_path / "mine" / "photo.jpg"):
        with pytest.raises(PhotoaesthError, match="holds other things; choose a new folder"):
            demo.prepare_folder(foreign)
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["photo.jpg"]


def test_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    """A file in the way of the folder is named, with the way out."""
    (tmp_path / "file").touch()
    with pytest.raises(PhotoaesthError, match="choose another --output"):
        demo.prepare_folder(tmp_path / "file" / "demo")


@pytest.mark.usefixtures("small_album", "cheap_embedder")
def test_second_demo_starts_anew_but_for_the_users_own_choices(tmp_path: Path) -> None:
    """The simulated library is forgotten by the next demo; the user's own is not."""
    folder = demo.prepare_folder(tmp_path / "demo")
    album = demo.draw(folder, on_progress=quiet)
    for library in (folder.simulated_library, folder.own_library):
        index(library, [folder.album], IndexOptions(device="cpu"))
        assert demo.answer_questions(library, "me", album) == 12
    again = demo.prepare_folder(tmp_path / "demo")
    demo.draw(again, on_progress=quiet)
    assert not again.simulated_library.exists()
    index(again.simulated_library, [again.album], IndexOptions(device="cpu"))
    assert list_comparisons(again.simulated_library, "me") == []
    assert len(list_comparisons(again.own_library, "me")) == 12


@pytest.mark.usefixtures("small_album", "cheap_embedder")
def test_simulated_photographer_answers_after_their_taste(tmp_path: Path) -> None:
    """Most decided answers prefer the photo with the higher utility; the run repeats exactly."""
    folder = demo.prepare_folder(tmp_path / "demo")
    album = demo.draw(folder, on_progress=quiet)
    utility = {
        path: DEMO_PHOTOGRAPHER.utility(traits)
        for path, traits in demo._traits_by_path(album).items()
    }
    answers = []
    for name in ("one.db", "two.db"):
        index(tmp_path / name, [folder.album], IndexOptions(device="cpu"))
        demo.answer_questions(tmp_path / name, "noor", album)
        answers.append(
            [(c.left, c.right, c.outcome) for c in list_comparisons(tmp_path / name, "noor")]
        )
    assert answers[0] == answers[1]
    decided = [
        (utility[left] - utility[right]) * (1 if outcome is Outcome.LEFT else -1)
        for left, right, outcome in answers[0]
        if outcome in (Outcome.LEFT, Outcome.RIGHT)
    ]
    assert sum(gain > 0 for gain in decided) > 0.75 * len(decided) > 5


@pytest.mark.usefixtures("small_album", "cheap_embedder")
def test_agreement_is_measured_on_pairs_never_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a trained model both agree equally often; asked pairs do not count."""
    folder = demo.prepare_folder(tmp_path / "demo")
    album = demo.draw(folder, on_progress=quiet)
    library = folder.simulated_library
    index(library, [folder.album], IndexOptions(device="cpu"))
    before = demo.unseen_agreement(library, "noor", album)
    assert before.generic == before.personal
    assert 0 <= before.generic <= 1
    assert before.pairs <= 28  # of eight photos
    asked = demo.answer_questions(library, "noor", album)
    assert demo.unseen_agreement(library, "noor", album).pairs <= 28 - asked
