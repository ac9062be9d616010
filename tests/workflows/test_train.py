"""Training: when the personal model is kept, and that every number is honest."""

import json
import math
import random
from collections.abc import Callable
from dataclasses import asdict
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from photoaesth.domain import Outcome
from photoaesth.errors import PhotoaesthError
from photoaesth.learning.crowd import load_crowd_model
from photoaesth.learning.metrics import wilson_interval
from photoaesth.library import comparisons, models, photos
from photoaesth.library.comparisons import NewComparison
from photoaesth.library.database import open_library
from photoaesth.workflows.index import forget
from photoaesth.workflows.rank import rank
from photoaesth.workflows.train import ENOUGH_CHOICES, train

Judge = Callable[[Path, Path], Outcome]


def dice(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - chance, not cryptography


def answer_pairs(
    library_path: Path, judge: Judge, count: int, *, seed: int = 0, profile: str = "me"
) -> None:
    """Answer random pairs of the library's photos."""
    with open_library(library_path) as library:
        ids = [photo for photo, _, _ in photos.present_photos(library)]
        records = photos.photos_by_id(library, ids)
        pairs = dice(seed).sample(list(combinations(sorted(ids), 2)), count)
        answers = [
            NewComparison(left, right, judge(records[left].path, records[right].path))
            for left, right in pairs
        ]
        number = comparisons.profile_id(library, profile)
        comparisons.add_comparisons(library, number, answers, source="compare")


@pytest.fixture
def likes_dark(album) -> Judge:
    """Somebody who always prefers the darker, more muted picture."""

    def judge(left: Path, right: Path) -> Outcome:
        utility = [
            -album.traits[path]["brightness"] - album.traits[path]["colourfulness"]
            for path in (left, right)
        ]
        return Outcome.LEFT if utility[0] > utility[1] else Outcome.RIGHT

    return judge


def by_chance(seed: int) -> Judge:
    coin = dice(seed)
    return lambda left, right: coin.choice((Outcome.LEFT, Outcome.RIGHT))


def stored_scores(library_path: Path) -> dict[int, float]:
    """The scores of the model that was trained last."""
    with open_library(library_path) as library:
        model = models.latest_model(library, comparisons.profile_id(library, "me"))
        rows = library.connection.execute(
            "SELECT photo_id, score FROM scores WHERE model_id = ?", (model.id,)
        )
        return dict(rows.fetchall())


def test_training_needs_choices(album) -> None:
    """Without a choice, or with skips only, one line says how to make some."""
    with pytest.raises(PhotoaesthError, match=r"'me' has made no choices yet.*photoaesth compare"):
        train(album.library, "me")
    answer_pairs(album.library, lambda left, right: Outcome.SKIP, 40)
    with pytest.raises(PhotoaesthError, match="has made no choices yet"):
        train(album.library, "me")


def test_planted_taste_is_learned_and_kept(album, likes_dark: Judge) -> None:
    """A consistent taste beats the generic model on held-out pairs, clearly, and is kept."""
    answer_pairs(album.library, likes_dark, 120)
    report = train(album.library, "me", device="cpu")
    assert report.kept == "personal"
    assert not report.early
    assert report.direct == 120
    assert report.heldout is not None
    assert report.heldout.personal > report.heldout.generic + 0.1
    assert report.heldout.personal > 0.8
    assert report.heldout.personal_log_loss < min(report.heldout.generic_log_loss, math.log(2))
    ranked = [photo.path for photo in rank(album.library, "me", limit=99).photos]
    utility = [
        -album.traits[path]["brightness"] - album.traits[path]["colourfulness"] for path in ranked
    ]
    assert np.mean(utility[:5]) > 1 > -1 > np.mean(utility[-5:])


def test_answers_by_chance_keep_the_generic_model(album) -> None:
    """Nothing can be learned from a coin, and the report and the scores say so."""
    answer_pairs(album.library, by_chance(3), 120)
    report = train(album.library, "me", device="cpu")
    assert report.kept == "generic"
    assert not report.early
    ranking = rank(album.library, "me", limit=99)
    assert not ranking.personal
    assert "did not beat the generic model" in ranking.note
    assert all(photo.score == pytest.approx(photo.generic) for photo in ranking.photos)


def test_chance_rarely_passes_for_taste(album) -> None:
    """Of eight people who answer by chance, hardly anybody is given a model of their own."""
    kept = []
    for seed in range(8):
        profile = f"coin {seed}"
        answer_pairs(album.library, by_chance(seed), 60, seed=seed, profile=profile)
        kept.append(train(album.library, profile, device="cpu").kept)
    assert kept.count("personal") <= 2


def test_few_choices_are_used_early(album, likes_dark: Judge) -> None:
    """Below thirty choices the personal model is used without waiting for proof."""
    answer_pairs(album.library, likes_dark, ENOUGH_CHOICES - 1)
    report = train(album.library, "me", device="cpu")
    assert (report.early, report.kept) == (True, "personal")
    assert rank(album.library, "me", limit=1).personal
    answer_pairs(album.library, likes_dark, 1, seed=9)
    assert not train(album.library, "me", device="cpu").early


def test_one_choice_is_enough_to_train(album, likes_dark: Judge) -> None:
    """Nothing can be held out of one choice, which is said by leaving the figures out."""
    answer_pairs(album.library, likes_dark, 1)
    report = train(album.library, "me", device="cpu")
    assert report.heldout is None
    assert (report.direct, report.inferred, report.conflicts) == (1, 0, 0)
    assert (report.early, report.kept) == (True, "personal")


def test_figures_agree_with_each_other(album) -> None:
    """Pairs, interval and counts fit; ties count as choices but not as decided pairs."""
    coin = dice(5)
    answer_pairs(album.library, lambda left, right: coin.choice(list(Outcome)), 80)
    report = train(album.library, "me", device="cpu")
    with open_library(album.library) as library:
        profile = comparisons.profile_id(library, "me")
        given = [answer.outcome for answer in comparisons.comparisons(library, profile)]
        stored = models.latest_model(library, profile)
    heldout = report.heldout
    assert heldout is not None
    assert stored is not None
    assert report.direct == 80 - given.count(Outcome.SKIP)
    assert heldout.pairs == report.direct - given.count(Outcome.TIE)
    assert heldout.interval == wilson_interval(heldout.personal, heldout.pairs)
    assert 0 <= heldout.interval[0] <= heldout.personal <= heldout.interval[1] <= 1
    assert (report.unusable, report.scored) == (0, 20)
    assert stored.report["heldout"] == json.loads(json.dumps(asdict(heldout)))
    assert (stored.kept, stored.head is None) == (report.kept, report.kept == "generic")


def test_same_seed_same_figures(album, likes_dark: Judge) -> None:
    """Training twice on the same choices gives the same report."""
    answer_pairs(album.library, likes_dark, 60)
    assert train(album.library, "me", device="cpu") == train(album.library, "me", device="cpu")


def test_training_scores_every_photo_anew(album, likes_dark: Judge) -> None:
    """All photos are scored by the new model, and none of the old one's scores is left."""
    answer_pairs(album.library, likes_dark, 40)
    assert train(album.library, "me", device="cpu").scored == 20
    first = stored_scores(album.library)
    answer_pairs(album.library, likes_dark, 40, seed=1)
    assert train(album.library, "me", device="cpu").scored == 20
    second = stored_scores(album.library)
    assert first.keys() == second.keys()
    assert len(first) == 20
    assert first != second
    with open_library(album.library) as library:
        assert library.connection.execute("SELECT count(*) FROM scores").fetchone() == (20,)


def test_photos_indexed_later_are_scored_by_rank(album, likes_dark: Judge) -> None:
    """A photo that came after training is in the next ranking, by the same model."""
    answer_pairs(album.library, likes_dark, 40)
    train(album.library, "me", device="cpu")
    before = {photo.path: photo.score for photo in rank(album.library, "me", limit=99).photos}
    space = load_crowd_model().embedding_name
    new = Path("/photos/new.jpg")
    with open_library(album.library) as library, library.transaction() as connection:
        connection.execute("INSERT INTO photos (content_hash, width, height) VALUES ('new', 3, 2)")
        number = connection.execute("SELECT max(id) FROM photos").fetchone()[0]
        connection.execute(
            "INSERT INTO files (path, photo_id, size, mtime_ns) VALUES (?, ?, 1, 1)",
            (bytes(new), number),
        )
        models.store_embedding(library, number, space, np.zeros(256, np.float16))
    after = {photo.path: photo.score for photo in rank(album.library, "me", limit=99).photos}
    assert set(after) - set(before) == {new}
    assert all(after[path] == pytest.approx(score) for path, score in before.items())


def test_choices_about_lost_photos_are_left_out(album, likes_dark: Judge) -> None:
    """Answers about photos without an embedding are counted as unusable; none left is one line."""
    answer_pairs(album.library, likes_dark, 40)
    with open_library(album.library) as library:
        library.connection.execute("DELETE FROM embeddings WHERE photo_id <= 2")
        lost = library.connection.execute(
            "SELECT count(*) FROM comparisons WHERE left_photo <= 2 OR right_photo <= 2"
        ).fetchone()[0]
    report = train(album.library, "me", device="cpu")
    assert (report.unusable, report.direct) == (lost, 40 - lost)
    assert lost > 0
    with open_library(album.library) as library:
        library.connection.execute("DELETE FROM embeddings")
    with pytest.raises(PhotoaesthError, match="none of the compared photos is indexed any more"):
        train(album.library, "me", device="cpu")


def test_forgotten_photos_still_teach(album, likes_dark: Judge) -> None:
    """Choices about a folder that was forgotten still shape the taste."""
    answer_pairs(album.library, likes_dark, 60)
    forget(album.library, album.folder)
    report = train(album.library, "me", device="cpu")
    assert (report.direct, report.unusable) == (60, 0)


def test_ties_alone_are_no_taste(album) -> None:
    """However many ties there are, they say nothing about agreement; the generic model stays."""
    answer_pairs(album.library, lambda left, right: Outcome.TIE, 60)
    report = train(album.library, "me", device="cpu")
    assert (report.kept, report.heldout, report.direct) == ("generic", None, 60)
