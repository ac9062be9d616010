from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import quad
from scipy.special import expit
from scipy.stats import norm

from photoaesth.learning import personal as module
from photoaesth.learning.crowd import CrowdModel
from photoaesth.learning.distribution import bounded_score, mean_score
from photoaesth.learning.personal import (
    PersonalHead,
    choice_probability,
    joint_judgements,
    joint_utilities,
    predict,
    prior,
    score_distributions,
)
from photoaesth.learning.taste import MIDDLE, Trust, combine, describe, parts

Floats = NDArray[np.floating[Any]]
MakeCrowd = Callable[..., CrowdModel]
COMPARED = 8


@pytest.fixture
def crowd(make_crowd: MakeCrowd) -> CrowdModel:
    return make_crowd(6)


@pytest.fixture
def embeddings(make_embeddings: Callable[..., Floats]) -> Floats:
    """Of twelve photos that nobody compared."""
    return make_embeddings(12, seed=5)


@pytest.fixture
def head(make_embeddings: Callable[..., Floats]) -> PersonalHead:
    """What twenty choices among eight photos might have left."""
    rng = np.random.default_rng(4)
    left, right = rng.permuted(np.tile(np.arange(COMPARED), (20, 1)), axis=1)[:, :2].T
    return PersonalHead(
        trust=Trust(0.4, 0.9, 0.7),
        photos=make_embeddings(COMPARED, seed=3),
        left=left,
        right=right,
        pull=rng.normal(0, 0.5, COMPARED),
        curvature=rng.uniform(0.05, 0.25, 20),
    )


