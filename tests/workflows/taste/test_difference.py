"""How `taste diff` tells two photographers apart."""

import math

import numpy as np
import pytest
from scipy.stats import kendalltau, spearmanr

from photoaesth.errors import PhotoaesthError
from photoaesth.library import comparisons, models
from photoaesth.library.database import open_library
from photoaesth.library.photo_scores import photo_scores
from photoaesth.workflows.taste.difference import taste_diff


@pytest.fixture
def two(gallery):
    """One who likes dark and warm photos, and one who likes bright and warm ones."""
    for name, sign in (("moody", -1.0), ("sunny", 1.0)):
        gallery.choose(name, [{"brightness": sign, "warmth": 0.5}], each=150)
        gallery.train(name)
    return gallery


def test_the_attribute_in_which_they_differ_comes_first(two) -> None:
    """It is brightness, clear of chance, and nothing that both like alike."""
    report = taste_diff(two.library, "moody", "sunny")
    first = report.attributes[0]
    assert first.name == "brightness"
    assert first.difference.clear
    assert first.difference.interval[1] < 0
    assert first.first < 0 < first.second
    clear = {each.name for each in report.attributes if each.difference.clear}
    assert "warmth" not in clear
    assert len(clear) <= 3


def test_labels_and_photos_tell_the_same(two) -> None:
    """The dark style stands higher for one; photos of one's liking are below the other's middle."""
    report = taste_diff(two.library, "moody", "sunny")
    styles = {each.label: each for each in report.styles}
    assert styles["low key"].difference.interval[0] > 0
    assert styles["high key"].difference.interval[1] < 0
    assert all(each.first > each.second for each in report.first_likes)
    assert all(each.second > each.first for each in report.second_likes)
    darkness = dict(zip(two.ids, -two.standard("brightness"), strict=True))
    assert min(darkness[each.photo.id] for each in report.first_likes) > 0
    assert max(darkness[each.photo.id] for each in report.second_likes) < 0


def test_agreement_is_that_of_the_stored_scores(two) -> None:
    """SciPy finds the same rank correlation and share of pairs that both order alike."""
    report = taste_diff(two.library, "moody", "sunny")
    with open_library(two.library) as library:
        rows = []
        for name in ("moody", "sunny"):
            model = models.latest_model(library, comparisons.profile_id(library, name))
            known = photo_scores(library, model.id, two.crowd.embedding_name)
            rows.append(known.scores[np.isin(known.photos, two.ids)])
    assert report.srcc == pytest.approx(spearmanr(*rows).statistic)
    assert report.agreement == pytest.approx((1 + kendalltau(*rows).statistic) / 2)
    assert report.agreement < 0.6


def test_swapped_profiles_give_the_mirror_image(two) -> None:
    """Differences change sign and lists change sides; the rest is the same."""
    one, other = (
        taste_diff(two.library, *names) for names in (("moody", "sunny"), ("sunny", "moody"))
    )
    assert one.attributes[0].difference.value == pytest.approx(
        -other.attributes[0].difference.value
    )
    assert [each.photo for each in one.first_likes] == [each.photo for each in other.second_likes]
    assert (one.first_likes[0].first, one.srcc) == (other.second_likes[0].second, other.srcc)
    assert one.emd == pytest.approx(other.emd)


def test_two_untrained_profiles_agree_in_everything(two) -> None:
    """Both are the generic model, and it is said of both; nothing is clear."""
    for name in ("x", "y"):  # known by a choice, and not trained
        two.choose(name, [{"warmth": 1.0}], each=1)
    report = taste_diff(two.library, "x", "y")
    assert len(report.notes) == 2
    assert (report.emd, report.agreement) == (0, 1)
    assert math.isclose(report.srcc, 1)
    assert not any(each.difference.clear for each in (*report.attributes, *report.styles))
    assert (report.first_likes, report.second_likes) == ((), ())


def test_unknown_and_same_profiles_are_refused(two) -> None:
    """A name that nobody has is no new profile, and one is not compared with itself."""
    with pytest.raises(PhotoaesthError, match="there is no profile 'nobody'"):
        taste_diff(two.library, "moody", "nobody")
    with pytest.raises(PhotoaesthError, match="two different profiles"):
        taste_diff(two.library, "moody", "moody")
    with open_library(two.library) as library:
        rows = library.connection.execute("SELECT name FROM profiles").fetchall()
    assert ("nobody",) not in rows
