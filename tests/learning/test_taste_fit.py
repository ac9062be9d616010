from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.linalg import subspace_angles
from scipy.spatial.distance import cdist

from photoaesth.learning import taste_fit as module
from photoaesth.learning.crowd import OPINIONS, CrowdModel, GenericHead
from photoaesth.learning.distribution import mean_score
from photoaesth.learning.evaluation.method import Ratings
from photoaesth.learning.taste import TastePrior
from photoaesth.learning.taste_fit import fit_taste

Floats = NDArray[np.floating[Any]]
PHOTOS, SIZE = 90, 8


@pytest.fixture
def head(make_crowd: Callable[..., CrowdModel]) -> GenericHead:
    return make_crowd(SIZE).head


@pytest.fixture
def embeddings(make_embeddings: Callable[..., Floats]) -> Floats:
    return make_embeddings(PHOTOS, SIZE)


def rated_by(scores: Floats) -> Ratings:
    """Everybody's score of every photo, from a `(raters, photos)` table."""
    rater, photo = np.indices(scores.shape).reshape(2, -1)
    return Ratings(rater, photo, scores.ravel().astype(np.float64))


def planted(
    head: GenericHead, embeddings: Floats, *, raters: int = 40
) -> tuple[Ratings, NDArray[np.float64]]:
    """Ratings by people who differ from the crowd along two directions only, and these."""
    rng = np.random.default_rng(0)
    directions, _ = np.linalg.qr(rng.normal(size=(SIZE, 2)))
    coordinates = embeddings[:, :SIZE] @ directions
    scores = mean_score(head(embeddings)) + rng.normal(0, 4, (raters, 2)) @ coordinates.T
    return rated_by(scores + rng.normal(0, 0.7, scores.shape)), directions


def test_planted_directions_are_found(head: GenericHead, embeddings: Floats) -> None:
    """The two strongest directions span the plane in which people differ, within 10°, and the
    others are much weaker."""
    ratings, directions = planted(head, embeddings)
    basis = fit_taste(embeddings, head, ratings).basis
    assert np.degrees(subspace_angles(basis[:, :2], directions)).max() < 10
    lengths = np.linalg.norm(basis, axis=0)
    assert (np.diff(lengths) <= 1e-12).all()
    assert lengths[1] > 1.3 * lengths[2]


