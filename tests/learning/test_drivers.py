from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.linear_model import Ridge

from photoaesth.attributes import ATTRIBUTES
from photoaesth.learning.crowd import CrowdModel
from photoaesth.learning.drivers import RIDGE, drivers, effect_weights, scale_of
from photoaesth.learning.personal import joint_utilities, prior
from photoaesth.learning.personal_fit import Evidence, fit_personal
from photoaesth.learning.significance import NORMAL_95

Floats = NDArray[np.floating[Any]]
PHOTOS = 120


@pytest.fixture
def values() -> Floats:
    """Three attributes in units of their own; the third goes with the first."""
    rng = np.random.default_rng(1)
    free = rng.normal(size=(PHOTOS, 3))
    free[:, 2] = 0.95 * free[:, 0] + 0.3 * free[:, 2]
    return free * [10, 0.1, 1] + [50, 0, 7]


def test_effects_are_those_of_ridge_regression(values: Floats) -> None:
    """Scikit-learn's ridge finds the same, but for the shrinking of a lone attribute."""
    scores = 5 + np.random.default_rng(2).normal(size=PHOTOS) + values[:, 1] * 10
    standard = (values - values.mean(0)) / values.std(0)
    expected = Ridge(alpha=RIDGE * PHOTOS).fit(standard, scores)
    found = drivers(values, scores)
    assert found.effects == pytest.approx((1 + RIDGE) * expected.coef_, abs=1e-6)


@pytest.mark.parametrize("unlike", [0.0, 2.0])
def test_what_is_explained_is_foretold_of_photos_left_out(values: Floats, unlike: float) -> None:
    """Found again without each photo, the effects foretell its score just as well as is said."""
    scores = values[:, 1] * 10 + unlike * np.random.default_rng(2).normal(size=PHOTOS)
    found = drivers(values, scores)
    standard = found.scale.standardise(values)
    rest, spread = [], []
    for photo in range(PHOTOS):
        others = np.arange(PHOTOS) != photo
        without = drivers(values[others], scores[others], scale=found.scale)
        apart = standard[photo] - standard[others].mean(0)
        mean = scores[others].mean()
        rest.append(scores[photo] - mean - without.overlap * apart @ without.effects)
        spread.append(scores[photo] - mean)
    expected = 1 - np.square(rest).sum() / np.square(spread).sum()
    assert found.explained == pytest.approx(expected)
    assert found.explained < 0.9 if unlike else found.explained > 0.95


@pytest.mark.parametrize("photos", [30, 60, 300])
def test_noise_is_not_explained(photos: int) -> None:
    """As many attributes as there are explain hardly anything of scores that hang on none."""
    found = []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        noise = rng.normal(size=(photos, len(ATTRIBUTES)))
        found.append(drivers(noise, rng.normal(size=photos)).explained)
    assert np.mean(found) < 0.05


def test_scores_that_do_not_differ_have_nothing_to_explain(values: Floats) -> None:
    """Nor has a lone photo."""
    assert drivers(values, np.full(PHOTOS, 5.0)).explained == 0
    assert drivers(values[:1], values[:1, 0]).explained == 0


def test_signs_and_sizes_are_recovered(values: Floats) -> None:
    """A liking that goes with nothing else comes out as it is, and stands clear of 0."""
    scores = 6 - 0.5 * (values[:, 1] / 0.1)
    found = drivers(values, scores)
    assert found.effects[1] == pytest.approx(-5 * values[:, 1].std(), rel=0.02)
    assert found.p_values[1] < 1e-6
    assert abs(found.effects[0]) < 0.15 * abs(found.effects[1])


def test_attributes_that_go_together_share_the_effect(values: Floats) -> None:
    """Of two that are nearly one, neither gets the opposite sign."""
    found = drivers(values, values[:, 0] / 10)
    assert min(found.effects[0], found.effects[2]) > 0.5
    # Told twice, it is no more than once when the effects are added up.
    assert found.overlap < 0.8
    summed = found.contributions(values).sum(1)
    assert np.polyfit(values[:, 0] / 10, summed, 1)[0] == pytest.approx(1, abs=0.05)


