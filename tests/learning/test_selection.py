from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import expit

from photoaesth.learning.crowd import CrowdModel
from photoaesth.learning.personal import (
    JointJudgements,
    PersonalHead,
    choice_probability,
    joint_judgements,
    prior,
)
from photoaesth.learning.personal_fit import Evidence, fit_personal
from photoaesth.learning.selection import Pool, diverse, next_pair

Floats = NDArray[np.floating[Any]]
PHOTOS = 9
SLOPE, APPEAL = 2.0, 0.7  # of the crowds made here


@pytest.fixture
def crowd(make_crowd: Callable[..., CrowdModel]) -> CrowdModel:
    return make_crowd(6)


@pytest.fixture
def embeddings(make_embeddings: Callable[..., Floats]) -> Floats:
    return make_embeddings(PHOTOS, seed=5)


@pytest.fixture
def head(crowd: CrowdModel, embeddings: Floats) -> PersonalHead:
    """What six choices among the first four photos of the pool left."""
    left, right = np.array([0, 1, 2, 0, 1, 0]), np.array([1, 2, 3, 2, 3, 3])
    said = Evidence(left, right, np.array([1, 1, 0, 0.5, 0, 1]), np.ones(6))
    return fit_personal(crowd, embeddings, said, trust=crowd.taste.trust)


@pytest.fixture
def pool(crowd: CrowdModel, head: PersonalHead, embeddings: Floats) -> Pool:
    return Pool.of(crowd, head, embeddings)


def any_pair(count: int) -> NDArray[np.bool_]:
    return ~np.eye(count, dtype=bool)


def mean_variance(covariance: Floats) -> float:
    """Of the difference of two photos, averaged over all pairs."""
    own = np.diag(covariance)
    pairs = np.triu_indices(len(own), 1)
    return float((own[:, None] + own - 2 * covariance)[pairs].mean())


def independent(mean: list[float], variance: list[float]) -> Pool:
    """Photos that nothing connects and that nobody has compared."""
    covariance = np.diag(np.array(variance))
    judged = covariance + APPEAL**2 * np.eye(len(mean))
    known = np.array(mean)
    return Pool(JointJudgements(known, covariance, known, judged, covariance), SLOPE, APPEAL)


def test_an_answer_shrinks_variance_as_it_does_on_average(pool: Pool) -> None:
    """The variance expected after a choice is that of both answers, integrated on a grid.

    E[var | answer] = var - Σ p(answer) (E[d | answer] - E[d])², by Bayes' rule with the logistic
    likelihood; MacKay's approximation of p moves it by up to a seventh of what is gained.
    """
    for left, right in ((0, 1), (2, 7), (5, 6)):
        judged = pool.photos.judged
        mean = pool.photos.judged_mean[left] - pool.photos.judged_mean[right]
        variance = judged[left, left] + judged[right, right] - 2 * judged[left, right]
        grid = mean + np.sqrt(variance) * np.linspace(-8, 8, 4001)
        mass = np.exp(-((grid - mean) ** 2) / (2 * variance))
        mass /= mass.sum()
        chosen = expit(SLOPE * grid) * mass
        others = mass - chosen
        moved = sum(p.sum() * (p @ grid / p.sum() - mean) ** 2 for p in (chosen, others))
        after = pool.expecting(left, right).photos.judged
        left_over = after[left, left] + after[right, right] - 2 * after[left, right]
        assert variance - left_over == pytest.approx(moved, rel=0.15)


def test_an_answer_tells_of_everything_in_proportion_to_covariance(pool: Pool) -> None:
    """All covariances shrink together, as Gaussian conditioning on the judged difference does."""
    told = pool.photos.told[:, 2] - pool.photos.told[:, 7]
    judged = pool.photos.judged[:, 2] - pool.photos.judged[:, 7]
    after = pool.expecting(2, 7).photos
    weight = (pool.covariance - after.covariance)[5, 5] / told[5] ** 2
    np.testing.assert_allclose(pool.covariance - after.covariance, weight * np.outer(told, told))
    np.testing.assert_allclose(pool.photos.told - after.told, weight * np.outer(told, judged))
    np.testing.assert_allclose(pool.photos.judged - after.judged, weight * np.outer(judged, judged))
    np.testing.assert_array_equal(after.mean, pool.mean)


