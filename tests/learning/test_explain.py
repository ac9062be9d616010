from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from photoaesth.learning.crowd import CrowdModel
from photoaesth.learning.explain import explain
from photoaesth.learning.personal import PersonalHead, Posterior, prior
from photoaesth.learning.personal_fit import Evidence, fit_personal

Floats = NDArray[np.floating[Any]]
COMPARED, CHOICES = 14, 40


@pytest.fixture
def crowd(make_crowd: Callable[..., CrowdModel]) -> CrowdModel:
    return make_crowd(6)


@pytest.fixture
def photos(make_embeddings: Callable[..., Floats]) -> Floats:
    return make_embeddings(COMPARED, seed=3)


@pytest.fixture
def others(make_embeddings: Callable[..., Floats]) -> Floats:
    """Photos that nobody compared."""
    return make_embeddings(8, seed=5)


@pytest.fixture
def evidence() -> Evidence:
    """Choices by somebody who likes photos with small numbers, and now and then slips."""
    rng = np.random.default_rng(4)
    left, right = rng.permuted(np.tile(np.arange(COMPARED), (CHOICES, 1)), axis=1)[:, :2].T
    outcomes = (left < right).astype(float)
    outcomes[:3] = [0.5, 1 - outcomes[1], 1 - outcomes[2]]
    weights = np.where(np.arange(CHOICES) < 10, 0.3, 1.0)
    return Evidence(left, right, outcomes, weights)


@pytest.fixture
def head(crowd: CrowdModel, photos: Floats, evidence: Evidence) -> PersonalHead:
    return fit_personal(crowd, photos, evidence)


def without_one(evidence: Evidence, gone: int) -> Evidence:
    kept = np.arange(len(evidence)) != gone
    return Evidence(
        evidence.left[kept], evidence.right[kept], evidence.outcomes[kept], evidence.weights[kept]
    )


def test_the_parts_add_up_to_the_score(
    crowd: CrowdModel, head: PersonalHead, evidence: Evidence, others: Floats
) -> None:
    """Generic score and contributions of the choices are the model's utility, and nothing is left.

    A choice that is not known any more leaves its contribution in the rest.
    """
    utilities, variances, generic = Posterior(crowd, head).marginals(others)
    for row, embedding in enumerate(others):
        found = explain(crowd, head, embedding, evidence.outcomes, evidence.weights)
        assert found.generic == pytest.approx(generic[row], abs=1e-4)
        assert found.utility == pytest.approx(utilities[row], abs=1e-4)
        assert found.rest == pytest.approx(0, abs=1e-3)  # as far as the mode was searched
        assert found.sd == pytest.approx(np.sqrt(variances[row]), abs=1e-3)
        assert found.sd < found.sd_before
    forgotten = evidence.outcomes.copy()
    biggest = int(np.abs(found.contributions).argmax())
    forgotten[biggest] = np.nan
    partly = explain(crowd, head, embedding, forgotten, evidence.weights)
    assert partly.rest == pytest.approx(found.rest + found.contributions[biggest])
    assert partly.utility == pytest.approx(found.utility)


def test_a_choice_that_is_taken_away_changes_the_score_as_foretold(
    crowd: CrowdModel, head: PersonalHead, photos: Floats, evidence: Evidence, others: Floats
) -> None:
    """Learning anew without a choice moves the score in the direction said, and about as far."""
    embedding = others[0]
    found = explain(crowd, head, embedding, evidence.outcomes, evidence.weights)
    told, true = [], []
    for gone in np.argsort(-np.abs(found.without))[:12].tolist():
        again = fit_personal(crowd, photos, without_one(evidence, gone), trust=head.trust)
        utility = Posterior(crowd, again).marginals(embedding[None])[0][0]
        told.append(found.without[gone])
        true.append(utility - found.utility)
    assert np.abs(true).min() > 1e-3
    assert np.array_equal(np.sign(told), np.sign(true))
    assert told == pytest.approx(true, rel=0.25)


def test_what_orders_taught_is_the_rest(
    crowd: CrowdModel, head: PersonalHead, evidence: Evidence, others: Floats
) -> None:
    """A pull that no choice explains, as that of the ranking policy, does not get lost."""
    moved = replace(head, pull=head.pull + np.linspace(-0.2, 0.2, COMPARED))
    found = explain(crowd, moved, others[0], evidence.outcomes, evidence.weights)
    assert found.utility == pytest.approx(
        Posterior(crowd, moved).marginals(others[:1])[0][0], abs=1e-4
    )
    assert abs(found.rest) > 1e-3


def test_a_photo_is_most_like_itself(
    crowd: CrowdModel, head: PersonalHead, photos: Floats, evidence: Evidence
) -> None:
    """What is learned of a photo holds for that photo above all."""
    for row, embedding in enumerate(photos):
        found = explain(crowd, head, embedding, evidence.outcomes, evidence.weights)
        assert found.likeness.argmax() == row
        assert found.likeness[row] == pytest.approx(1, abs=1e-6)


def test_without_choices_the_crowd_is_all_there_is(crowd: CrowdModel, others: Floats) -> None:
    """The generic model is explained, too: nothing is added, nothing is doubted less."""
    found = explain(crowd, prior(crowd), others[0], np.empty(0), np.empty(0))
    assert found.utility == found.generic
    assert found.sd == found.sd_before
