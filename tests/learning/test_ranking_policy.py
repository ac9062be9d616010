"""The ranking policy: what orders teach a personal model, and that it stays one."""

from itertools import permutations
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from photoaesth.learning.metrics import kendall
from photoaesth.learning.personal import PersonalHead, joint_judgements, predict, prior
from photoaesth.learning.personal_fit import Evidence, fit_personal
from photoaesth.learning.ranking_policy import Ranked, _Known, _policy_gradient, learn_orders


@pytest.fixture
def crowd(make_crowd: Any) -> Any:
    return make_crowd(6)


def photos_of(crowd: Any, count: int, seed: int) -> np.ndarray:
    drawn = np.random.default_rng(seed).normal(size=(count, crowd.projection.size))
    drawn[:, :6] /= np.sqrt(6)
    drawn[:, 6:] = 0
    return drawn.astype(np.float16)


def lists_of(crowd: Any, weights: np.ndarray, count: int, seed: int) -> list[Ranked]:
    """Lists of six that somebody ordered who likes photos by these weights."""
    lists = []
    for number in range(count):
        photos = photos_of(crowd, 6, 1000 * seed + number)
        utility = photos[:, :6].astype(float) @ weights
        lists.append(Ranked.in_order(photos[np.argsort(-utility)]))
    return lists


def test_tau_is_kendalls() -> None:
    """Of a whole order it is Kendall's tau; of a part, what is known of it."""
    rng = np.random.default_rng(0)
    utilities = rng.normal(size=7)
    whole = Ranked.in_order(np.zeros((7, 3)))
    assert whole.tau(utilities) == pytest.approx(kendall(utilities, -np.arange(7.0)))
    above = np.zeros((3, 3), bool)
    above[0, 1] = above[0, 2] = True  # the first is above both others, which stay open
    part = Ranked(np.zeros((3, 3)), above)
    assert part.tau(np.array([2.0, 3.0, 1.0])) == 0
    assert np.isnan(Ranked(np.zeros((2, 3)), np.zeros((2, 2), bool)).tau(np.zeros(2)))


def test_without_orders_the_model_stays(crowd: Any) -> None:
    """Nothing said, or nothing decided, leaves the head as it is."""
    head = prior(crowd)
    open_pair = Ranked(photos_of(crowd, 2, 1), np.zeros((2, 2), bool))
    assert learn_orders(crowd, head, [open_pair], seed=0) is head


@pytest.mark.parametrize("start", ["prior", "personal"])
def test_it_starts_as_the_model_it_is_given(crowd: Any, start: str) -> None:
    """Before it learns anything, means, variances and covariances are those of the head."""
    photos = photos_of(crowd, 12, 2)
    head = prior(crowd)
    if start == "personal":
        rng = np.random.default_rng(3)
        left, right = np.array([(0, 1), (2, 3), (4, 5), (1, 4), (0, 5)]).T
        said = Evidence(left, right, rng.integers(0, 2, 5), np.ones(5))
        head = fit_personal(crowd, photos, said)
    known = _Known(crowd, head, [Ranked.in_order(photos[4:])])
    joint = joint_judgements(crowd, head, known._photos)
    assert_allclose(known.mean, joint.judged_mean, atol=1e-4)
    assert_allclose(known.covariance, joint.judged, atol=1e-4)


def test_orders_of_others_are_predicted_better(crowd: Any) -> None:
    """Somebody whose taste the model does not know is ranked better after ten orders."""
    weights = np.array([4.0, -3, 2, 0, 1, 0])
    learned, tested = lists_of(crowd, weights, 10, 1), lists_of(crowd, weights, 20, 2)
    policy = learn_orders(crowd, prior(crowd), learned, seed=0)

    def mean_tau(head: PersonalHead) -> float:
        return float(np.mean([o.tau(predict(crowd, head, o.photos).score) for o in tested]))

    assert mean_tau(policy) > mean_tau(prior(crowd)) + 0.2


def test_doubt_shrinks_where_orders_tell(crowd: Any) -> None:
    """After orders the policy is surer of photos like those than the model was."""
    learned = lists_of(crowd, np.ones(6), 5, 3)
    policy = learn_orders(crowd, prior(crowd), learned, seed=0)
    photos = learned[0].photos
    before, after = (predict(crowd, head, photos).sd for head in (prior(crowd), policy))
    assert (after < before).all()


