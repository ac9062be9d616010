from dataclasses import astuple, replace
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from scipy.stats import spearmanr

from photoaesth.errors import PhotoaesthError
from photoaesth.learning import opinion
from photoaesth.learning.backbone import Backbone
from photoaesth.learning.crowd import EMBEDDING_SIZE, OPINIONS, Projection
from photoaesth.learning.crowd_fit import (
    FittedCrowd,
    fit_crowd,
    fit_generic_head,
    fit_projection,
)
from photoaesth.learning.distribution import SCORES, mean_score
from photoaesth.learning.evaluation.method import Ratings
from photoaesth.learning.features import PIXEL_STATISTICS, extract_features
from photoaesth.learning.finetune.activations import cache_activations
from photoaesth.learning.finetune.network import new_network
from photoaesth.learning.finetune.predict import predict_distributions
from photoaesth.learning.losses import squared_emd
from photoaesth.learning.rated import CHANGES, DAMAGES, RatedImages

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
    return fit_projection(features, [distorted])


def test_embeddings_are_centred_on_the_photos(projection: Projection, features: Floats) -> None:
    """The photos' mean embedding is 0, and all have the size that a library stores."""
    embeddings = projection.describe(features)
    assert embeddings.shape == (150, EMBEDDING_SIZE - OPINIONS)
    np.testing.assert_allclose(embeddings.mean(0), 0, atol=1e-9)


def test_the_pooled_part_has_length_one(
    projection: Projection, features: Floats, distorted: Floats
) -> None:
    """Its mean squared distance from the middle is 1, so that priors and kernels have a scale."""
    embeddings = projection.describe(np.concatenate([features, distorted]))
    assert embeddings[:, PIXEL_STATISTICS:].var(0).sum() == pytest.approx(1, abs=0.01)


def test_pixel_statistics_pass_unmixed(projection: Projection, features: Floats) -> None:
    """One more deviation in a pixel statistic moves its own coordinate and no other."""
    moved = features[1:2].copy()
    moved[0, 4] += projection.scale[4]
    change = (projection.describe(moved) - projection.describe(features[1:2]))[0]
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
    step = np.linalg.norm(projection.describe(moved) - projection.describe(features[:20]), axis=1)
    apart = np.abs(distorted[:20, -1] - 3)
    assert np.corrcoef(step, apart)[0, 1] > 0.99


def test_every_way_of_changing_photos_counts(features: Floats, distorted: Floats) -> None:
    """Of four ways the copies are a quarter each: one that moves a photo far widens the scale."""
    tame, wild = features.copy(), features.copy()
    wild[:, -1] += np.random.default_rng(2).normal(0, 40, len(wild))
    ways = [tame, tame, wild, tame]
    scale = fit_projection(features, ways).scale[-1]
    # 300 rows, of which 37 or 38 lie 40 deviations about the middle: 40 √(37.5 / 300) = 14.
    assert scale == pytest.approx(14, rel=0.25)


def crowd_of(embeddings: Floats) -> Floats:
    """Opinions that follow the first two coordinates along a curve."""
    middle = 5.5 + 2 * np.sin(3 * embeddings[:, 0]) + embeddings[:, 1]
    mass = np.exp(-((SCORES - middle[:, None]) ** 2) / 4)
    return np.asarray(mass / mass.sum(1, keepdims=True))


def undecided(described: Floats) -> Floats:
    """Embeddings of photos of which the second opinion says nothing."""
    return np.pad(described, ((0, 0), (0, OPINIONS)))


def damages(described: Floats) -> list[Floats]:
    """Copies that three damages moved along three directions."""
    return [described + step for step in 3 * np.eye(3, described.shape[1])]


def test_the_head_learns_and_generalises() -> None:
    """On photos it has not seen it explains most of what the average opinion leaves open, when
    the second opinion is the same as its own."""
    rng = np.random.default_rng(0)
    train, test = rng.normal(0, 0.5, (200, 4)), rng.normal(0, 0.5, (100, 4))
    head = fit_generic_head(train, crowd_of(train), damages(train))
    whole = replace(head, damage_tilt=0.0)
    alone = np.log(whole(undecided(test))) * 2  # (own + nothing) / 2 undone
    truth, predicted = crowd_of(test), whole(np.column_stack([test, alone]))
    average = np.broadcast_to(crowd_of(train).mean(0), truth.shape).copy()
    left = squared_emd(torch.from_numpy(predicted), torch.from_numpy(truth))
    before = squared_emd(torch.from_numpy(average), torch.from_numpy(truth))
    assert left < 0.3 * before
    assert np.corrcoef(mean_score(predicted), mean_score(truth))[0, 1] > 0.9


