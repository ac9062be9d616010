from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
import torchvision
from numpy.typing import NDArray
from torch import Tensor, nn

from photoaesth.errors import PhotoaesthError
from photoaesth.learning.backbone import Backbone
from photoaesth.learning.finetune.network import Attention, new_network
from photoaesth.learning.finetune.options import BackboneName, FinetuneOptions

Images = list[NDArray[np.uint8]]


@pytest.fixture
def pixels(make_images: Callable[..., Images]) -> Tensor:
    return torch.from_numpy(np.stack(make_images(2))).permute(0, 3, 1, 2)


@pytest.fixture(scope="module")
def vgg16_features() -> nn.Sequential:
    """torchvision's layers, with random weights and without the classifier's memory."""
    with torch.device("meta"):
        layers = torchvision.models.vgg16(weights=None).features
    layers.to_empty(device="cpu")
    torch.manual_seed(0)
    for layer in layers:
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight)
            assert layer.bias is not None
            nn.init.uniform_(layer.bias)
    return layers


@pytest.mark.parametrize("backbone", ["efficientnet-lite0", "vgg16"])
@pytest.mark.parametrize("size", [(64, 96), (160, 64)])
def test_distributions_of_any_aspect_ratio(backbone: BackboneName, size: tuple[int, int]) -> None:
    """Each photo gets ten probabilities that sum to 1, whatever its shape."""
    pixels = torch.randint(0, 256, (2, 3, *size), dtype=torch.uint8)
    distributions = new_network(FinetuneOptions(backbone=backbone))([pixels])
    assert distributions.shape == (2, 10)
    torch.testing.assert_close(distributions.sum(1), torch.ones(2))


def test_the_maps_are_the_backbones(pixels: Tensor, backbone: Backbone) -> None:
    """Z₁ and Z₂ are the ends of EfficientNet-Lite0's fifth and seventh stages."""
    network = new_network(FinetuneOptions())
    first, second = network.advance([pixels], 0, 8)
    maps = backbone(pixels.float() / 255)
    torch.testing.assert_close(first, maps[5], rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(second, maps[7], rtol=1e-4, atol=1e-4)


def test_vgg16_is_cut_where_the_paper_says(
    tmp_path: Path, pixels: Tensor, vgg16_features: nn.Sequential
) -> None:
    """Z₁ and Z₂ follow the 10th and the 13th convolution of a weights file as torchvision's is."""
    file = tmp_path / "vgg16.pth"
    state = {f"features.{name}": tensor for name, tensor in vgg16_features.state_dict().items()}
    torch.save({**state, "classifier.0.bias": torch.zeros(3)}, file)
    network = new_network(FinetuneOptions(backbone="vgg16"), weights=file)
    first, second = network.advance([pixels], 0, 5)

    mean = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
    sd = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
    expected, convolutions = (pixels.float() / 255 - mean) / sd, 0
    for layer in vgg16_features:
        expected = layer(expected)
        convolutions += isinstance(layer, nn.Conv2d)
        if isinstance(layer, nn.ReLU) and convolutions == 10:
            torch.testing.assert_close(first, expected, rtol=1e-4, atol=1e-4)
        if isinstance(layer, nn.ReLU) and convolutions == 13:
            torch.testing.assert_close(second, expected, rtol=1e-4, atol=1e-4)
    assert convolutions == 13


@pytest.mark.parametrize("content", [None, b"no weights", b""])
def test_bad_vgg16_weights_are_named(tmp_path: Path, content: bytes | None) -> None:
    """A missing or damaged file gives one line with its path and the way out."""
    file = tmp_path / "vgg16.pth"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(PhotoaesthError, match=r"vgg16\.pth .*models pull vgg16"):
        new_network(FinetuneOptions(backbone="vgg16"), weights=file)


def test_attention_starts_as_the_plain_average() -> None:
    """Before it has learned anything, every place counts the same."""
    features, coarse = torch.rand(2, 5, 3, 4), torch.rand(2, 6, 1, 2)
    pooled = Attention(5, 6)(features, coarse)
    torch.testing.assert_close(pooled, features.mean((2, 3)))


def test_attention_by_hand() -> None:
    """One channel, local weight 1, coarse weight 1, relevance weight log 3.

    Features 0 and 1 beside a coarse map of 0 have relevance 0 and log 3, hence weights ¼ and ¾
    and the average 0.75; with a coarse map of 1 the relevances differ by log 3 as well; with -1
    both sink to 0 in the ReLU, and the average is ½.
    """
    attention = Attention(1, 1)
    for parameter in attention.parameters():
        nn.init.zeros_(parameter)
    with torch.no_grad():
        attention.local.weight[0, 0] = 1
        attention.coarse.weight[0, 0] = 1
        attention.weight.weight[0, 0] = np.log(3)
    features = torch.tensor([0.0, 1.0]).expand(3, 1, 1, 2)
    coarse = torch.tensor([0.0, 1.0, -1.0]).view(3, 1, 1, 1)
    pooled = attention(features, coarse)
    torch.testing.assert_close(pooled, torch.tensor([[0.75], [0.75], [0.5]]))


def test_the_mean_score_is_that_of_the_distribution(pixels: Tensor) -> None:
    """Three quarters of the mass on 3 and a quarter on 7 make a score of 4."""
    network = new_network(FinetuneOptions())
    with torch.no_grad():
        network.classifier.bias.fill_(-50)
        network.classifier.bias[2], network.classifier.bias[6] = np.log(3), 0
    torch.testing.assert_close(network.mean_scores([pixels]), torch.full((2,), 4.0))


def test_the_seed_decides_what_is_drawn() -> None:
    """The same seed gives the same weights, another one others; torch's own generator stays."""
    before = torch.random.get_rng_state()
    draws = [
        new_network(FinetuneOptions(seed=seed)).head_parameters()[0].detach() for seed in (1, 1, 2)
    ]
    assert torch.equal(draws[0], draws[1])
    assert not torch.equal(draws[0], draws[2])
    assert torch.equal(torch.random.get_rng_state(), before)