def test_doubt_about_scores_reaches_the_effects(values: Floats) -> None:
    """The variance is W C Wᵀ and the sandwich: by hand, for a covariance of any kind."""
    root = np.random.default_rng(3).normal(size=(PHOTOS, PHOTOS)) / 10
    scores = values[:, 1] * 3
    sure, unsure = drivers(values, scores), drivers(values, scores, root @ root.T)
    weights = effect_weights(scale_of(values).standardise(values))
    expected = np.square(sure.sds) + np.diag(weights @ root @ root.T @ weights.T)
    assert np.square(unsure.sds) == pytest.approx(expected)


def test_intervals_cover_what_a_taste_holds(
    make_crowd: Callable[..., CrowdModel], make_embeddings: Callable[..., Floats]
) -> None:
    """Of tastes drawn from what the model assumes, at least nine in ten effects are inside."""
    crowd = make_crowd(6)
    embeddings = make_embeddings(PHOTOS, seed=8)
    attributes = embeddings[:, :6] @ np.random.default_rng(4).normal(size=(6, 5))
    mean, covariance = joint_utilities(crowd, prior(crowd), embeddings)
    inside = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        truth = mean + np.linalg.cholesky(covariance + 1e-6 * np.eye(PHOTOS)) @ rng.normal(
            size=PHOTOS
        )
        judged = truth + crowd.taste.appeal_sd * rng.normal(size=PHOTOS)
        pairs = np.array([rng.choice(PHOTOS, 2, replace=False) for _ in range(150)])
        logits = crowd.taste.choice_slope * (judged[pairs[:, 0]] - judged[pairs[:, 1]])
        outcomes = (rng.random(150) < 1 / (1 + np.exp(-logits))).astype(float)
        evidence = Evidence(pairs[:, 0], pairs[:, 1], outcomes, np.ones(150))
        head = fit_personal(crowd, embeddings, evidence, trust=crowd.taste.trust)
        found = drivers(attributes, *joint_utilities(crowd, head, embeddings))
        true = drivers(attributes, truth).effects
        inside += (np.abs(found.effects - true) <= NORMAL_95 * found.sds).tolist()
    assert 0.85 <= np.mean(inside) < 1  # of 400 effects it was .905: Laplace's posterior is narrow


def test_contributions_add_up_to_the_fitted_score(values: Floats) -> None:
    """For photos without unknown attributes they sum to the fitted distance from the mean."""
    scores = values[:, 1] * 10 + values[:, 0] / 20
    found = drivers(values, scores)
    told = found.contributions(values)
    rest = scores - scores.mean() - told.sum(1)
    assert told.sum(1) @ rest == pytest.approx(0, abs=1e-6)  # no multiple of them fits better
    assert np.square(rest).sum() < 0.2 * np.square(scores - scores.mean()).sum()
    assert found.contribution_sds(values) == pytest.approx(np.abs(told / found.effects) * found.sds)


def test_unknown_and_constant_attributes_do_nothing(values: Floats) -> None:
    """NaN counts as the mean; what never varies, or is nowhere known, has no effect."""
    wide = np.column_stack([values, np.full(PHOTOS, 3.0), np.full(PHOTOS, np.nan)])
    wide[5, 1] = np.nan
    found = drivers(wide, values[:, 1] * 10)
    assert (found.effects[3:] == 0).all()
    assert (found.p_values[3:] == 1).all()
    assert found.contributions(wide[5])[1] == 0
    assert np.isfinite(found.sds).all()


def test_a_freak_does_not_decide(values: Floats) -> None:
    """One photo a thousand deviations out counts as four."""
    scores = values[:, 1] * 10
    freak = values.copy()
    freak[0, 0] = 1e6
    assert np.abs(scale_of(freak).standardise(freak)).max() == 4
    assert drivers(freak, scores).effects[1] == pytest.approx(
        drivers(values, scores).effects[1], 0.1
    )
