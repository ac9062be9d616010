"""The words and pictures of the pages that `taste` writes."""

import base64
import io
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from photoaesth.errors import PhotoaesthError
from photoaesth.imaging import thumbnail
from photoaesth.library import photos, retouches
from photoaesth.library.comparisons import profile_id
from photoaesth.library.database import open_library
from photoaesth.library.retouches import NewRetouch
from photoaesth.library.thumbnails import store_thumbnail, thumbnail_file
from photoaesth.report.taste_values import Bars, Labels, Pairs, Pictures, Spreads, Timelines
from photoaesth.workflows.taste import taste
from photoaesth.workflows.taste.difference import taste_diff
from photoaesth.workflows.taste.difference_page import difference_page
from photoaesth.workflows.taste.page import page_of, write_taste_page
from photoaesth.workflows.taste.retouch_page import write_retouch_page
from photoaesth.workflows.taste.retouches import taste_of_retouches


@pytest.fixture
def moody(gallery: Any) -> Any:
    """One who likes what is dark and cool."""
    gallery.choose("me", [{"brightness": -1.0, "warmth": -0.5}], each=240)
    gallery.train("me")
    return gallery


def with_pictures(gallery: Any) -> None:
    with open_library(gallery.library) as library:
        for photo in photos.photos_by_id(library, gallery.ids).values():
            shown = Image.new("RGB", (60, 40), (photo.id % 256, 90, 40))
            store_thumbnail(photo.content_hash, thumbnail(shown))


def bodies(page: Any, kind: type) -> list[Any]:
    return [section.body for section in page.sections if isinstance(section.body, kind)]


def test_the_page_says_what_the_report_says(moody) -> None:
    """Summary, distribution, drivers, labels and times are those of the report."""
    report = taste(moody.library, "me")
    page = page_of(report)
    assert page.title == "Your taste"
    assert "dark" in page.summary
    (spread,) = bodies(page, Spreads)
    assert (spread.ours, spread.theirs) == (
        report.distributions.personal,
        report.distributions.generic,
    )
    (bars,) = bodies(page, Bars)
    first = report.driving.attributes[0]
    assert bars.rows[0].title == first.title == "Brightness"
    assert bars.rows[0].mark.value == first.effect.value
    styles, contents = bodies(page, Labels)
    assert {row.name for row in styles.rows} >= {"high key", "low key"}
    shown = {row.name: (row.difference is None, row.share is None) for row in styles.rows}
    assert shown.get("macro", (True, False)) == (True, False)  # three photos; enough pairs, or not
    assert [row.name for row in contents.rows] == ["water"]
    (timelines,) = bodies(page, Timelines)
    assert len(timelines.times) == len(timelines.rows[0].marks) == len(report.over_time.windows)
    assert {row.changed for row in timelines.rows} == {False}


def test_pictures_stand_with_their_scores(moody) -> None:
    """Typical photos come first; those that stand higher and lower follow, and odd choices."""
    with_pictures(moody)
    report = taste(moody.library, "me")
    page = page_of(report)
    paths = [one.photo.path for one in report.typical]
    assert [picture.path for picture in page.first.pictures] == paths
    assert page.first.pictures[0].figures.startswith(f"{report.typical[0].score:.1f} ± ")
    above, below = bodies(page, Pictures)
    assert len(above.pictures) == len(report.above_crowd)
    assert len(below.pictures) == len(report.below_crowd)
    assert sum(len(pairs.pairs) for pairs in bodies(page, Pairs)) == len(report.surprising)


def test_photos_without_a_picture_are_left_out(moody) -> None:
    """What the cache lost and nobody can read is no reason to fail."""
    with_pictures(moody)
    report = taste(moody.library, "me")
    gone, *others = report.typical
    thumbnail_file(gone.photo.content_hash).unlink()
    shown = page_of(report).first.pictures
    assert [picture.path for picture in shown] == [one.photo.path for one in others]


def test_the_generic_model_has_a_page_too(gallery) -> None:
    """Before anything was chosen there is a note and a distribution, and nothing is compared."""
    page = page_of(taste(gallery.library, "anna"))
    assert page.title == "The crowd’s taste"
    assert page.summary.startswith("The crowd ")
    assert "not trained" in page.note
    assert bodies(page, Spreads)
    assert not bodies(page, Timelines)
    assert not bodies(page, Labels)  # they would say where two tastes differ


