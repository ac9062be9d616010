from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from photoaesth.learning.crowd import CrowdModel
from photoaesth.learning.left_out import left_out_probabilities
from photoaesth.learning.personal import PersonalHead, joint_judgements
from photoaesth.learning.personal_fit import Evidence, fit_personal

Floats = NDArray[np.floating[Any]]
PHOTOS, CHOICES = 14, 40
TURNED = 2  # a choice between photos that the others set far apart


@pytest.fixture
def crowd(make_crowd: Callable[..., CrowdModel]) -> CrowdModel:
    return make_crowd(6)


@pytest.fixture
def embeddings(make_embeddings: Callable[..., Floats]) -> Floats:
    return make_embeddings(PHOTOS, seed=3)


@pytest.fixture
def evidence() -> Evidence:
    """Choices by the number of the photo, with a tie and one that says the opposite."""
    rng = np.random.default_rng(0)
    pairs = np.array([rng.choice(PHOTOS, 2, replace=False) for _ in range(CHOICES)])
    outcomes = (pairs[:, 0] > pairs[:, 1]).astype(float)
    outcomes[5] = 0.5
    outcomes[TURNED] = 1 - outcomes[TURNED]
    weights = np.where(np.arange(CHOICES) < 4, 0.3, 1.0)
    return Evidence(pairs[:, 0], pairs[:, 1], outcomes, weights)


def fitted(crowd: CrowdModel, embeddings: Floats, evidence: Evidence) -> PersonalHead:
    return fit_personal(crowd, embeddings, evidence, trust=crowd.taste.trust)


def predicted(crowd: CrowdModel, head: PersonalHead, pair: Floats) -> float:
    """What a model says of two photos that it may know from other choices."""
    found = joint_judgements(crowd, head, pair)
    slope, spread = crowd.taste.choice_slope, found.judged
    logit = slope * (found.judged_mean[0] - found.judged_mean[1])
    variance = slope**2 * (spread[0, 0] + spread[1, 1] - 2 * spread[0, 1])
    return float(1 / (1 + np.exp(-logit / np.sqrt(1 + np.pi * variance / 8))))


def test_probabilities_are_those_of_models_without_the_choice(
    crowd: CrowdModel, embeddings: Floats, evidence: Evidence
) -> None:
    """For every choice, a model fitted to all others says much the same."""
    head = fitted(crowd, embeddings, evidence)
    found = left_out_probabilities(crowd, head, evidence.outcomes, evidence.weights)
    exact = []
    for number in range(CHOICES):
        kept = np.arange(CHOICES) != number
        others = Evidence(
            *(column[kept] for column in (evidence.left, evidence.right)),
            *(column[kept] for column in (evidence.outcomes, evidence.weights)),
        )
        pair = embeddings[[evidence.left[number], evidence.right[number]]]
        exact.append(predicted(crowd, fitted(crowd, embeddings, others), pair))
    assert np.abs(found - exact).max() < 0.05
    assert np.corrcoef(found, exact)[0, 1] > 0.995


def test_the_choice_that_contradicts_all_others_is_the_least_likely(
    crowd: CrowdModel, embeddings: Floats, evidence: Evidence
) -> None:
    """The one answer that was turned round surprises most, although the model was told it."""
    head = fitted(crowd, embeddings, evidence)
    found = left_out_probabilities(crowd, head, evidence.outcomes, evidence.weights)
    made = np.where(evidence.outcomes == 1, found, 1 - found)
    made[evidence.outcomes == 0.5] = 1
    assert np.argmin(made) == TURNED
