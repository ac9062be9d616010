"""What `taste --from retouches` says of edits that are known."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from photoaesth.enhance.origin import origin_note
from photoaesth.errors import PhotoaesthError
from photoaesth.library import excluded, photos, retouches
from photoaesth.library.comparisons import profile_id
from photoaesth.library.database import open_library
from photoaesth.library.found import content_hash
from photoaesth.library.retouches import NewOrder, NewRetouch
from photoaesth.workflows.taste.retouches import taste_of_retouches

DARKER, BRIGHTER = {"exposure": -0.8}, {"exposure": 0.8}


@pytest.fixture
def ids(place: Any) -> list[int]:
    """Eight photos, indexed."""
    paths = place.add(*(f"{number}.jpg" for number in range(8)))
    place.index()
    return [place.photo(path) for path in paths]


def retouch(place: Any, edits: list[tuple[int, dict[str, float], float | None]]) -> None:
    new = [NewRetouch(photo, "r", values, None, rating) for photo, values, rating in edits]
    with open_library(place.library) as library:
        retouches.add_retouches(library, profile_id(library, "me"), new, source="retouch")


def changes(report: Any) -> dict[str, Any]:
    return {each.name: each for each in report.attributes}


def test_darker_edits_are_told(place, ids) -> None:
    """All eight are darkened: brightness falls, surely, and is told from before and after."""
    retouch(place, [(photo, DARKER, 0.8) for photo in ids])
    report = taste_of_retouches(place.library, "me")
    found = changes(report)["brightness"]
    assert found.change.clear
    assert found.change.interval[1] < -5
    assert found.after - found.before == pytest.approx(found.change.value)
    assert (report.retouches, report.copies, report.rated) == (8, 0, 8)
    assert report.effective == pytest.approx(8)
    assert sum(report.before) == pytest.approx(1)
    assert report.before != report.after


def test_edits_that_change_nothing_change_nothing(place, ids) -> None:
    """Where no parameter is set, no attribute, label or score moves."""
    retouch(place, [(photo, {}, 0.5) for photo in ids])
    report = taste_of_retouches(place.library, "me")
    assert {each.change.value for each in report.attributes} == {0}
    assert not any(each.change.clear for each in report.attributes)
    assert report.gain.value == pytest.approx(0, abs=1e-4)
    assert report.before == pytest.approx(report.after, abs=1e-4)


def test_edits_weigh_by_their_ratings(place, ids) -> None:
    """Of darker edits that are rated well and brighter ones that are not, the darker count."""
    half = len(ids) // 2
    edits = [(photo, DARKER, 1.0) for photo in ids[:half]]
    retouch(place, [*edits, *((photo, BRIGHTER, 0.1) for photo in ids[half:])])
    weighed = changes(taste_of_retouches(place.library, "me"))["brightness"].change.value
    assert weighed < -5


def test_edits_weigh_by_their_place_in_the_order(place, ids) -> None:
    """The same without ratings, where the darker ones stand first; else they balance."""
    half = len(ids) // 2
    edits = [(photo, DARKER, None) for photo in ids[:half]]
    retouch(place, [*edits, *((photo, BRIGHTER, None) for photo in ids[half:])])
    even = taste_of_retouches(place.library, "me")
    with open_library(place.library) as library:
        order = NewOrder(ids, "r")
        retouches.add_orders(library, profile_id(library, "me"), [order], source="rerank")
    ordered = taste_of_retouches(place.library, "me")
    assert (even.ordered, ordered.ordered) == (0, 8)
    assert even.effective == pytest.approx(8)
    assert ordered.effective < 7
    values = [changes(each)["brightness"].change.value for each in (ordered, even)]
    assert values[0] < values[1] - 2


def test_unknown_ratings_weigh_as_the_mean(place, ids) -> None:
    """Rated alike or not at all, all edits count alike."""
    retouch(place, [(photo, DARKER, 0.6 if photo % 2 else None) for photo in ids])
    report = taste_of_retouches(place.library, "me")
    assert report.effective == pytest.approx(8)
    assert report.rated == 4


def test_enhanced_copies_count_while_they_exist(place, ids, tmp_path: Path) -> None:
    """A copy is known by its note; one that was deleted, or a stranger's, is none."""
    retouch(place, [(photo, DARKER, 0.8) for photo in ids[:5]])
    for number, photo in enumerate(ids[:3]):
        write_copy(place, photo, tmp_path / f"copy-{number}.png")
    assert taste_of_retouches(place.library, "me").copies == 3
    (tmp_path / "copy-0.png").unlink()
    report = taste_of_retouches(place.library, "me")
    assert (report.retouches, report.copies) == (5, 2)