def test_it_is_stored_as_a_head(crowd: Any) -> None:
    """What is read back from bytes scores photos the same."""
    policy = learn_orders(crowd, prior(crowd), lists_of(crowd, np.ones(6), 4, 4), seed=0)
    again = PersonalHead.from_bytes(policy.to_bytes())
    photos = photos_of(crowd, 9, 5)
    first, second = (predict(crowd, head, photos) for head in (policy, again))
    assert_allclose(first.score, second.score, atol=1e-4)
    assert_allclose(first.sd, second.sd, atol=1e-4)


def test_of_too_many_lists_the_newest_count(crowd: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as fit."""
    lists = lists_of(crowd, np.ones(6), 4, 6)  # 15 pairs each
    for most, count in ((59, 3), (30, 2), (15, 1)):
        monkeypatch.setattr("photoaesth.learning.ranking_policy._MOST_PAIRS", most)
        policy = learn_orders(crowd, prior(crowd), lists, seed=1)
        newest = learn_orders(crowd, prior(crowd), lists[-count:], seed=1)
        assert_allclose(policy.pull, newest.pull)


def test_of_too_long_a_list_every_kth_photo_counts(crowd: Any) -> None:
    """The head never holds more pairs than it can, and the newest list always counts."""
    photos = photos_of(crowd, 130, 10)
    fits, long = Ranked.in_order(photos[:63]), Ranked.in_order(photos)
    older = lists_of(crowd, np.ones(6), 1, 11)
    policy = learn_orders(crowd, prior(crowd), [*older, fits, long], seed=0)
    thinned = learn_orders(crowd, prior(crowd), [Ranked.in_order(photos[::3])], seed=0)
    assert len(policy.left) == 44 * 43 // 2  # of 130 photos, every second would be too many
    assert_allclose(policy.pull, thinned.pull)
    assert len(learn_orders(crowd, prior(crowd), [fits], seed=0).photos) == 63


def test_the_seed_decides(crowd: Any) -> None:
    """One seed gives one policy, another one another."""
    lists = lists_of(crowd, np.ones(6), 4, 6)
    first, again, other = (learn_orders(crowd, prior(crowd), lists, seed=s) for s in (1, 1, 2))
    assert_allclose(first.pull, again.pull)
    assert not np.allclose(first.pull, other.pull)


def test_a_photo_may_be_in_several_lists_and_twice_in_one(crowd: Any) -> None:
    """The same embedding is one photo; the policy knows each once."""
    photos = photos_of(crowd, 5, 7)
    lists = [Ranked.in_order(photos), Ranked.in_order(photos[[4, 0, 4]])]
    policy = learn_orders(crowd, prior(crowd), lists, seed=0)
    assert len(policy.photos) == 5
    assert np.isfinite(predict(crowd, policy, photos).score).all()


def test_the_gradient_is_that_of_the_expected_tau(monkeypatch: pytest.MonkeyPatch) -> None:
    """With many samples, REINFORCE agrees with the expectation over all orders."""
    logits = np.array([0.3, -0.2, 0.5])
    above = np.triu(np.ones((3, 3), bool), 1)

    def expected(logits: np.ndarray) -> float:
        total = 0.0
        for order in permutations(range(3)):
            odds = np.exp(logits[list(order)])
            chance = float(np.prod([odds[i] / odds[i:].sum() for i in range(3)]))
            place = np.argsort(order)
            signs = np.sign(place[None, :] - place[:, None])
            total += chance * float(signs[above].mean())
        return total

    nudges = 1e-4 * np.eye(3)
    exact = [(expected(logits + n) - expected(logits - n)) / 2e-4 for n in nudges]
    monkeypatch.setattr("photoaesth.learning.ranking_policy._SAMPLES", 200_000)
    found = _policy_gradient(logits, above, np.random.default_rng(0))
    assert_allclose(found, exact, atol=5e-3)


def test_two_photos_are_a_choice(crowd: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cloning a list of two with a weight of 1 is learning from one choice."""
    photos = photos_of(crowd, 2, 8)
    monkeypatch.setattr("photoaesth.learning.ranking_policy._WEIGHT", 1.0)
    monkeypatch.setattr("photoaesth.learning.ranking_policy._STEPS", 0)
    policy = learn_orders(crowd, prior(crowd), [Ranked.in_order(photos)], seed=0)
    said = Evidence(np.array([0]), np.array([1]), np.ones(1), np.ones(1))
    choice = fit_personal(crowd, photos, said, trust=crowd.taste.trust)
    others = photos_of(crowd, 8, 9)
    one, other = (predict(crowd, head, others) for head in (policy, choice))
    assert_allclose(one.score, other.score, atol=1e-4)
    assert_allclose(one.sd, other.sd, atol=1e-4)
