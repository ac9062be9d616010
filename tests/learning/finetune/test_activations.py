from collections.abc import Callable

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from photoaesth.learning.finetune.activations import (
    Activations,
    as_activations,
    cache_activations,
)
from photoaesth.learning.finetune.network import AestheticNetwork, new_network
from photoaesth.learning.finetune.options import FinetuneOptions
from photoaesth.learning.finetune.predict import predict_distributions

Images = list[NDArray[np.uint8]]
SIZES = ((64, 96), (96, 64), (64, 64))


@pytest.fixture(scope="module")
def network() -> AestheticNetwork:
    """A network whose classifier tells photos apart."""
    network = new_network(FinetuneOptions())
    torch.manual_seed(0)
    torch.nn.init.normal_(network.classifier.weight, std=0.1)
    return network


@pytest.fixture(scope="module")
def images(make_images: Callable[..., Images]) -> Images:
    return make_images(7, *SIZES)


@pytest.fixture(scope="module")
def expected(network: AestheticNetwork, images: Images) -> NDArray[np.float32]:
    """The distributions of the images, one by one and from the pixels."""
    return np.concatenate([predict_distributions(network, [image]) for image in images])


def test_shapes_may_be_mixed(
    network: AestheticNetwork, images: Images, expected: NDArray[np.float32]
) -> None:
    """Photos of three shapes come back in their order, as if each had come alone."""
    assert np.abs(expected - expected[0]).max() > 0.01  # else any order would do
    np.testing.assert_allclose(predict_distributions(network, images), expected, atol=1e-5)


@pytest.mark.parametrize("frozen", [0, 3, 6, 7, 8])
def test_training_may_start_behind_any_stage(
    network: AestheticNetwork, images: Images, expected: NDArray[np.float32], frozen: int
) -> None:
    """Cached in half precision after any stage, photos keep their distributions to 0.2 %."""
    cached = cache_activations(network, images, frozen)
    assert len(cached) == len(images)
    np.testing.assert_allclose(predict_distributions(network, cached), expected, atol=2e-3)


def test_activations_are_carried_on(
    network: AestheticNetwork, images: Images, expected: NDArray[np.float32]
) -> None:
    """From six stages to eight, for some of the photos, in another order."""
    chosen = np.array([5, 0, 4])
    carried = as_activations(network, cache_activations(network, images, 6).select(chosen), 8)
    assert carried.frozen == 8
    np.testing.assert_allclose(predict_distributions(network, carried), expected[chosen], atol=2e-3)


def test_stages_cannot_be_undone(network: AestheticNetwork, images: Images) -> None:
    """Activations after eight stages are no input for the seventh."""
    with pytest.raises(ValueError, match="8 stages on, not 6"):
        as_activations(network, cache_activations(network, images, 8), 6)


def test_batches_are_of_one_shape(network: AestheticNetwork, images: Images) -> None:
    """Every photo asked for comes in one batch of its own shape, none larger than asked."""
    cached = cache_activations(network, images, 0)
    order = np.array([6, 2, 0, 3, 1])
    batches = [(group, members.tolist()) for group, members in cached.batches(order, 2)]
    # Shapes go round by three: 0, 3 and 6 share one, 1 has the second, 2 the third.
    assert batches == [(0, [6, 0]), (0, [3]), (1, [1]), (2, [2])]


def test_the_fingerprint_is_of_pixels_and_order(network: AestheticNetwork, images: Images) -> None:
    """It is the same for the same photos after any stage, another one for any other choice."""
    cached = cache_activations(network, images, 0)
    assert cache_activations(network, images, 3).fingerprint == cached.fingerprint
    brighter = [images[0] // 2 + 100, *images[1:]]
    others: list[Activations] = [
        cache_activations(network, images[::-1], 0),
        cache_activations(network, brighter, 0),
        cached.select(np.array([0, 1])),
        cached.select(np.array([1, 0])),
    ]
    assert len({cached.fingerprint, *(other.fingerprint for other in others)}) == 5