def test_copies_of_photos_that_one_had_no_hand_in_are_not_one_s_edits(
    place, ids, tmp_path: Path
) -> None:
    """Enhanced copies count of photos that the profile retouched or put in order, of no others."""
    retouch(place, [(photo, DARKER, 0.8) for photo in ids[:5]])
    for number, photo in enumerate(ids[4:]):  # retouched, in an order, and twice neither
        write_copy(place, photo, tmp_path / f"copy-{number}.png")
    with open_library(place.library) as library:
        order = NewOrder(ids[4:6], "r")
        retouches.add_orders(library, profile_id(library, "me"), [order], source="rerank")
    report = taste_of_retouches(place.library, "me")
    assert (report.retouches, report.copies) == (5, 2)


def test_copies_do_not_stand_in_for_retouches(place, ids, tmp_path: Path) -> None:
    """Who retouched nothing has no taste in edits, however many copies the program wrote."""
    for number, photo in enumerate(ids):
        write_copy(place, photo, tmp_path / f"copy-{number}.png")
    with open_library(place.library) as library:
        order = NewOrder(ids, "r")
        retouches.add_orders(library, profile_id(library, "leo"), [order], source="rerank")
    with pytest.raises(PhotoaesthError, match="'leo' has 0 retouches"):
        taste_of_retouches(place.library, "leo")


def write_copy(place: Any, photo: int, target: Path) -> None:
    with open_library(place.library) as library:
        record = photos.photos_by_id(library, [photo])[photo]
        with Image.open(record.path) as image:
            image.point(lambda level: level // 2).save(target)
        target.write_bytes(target.read_bytes() + origin_note(record.content_hash).encode())
        excluded.remember_output(library, target, content_hash(target.read_bytes()))


def test_what_cannot_be_read_is_named(place, ids) -> None:
    """An edit whose photo and thumbnail are gone, or whose parameters are unknown, is skipped."""
    retouch(place, [(photo, DARKER, 0.8) for photo in ids[:7]])
    retouch(place, [(ids[7], {"parameter_of_old": 1.0}, 0.8)])
    report = taste_of_retouches(place.library, "me")
    assert report.retouches == 7
    assert [item.path.name for item in report.skipped] == ["7.jpg"]


def test_too_few_edits_are_refused(place, ids) -> None:
    """Four tell nothing; the way to more is named."""
    retouch(place, [(photo, DARKER, 0.8) for photo in ids[:4]])
    with pytest.raises(PhotoaesthError, match="has 4 retouches that can be shown, and it takes 5"):
        taste_of_retouches(place.library, "me")


def test_only_the_newest_retouch_of_a_photo_counts(place, ids) -> None:
    """Who darkened first and brightened later, brightens."""
    retouch(place, [(photo, DARKER, 0.8) for photo in ids])
    retouch(place, [(photo, BRIGHTER, 0.8) for photo in ids])
    report = taste_of_retouches(place.library, "me")
    assert report.retouches == 8
    assert changes(report)["brightness"].change.value > 2


def test_intervals_hold_the_mean_of_the_edits(place, ids) -> None:
    """Ratings alike, the change is the plain mean of all edits, in the middle of its interval."""
    rng = np.random.default_rng(0)
    retouch(place, [(photo, {"exposure": float(rng.uniform(-1, 0))}, 0.5) for photo in ids])
    change = changes(taste_of_retouches(place.library, "me"))["brightness"].change
    low, high = change.interval
    assert change.value == pytest.approx((low + high) / 2)
    assert low < high < 0
