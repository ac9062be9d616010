from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import dblquad, quad
from scipy.linalg import null_space
from scipy.optimize import minimize
from scipy.special import expit
from scipy.stats import multivariate_normal, norm

from photoaesth.learning import personal_fit as module
from photoaesth.learning.crowd import OPINIONS, CrowdModel
from photoaesth.learning.distribution import bounded_score, mean_score
from photoaesth.learning.metrics import pairwise_accuracy
from photoaesth.learning.personal import PersonalHead, choice_probability, predict, prior
from photoaesth.learning.personal_fit import Evidence, fit_personal
from photoaesth.learning.taste import Trust, combine, describe, parts

Floats = NDArray[np.floating[Any]]
Matrix = NDArray[np.float64]
TRUST = Trust(0.4, 0.8, 0.9)
PHOTOS = 12


@pytest.fixture
def crowd(make_crowd: Callable[..., CrowdModel]) -> CrowdModel:
    return make_crowd(6)


@pytest.fixture
def embeddings(make_embeddings: Callable[..., Floats]) -> Floats:
    return make_embeddings(PHOTOS)


def choices(seed: int, count: int, photos: int = PHOTOS) -> Evidence:
    """Answers at random, ties among them, of unlike weights."""
    rng = np.random.default_rng(seed)
    left, right = rng.permuted(np.tile(np.arange(photos), (count, 1)), axis=1)[:, :2].T
    outcomes = rng.choice([0, 0.5, 1], count, p=[0.4, 0.2, 0.4])
    return Evidence(left, right, outcomes, rng.uniform(0.1, 2, count))


def answers(utility: Floats, seed: int, count: int) -> Evidence:
    """Choices among all the photos by somebody with this utility, with the usual mistakes."""
    rng = np.random.default_rng(seed)
    left, right = rng.integers(0, len(utility), (2, 2 * count))
    left, right = left[left != right][:count], right[left != right][:count]
    won = rng.random(len(left)) < expit(2.0 * (utility[left] - utility[right]))
    return Evidence(left, right, won.astype(float), np.ones(len(left)))


def same(crowd: CrowdModel, embeddings: Floats, one: PersonalHead, two: PersonalHead) -> None:
    """Check that two heads predict the same."""
    first, second = (predict(crowd, head, embeddings) for head in (one, two))
    np.testing.assert_allclose(first.score, second.score, atol=2e-4)
    np.testing.assert_allclose(first.sd, second.sd, atol=2e-4)


class Direct:
    """Laplace's approximation in the utilities of the photos, written apart from the code."""

    def __init__(self, crowd: CrowdModel, embeddings: Floats, evidence: Evidence) -> None:
        self.generic = mean_score(crowd.head(embeddings))
        photos = describe(crowd.taste, embeddings, self.generic)
        self.shared = combine(TRUST, parts(crowd.taste, photos, photos))
        own = self.shared + np.eye(len(embeddings)) * crowd.taste.appeal_sd**2
        self.precision = np.linalg.inv(own)
        self.evidence = evidence
        rows = np.arange(len(evidence))
        self.pairs = np.zeros((len(evidence), len(embeddings)))
        self.pairs[rows, evidence.left] = crowd.taste.choice_slope
        self.pairs[rows, evidence.right] = -crowd.taste.choice_slope

    def loss(self, moved: Matrix) -> float:
        logits = self.pairs @ (self.generic + moved)
        y = self.evidence.outcomes
        surprise = y * np.logaddexp(0, -logits) + (1 - y) * np.logaddexp(0, logits)
        return float(self.evidence.weights @ surprise + moved @ self.precision @ moved / 2)

    def gradient(self, moved: Matrix) -> Matrix:
        p = expit(self.pairs @ (self.generic + moved))
        missing = self.evidence.weights * (p - self.evidence.outcomes)
        return np.asarray(self.pairs.T @ missing + self.precision @ moved)

    def posterior(self) -> tuple[Matrix, Matrix]:
        """Mean and covariance of what the photos' utilities share with those of others."""
        start = np.full(len(self.generic), 0.7)
        found = minimize(self.loss, start, jac=self.gradient, options={"gtol": 1e-8}).x
        p = expit(self.pairs @ (self.generic + found))
        bend = self.pairs.T @ (self.pairs * (self.evidence.weights * p * (1 - p))[:, None])
        onto = self.shared @ self.precision
        left_over = onto @ np.linalg.inv(self.precision + bend) @ onto.T
        return self.generic + onto @ found, self.shared - onto @ self.shared + left_over


