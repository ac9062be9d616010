import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photoaesth.domain import Outcome
from photoaesth.errors import PhotoaesthError
from photoaesth.library import attributes, comparisons, locations, photos
from photoaesth.library.database import open_library
from photoaesth.library.found import FoundFile
from photoaesth.workflows.explain import ExplainReport, explain
from photoaesth.workflows.looks import LAYOUT
from photoaesth.workflows.one_photo import read_photo_facts
from photoaesth.workflows.profile_model import profile_model, score_all
from photoaesth.workflows.score import score
from photoaesth.workflows.train import train
from photoaesth.workflows.why import why

TASTE = (0, 3, -2, 0, 0, 0)


@pytest.fixture
def taught(studio):
    """Somebody whose eighty choices follow a taste, and the model of them."""
    utility = studio.utility(TASTE)

    def prefer(left: int, right: int) -> Outcome:
        return Outcome.LEFT if utility[left] > utility[right] else Outcome.RIGHT

    studio.choose(studio.pairs(80), prefer)
    train(studio.library, "me")
    return studio


def measure(studio, column: int = 1) -> None:
    """Let the brightness of every photo be one of the numbers that its embedding shows."""
    with open_library(studio.library) as library, library.transaction():
        for photo, look in zip(studio.ids, studio.looks, strict=True):
            values = np.full(LAYOUT.size, np.nan)
            values[0] = 50 + 20 * look[column]
            attributes.store(library, LAYOUT, photo, values, 0)


def path_of(studio, number: int) -> Path:
    with open_library(studio.library) as library:
        return photos.photos_by_id(library, [number])[number].path


def explained(studio, number: int) -> ExplainReport:
    return explain(studio.library, "me", path_of(studio, number))


def test_generic_choices_and_score_agree_with_the_ranking(taught) -> None:
    """Every photo is explained with the score and the rank that `rank` gives it."""
    listed = score(taught.library, "me", []).photos
    for scored in (listed[0], listed[17], listed[-1]):
        report = explain(taught.library, "me", scored.path)
        assert report.personal
        assert (report.rank, report.ranked) == (scored.rank, 40)
        assert report.score == pytest.approx(scored.score, abs=1e-5)
        assert report.generic == pytest.approx(scored.generic, abs=1e-3)
        assert report.certainty.sd == pytest.approx(scored.sd, abs=2e-3)
        parts = report.parts
        assert parts.generic + parts.choices == pytest.approx(scored.score, abs=5e-3)
        assert parts.ratings == 0
        assert parts.rest == pytest.approx(0, abs=5e-3)


def test_liked_photos_resemble_preferred_ones(taught) -> None:
    """What is listed as preferred mostly won, as rejected mostly lost; the photo is in neither."""
    best = score(taught.library, "me", []).photos[0]
    report = explain(taught.library, "me", best.path)
    assert report.preferred
    assert report.rejected
    assert all(one.wins > one.losses for one in report.preferred)
    assert all(one.wins < one.losses for one in report.rejected)
    assert best.path not in {one.path for one in (*report.preferred, *report.rejected)}
    assert report.own is None or report.own.path == best.path
    likenesses = [one.likeness for one in report.preferred]
    assert likenesses == sorted(likenesses, reverse=True)


def test_the_best_photo_beats_the_middle_one(taught) -> None:
    """The chance to be chosen over the middle photo is high for the best and low for the worst."""
    listed = score(taught.library, "me", []).photos
    best, worst = (explain(taught.library, "me", one.path) for one in (listed[0], listed[-1]))
    assert best.certainty.over_median > 0.7
    assert worst.certainty.over_median < 0.3
    assert best.certainty.choices == 80
    assert 0 < best.certainty.bearing <= 80
    assert best.certainty.sd < best.certainty.sd_before


def test_the_foremost_comparison_moves_the_score_as_said(taught) -> None:
    """Taking back the choice that matters most, and training again, moves the score that way."""
    best = score(taught.library, "me", []).photos[0]
    report = explain(taught.library, "me", best.path)
    effect = report.effects[0]
    assert abs(effect.without) == max(abs(one.without) for one in report.effects)
    with open_library(taught.library) as library:
        profile = comparisons.profile_id(library, "me")
        pair = {photos.photo_by_path(library, p).id for p in (effect.chosen, effect.other)}
        said = [c for c in comparisons.comparisons(library, profile) if {c.left, c.right} == pair]
        assert [c.created_at for c in said] == [effect.made_at]
        comparisons.retract(library, [said[0].id])
    stale = explain(taught.library, "me", best.path)  # the model has still learned from it
    assert stale.parts.rest == pytest.approx(effect.points, abs=5e-3)
    assert stale.score == report.score
    train(taught.library, "me")
    again = explain(taught.library, "me", best.path)
    assert np.sign(again.score - report.score) == np.sign(effect.without)