def posterior(
    crowd: CrowdModel, head: PersonalHead, embeddings: Floats
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and covariance of photos' utilities, conditioned as a joint Gaussian.

    Every choice is an observation of k (u_left - u_right) with the variance 1 / curvature.
    """
    everything = np.concatenate([head.photos, embeddings])
    generic = mean_score(crowd.head(everything))
    photos = describe(crowd.taste, everything, generic)
    covariance = combine(head.trust, parts(crowd.taste, photos, photos))
    count = len(head.photos)
    compared = np.zeros((len(head.left), len(everything)))
    np.add.at(compared, (np.arange(len(head.left)), head.left), crowd.taste.choice_slope)
    np.add.at(compared, (np.arange(len(head.left)), head.right), -crowd.taste.choice_slope)
    appeal = compared[:, :count] @ compared[:, :count].T * crowd.taste.appeal_sd**2
    seen = compared @ covariance @ compared.T + appeal + np.diag(1 / head.curvature)
    cross = covariance @ compared.T
    left_over = covariance - cross @ np.linalg.solve(seen, cross.T)
    mean = generic + covariance[:, :count] @ head.pull
    return mean[count:], left_over[count:, count:]


def test_the_prior_is_the_generic_model(crowd: CrowdModel, embeddings: Floats) -> None:
    """Of a person nobody knows, scores are the crowd's, and doubt is that of the prior."""
    prediction = predict(crowd, prior(crowd), embeddings)
    generic = mean_score(crowd.head(embeddings))
    np.testing.assert_allclose(prediction.generic, generic, atol=1e-12)
    np.testing.assert_allclose(prediction.score, bounded_score(generic), atol=1e-12)
    # sd² = 0.3² (g - 5.5)² + 0.6² |B x|² + 1² · 1.5 · 2 (1 - exp(-|x|² / 2))
    described = embeddings[:, :6].astype(float)
    tastes = ((described @ crowd.taste.basis) ** 2).sum(1)
    own = 3 * (1 - np.exp(-((described**2).sum(1)) / 2))
    expected = np.sqrt(0.09 * (generic - MIDDLE) ** 2 + 0.36 * tastes + own)
    np.testing.assert_allclose(prediction.sd, expected, atol=1e-12)


def test_predictions_are_those_of_a_joint_gaussian(
    crowd: CrowdModel, head: PersonalHead, embeddings: Floats
) -> None:
    """Conditioning all photos on all choices at once gives the same, to single precision."""
    mean, covariance = posterior(crowd, head, embeddings)
    prediction = predict(crowd, head, embeddings)
    np.testing.assert_allclose(prediction.score, bounded_score(mean), atol=1e-6)
    np.testing.assert_allclose(prediction.sd, np.sqrt(np.diag(covariance)), atol=1e-6)


def test_choice_probability_by_its_formula(
    crowd: CrowdModel, head: PersonalHead, embeddings: Floats
) -> None:
    """σ(μ / √(1 + π σ² / 8)), μ = k Δ and σ² = k² (var Δ + 2 · 0.7²), Δ from the joint Gaussian."""
    mean, covariance = posterior(crowd, head, embeddings)
    left, right = np.arange(6), np.arange(6, 12)
    ahead = mean[left] - mean[right]
    spread = covariance[left, left] + covariance[right, right] - 2 * covariance[left, right]
    logit, variance = 2.0 * ahead, 2.0**2 * (spread + 2 * 0.7**2)
    expected = expit(logit / np.sqrt(1 + np.pi * variance / 8))
    found = choice_probability(crowd, head, embeddings[left], embeddings[right])
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert np.ptp(found) > 0.3


def test_choice_probability_averages_over_the_posterior(
    crowd: CrowdModel, head: PersonalHead, embeddings: Floats
) -> None:
    """MacKay's formula is the integral of σ(logit) over the Gaussian to within 0.02."""
    mean, covariance = posterior(crowd, head, embeddings)
    for a, b in ((0, 1), (2, 3), (4, 5)):
        spread = covariance[a, a] + covariance[b, b] - 2 * covariance[a, b]
        logit, sd = 2.0 * (mean[a] - mean[b]), 2.0 * np.sqrt(spread + 2 * 0.7**2)

        def weighed(x: float, logit: float = logit, sd: float = sd) -> float:
            return float(expit(x) * norm.pdf(x, logit, sd))

        exact, _ = quad(weighed, logit - 9 * sd, logit + 9 * sd)
        found = choice_probability(crowd, head, embeddings[[a]], embeddings[[b]])
        assert found[0] == pytest.approx(exact, abs=0.02)


def test_swapping_sides_swaps_the_probability(
    crowd: CrowdModel, head: PersonalHead, embeddings: Floats
) -> None:
    """P(left) and P(right) sum to 1, and a photo against itself is a coin."""
    one, two = embeddings[:6], embeddings[6:]
    forth, back = (
        choice_probability(crowd, head, one, two),
        choice_probability(crowd, head, two, one),
    )
    np.testing.assert_allclose(forth + back, 1)
    np.testing.assert_allclose(choice_probability(crowd, head, one, one), 0.5, atol=1e-12)


def test_doubt_makes_choices_less_certain(crowd: CrowdModel, embeddings: Floats) -> None:
    """With the same mean and more doubt every probability is nearer to ½, on the same side."""
    sure = prior(crowd)
    unsure = replace(sure, trust=Trust(*(3 * sd for sd in sure.trust)))
    sure_p, unsure_p = (
        choice_probability(crowd, head, embeddings[:6], embeddings[6:]) - 0.5
        for head in (sure, unsure)
    )
    assert (np.abs(unsure_p) < np.abs(sure_p)).all()
    assert (np.sign(unsure_p) == np.sign(sure_p)).all()


def test_new_photos_together_are_a_joint_gaussian(
    crowd: CrowdModel, head: PersonalHead, embeddings: Floats
) -> None:
    """Mean and covariance of twelve photos that nobody compared, to single precision.

    What is judged of them differs from what features show by each photo's own appeal alone.
    """
    mean, covariance = posterior(crowd, head, embeddings)
    joint = joint_judgements(crowd, head, embeddings)
    np.testing.assert_allclose(joint.mean, mean, atol=1e-5)
    np.testing.assert_allclose(joint.covariance, covariance, atol=1e-5)
    np.testing.assert_allclose(joint.judged_mean, mean, atol=1e-5)
    np.testing.assert_allclose(joint.judged, covariance + 0.7**2 * np.eye(12), atol=1e-5)
    np.testing.assert_allclose(joint.told, covariance, atol=1e-5)
    for found, expected in zip(
        joint_utilities(crowd, head, embeddings), (mean, covariance), strict=True
    ):
        np.testing.assert_allclose(found, expected, atol=1e-5)


def test_compared_photos_are_judged_by_their_own_appeal(
    crowd: CrowdModel, head: PersonalHead, embeddings: Floats
) -> None:
    """The Gaussian over utilities and appeals, conditioned on the choices, for six photos of both.

    With B the choices' differences: cov(u + e) = K + a² I before, and after, with G the gain.
    """
    photos = np.concatenate([head.photos, embeddings])
    count = len(photos)
    described = describe(crowd.taste, photos, mean_score(crowd.head(photos)))
    prior_covariance = combine(head.trust, parts(crowd.taste, described, described))
    with_appeal = prior_covariance + 0.7**2 * np.eye(count)
    compared = np.zeros((len(head.left), count))
    np.add.at(compared, (np.arange(len(head.left)), head.left), 2.0)
    np.add.at(compared, (np.arange(len(head.left)), head.right), -2.0)
    seen = compared @ with_appeal @ compared.T + np.diag(1 / head.curvature)
    cross, judged_cross = prior_covariance @ compared.T, with_appeal @ compared.T
    some = np.array([1, 9, 4, 15, 0, 7])
    joint = joint_judgements(crowd, head, photos[some])
    told = prior_covariance - cross @ np.linalg.solve(seen, judged_cross.T)
    judged = with_appeal - judged_cross @ np.linalg.solve(seen, judged_cross.T)
    pull = np.r_[head.pull, np.zeros(count - COMPARED)]
    np.testing.assert_allclose(joint.told, told[np.ix_(some, some)], atol=1e-5)
    np.testing.assert_allclose(joint.judged, judged[np.ix_(some, some)], atol=1e-5)
    np.testing.assert_allclose(
        joint.judged_mean, (described.generic + with_appeal @ pull)[some], atol=1e-5
    )


def test_a_large_library_is_predicted_in_chunks(
    crowd: CrowdModel, embeddings: Floats, head: PersonalHead, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut into chunks of five, twelve photos have the same predictions; none have none."""
    whole = predict(crowd, head, embeddings)
    odds = choice_probability(crowd, head, embeddings, embeddings[::-1])
    monkeypatch.setattr(module, "_CHUNK_ROWS", 5)
    pieces = predict(crowd, head, embeddings)
    for name in ("score", "sd", "generic"):
        np.testing.assert_allclose(getattr(pieces, name), getattr(whole, name), atol=1e-6)
    again = choice_probability(crowd, head, embeddings, embeddings[::-1])
    np.testing.assert_allclose(again, odds, atol=1e-6)
    nothing = embeddings[:0]
    assert predict(crowd, head, nothing).score.shape == (0,)
    assert choice_probability(crowd, head, nothing, nothing).shape == (0,)
    assert joint_judgements(crowd, head, nothing).told.shape == (0, 0)


def test_distributions_have_the_personal_scores(
    crowd: CrowdModel, embeddings: Floats, head: PersonalHead
) -> None:
    """What is shown beside a score is a distribution with just that mean."""
    scores = predict(crowd, head, embeddings).score
    distributions = score_distributions(crowd, embeddings, scores)
    np.testing.assert_allclose(distributions.sum(1), 1)
    np.testing.assert_allclose(mean_score(distributions), scores, atol=1e-8)
    assert score_distributions(crowd, embeddings[:0], scores[:0]).shape == (0, 10)


def test_a_head_survives_being_stored(
    crowd: CrowdModel, embeddings: Floats, head: PersonalHead
) -> None:
    """Bytes and back change no prediction by 0.001, however the arrays lie in memory."""
    turned = replace(head, photos=np.asfortranarray(head.photos), left=head.left[::-1][::-1])
    before, after = (
        predict(crowd, each, embeddings)
        for each in (head, PersonalHead.from_bytes(turned.to_bytes()))
    )
    np.testing.assert_allclose(after.score, before.score, atol=1e-3)
    np.testing.assert_allclose(after.sd, before.sd, atol=1e-3)


def test_a_prior_survives_being_stored(crowd: CrowdModel, embeddings: Floats) -> None:
    """A head without choices comes back as one."""
    again = PersonalHead.from_bytes(prior(crowd).to_bytes())
    assert again.trust == crowd.taste.trust
    before, after = (predict(crowd, each, embeddings) for each in (prior(crowd), again))
    np.testing.assert_array_equal(after.score, before.score)
    np.testing.assert_array_equal(after.sd, before.sd)