def test_only_as_many_directions_as_are_shipped(
    head: GenericHead, embeddings: Floats, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fewer directions are the strongest of all; none is of the second opinion."""
    ratings, _ = planted(head, embeddings)
    full = fit_taste(embeddings, head, ratings).basis
    monkeypatch.setattr(module, "DIRECTIONS", 3)
    some = fit_taste(embeddings, head, ratings).basis
    assert full.shape == (SIZE, SIZE)
    assert some.shape == (SIZE, 3)
    ratio = np.abs(some / full[:, :3])
    np.testing.assert_allclose(ratio, ratio[0, 0], rtol=1e-6)


def test_both_parts_vary_by_one_point(head: GenericHead, embeddings: Floats) -> None:
    """At a trust of 1 tastes and own parts vary by 1 between two of the rated photos: half of the
    mean variance of their difference."""
    taste = fit_taste(embeddings, head, planted(head, embeddings)[0])
    described = embeddings[:, :SIZE].astype(np.float64)
    coordinates = described @ taste.basis
    assert cdist(coordinates, coordinates, "sqeuclidean").mean() / 2 == pytest.approx(1)
    kernel = np.exp(-cdist(described, described, "sqeuclidean") / taste.own_width)
    assert (taste.own_scale * (1 - kernel)).mean() == pytest.approx(1)


def test_expectation_maximisation_agrees_with_the_precision_form(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two rounds written with inverse covariances of the weights, rater by rater, end the same.

    Posterior of a rater's weights: Σ = (C⁻¹ + XᵀX / ν)⁻¹, m = Σ (C⁻¹ μ + Xᵀy / ν); then μ is the
    mean of the m and C the mean of Σ + (m - μ)(m - μ)ᵀ.
    """
    monkeypatch.setattr(module, "_ROUNDS", 2)
    rng = np.random.default_rng(1)
    rows, scores = rng.normal(size=(30, 4)), rng.normal(0, 2, (5, 30))
    centred = rows - rows.mean(0)
    mean, covariance = np.array([1.0, 0, 0, 0]), np.diag([0.5**2, 1.2**2, 1.2**2, 1.2**2])
    noises = np.full(5, 1.5)
    for _ in range(2):
        precision = np.linalg.inv(covariance)
        spreads = [np.linalg.inv(precision + centred.T @ centred / noise) for noise in noises]
        given = scores - scores.mean(1, keepdims=True)
        means = np.array(
            [
                spread @ (precision @ mean + centred.T @ own / noise)
                for spread, own, noise in zip(spreads, given, noises, strict=True)
            ]
        )
        for number, spread in enumerate(spreads):
            errors = (given[number] - centred @ means[number]) ** 2
            unsure = np.diag(centred @ spread @ centred.T)
            # Thirty ratings and a guess of 1.5 that is worth four.
            noises[number] = (errors.sum() + unsure.sum() + 1.5 * 4) / 34
        mean = means.mean(0)
        covariance = (sum(spreads) + (means - mean).T @ (means - mean)) / 5
    found = module._weights_covariance(rows, rated_by(scores))
    np.testing.assert_allclose(found, covariance, rtol=1e-8)


def numbers_of(taste: TastePrior) -> Floats:
    return np.concatenate([taste.basis.ravel(), [taste.own_width, taste.own_scale]])


@pytest.mark.parametrize(("count", "counts"), [(19, False), (20, True)])
def test_who_rated_little_is_ignored(
    count: int, counts: bool, head: GenericHead, embeddings: Floats
) -> None:
    """Nineteen ratings of somebody wild change nothing, twenty do."""
    ratings, _ = planted(head, embeddings)
    wild = np.random.default_rng(3).choice([1.0, 10.0], count)
    more = Ratings(
        np.append(ratings.rater, np.full(count, 999)),
        np.append(ratings.photo, np.arange(count)),
        np.append(ratings.score, wild),
    )
    before, after = (numbers_of(fit_taste(embeddings, head, r)) for r in (ratings, more))
    assert np.allclose(before, after, atol=1e-6) != counts


def test_a_generous_rater_has_the_same_taste(head: GenericHead, embeddings: Floats) -> None:
    """Two points more for every photo say nothing about order."""
    ratings, _ = planted(head, embeddings)
    generous = replace(ratings, score=ratings.score + 2 * (ratings.rater == 7))
    before, after = (numbers_of(fit_taste(embeddings, head, r)) for r in (ratings, generous))
    np.testing.assert_allclose(after, before, atol=1e-6)


def test_unrated_photos_do_not_count(head: GenericHead, embeddings: Floats) -> None:
    """Photos that nobody rated, however odd, leave the prior as it is."""
    ratings, _ = planted(head, embeddings)
    odd = np.concatenate([embeddings, np.full((5, embeddings.shape[1]), 9, np.float32)])
    before, after = (numbers_of(fit_taste(e, head, ratings)) for e in (embeddings, odd))
    np.testing.assert_allclose(after, before, atol=1e-6)


def test_without_raters_every_direction_is_alike(head: GenericHead, embeddings: Floats) -> None:
    """Where nobody rated enough, the taste space is all of the embedding, equally."""
    few = rated_by(np.full((50, 10), 5.0))  # ten ratings each
    basis = fit_taste(embeddings, head, few).basis
    np.testing.assert_allclose(
        basis @ basis.T, np.eye(SIZE) * (basis[:, 0] @ basis[:, 0]), atol=1e-9
    )


def test_directions_in_which_no_photo_differs_are_left_out(
    make_crowd: Callable[..., CrowdModel],
) -> None:
    """Of eight photos, seven directions are known; the prior's width fills no others."""
    rng = np.random.default_rng(0)
    embeddings = np.zeros((8, 80 + OPINIONS))
    embeddings[:, :80] = rng.normal(size=(8, 80))
    raters, photos = np.repeat(np.arange(30), 24), np.tile(np.arange(8), 90)
    ratings = Ratings(raters, photos, rng.uniform(1, 10, len(raters)))
    taste = fit_taste(embeddings, make_crowd(80).head, ratings)
    assert taste.basis.shape == (80, 7)
    assert np.isfinite(taste.basis).all()
    coordinates = embeddings[:, :80] @ taste.basis
    assert coordinates.var(0).sum() == pytest.approx(1)
