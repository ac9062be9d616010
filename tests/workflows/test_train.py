"""Training: when the personal model is kept, and that every number is honest."""

import json
import math
import random
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from photoaesth.domain import Exif, Outcome, Source
from photoaesth.errors import PhotoaesthError
from photoaesth.learning.metrics import wilson_interval
from photoaesth.library import comparisons, locations, models, photos, scores
from photoaesth.library.database import check_integrity, open_library
from photoaesth.library.found import FoundFile, NewPhoto, content_hash
from photoaesth.workflows import evidence
from photoaesth.workflows.rank import Query, rank
from photoaesth.workflows.train import ENOUGH_CHOICES, train

Answer = Callable[[int, int], Outcome]

ALL = Query(count=99)
TASTE = (3.0, -3, 1, 0, 0, 0)


def dice(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - chance, not cryptography


@pytest.fixture
def with_taste(studio) -> Answer:
    """Somebody who knows what they want."""
    utility = studio.utility(TASTE)
    return lambda left, right: Outcome.LEFT if utility[left] > utility[right] else Outcome.RIGHT


def by_chance(seed: int) -> Answer:
    coin = dice(seed)
    return lambda left, right: coin.choice((Outcome.LEFT, Outcome.RIGHT))


def stored_scores(studio) -> dict[int, float]:
    """The scores of the model that was trained last."""
    with open_library(studio.library) as library:
        model = models.latest_model(library, comparisons.profile_id(library, "me"))
        stored = scores.scores_by(library, model.id)
        photo_of = dict(library.connection.execute("SELECT id, photo_id FROM embeddings"))
    pairs = zip(stored.embeddings.tolist(), stored.scores.tolist(), strict=True)
    return {photo_of[embedding]: score for embedding, score in pairs}


def test_training_needs_choices(studio) -> None:
    """Without a choice, or with skips only, one line says how to make some."""
    with pytest.raises(PhotoaesthError, match=r"'me' has made no choices yet.*photoaesth compare"):
        train(studio.library, "me")
    studio.choose(studio.pairs(40), lambda left, right: Outcome.SKIP)
    with pytest.raises(PhotoaesthError, match="has made no choices yet"):
        train(studio.library, "me")


def test_planted_taste_is_learned_and_kept(studio, with_taste: Answer) -> None:
    """A consistent taste beats the generic model on held-out pairs, clearly, and is kept."""
    studio.choose(studio.pairs(150), with_taste)
    report = train(studio.library, "me")
    assert (report.kept, report.early, report.direct) == ("personal", False, 150)
    assert report.heldout is not None
    assert report.heldout.personal > report.heldout.generic + 0.1
    assert report.heldout.personal > 0.8
    assert report.heldout.gain_interval[0] > 0
    assert report.heldout.personal_log_loss < min(report.heldout.generic_log_loss, math.log(2))
    utility = studio.utility(TASTE)
    ranked = [utility[p.photo.id] for p in rank(studio.library, "me", ALL).photos if p.photo]
    assert np.mean(ranked[:8]) > np.std(ranked)
    assert np.mean(ranked[-8:]) < -np.std(ranked)


def test_answers_by_chance_keep_the_generic_model(studio) -> None:
    """Nothing can be learned from a coin, and the report and the scores say so."""
    studio.choose(studio.pairs(120), by_chance(3))
    report = train(studio.library, "me")
    assert (report.kept, report.early) == ("generic", False)
    ranking = rank(studio.library, "me", ALL)
    assert not ranking.personal
    assert "did not beat the generic model" in ranking.note
    assert all(photo.score == pytest.approx(photo.generic) for photo in ranking.photos)


def test_chance_rarely_passes_for_taste(studio) -> None:
    """Of eight people who answer by chance, hardly anybody is given a model of their own."""
    kept = []
    for seed in range(8):
        profile = f"coin {seed}"
        studio.choose(studio.pairs(60, seed=seed), by_chance(seed), profile)
        kept.append(train(studio.library, profile).kept)
    assert kept.count("personal") <= 2


def test_few_choices_are_used_early(studio, with_taste: Answer) -> None:
    """Below thirty choices the personal model is used without waiting for proof."""
    pairs = studio.pairs(ENOUGH_CHOICES)
    studio.choose(pairs[1:], with_taste)
    report = train(studio.library, "me")
    assert (report.early, report.kept, report.outlook) == (True, "personal", None)
    assert rank(studio.library, "me", Query(count=1)).personal
    studio.choose(pairs[:1], with_taste)
    report = train(studio.library, "me")
    assert not report.early
    assert report.outlook is not None


def test_one_choice_is_enough_to_train(studio, with_taste: Answer) -> None:
    """Nothing can be held out of one choice, which is said by leaving the figures out."""
    studio.choose(studio.pairs(1), with_taste)
    report = train(studio.library, "me")
    assert (report.heldout, report.consistency, report.outlook) == (None, None, None)
    assert (report.direct, report.inferred, report.conflicts) == (1, 0, 0)
    assert (report.early, report.kept) == (True, "personal")


def test_figures_agree_with_each_other(studio) -> None:
    """Pairs, intervals and counts fit; ties count as choices but not as decided pairs."""
    coin = dice(5)
    studio.choose(studio.pairs(80), lambda left, right: coin.choice(list(Outcome)))
    report = train(studio.library, "me")
    with open_library(studio.library) as library:
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
    assert heldout.gain_interval[0] <= heldout.personal - heldout.generic
    assert heldout.personal - heldout.generic <= heldout.gain_interval[1]
    assert (report.unusable, report.scored, report.ratings) == (0, 40, 0)
    assert stored.report == json.loads(json.dumps(asdict(replace(report, scored=0))))
    assert (stored.kept, stored.head is None) == (report.kept, report.kept == "generic")


def test_what_follows_and_what_contradicts_is_counted(studio) -> None:
    """From a ≻ b ≻ c follows a ≻ c; a pair chosen both ways is in conflict, and repeated."""
    a, b, c, d = studio.ids[:4]
    studio.choose([(a, b), (b, c), (c, d), (d, c)], lambda left, right: Outcome.LEFT)
    report = train(studio.library, "me")
    # a ≻ c and b ≻ d follow; c and d were chosen both ways.
    assert (report.direct, report.inferred, report.conflicts) == (4, 2, 1)
    assert asdict(report.consistency) == {"pairs": 1, "agreement": 0.0}


def test_same_seed_same_figures(studio, with_taste: Answer) -> None:
    """Training twice on the same choices gives the same report, another seed other folds."""
    studio.choose(studio.pairs(60), with_taste)
    first = train(studio.library, "me")
    assert first == train(studio.library, "me") != train(studio.library, "me", seed=1)


def test_training_scores_every_photo_anew(studio, with_taste: Answer) -> None:
    """All photos are scored by the new model, and none of the old one's scores is left."""
    pairs = studio.pairs(80)
    studio.choose(pairs[:40], with_taste)
    assert train(studio.library, "me").scored == 40
    first = stored_scores(studio)
    studio.choose(pairs[40:], with_taste)
    assert train(studio.library, "me").scored == 40
    second = stored_scores(studio)
    assert first.keys() == second.keys()
    assert len(first) == 40
    assert first != second
    with open_library(studio.library) as library:
        assert library.connection.execute("SELECT DISTINCT model_id FROM scores").fetchall() == [
            (models.latest_model(library, comparisons.profile_id(library, "me")).id,)
        ]


def test_choices_about_lost_photos_are_left_out(studio, with_taste: Answer) -> None:
    """Answers about photos without an embedding are counted as unusable; none left is one line."""
    pairs = studio.pairs(40)
    studio.choose(pairs, with_taste)
    lost = sum(min(pair) <= 2 for pair in pairs)
    with open_library(studio.library) as library:
        library.connection.execute("DELETE FROM embeddings WHERE photo_id <= 2")
    report = train(studio.library, "me")
    assert (report.unusable, report.direct) == (lost, 40 - lost)
    assert lost > 0
    with open_library(studio.library) as library:
        library.connection.execute("DELETE FROM embeddings")
    with pytest.raises(PhotoaesthError, match="none of the compared photos is indexed any more"):
        train(studio.library, "me")


def test_forgotten_photos_still_teach(studio, with_taste: Answer) -> None:
    """Choices and ratings of a folder that was forgotten still shape the taste."""
    studio.choose(studio.pairs(60), with_taste)
    studio.rate({studio.ids[0]: 0.2, studio.ids[1]: 0.8})
    with open_library(studio.library) as library:
        locations.forget_root(library, Path("/photos"))
        assert check_integrity(library) == []
    report = train(studio.library, "me")
    assert (report.direct, report.ratings, report.unusable) == (60, 2, 0)


def test_photos_indexed_later_are_scored_by_rank(studio, with_taste: Answer) -> None:
    """A photo that came after training is in the next ranking, by the same model."""
    studio.choose(studio.pairs(40), with_taste)
    train(studio.library, "me")
    before = {photo.path: photo.score for photo in rank(studio.library, "me", ALL).photos}
    new = Path("/photos/new.jpg")
    with open_library(studio.library) as library, library.transaction():
        number = photos.store_photo(
            library,
            NewPhoto(FoundFile(b"/photos/new.jpg", 1, 1), content_hash(b"new"), 3, 2, 1, Exif()),
        )
        vector = np.zeros(studio.crowd.projection.size, np.float16)
        models.store_embedding(library, number, studio.crowd.embedding_name, vector)
    after = {photo.path: photo.score for photo in rank(studio.library, "me", ALL).photos}
    assert set(after) - set(before) == {new}
    assert all(after[path] == pytest.approx(score) for path, score in before.items())


def test_ties_alone_are_no_taste(studio) -> None:
    """However many ties there are, they say nothing about agreement; the generic model stays."""
    studio.choose(studio.pairs(60), lambda left, right: Outcome.TIE)
    report = train(studio.library, "me")
    assert (report.kept, report.heldout, report.direct) == ("generic", None, 60)


def test_ratings_alone_teach(studio) -> None:
    """Forty ratings by a taste give a model that orders unseen rated photos better."""
    utility = studio.utility(TASTE)
    levels = np.digitize(list(utility.values()), np.quantile(list(utility.values()), [0.3, 0.7]))
    studio.rate({photo: level / 2 for photo, level in zip(utility, levels.tolist(), strict=True)})
    report = train(studio.library, "me")
    assert (report.direct, report.ratings, report.kept) == (0, 40, "personal")
    assert report.heldout is not None
    assert report.heldout.personal > report.heldout.generic
    assert report.outlook is None  # it would be about choices
    assert rank(studio.library, "me", Query(count=1)).personal


def test_equal_ratings_say_nothing(studio) -> None:
    """Photos that are all rated alike cannot be learned from, in one line."""
    studio.rate(dict.fromkeys(studio.ids, 0.6))
    with pytest.raises(PhotoaesthError, match="all rated photos are rated the same"):
        train(studio.library, "me")


def test_ratings_weigh_less_than_choices(studio) -> None:
    """Choices against ratings of the same photos win; what a rating implies weighs below one."""
    utility = studio.utility(TASTE)
    middle = float(np.median(list(utility.values())))
    studio.rate({photo: float(value < middle) for photo, value in utility.items()})
    studio.choose(
        studio.pairs(29),
        lambda a, b: Outcome.LEFT if utility[a] > utility[b] else Outcome.RIGHT,
    )
    train(studio.library, "me")
    scores = stored_scores(studio)
    assert np.corrcoef(list(utility.values()), [scores[p] for p in utility])[0, 1] > 0
    with open_library(studio.library) as library:
        said = evidence.gather(library, "me", studio.crowd)
    of_each = {p: sum(s.weight for s in said.implied if p in s.pair) for p in studio.ids}
    assert np.mean(list(of_each.values())) / 2 < 1  # each comparison is the word of two ratings


def test_pairs_that_are_hard_do_not_judge_where_others_can(studio) -> None:
    """The reported agreement is on evenly drawn pairs alone, once there are enough of them."""
    taste = studio.utility([2.0, 0, 0, 0, 0, 0])
    every = studio.pairs(100)

    def by_taste(left: int, right: int) -> Outcome:
        return Outcome.LEFT if taste[left] > taste[right] else Outcome.RIGHT

    studio.choose(every[:29], by_taste)
    studio.choose(every[29:90], by_taste, source=Source.ACTIVE)
    report = train(studio.library, "me")
    assert report.heldout is not None
    assert (report.evenly, report.heldout.pairs) == (False, 90)
    studio.choose(every[90:], by_taste)
    report = train(studio.library, "me")
    assert report.heldout is not None
    assert (report.evenly, report.heldout.pairs, report.direct) == (True, 39, 100)