def test_a_head_of_one_opinion_has_that_opinion() -> None:
    """Where everybody and the network agree on every photo, so does the head, near and far."""
    opinion_of_all = np.array([1, 2, 3, 5, 8, 9, 6, 4, 2, 1]) / 41
    train = np.random.default_rng(0).normal(size=(30, 3))
    head = fit_generic_head(train, np.tile(opinion_of_all, (30, 1)), damages(train))
    described = np.concatenate([train[:5], np.full((1, 3), 50.0)])
    rows = np.column_stack([described, np.tile(np.log(opinion_of_all), (6, 1))])
    anywhere = replace(head, damage_tilt=0.0)(rows)
    np.testing.assert_allclose(anywhere, np.tile(opinion_of_all, (6, 1)), atol=1e-3)


def test_each_damage_is_recognised_and_costs() -> None:
    """Every kind lowers new photos, which themselves lose next to nothing."""
    rng = np.random.default_rng(0)
    train, test = rng.normal(0, 0.5, (200, 5)), rng.normal(0, 0.5, (100, 5))
    even = np.full((200, 10), 0.1)
    head = fit_generic_head(train, even, damages(train))
    blind = replace(head, damage_tilt=0.0)
    whole = mean_score(head(undecided(test)))
    for copies in damages(test):
        assert (mean_score(head(undecided(copies))) < whole - 0.5).mean() > 0.95
        np.testing.assert_allclose(mean_score(blind(undecided(copies))), 5.5, atol=0.01)
    assert (mean_score(blind(undecided(test))) - whole).mean() < 0.3


def test_fitting_is_deterministic(features: Floats, distorted: Floats) -> None:
    """The same photos give the same weights, bit for bit."""
    rows = np.random.default_rng(0).normal(size=(60, 5))
    first, second = (fit_generic_head(rows, crowd_of(rows), damages(rows)) for _ in range(2))
    for a, b in zip(astuple(first), astuple(second), strict=True):
        np.testing.assert_array_equal(a, b)
    first_map, second_map = (fit_projection(features, [distorted]) for _ in range(2))
    for a, b in zip(astuple(first_map), astuple(second_map), strict=True):
        np.testing.assert_array_equal(a, b)


RATED, PICTURES, RATERS = 100, 140, 12


@pytest.fixture(scope="module")
def colours() -> Floats:
    return np.random.default_rng(1).uniform(-1, 1, (PICTURES, 3))


def warmth(colours: Floats) -> Floats:
    return np.asarray(1.5 * (colours[:, 0] - colours[:, 2]))


@pytest.fixture(scope="module")
def images(backbone: Backbone, colours: Floats) -> RatedImages:
    """Small pictures of a colour with shapes in it, of two orientations, and changed copies."""
    rng = np.random.default_rng(2)
    pictures = []
    for number, colour in enumerate(128 + 70 * colours):
        size = (96, 64) if number % 3 else (64, 96)
        shapes = Image.fromarray(rng.integers(0, 80, (6, 6, 3), np.uint8)).resize(size)
        pixels = np.asarray(shapes) - 40 + colour
        pictures.append(Image.fromarray(pixels.clip(0, 255).astype(np.uint8)))

    def features(copies: list[Image.Image]) -> NDArray[np.float32]:
        return extract_features(backbone, [np.asarray(copy) for copy in copies], "cpu")

    network = new_network(opinion.OPTIONS)
    return RatedImages(
        features(pictures),
        {way: features([change(p, rng) for p in pictures]) for way, change in CHANGES.items()},
        cache_activations(network, [np.asarray(p) for p in pictures], opinion.FROZEN),
    )


