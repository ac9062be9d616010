"""What `taste` says of photographers whose taste is known."""

import numpy as np
import pytest

from photoaesth.errors import PhotoaesthError
from photoaesth.library import comparisons, ratings
from photoaesth.library.database import open_library
from photoaesth.workflows.taste import taste
from photoaesth.workflows.taste.report import TasteReport, Verdict

LIKES = {"brightness": -1.0, "warmth": 0.5}


@pytest.fixture
def report(gallery) -> TasteReport:
    """Of somebody who likes dark and, half as much, warm photos."""
    gallery.choose("me", [LIKES], each=180)
    gallery.train("me")
    return taste(gallery.library, "me")


def test_drivers_have_the_signs_of_the_likings(report, gallery) -> None:
    """What is liked raises scores, what is not lowers them, and nothing else stands out."""
    found = {driver.name: driver for driver in report.driving.attributes}
    assert [driver.name for driver in report.driving.attributes[:2]] == ["brightness", "warmth"]
    assert (found["brightness"].end, found["warmth"].end) == ("dark", "warm")
    assert all(found[name].effect.clear and found[name].chosen.clear for name in LIKES)
    others = [driver for name, driver in found.items() if name not in LIKES]
    assert sum(driver.effect.clear for driver in others) <= 2
    assert sum(driver.chosen.clear for driver in others) <= 2


def test_effects_by_choices_cover_the_likings(report, gallery) -> None:
    """The true likings, in points by the slope of choices, lie in their intervals."""
    found = {driver.name: driver.chosen for driver in report.driving.attributes}
    points = 1 / (0.25 * gallery.crowd.taste.choice_slope)
    inside = [
        low <= LIKES.get(name, 0) * points <= high
        for name, (low, high) in ((name, each.interval) for name, each in found.items())
    ]
    assert np.mean(inside) >= 0.9


def test_labels_differ_where_the_taste_does(report) -> None:
    """Dark photos stand higher than for the crowd, bright ones lower; water makes none."""
    found = {taste.label: taste for taste in (*report.styles, *report.contents)}
    assert found["low key"].difference.clear
    assert found["low key"].difference.interval[0] > 0
    assert found["high key"].difference.interval[1] < 0
    assert not found["water"].difference.clear


def test_labels_are_counted_in_the_choices(report, gallery) -> None:
    """Pairs of which just one photo has the label are counted as they were answered."""
    with open_library(gallery.library) as library:
        number = comparisons.profile_id(library, "me")
        answers = comparisons.comparisons(library, number)
    labels = dict(zip(gallery.ids, gallery.labels, strict=True))
    pairs = {}
    for answer in answers:  # of a repeated pair, the last
        pairs[frozenset(answer.preference)] = answer.preference
    one = [
        (won, lost)
        for won, lost in pairs.values()
        if ("high key" in labels[won]) != ("high key" in labels[lost])
    ]
    found = next(taste for taste in report.styles if taste.label == "high key").choices
    assert found.pairs == len(one)
    assert found.chosen == sum("high key" in labels[won] for won, _ in one)
    low, high = found.share.interval
    assert low < found.chosen / found.pairs < high < found.expected
    assert found.share.clear


def test_labels_of_few_photos_tell_nothing(report) -> None:
    """Three photos and hardly a pair: no distribution, no difference, no share."""
    macro = next(taste for taste in report.styles if taste.label == "macro")
    assert macro.photos == 3
    assert (macro.distributions, macro.difference, macro.choices) == (None, None, None)
    assert report.styles.index(macro) > 1


def test_distributions_are_of_all_photos(report) -> None:
    """Ten bins each that sum to 1; their mean scores and distance are what the bins say."""
    found = report.distributions
    for bins, mean in ((found.personal, found.personal_mean), (found.generic, found.generic_mean)):
        assert sum(bins) == pytest.approx(1)
        assert np.dot(bins, range(1, 11)) == pytest.approx(mean, abs=1e-4)
    gaps = np.cumsum(np.subtract(found.personal, found.generic))
    assert found.emd == pytest.approx(np.sqrt(np.mean(gaps**2)))
    assert (report.photos, report.sample) == (160, 160)


def test_a_constant_taste_did_not_change(report) -> None:
    """In six windows of thirty choices the same is chosen, and no change is called."""
    assert [window.choices for window in report.over_time.windows] == [30] * 6
    brightness = report.over_time.attributes[0]
    assert brightness.name == "brightness"
    assert all(part.value < 0 for part in brightness.differences)
    assert {each.verdict for each in report.over_time.attributes} == {Verdict.STEADY}


