from dataclasses import astuple
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from photoaesth.learning.crowd import EMBEDDING_SIZE, Projection
from photoaesth.learning.crowd_fit import fit_generic_head, fit_projection
from photoaesth.learning.distribution import SCORES, mean_score
from photoaesth.learning.features import PIXEL_STATISTICS
from photoaesth.learning.losses import squared_emd

Floats = NDArray[np.floating[Any]]
FEATURES = PIXEL_STATISTICS + 300


@pytest.fixture(scope="module")
def features() -> Floats:
    """Features of 150 photos on unlike scales, one of them odd in all; the last never changes."""
    rng = np.random.default_rng(0)
    values = rng.normal(size=(150, 40)) @ rng.normal(size=(40, FEATURES)) / 6
    values = values + rng.normal(0, 0.1, values.shape)
    values[0] = 60.0  # twelve deviations: what is cut off must not move the middle
    values[:, -1] = 0.0
    return 3 + values * rng.uniform(0.1, 10, FEATURES)


@pytest.fixture(scope="module")
def distorted(features: Floats) -> Floats:
    """Copies whose last feature tells them from the photos."""
    rng = np.random.default_rng(1)
    copies = features + rng.normal(0, 0.05, features.shape)
    copies[:, -1] = 3 + rng.normal(0, 2, len(copies))
    return copies


@pytest.fixture(scope="module")
def projection(features: Floats, distorted: Floats) -> Projection:
    return fit_projection(features, distorted)


def test_embeddings_are_centred_on_the_photos(projection: Projection, features: Floats) -> None:
    """The photos' mean embedding is 0, and all have the size that a library stores."""
    embeddings = projection(features).astype(np.float64)
    assert embeddings.shape == (150, EMBEDDING_SIZE)
    np.testing.assert_allclose(embeddings.mean(0), 0, atol=1e-3)


def test_the_pooled_part_has_length_one(
    projection: Projection, features: Floats, distorted: Floats
) -> None:
    """Its mean squared distance from the middle is 1, so that priors and kernels have a scale."""
    embeddings = projection(np.concatenate([features, distorted])).astype(np.float64)
    assert embeddings[:, PIXEL_STATISTICS:].var(0).sum() == pytest.approx(1, abs=0.01)


def test_pixel_statistics_pass_unmixed(projection: Projection, features: Floats) -> None:
    """One more deviation in a pixel statistic moves its own coordinate and no other."""
    moved = features[1:2].copy()
    moved[0, 4] += projection.scale[4]
    change = (projection(moved).astype(np.float64) - projection(features[1:2]))[0]
    assert change[4] == pytest.approx(projection.pixel_weight, rel=0.02)
    assert np.abs(np.delete(change, 4)).max() < 1e-3


def test_components_are_principal_directions(projection: Projection) -> None:
    """They are orthogonal and of one length, the strongest first."""
    products = projection.components.T @ projection.components
    np.testing.assert_allclose(products, products[0, 0] * np.eye(len(products)), atol=1e-9)


def test_what_edits_change_is_kept(
    projection: Projection, features: Floats, distorted: Floats
) -> None:
    """A feature in which photos never differ but edited copies do still moves the embedding."""
    moved = features[:20].copy()
    moved[:, -1] = distorted[:20, -1]
    step = np.linalg.norm(projection(moved).astype(np.float64) - projection(features[:20]), axis=1)
    apart = np.abs(distorted[:20, -1] - 3)
    assert np.corrcoef(step, apart)[0, 1] > 0.99


def crowd_of(embeddings: Floats) -> Floats:
    """Opinions that follow the first two coordinates along a curve."""
    middle = 5.5 + 2 * np.sin(3 * embeddings[:, 0]) + embeddings[:, 1]
    mass = np.exp(-((SCORES - middle[:, None]) ** 2) / 4)
    return np.asarray(mass / mass.sum(1, keepdims=True))


def test_the_head_learns_and_generalises() -> None:
    """On photos it has not seen it explains most of what the average opinion leaves open."""
    rng = np.random.default_rng(0)
    train, test = rng.normal(0, 0.5, (200, 4)), rng.normal(0, 0.5, (100, 4))
    head = fit_generic_head(train, crowd_of(train))
    truth, predicted = crowd_of(test), head(test)
    average = np.broadcast_to(crowd_of(train).mean(0), truth.shape).copy()
    left = squared_emd(torch.from_numpy(predicted), torch.from_numpy(truth))
    before = squared_emd(torch.from_numpy(average), torch.from_numpy(truth))
    assert left < 0.3 * before
    assert np.corrcoef(mean_score(predicted), mean_score(truth))[0, 1] > 0.9


def test_a_head_of_one_opinion_has_that_opinion() -> None:
    """Where everybody agrees on every photo, so does the head, near and far."""
    opinion = np.array([1, 2, 3, 5, 8, 9, 6, 4, 2, 1]) / 41
    train = np.random.default_rng(0).normal(size=(30, 3))
    head = fit_generic_head(train, np.tile(opinion, (30, 1)))
    anywhere = head(np.concatenate([train[:5], np.full((1, 3), 50.0)]))
    np.testing.assert_allclose(anywhere, np.tile(opinion, (6, 1)), atol=1e-3)


def test_fitting_is_deterministic(features: Floats, distorted: Floats) -> None:
    """The same photos give the same weights, bit for bit."""
    embeddings = np.random.default_rng(0).normal(size=(60, 5))
    first, second = (fit_generic_head(embeddings, crowd_of(embeddings)) for _ in range(2))
    for a, b in zip(astuple(first), astuple(second), strict=True):
        np.testing.assert_array_equal(a, b)
    first_map, second_map = (fit_projection(features, distorted) for _ in range(2))
    for a, b in zip(astuple(first_map), astuple(second_map), strict=True):
        np.testing.assert_array_equal(a, b)
