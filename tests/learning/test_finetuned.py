"""One person's network, on VGG16 too: random weights stand in for ImageNet's."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn
from torchvision.models.vgg import cfgs, make_layers

from photoaesth.config import models_folder
from photoaesth.errors import PhotoaesthError
from photoaesth.learning.finetune.options import FinetuneOptions, Schedule
from photoaesth.learning.finetuned import (
    FinetunedScorer,
    FinetuneLearner,
    pretrained_weights,
    to_bytes,
)

STAGES = 5  # of VGG16
NOTHING = np.empty((0, 2), np.int64)
DIRECT = np.array([[0, 3], [1, 4], [2, 5]])
QUICK = Schedule(2, 4, backbone_rate=0.0, head_rate=1e-3, halve_every=0, frozen=STAGES)
OPTIONS = FinetuneOptions(
    backbone="vgg16", regression_schedule=QUICK, ranking_schedule=replace(QUICK, epochs=30)
)


@pytest.fixture(scope="module")
def random_vgg16(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file as torchvision publishes it, without the classifier that nobody uses."""
    torch.manual_seed(0)
    layers = make_layers(cfgs["D"])
    for layer in layers:
        if isinstance(layer, nn.Conv2d):  # torchvision's own draw fades from layer to layer
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    path = tmp_path_factory.mktemp("vgg16") / "vgg16.pth"
    torch.save({f"features.{name}": value for name, value in layers.state_dict().items()}, path)
    return path


@pytest.fixture
def pulled(random_vgg16: Path) -> Path:
    """The file where `models pull` puts it."""
    place = models_folder() / "vgg16.pth"
    place.parent.mkdir(parents=True)
    shutil.copyfile(random_vgg16, place)
    return place


@pytest.fixture(scope="module")
def images(picture: Callable[..., Image.Image]) -> list[np.ndarray]:
    sizes = [(48, 32), (32, 48)]
    return [np.asarray(picture(*sizes[seed % 2], seed)) for seed in range(6)]


def test_weights_are_asked_for_where_they_do_not_come_along(pulled: Path) -> None:
    """VGG16's are the pulled file; EfficientNet-Lite0 needs none."""
    assert pretrained_weights("efficientnet-lite0") is None
    assert pretrained_weights("vgg16") == pulled
    pulled.unlink()
    with pytest.raises(PhotoaesthError, match=r"vgg16 .*photoaesth models pull vgg16"):
        pretrained_weights("vgg16")


@pytest.mark.parametrize("pretraining", [True, False])
def test_vgg16_learns_a_person(
    images: list[np.ndarray], pulled: Path, tmp_path: Path, pretraining: bool
) -> None:
    """Both phases start from the given weights, and the preferred photos come out ahead."""
    distributions = np.full((6, 10), 0.1, np.float32)
    learner = FinetuneLearner(
        images,
        OPTIONS,
        device="cpu",
        rated=(images, distributions) if pretraining else None,
        folder=tmp_path / "checkpoints",
        weights=pulled,
    )
    network = learner.fit(DIRECT, NOTHING, keep=True)
    scores = learner.scores(network)
    assert (scores[DIRECT[:, 0]] > scores[DIRECT[:, 1]]).all()
    assert network.intact == STAGES
    given = torch.load(pulled, weights_only=True)["features.0.weight"]
    assert any(torch.equal(parameter, given) for parameter in network.stages[0].parameters())


def test_a_kept_network_takes_what_it_shares_from_the_pulled_file(
    images: list[np.ndarray], pulled: Path, tmp_path: Path
) -> None:
    """Frozen stages are not stored twice; scores are the same, and without the file it is named."""
    learner = FinetuneLearner(
        images, OPTIONS, device="cpu", rated=None, folder=tmp_path, weights=pulled
    )
    network = learner.fit(DIRECT, NOTHING)
    data = to_bytes(network, seed=0)
    assert len(data) < pulled.stat().st_size / 20
    scores = learner.scores(network)
    # The learner's activations were kept in half precision.
    np.testing.assert_allclose(FinetunedScorer(data)(images), scores, atol=0.02)
    pulled.unlink()
    with pytest.raises(PhotoaesthError, match="photoaesth models pull vgg16"):
        FinetunedScorer(data)


def test_a_network_that_has_learned_throughout_needs_no_file(
    images: list[np.ndarray], pulled: Path, tmp_path: Path
) -> None:
    """In the paper's schedule every stage learns, so that everything is in the checkpoint."""
    schedule = replace(QUICK, epochs=1, backbone_rate=1e-6, frozen=0)
    learner = FinetuneLearner(
        images,
        replace(OPTIONS, regression_schedule=schedule, ranking_schedule=schedule),
        device="cpu",
        rated=None,
        folder=tmp_path,
        weights=pulled,
    )
    network = learner.fit(DIRECT, NOTHING)
    pulled.unlink()
    found = FinetunedScorer(to_bytes(network, seed=0))(images)
    np.testing.assert_allclose(found, learner.scores(network), atol=1e-4)