@pytest.fixture(scope="module")
def ratings(colours: Floats) -> Ratings:
    """All like red more than blue; they differ in green. Stars for the first hundred pictures."""
    rng = np.random.default_rng(3)
    rater, photo = np.indices((RATERS, RATED)).reshape(2, -1)
    liked = warmth(colours)[photo] + rng.normal(0, 1, RATERS)[rater] * colours[photo, 1]
    return Ratings(rater, photo, np.clip(np.round(3 + liked), 1, 5))


@pytest.fixture(scope="module")
def fitted(images: RatedImages, ratings: Ratings) -> FittedCrowd:
    return fit_crowd(images, ratings)


def test_a_crowd_s_taste_is_learned(fitted: FittedCrowd, colours: Floats) -> None:
    """Pictures that nobody rated are put in about the order of their warmth."""
    generic = mean_score(fitted.model.head(fitted.embeddings[RATED:]))
    assert spearmanr(generic, warmth(colours)[RATED:]).statistic > 0.7


def test_damaged_copies_score_lower(fitted: FittedCrowd, images: RatedImages) -> None:
    """Nine of ten copies of pictures that nobody rated, for every damage, even where the network
    likes them as well as the originals."""
    head, whole = fitted.model.head, fitted.embeddings[RATED:]
    for damage in DAMAGES:
        described = fitted.model.projection.describe(images.changed[damage][RATED:])
        copies = np.column_stack([described, whole[:, -OPINIONS:]])
        assert (mean_score(head(copies)) < mean_score(head(whole))).mean() >= 0.9, damage


def test_embeddings_are_those_that_the_stored_model_makes(
    fitted: FittedCrowd, images: RatedImages
) -> None:
    """The projection of features and of the stored network's log-probabilities."""
    network = opinion.from_tensors(fitted.opinion)
    second = np.log(np.maximum(predict_distributions(network, images.activations), opinion.LEAST))
    again = fitted.model.projection(images.features, second)
    assert fitted.embeddings.dtype == np.float32
    assert fitted.embeddings.shape == (PICTURES, EMBEDDING_SIZE)
    np.testing.assert_allclose(fitted.embeddings, again, atol=0.01)


def test_the_shared_stages_stay_as_they_are(fitted: FittedCrowd, backbone: Backbone) -> None:
    """What is stored of the network has learned, and holds none of the stages it shares."""
    untrained = opinion.to_tensors(new_network(opinion.OPTIONS))
    assert fitted.opinion.keys() == untrained.keys()
    changed = [n for n, t in fitted.opinion.items() if not np.array_equal(t, untrained[n])]
    assert any(name.startswith("stages.") for name in changed)
    assert not any(name.startswith("stages.0.") for name in fitted.opinion)
    # The backbone that everything shares is still ImageNet's.
    for mine, fresh in zip(
        backbone.state_dict().values(), Backbone().state_dict().values(), strict=True
    ):
        torch.testing.assert_close(mine, fresh)


def test_unrated_photos_and_the_scale_do_not_matter(
    fitted: FittedCrowd, images: RatedImages, ratings: Ratings
) -> None:
    """Stars as percentages, and other features of unrated photos, give the very same model."""
    features = images.features.copy()
    features[RATED:] += 5
    percent = replace(ratings, score=25 * (ratings.score - 1))
    again = fit_crowd(replace(images, features=features), percent)
    assert again.model.name == fitted.model.name


def test_the_seed_decides(fitted: FittedCrowd, images: RatedImages, ratings: Ratings) -> None:
    """The same seed gives the same network, another another."""
    assert fit_crowd(images, ratings, seed=1).model.name != fitted.model.name


@pytest.mark.parametrize("case", ["none", "one photo", "all the same"])
def test_too_little_is_refused(case: str, images: RatedImages, ratings: Ratings) -> None:
    """Nothing to tell good from bad by: the error says what is needed."""
    match case:
        case "none":
            ratings = ratings.where(ratings.photo < 0)
        case "one photo":
            ratings = ratings.where(ratings.photo == 3)
        case "all the same":
            ratings = replace(ratings, score=np.full(len(ratings), 4.0))
    with pytest.raises(PhotoaesthError, match="two photos with different ratings"):
        fit_crowd(images, ratings)
