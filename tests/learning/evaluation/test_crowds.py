from pathlib import Path
from typing import Any

import numpy as np
import pytest

from photoaesth.errors import PhotoaesthError
from photoaesth.learning import crowd, crowd_fit
from photoaesth.learning.evaluation.crowds import WAYS_TO_FIT, Crowd, CrowdFits
from photoaesth.learning.evaluation.measured import Measured
from photoaesth.learning.evaluation.method import Ratings
from photoaesth.learning.rated import RatedImages

EMBEDDINGS = np.arange(12, dtype=np.float32).reshape(3, 4)


class Model:
    """A crowd model in three letters, for what is kept of it."""

    projection, head, taste = "p", "h", "t"


@pytest.fixture
def fits(monkeypatch: pytest.MonkeyPatch) -> list[Ratings]:
    """Note what crowds are fitted to; each has the number of the fit for an opinion."""
    seen: list[Ratings] = []

    def fit(
        images: RatedImages, ratings: Ratings, *, progress: Any, checkpoint: Path
    ) -> crowd_fit.FittedCrowd:
        assert np.array_equal(images.features, images.changed["blur"] - 1)
        checkpoint.write_text("half way")
        progress(1, 2, 60.0)
        if ratings.score[0] < 0:
            raise PhotoaesthError("interrupted")
        seen.append(ratings)
        opinion = {"opinion": np.array([len(seen)])}
        return crowd_fit.FittedCrowd(Model(), opinion, EMBEDDINGS)  # type: ignore[arg-type]

    monkeypatch.setattr(crowd_fit, "fit_crowd", fit)
    monkeypatch.setattr(CrowdFits, "_activations", lambda self: None)
    monkeypatch.setattr(crowd, "to_tensors", lambda p, h, t, opinion: dict(opinion))
    monkeypatch.setattr(crowd, "from_tensors", lambda tensors: int(tensors["opinion"][0]))
    return seen


def photos(shift: float = 0.0) -> CrowdFits:
    rows = {way: EMBEDDINGS + shift + (way != "plain") for way in WAYS_TO_FIT}
    return CrowdFits(Measured(("a", "b", "c"), (), rows, ()), "cpu")


def ratings_of(*scores: float) -> Ratings:
    count = len(scores)
    return Ratings(np.zeros(count, np.int64), np.arange(count), np.array(scores))


def number_of(found: Crowd) -> Any:
    return found.model


def test_a_crowd_is_learned_once(fits: list[Ratings]) -> None:
    """The second time it is read from the cache, the same; other ratings are learned anew."""
    first = photos().crowd(ratings_of(1, 2, 3))
    assert isinstance(first.model, Model)
    again = photos().crowd(ratings_of(1, 2, 3))
    assert number_of(again) == len(fits) == 1
    assert np.array_equal(again.embeddings, EMBEDDINGS)
    photos().crowd(ratings_of(1, 2, 4))
    assert len(fits) == 2
    assert fits[1].score.tolist() == [1, 2, 4]


def test_other_photos_are_learned_anew(fits: list[Ratings]) -> None:
    """The same ratings of pictures that look otherwise make another crowd."""
    photos().crowd(ratings_of(1, 2, 3))
    photos(1.0).crowd(ratings_of(1, 2, 3))
    assert len(fits) == 2


def test_a_damaged_file_is_learned_anew(fits: list[Ratings], home: Path) -> None:
    """What a full disk or a crash left of it is no model."""
    photos().crowd(ratings_of(1, 2, 3))
    (kept,) = home.rglob("crowd-*.safetensors")
    kept.write_bytes(kept.read_bytes()[:20])
    photos().crowd(ratings_of(1, 2, 3))
    assert len(fits) == 2
    assert number_of(photos().crowd(ratings_of(1, 2, 3))) == 2


def test_a_checkpoint_is_kept_until_the_crowd_is_learned(fits: list[Ratings], home: Path) -> None:
    """An interruption leaves one, success none; what is done is told meanwhile."""
    told: list[tuple[int, int]] = []
    with pytest.raises(PhotoaesthError):
        photos().crowd(ratings_of(-1, 2, 3), lambda done, total: told.append((done, total)))
    assert told == [(1, 2)]
    (checkpoint,) = home.rglob("crowd-*.checkpoint")
    photos().crowd(ratings_of(1, 2, 3))
    assert list(home.rglob("crowd-*.checkpoint")) == [checkpoint]  # that of the other ratings


def test_a_photo_that_has_vanished_is_named(tmp_path: Path) -> None:
    """Between measuring and fitting a drive may go; the error says which photo was missed."""
    path = tmp_path / "gone.jpg"
    rows = dict.fromkeys(WAYS_TO_FIT, EMBEDDINGS[:1])
    fits = CrowdFits(Measured(("gone.jpg",), (path,), rows, ()), "cpu")
    with pytest.raises(PhotoaesthError, match=r"cannot read .*gone\.jpg"):
        fits.crowd(ratings_of(1.0))