def test_the_gain_is_what_the_expected_pool_has_less(pool: Pool) -> None:
    """For every pair, the mean variance of differences before less that after."""
    before, gains = mean_variance(pool.covariance), pool.gains()
    for left in range(PHOTOS):
        for right in range(left):
            after = mean_variance(pool.expecting(left, right).covariance)
            assert gains[left, right] == pytest.approx(before - after, rel=1e-4, abs=1e-7)
            assert gains[right, left] == pytest.approx(gains[left, right])


def test_the_pair_that_tells_most_is_asked(pool: Pool) -> None:
    """Of all pairs the one after which least variance is left, and then of those still allowed."""
    allowed = any_pair(PHOTOS)
    shown, rng = np.zeros(PHOTOS, np.int64), np.random.default_rng(0)
    left_over = {
        (a, b): mean_variance(pool.expecting(a, b).covariance)
        for a in range(PHOTOS)
        for b in range(a)
    }
    for expected in sorted(left_over, key=left_over.__getitem__):
        found = next_pair(pool, allowed, shown, rng)
        assert found is not None
        assert set(found) == set(expected)
        allowed[found] = allowed[found[::-1]] = False
    assert next_pair(pool, allowed, shown, rng) is None


def test_open_questions_about_typical_photos_come_first() -> None:
    """Of unconnected photos those in doubt are asked about, and near rivals before far ones."""
    doubtful = independent([5.0, 5.0, 5.0, 5.0], [0.1, 1.0, 0.1, 1.0])
    rivals = independent([4.0, 6.0, 6.2], [1.0, 1.0, 1.0])
    for known, expected in ((doubtful, {1, 3}), (rivals, {1, 2})):
        count = len(known.mean)
        found = next_pair(
            known, any_pair(count), np.zeros(count, np.int64), np.random.default_rng(0)
        )
        assert set(found or ()) == expected


def test_both_sides_are_balanced(pool: Pool) -> None:
    """The same pair comes up both ways round, about as often: 200 draws, five sigma."""
    shown = np.zeros(PHOTOS, np.int64)
    pairs = [
        next_pair(pool, any_pair(PHOTOS), shown, np.random.default_rng(seed)) for seed in range(200)
    ]
    swapped = sum(pair is not None and pair[0] < pair[1] for pair in pairs)
    assert abs(swapped - 100) < 36


def test_a_photo_that_was_shown_far_too_often_waits(pool: Pool) -> None:
    """The best pair's photos rest when shown often; if nothing else is allowed they are asked."""
    shown, rng = np.zeros(PHOTOS, np.int64), np.random.default_rng(0)
    best = next_pair(pool, any_pair(PHOTOS), shown, rng)
    assert best is not None
    shown[best[0]] = 20
    other = next_pair(pool, any_pair(PHOTOS), shown, rng)
    assert other is not None
    assert best[0] not in other
    only = np.zeros((PHOTOS, PHOTOS), dtype=bool)
    only[best] = only[best[::-1]] = True
    assert set(next_pair(pool, only, shown, rng) or ()) == set(best)


def test_photos_shown_equally_often_never_rest(pool: Pool) -> None:
    """A hundred showings of each are as good as none."""
    rng = np.random.default_rng(0)
    counts = [np.full(PHOTOS, times, np.int64) for times in (0, 100)]
    first, second = (next_pair(pool, any_pair(PHOTOS), shown, rng) for shown in counts)
    assert set(first or ()) == set(second or ())


def test_a_small_pool_has_no_pair(crowd: CrowdModel, embeddings: Floats) -> None:
    """Neither of no photo nor of one, and there is nothing to agree about."""
    for count in (0, 1):
        pool = Pool.of(crowd, prior(crowd), embeddings[:count])
        shown = np.zeros(count, np.int64)
        assert next_pair(pool, any_pair(count), shown, np.random.default_rng(0)) is None
        assert pool.expected_accuracy() == 0.5