@pytest.mark.parametrize(("seed", "count"), [(0, 1), (1, 5), (2, 30), (3, 80)])
def test_agrees_with_scipy(seed: int, count: int, crowd: CrowdModel, embeddings: Floats) -> None:
    """SciPy's BFGS over the photos' utilities ends at the same scores, with the same doubt."""
    evidence = choices(seed, count)
    utility, covariance = Direct(crowd, embeddings, evidence).posterior()
    found = predict(crowd, fit_personal(crowd, embeddings, evidence, trust=TRUST), embeddings)
    np.testing.assert_allclose(found.score, bounded_score(utility), atol=1e-4)
    np.testing.assert_allclose(found.sd, np.sqrt(np.diag(covariance)), atol=1e-4)


@pytest.mark.parametrize("seed", range(4))
def test_the_gradient_vanishes_at_the_estimate(
    seed: int, crowd: CrowdModel, embeddings: Floats
) -> None:
    """At the mode every photo is pulled as hard as its choices are surprising."""
    evidence = choices(seed, 40)
    head = fit_personal(crowd, embeddings, evidence, trust=TRUST)
    direct = Direct(crowd, embeddings, evidence)
    moved = np.linalg.solve(direct.precision, head.pull)  # every photo was compared
    np.testing.assert_allclose(direct.gradient(moved), 0, atol=1e-3)


def test_evidence_of_one_choice_is_the_integral() -> None:
    """log ∫ σ(z) N(z; m, v) dz, by quadrature, to 0.03."""
    one = Evidence(np.array([0]), np.array([1]), np.ones(1), np.ones(1))
    for mean, variance in ((0.0, 0.5), (1.5, 1.0), (-2.0, 2.0)):
        found = module._laplace(np.array([[variance]]), np.array([mean]), one)
        sd = np.sqrt(variance)

        def weighed(z: float, mean: float = mean, sd: float = sd) -> float:
            return float(expit(z) * norm.pdf(z, mean, sd))

        exact, _ = quad(weighed, mean - 9 * sd, mean + 9 * sd)
        assert found.log_evidence == pytest.approx(np.log(exact), abs=0.03)


def test_evidence_of_two_choices_is_the_integral() -> None:
    """Of two choices that hang together, one a tie of weight 2: σ(z) · σ(z') (1 - σ(z'))."""
    covariance, mean = np.array([[1.0, 0.6], [0.6, 1.5]]), np.array([-1.0, 0.5])
    two = Evidence(np.array([0, 1]), np.array([1, 2]), np.array([1, 0.5]), np.array([1.0, 2.0]))
    density = multivariate_normal(mean, covariance)

    def weighed(y: float, x: float) -> float:
        return float(expit(x) * expit(y) * expit(-y) * density.pdf([x, y]))

    exact, _ = dblquad(weighed, -8, 6, -8, 9, epsabs=1e-6)
    found = module._laplace(covariance, mean, two)
    assert found.log_evidence == pytest.approx(np.log(exact), abs=0.03)


def test_a_tie_is_half_a_choice_each_way(crowd: CrowdModel, embeddings: Floats) -> None:
    """One tie and two opposite choices of half the weight teach the same."""
    tied = replace(choices(0, 10), outcomes=np.full(10, 0.5), weights=np.ones(10))
    left, right = np.tile(tied.left, 2), np.tile(tied.right, 2)
    split = Evidence(left, right, np.repeat([1.0, 0.0], 10), np.full(20, 0.5))
    one, two = (fit_personal(crowd, embeddings, e, trust=TRUST) for e in (tied, split))
    same(crowd, embeddings, one, two)