def test_times_of_one_day_are_told_by_their_choices(moody) -> None:
    """Where the windows began on one day, each is named by the choices that it has."""
    report = taste(moody.library, "me")
    (timelines,) = bodies(page_of(report), Timelines)
    assert timelines.times[0] == "2026-01-01"
    windows = [replace(window, start="2026-01-01") for window in report.over_time.windows]
    one_day = replace(report, over_time=replace(report.over_time, windows=tuple(windows)))
    (timelines,) = bodies(page_of(one_day), Timelines)
    assert timelines.times[:2] == ("1-40", "41-80")
    assert timelines.times[-1] == "201-240"


def test_attributes_are_said_to_share_and_to_foretell(moody) -> None:
    """No effect is said to be of one attribute alone; a share of nothing is not mentioned."""
    report = taste(moody.library, "me")
    lead = next(each.lead for each in page_of(report).sections if isinstance(each.body, Bars))
    assert "others being equal" not in lead
    assert "go together share" in lead
    assert f"foretell {report.driving.explained:.0%}" in lead
    none = replace(report, driving=replace(report.driving, explained=0.0))
    lead = next(each.lead for each in page_of(none).sections if isinstance(each.body, Bars))
    assert "foretell" not in lead


def test_a_page_is_not_written_over_another_file(moody, tmp_path: Path) -> None:
    """An existing file is refused, unless it is to be replaced."""
    report = taste(moody.library, "me")
    target = tmp_path / "taste.html"
    target.write_text("mine")
    with pytest.raises(PhotoaesthError, match="exists; choose another name or add --overwrite"):
        write_taste_page(report, target)
    assert target.read_text() == "mine"
    write_taste_page(report, target, overwrite=True)
    assert target.read_text("utf-8").startswith("<!DOCTYPE html>")


def test_two_profiles_stand_side_by_side(moody) -> None:
    """The page of a difference names both, and says of what the first likes more."""
    moody.choose("sunny", [{"brightness": 1.0, "warmth": -0.5}], each=240, seed=3)
    moody.train("sunny")
    with_pictures(moody)
    report = taste_diff(moody.library, "me", "sunny")
    page = difference_page(report)
    assert page.title == "me and sunny"
    assert "Liked more by me: dark" in page.summary
    assert f"{report.agreement:.0%}" in page.summary
    (bars,) = bodies(page, Bars)
    assert bars.rows[0].title == "Brightness"
    assert bars.rows[0].mark.value < 0
    (other,) = bodies(page, Pictures)
    assert [one.path for one in page.first.pictures] == [o.photo.path for o in report.first_likes]
    assert [one.path for one in other.pictures] == [o.photo.path for o in report.second_likes]


def test_edits_are_shown_before_and_after(place, tmp_path: Path) -> None:
    """The page of darkened photos has them beside their darker copies, the best rated first."""
    paths = place.add(*(f"{number}.jpg" for number in range(8)))
    place.index()
    new = [
        NewRetouch(place.photo(path), "r", {"exposure": -0.8}, None, rating / 10)
        for rating, path in enumerate(paths)
    ]
    with open_library(place.library) as library:
        retouches.add_retouches(library, profile_id(library, "me"), new, source="retouch")
    report = taste_of_retouches(place.library, "me")
    target = tmp_path / "edits.html"
    write_retouch_page(place.library, report, target)
    html = target.read_text("utf-8")
    assert "What your edits do" in html
    assert re.search(r'class="summary">They bring out: [^<]*\bdark\b', html)
    sources = [part.partition('"')[0] for part in html.split("data:image/jpeg;base64,")[1:]]
    assert len(sources) == 16
    before, after = (brightness(source) for source in sources[:2])
    assert after < before - 10
    assert html.index('title="' + str(paths[7])) < html.index('title="' + str(paths[0]))


def brightness(base64_text: str) -> float:
    with Image.open(io.BytesIO(base64.b64decode(base64_text))) as image:
        return float(np.asarray(image.convert("L"), np.float64).mean())
