from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
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
    design_matrix,
    predict,
    prior,
    score_distributions,
)

Floats = NDArray[np.floating[Any]]
MakeCrowd = Callable[..., CrowdModel]


@pytest.fixture
def embeddings() -> Floats:
    return (np.random.default_rng(3).normal(size=(9, 6)) / 2).astype(np.float16)


@pytest.fixture
def head() -> PersonalHead:
    """A taste with doubts that hang together."""
    rng = np.random.default_rng(4)
    root = rng.normal(size=(7, 7)) / 4
    return PersonalHead(mean=rng.normal(size=7), covariance=root @ root.T)


def test_the_prior_is_the_generic_model(make_crowd: MakeCrowd, embeddings: Floats) -> None:
    """Of a person nobody knows, scores are the crowd's, and doubt is that of the prior."""
    crowd = make_crowd(6, taste_sd=2.0, gain_sd=0.5)
    prediction = predict(crowd, prior(crowd), embeddings)
    generic = mean_score(crowd.head(embeddings))
    np.testing.assert_allclose(prediction.generic, generic, atol=1e-12)
    np.testing.assert_allclose(prediction.score, bounded_score(generic), atol=1e-12)
    # sd² = 0.5² (g - 5.5)² + 2² |e|²
    squares = (embeddings.astype(float) ** 2).sum(1)
    expected = np.sqrt(0.25 * (generic - 5.5) ** 2 + 4 * squares)
    np.testing.assert_allclose(prediction.sd, expected, atol=1e-12)


def test_utility_by_hand(make_crowd: MakeCrowd, embeddings: Floats) -> None:
    """u = 5.5 + a (g − 5.5) + w · e, with gain a = 1.5 and taste in the second coordinate."""
    crowd = make_crowd(6)
    mean = np.array([1.5, 0, 2.0, 0, 0, 0, 0])
    taste = PersonalHead(mean=mean, covariance=np.zeros((7, 7)))
    generic = mean_score(crowd.head(embeddings))
    utility = 5.5 + 1.5 * (generic - 5.5) + 2 * embeddings[:, 1].astype(float)
    np.testing.assert_allclose(design_matrix(crowd, embeddings) @ mean + 5.5, utility)
    prediction = predict(crowd, taste, embeddings)
    np.testing.assert_allclose(prediction.score, bounded_score(utility))
    np.testing.assert_array_equal(prediction.sd, 0)


def test_a_large_library_is_predicted_in_chunks(
    make_crowd: MakeCrowd, embeddings: Floats, head: PersonalHead, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut into chunks of four, nine photos have the same predictions; none have none."""
    crowd = make_crowd(6)
    whole = predict(crowd, head, embeddings)
    monkeypatch.setattr(module, "_CHUNK_ROWS", 4)
    parts = predict(crowd, head, embeddings)
    for name in ("score", "sd", "generic"):
        np.testing.assert_allclose(getattr(parts, name), getattr(whole, name), atol=1e-6)
    assert predict(crowd, head, embeddings[:0]).score.shape == (0,)


def test_distributions_have_the_personal_scores(
    make_crowd: MakeCrowd, embeddings: Floats, head: PersonalHead
) -> None:
    """What is shown beside a score is a distribution with just that mean."""
    crowd = make_crowd(6)
    scores = predict(crowd, head, embeddings).score
    distributions = score_distributions(crowd, embeddings, scores)
    np.testing.assert_allclose(distributions.sum(1), 1)
    np.testing.assert_allclose(mean_score(distributions), scores, atol=1e-8)
    assert score_distributions(crowd, embeddings[:0], scores[:0]).shape == (0, 10)


def test_a_head_survives_being_stored(head: PersonalHead) -> None:
    """Bytes and back change no number by more than float32 does, however it lies in memory."""
    lopsided = PersonalHead(head.mean, np.asfortranarray(np.triu(head.covariance)))
    again = PersonalHead.from_bytes(lopsided.to_bytes())
    np.testing.assert_allclose(again.mean, head.mean, rtol=1e-6)
    np.testing.assert_allclose(again.covariance, np.triu(head.covariance), rtol=1e-6)


@given(st.floats(-3, 3), st.floats(0.01, 3))
def test_choice_probability_averages_over_the_posterior(mean: float, sd: float) -> None:
    """MacKay's formula is the integral of σ(logit) over the Gaussian to within 0.02."""
    head = PersonalHead(mean=np.array([mean]), covariance=np.array([[sd**2]]))
    probability = choice_probability(head, np.array([[1.0]]), slope=1.0)[0]
    exact, _ = quad(lambda x: expit(x) * norm.pdf(x, mean, sd), mean - 9 * sd, mean + 9 * sd)
    assert probability == pytest.approx(exact, abs=0.02)


def test_choice_probability_by_hand() -> None:
    """μ = 2 · 1 = 2, σ² = 2² · 3 = 12: σ(2 / √(1 + 12 π / 8)) = σ(0.8368) = 0.6978."""
    head = PersonalHead(mean=np.array([1.0]), covariance=np.array([[3.0]]))
    probability = choice_probability(head, np.array([[1.0]]), slope=2.0)
    np.testing.assert_allclose(probability, [0.6978], atol=1e-4)


def test_swapping_sides_swaps_the_probability(head: PersonalHead) -> None:
    """P(left) and P(right) sum to 1, and a photo against itself is a coin."""
    differences = np.random.default_rng(0).normal(size=(20, 7)) * 5
    left = choice_probability(head, differences, slope=0.7)
    right = choice_probability(head, -differences, slope=0.7)
    np.testing.assert_allclose(left + right, 1)
    np.testing.assert_array_equal(choice_probability(head, 0 * differences, slope=0.7), 0.5)


def test_doubt_makes_choices_less_certain(head: PersonalHead) -> None:
    """With the same mean and more doubt every probability is nearer to ½, on the same side."""
    differences = np.random.default_rng(0).normal(size=(20, 7))
    unsure = PersonalHead(mean=head.mean, covariance=head.covariance * 9)
    sure_p = choice_probability(head, differences, slope=1.0) - 0.5
    unsure_p = choice_probability(unsure, differences, slope=1.0) - 0.5
    assert (np.abs(unsure_p) < np.abs(sure_p)).all()
    assert (np.sign(unsure_p) == np.sign(sure_p)).all()