def test_choices_made_since_the_training_explain_nothing(taught) -> None:
    """The model in use is explained, not the one that would be learned now."""
    before = explained(taught, taught.ids[3])
    taught.choose(taught.pairs(30, seed=9), lambda left, right: Outcome.LEFT)
    assert explained(taught, taught.ids[3]) == before


def test_ratings_have_a_part_of_their_own(studio) -> None:
    """What stars add is told from what choices add, and together they are the score."""
    utility = studio.utility(TASTE)
    order = sorted(studio.ids, key=utility.__getitem__)
    studio.rate({photo: place // 8 / 4 for place, photo in enumerate(order)})
    studio.choose(studio.pairs(10), lambda left, right: Outcome.TIE)
    train(studio.library, "me")
    report = explained(studio, order[-1])
    assert report.parts.ratings > 0.1
    assert any(effect.rated and effect.made_at is None for effect in report.effects)
    total = report.parts.generic + report.parts.choices + report.parts.ratings
    assert total == pytest.approx(report.score, abs=5e-3)


def test_the_generic_model_is_explained_too(studio) -> None:
    """Without any choice there is a score, a rank and a note, and nothing about choices."""
    report = explained(studio, studio.ids[0])
    assert not report.personal
    assert "not trained" in report.note
    assert report.score == pytest.approx(report.generic, abs=1e-4)
    assert (report.effects, report.preferred, report.rejected) == ((), (), ())
    assert report.certainty.bearing == report.certainty.choices == 0


def test_looks_that_are_liked_raise_the_score(taught) -> None:
    """Of somebody who likes what is bright, a bright photo's score is said to be raised by it."""
    measure(taught)
    brightness = taught.looks[:, 1]
    brightest, darkest = (
        explained(taught, taught.ids[place]) for place in (brightness.argmax(), brightness.argmin())
    )
    assert brightest.attributes[0].word == "bright"
    assert brightest.attributes[0].points > 0.1
    assert darkest.attributes[0].word == "dark"
    assert darkest.attributes[0].points < -0.1
    assert brightest.explained > 0.1


def test_why_is_one_short_line(taught) -> None:
    """The line names what raises and what lowers; a photo in the middle has nothing to say."""
    with open_library(taught.library) as library:
        model = profile_model(library, "me")
        score_all(library, model)
        assert set(why(library, model, taught.ids).values()) == {""}  # nothing is measured yet
    measure(taught)
    brightness = taught.looks[:, 1]
    bright, dark, middle = (
        taught.ids[place]
        for place in (
            brightness.argmax(),
            brightness.argmin(),
            np.abs(brightness - brightness.mean()).argmin(),
        )
    )
    with open_library(taught.library) as library:
        lines = why(library, model, [bright, dark, middle])
    assert lines == {bright: "+ bright", dark: "− dark", middle: ""}


def test_a_link_that_is_indexed_is_explained(taught, tmp_path: Path) -> None:
    """`index --follow-symlinks` knows a photo by its link; another link leads to the same file."""
    target, link, other = (tmp_path / name for name in ("out.jpg", "in.jpg", "else.jpg"))
    Image.new("RGB", (300, 200), "teal").save(target)
    link.symlink_to(target)
    number = taught.ids[0]
    with open_library(taught.library) as library, library.transaction():
        status = link.stat()
        found = FoundFile(os.fsencode(link), status.st_size, status.st_mtime_ns)
        locations.attach_file(library, found, number)
        model = profile_model(library, "me")
        facts = read_photo_facts(library, model, link, "cpu")
    assert (facts.path, facts.photo_id) == (link, number)

    with open_library(taught.library) as library, library.transaction():
        locations.drop_file(library, os.fsencode(link))
        locations.attach_file(library, found._replace(key=os.fsencode(target)), number)
        other.symlink_to(target)
        facts = read_photo_facts(library, model, other, "cpu")
    assert (facts.path, facts.photo_id) == (target, number)


def test_an_unknown_photo_is_named(taught, tmp_path: Path) -> None:
    """A name that is neither a file nor indexed, a folder, and a broken file are said to be so."""
    with pytest.raises(PhotoaesthError, match="neither a file nor indexed"):
        explain(taught.library, "me", tmp_path / "nowhere.jpg")
    with pytest.raises(PhotoaesthError, match="is a folder"):
        explain(taught.library, "me", tmp_path)
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"not a picture")
    with pytest.raises(PhotoaesthError, match=r"cannot read .*broken\.jpg: "):
        explain(taught.library, "me", broken)


def test_a_photo_that_is_not_indexed_is_explained(
    place, draw_photo: Callable[..., Path], tmp_path: Path
) -> None:
    """Any file is placed among the photos of the library."""
    place.add("a.jpg", "b.jpg", "c.jpg")
    place.index()
    stranger = draw_photo(tmp_path / "stranger.jpg", 77)
    report = explain(place.library, "me", stranger)
    assert report.photo is None
    assert report.ranked == 3
    assert 1 <= report.rank <= 4