def test_weights_are_repetitions(crowd: CrowdModel, embeddings: Floats) -> None:
    """A choice of weight 2 counts like the same choice made twice, for trust as well."""
    once = replace(choices(1, 15), weights=np.full(15, 2.0))
    twice = Evidence(*(np.tile(v, 2) for v in (once.left, once.right, once.outcomes)), np.ones(30))
    one, two = (fit_personal(crowd, embeddings, e) for e in (once, twice))
    np.testing.assert_allclose(one.trust, two.trust, rtol=1e-4)
    same(crowd, embeddings, one, two)


def test_sides_do_not_matter(crowd: CrowdModel, embeddings: Floats) -> None:
    """Swapping left and right along with the outcome changes nothing."""
    there = choices(2, 30)
    back = Evidence(there.right, there.left, 1 - there.outcomes, there.weights)
    one, two = (fit_personal(crowd, embeddings, e) for e in (there, back))
    same(crowd, embeddings, one, two)


def test_the_numbering_of_photos_does_not_matter(crowd: CrowdModel, embeddings: Floats) -> None:
    """Among photos in another order, some of them never compared, the head is the same."""
    few = choices(3, 20, photos=6)
    order = np.random.default_rng(0).permutation(PHOTOS)
    place = np.argsort(order)
    moved = replace(few, left=place[few.left], right=place[few.right])
    one = fit_personal(crowd, embeddings, few)
    two = fit_personal(crowd, embeddings[order], moved)
    assert len(one.photos) == len(two.photos) == 6
    same(crowd, embeddings, one, two)


@pytest.mark.parametrize("case", ["no choices", "choices without weight", "photos that are alike"])
def test_nothing_learned_leaves_the_generic_model(
    case: str, crowd: CrowdModel, embeddings: Floats
) -> None:
    """Without information the person stays whom the prior takes them for, trust included."""
    evidence = choices(0, 30)
    match case:
        case "no choices":
            evidence = evidence[:0]
        case "choices without weight":
            evidence = replace(evidence, weights=np.zeros(30))
        case "photos that are alike":
            embeddings = np.tile(embeddings[:1], (PHOTOS, 1))
    head = fit_personal(crowd, embeddings, evidence)
    np.testing.assert_allclose(head.trust, crowd.taste.trust)
    same(crowd, embeddings, head, prior(crowd))


def test_doubt_shrinks_where_choices_were_made(crowd: CrowdModel) -> None:
    """Along the one direction that was compared, and further with more choices; not across it."""
    rng = np.random.default_rng(0)
    places = rng.normal(0, 0.7, 20)
    along = np.zeros((20, 6 + OPINIONS), np.float32)
    along[:, 0] = places
    across = np.zeros((1, 6 + OPINIONS), np.float32)
    across[:, 3] = 1
    flat = replace(
        crowd,
        # Nobody differs along directions that mix the two.
        taste=replace(crowd.taste, basis=np.eye(6), trust=Trust(0.3, 1.0, 0.3)),
    )
    utility = 2 * places
    before, few, many = (
        predict(
            flat,
            fit_personal(flat, along, answers(utility, 1, n), trust=flat.taste.trust),
            np.concatenate([along[places.argmax()][None], across]),
        ).sd
        for n in (0, 20, 80)
    )
    assert many[0] < few[0] < 0.8 * before[0]
    assert many[1] > 0.95 * before[1]