def test_expected_accuracy_is_that_of_the_probabilities(
    crowd: CrowdModel, head: PersonalHead, embeddings: Floats, pool: Pool
) -> None:
    """The mean over all pairs of max(p, 1 - p), with p the probability of a choice."""
    first, second = np.triu_indices(PHOTOS, 1)
    p = choice_probability(crowd, head, embeddings[first], embeddings[second])
    assert pool.expected_accuracy() == pytest.approx(np.maximum(p, 1 - p).mean(), abs=1e-6)


def test_answers_raise_the_expected_accuracy(pool: Pool) -> None:
    """The less doubt the same means have, the more often they will be right."""
    surer = pool.expecting(4, 5).expecting(6, 7)
    assert surer.expected_accuracy() > pool.expected_accuracy()


def test_a_pair_asked_again_tells_less(pool: Pool) -> None:
    """It shows the same two appeals again, so it tells less than a pair of new photos would."""
    again = pool.expecting(5, 6)
    assert again.gains()[5, 6] < pool.gains()[5, 6]
    forgetful = replace(
        again.photos,
        judged=again.covariance + APPEAL**2 * np.eye(PHOTOS),
        told=again.covariance,
    )
    assert again.gains()[5, 6] < replace(again, photos=forgetful).gains()[5, 6]


def test_expecting_an_answer_is_learning_without_its_news(
    crowd: CrowdModel, embeddings: Floats
) -> None:
    """After an answer between photos believed equal, the pool has the covariance it expected.

    Laplace's curvature at the mode is k² p (1 - p), of a point; the expected one is of an average
    over the doubt, so they agree where there is little doubt.
    """
    trust = crowd.taste.trust._replace(gain_sd=0.01, taste_sd=0.05, own_sd=0.05)
    crowd = replace(crowd, taste=replace(crowd.taste, trust=trust, appeal_sd=0.05))
    tie = Evidence(np.array([3]), np.array([8]), np.array([0.5]), np.ones(1))
    before = Pool.of(crowd, prior(crowd), embeddings)
    after = Pool.of(crowd, fit_personal(crowd, embeddings, tie, trust=trust), embeddings)
    expected = before.expecting(3, 8)
    for name in ("covariance", "judged", "told"):
        was, found, wanted = (getattr(each.photos, name) for each in (before, after, expected))
        moved = np.abs(was - wanted).max()
        np.testing.assert_allclose(found, wanted, atol=0.05 * moved)


def test_the_farthest_photo_follows() -> None:
    """On a line at 0, 1, 4, 10 from whichever end: the other end, then the middle of the gap."""
    line = np.zeros((4, 11), np.float32)
    line[:, 0] = [0, 1, 4, 10]
    orders = {tuple(diverse(line, 4, np.random.default_rng(seed)).tolist()) for seed in range(20)}
    assert orders == {(0, 3, 2, 1), (1, 3, 2, 0), (2, 3, 0, 1), (3, 0, 2, 1)}


def test_diversity_is_of_what_describes_photos() -> None:
    """The second opinion at the end of an embedding, however large, is no difference."""
    rows = np.zeros((3, 11), np.float32)
    rows[:, 0] = [0, 1, 2]
    rows[1, 1:] = 100
    chosen = diverse(rows, 2, np.random.default_rng(0)).tolist()
    assert 1 not in chosen or chosen[0] == 1


def test_no_photo_is_drawn_twice() -> None:
    """Of six photos, three of them identical, each comes once; more are not to be had."""
    rows = np.zeros((6, 12), np.float32)
    rows[:3, 0] = [1, 2, 3]
    chosen = diverse(rows, 10, np.random.default_rng(1))
    assert sorted(chosen.tolist()) == list(range(6))
    assert diverse(rows[:0], 10, np.random.default_rng(1)).shape == (0,)
    assert len(diverse(rows, 2, np.random.default_rng(1))) == 2


def test_compared_photos_are_known_by_their_embedding(
    crowd: CrowdModel, head: PersonalHead, embeddings: Floats
) -> None:
    """Only for them does the judged mean differ from that of new photos just like them."""
    found = joint_judgements(crowd, head, embeddings)
    moved = np.abs(found.judged_mean - found.mean) > 1e-6
    assert moved.tolist() == [True] * 4 + [False] * (PHOTOS - 4)