def test_a_taste_that_turned_round_is_seen(gallery) -> None:
    """Dark first, bright later: it is called rising, in windows of either sign; warmth is not."""
    gallery.choose("me", [LIKES, {"brightness": 1.0, "warmth": 0.5}])
    found = taste(gallery.library, "me").over_time
    by_name = {each.name: each for each in found.attributes}
    brightness = by_name["brightness"]
    assert brightness.verdict is Verdict.RISING
    assert [part.value > 0 for part in brightness.differences] == [False] * 3 + [True] * 3
    assert sum(each.verdict is not Verdict.STEADY for each in found.attributes) == 1


def test_few_choices_have_no_history(gallery) -> None:
    """With fewer than two windows there is nothing to compare."""
    gallery.choose("me", [LIKES], each=59)
    assert taste(gallery.library, "me").over_time is None


def test_typical_photos_are_liked_ones(report, gallery) -> None:
    """All are among the best tenth or so, and none is shown twice."""
    shown = [each.photo.id for each in report.typical]
    assert len(shown) == len(set(shown)) == 6
    with_scores = {each.photo.id: each.score for each in report.typical}
    assert min(with_scores.values()) > report.distributions.personal_mean
    assert np.mean([gallery.standard("brightness")[gallery.ids.index(n)] for n in shown]) < -0.5


def test_photos_above_and_below_the_crowd_s(report) -> None:
    """Those placed higher are darker than those placed lower; the farthest apart come first."""
    gaps = [each.score - each.generic for each in report.above_crowd]
    assert gaps == sorted(gaps, reverse=True)
    below = [each.score - each.generic for each in report.below_crowd]
    assert below == sorted(below)
    assert gaps[-1] > below[-1]


def test_the_answer_against_one_s_taste_is_the_most_surprising(gallery) -> None:
    """Among consistent choices, a bright photo preferred to a dark one heads the list."""
    gallery.choose("me", [{"brightness": -1.0}], each=120)
    order = np.argsort(gallery.standard("brightness"))
    dark, bright = (gallery.ids[int(order[place])] for place in (3, -4))
    with open_library(gallery.library) as library:
        number = comparisons.profile_id(library, "me")
        answer = comparisons.NewComparison(bright, dark, comparisons.Outcome.LEFT)
        comparisons.add_comparisons(library, number, [answer], source=comparisons.Source.RANDOM)
    gallery.train("me")
    first = taste(gallery.library, "me").surprising[0]
    assert (first.chosen.photo.id, first.rejected.photo.id) == (bright, dark)
    assert first.probability < 0.2
    assert not first.rated


def test_ratings_alone_can_surprise(gallery) -> None:
    """With no choice, pairs that two ratings imply are looked at, and said to be such."""
    order = np.argsort(gallery.standard("brightness"))
    values = {gallery.ids[int(n)]: place / 159 for place, n in enumerate(order)}
    values[gallery.ids[int(order[0])]] = 1.0
    with open_library(gallery.library) as library:
        ratings.set_ratings(library, comparisons.profile_id(library, "me"), values, source="import")
    report = taste(gallery.library, "me")
    assert report.ratings == 160
    assert report.surprising
    assert all(each.rated for each in report.surprising)


def test_untrained_profiles_have_the_crowd_s_taste(gallery) -> None:
    """The generic model speaks and it is said; nothing differs from the crowd, nobody's is told."""
    report = taste(gallery.library, "me")
    assert not report.personal
    assert report.note == "profile 'me' is not trained yet; scores are the generic model's"
    assert report.distributions.emd == 0
    assert report.distributions.personal == report.distributions.generic
    assert {each.difference for each in report.styles} == {None}
    assert {driver.beyond for driver in report.driving.attributes} == {None}
    assert {driver.chosen for driver in report.driving.attributes} == {None}
    assert (report.above_crowd, report.below_crowd, report.surprising) == ((), (), ())
    assert report.typical


def test_it_says_the_same_every_time(report, gallery) -> None:
    """Asked again, the report is equal: chance is fixed."""
    assert taste(gallery.library, "me") == report


def test_a_library_without_photos_is_refused(tmp_path, studio) -> None:
    """The way out is named."""
    with open_library(tmp_path / "empty.db", create=True):
        pass
    with pytest.raises(PhotoaesthError, match="no photo is indexed; start with"):
        taste(tmp_path / "empty.db", "me")