def test_only_the_newest_choices_are_used(
    crowd: CrowdModel, embeddings: Floats, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of eighty choices the last fifty make the head when that is the most there may be."""
    monkeypatch.setattr(module, "MOST_CHOICES", 50)
    evidence = choices(4, 80)
    head = fit_personal(crowd, embeddings, evidence)
    assert len(head.left) == 50
    same(crowd, embeddings, head, fit_personal(crowd, embeddings, evidence[-50:]))


def test_trust_follows_the_newest_choices(
    crowd: CrowdModel, embeddings: Floats, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is inferred from the last thirty of eighty when that is how many it may take."""
    evidence = choices(5, 80)
    expected = fit_personal(crowd, embeddings, evidence[-30:]).trust
    assert fit_personal(crowd, embeddings, evidence).trust != pytest.approx(expected, rel=1e-3)
    monkeypatch.setattr(module, "_TRUST_CHOICES", 30)
    head = fit_personal(crowd, embeddings, evidence)
    np.testing.assert_allclose(head.trust, expected)
    assert len(head.left) == 80


def test_a_contradictory_start_still_converges(crowd: CrowdModel, embeddings: Floats) -> None:
    """From a crowd that is sure of the opposite, where full Newton steps overshoot."""
    steep = replace(crowd, taste=replace(crowd.taste, choice_slope=60.0))
    opposite = answers(-20 * mean_score(crowd.head(embeddings)), 0, 200)
    head = fit_personal(steep, embeddings, opposite, trust=TRUST)
    direct = Direct(steep, embeddings, opposite)
    gradient = direct.gradient(np.linalg.solve(direct.precision, head.pull))
    np.testing.assert_allclose(gradient, 0, atol=1e-2 * 60)


def test_a_head_survives_being_stored(crowd: CrowdModel, embeddings: Floats) -> None:
    """What was fitted, stored and read again predicts the same to 0.001."""
    head = fit_personal(crowd, embeddings, choices(6, 200))
    again = PersonalHead.from_bytes(head.to_bytes())
    before, after = (predict(crowd, each, embeddings) for each in (head, again))
    np.testing.assert_allclose(after.score, before.score, atol=1e-3)
    np.testing.assert_allclose(after.sd, before.sd, atol=1e-3)


@pytest.fixture
def album(make_embeddings: Callable[..., Floats]) -> Floats:
    """Photos of one kind: they share most of what describes them."""
    photos = make_embeddings(260)
    photos[:, :6] = 0.5 * photos[:, :6] + photos[0, :6] / 2
    return photos.astype(np.float16).astype(np.float32)


def learned(crowd: CrowdModel, album: Floats, utility: Floats) -> tuple[PersonalHead, float, float]:
    """The head after 300 choices among half of an album, and how often it and the generic model
    are right about 400 choices among the other half."""
    head = fit_personal(crowd, album[:130], answers(utility[:130], 0, 300))
    new = answers(utility[130:], 1, 400)
    left, right = album[130:][new.left], album[130:][new.right]
    personal, generic = (
        pairwise_accuracy(choice_probability(crowd, each, left, right), new.outcomes)
        for each in (head, prior(crowd))
    )
    return head, personal, generic


def test_who_follows_the_crowd_is_given_little_freedom(crowd: CrowdModel, album: Floats) -> None:
    """After 300 choices by the generic score every trust is smaller than before them."""
    head, personal, generic = learned(crowd, album, mean_score(crowd.head(album)))
    usual = crowd.taste.trust
    assert head.trust.own_sd < 0.75 * usual.own_sd
    assert head.trust.taste_sd < usual.taste_sd
    assert head.trust.gain_sd < usual.gain_sd
    assert personal > generic - 0.03


def test_who_likes_what_the_crowd_does_not_is_understood(crowd: CrowdModel, album: Floats) -> None:
    """300 choices against the generic score, in an album of one kind: that is worse than a coin
    now, the personal model is right, and the crowd's order is trusted as little as can be."""
    head, personal, generic = learned(crowd, album, 2 * (5.5 - mean_score(crowd.head(album))))
    assert head.trust.gain_sd == pytest.approx(4 * crowd.taste.trust.gain_sd, rel=0.05)
    assert generic < 0.3
    assert personal > 0.8


def test_a_taste_that_nobody_else_has_is_understood(crowd: CrowdModel, album: Floats) -> None:
    """Along a direction in which nobody was seen to differ: what is the person's own grows."""
    unseen = null_space(crowd.taste.basis.T)[:, 0]
    head, personal, generic = learned(crowd, album, 6 * album[:, :6] @ unseen)
    assert head.trust.own_sd > 1.2 * crowd.taste.trust.own_sd
    assert generic < 0.65
    assert personal > generic + 0.15
