"""Backbones by name, with random weights: no real ones are needed to see that they arrive."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import timm
import torch
from safetensors.torch import save_file
from torch import nn
from torchvision.models.vgg import cfgs, make_layers

from photoaesth.config import models_folder
from photoaesth.errors import PhotoaesthError, UsageError
from photoaesth.learning.backbone import load_backbone
from photoaesth.learning.backbones import (
    NamedBackbone,
    backbone_features,
    load_named_backbone,
    pooled,
)
from photoaesth.learning.download import file_sha256
from photoaesth.learning.features import extract_features

# timm's own networks for tests: a convolutional one, and a transformer of one input size.
CONVOLUTIONAL, TRANSFORMER = "test_resnet.r160_in1k", "test_vit.r160_in1k"


@pytest.fixture
def weights(tmp_path: Path) -> Callable[..., Path]:
    """Write a timm network's random weights; return the file."""

    def write(name: str, suffix: str = ".safetensors", seed: int = 0) -> Path:
        torch.manual_seed(seed)
        state = timm.create_model(name).state_dict()
        path = tmp_path / f"{name}-{seed}{suffix}"
        if suffix == ".safetensors":
            save_file(state, path)
        else:
            torch.save({"state_dict": state}, path)
        return path

    return write


@pytest.fixture
def inputs() -> list[np.ndarray]:
    """Arrays as from `model_input`, of two shapes that take turns."""
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, (*size, 3), np.uint8) for size in ((96, 128), (128, 96)) * 2]


def test_timm_maps_are_those_of_the_whole_network(weights: Callable[..., Path]) -> None:
    """The deepest map is what timm's whole network computes of the normalised image."""
    path = weights(CONVOLUTIONAL)
    backbone = load_named_backbone(f"timm:{CONVOLUTIONAL}", weights=path)
    whole = timm.create_model(CONVOLUTIONAL, checkpoint_path=str(path)).eval()
    images = torch.rand(2, 3, 96, 128)
    maps = backbone(images)
    config = timm.get_pretrained_cfg(CONVOLUTIONAL)
    mean, deviation = (torch.tensor(v).view(3, 1, 1) for v in (config.mean, config.std))
    expected = whole.forward_features((images - mean) / deviation)
    torch.testing.assert_close(maps[-1], expected)
    assert tuple(m.shape[1] for m in maps) == backbone.channels


def test_a_pickled_file_holds_the_same(
    weights: Callable[..., Path], inputs: list[np.ndarray]
) -> None:
    """A .pth with its tensors below `state_dict` gives the features of the safetensors file."""
    name = f"timm:{CONVOLUTIONAL}"
    safe, pickled = (
        load_named_backbone(name, weights=weights(CONVOLUTIONAL, suffix))
        for suffix in (".safetensors", ".pth")
    )
    np.testing.assert_array_equal(
        backbone_features(safe, inputs, "cpu"), backbone_features(pickled, inputs, "cpu")
    )
    assert safe.name != pickled.name


def test_the_name_has_the_fingerprint_of_the_weights(weights: Callable[..., Path]) -> None:
    """Other weights of one architecture have another name, so embeddings are never mixed."""
    names = []
    for seed in (0, 1):
        path = weights(CONVOLUTIONAL, seed=seed)
        names.append(load_named_backbone(f"timm:{CONVOLUTIONAL}", weights=path).name)
        assert names[-1] == f"timm-{CONVOLUTIONAL}-{file_sha256(path)[:8]}"
    assert names[0] != names[1]


def test_a_network_of_one_input_size(
    weights: Callable[..., Path], inputs: list[np.ndarray]
) -> None:
    """A transformer that takes 160 × 160 alone gets that from images of any shape."""
    backbone = load_named_backbone(f"timm:{TRANSFORMER}", weights=weights(TRANSFORMER))
    assert backbone.side == (160, 160)
    assert [m.shape for m in backbone(torch.rand(1, 3, 96, 200))] == [(1, 64, 10, 10)] * 3
    assert backbone_features(backbone, inputs, "cpu").shape == (4, 2 * 3 * 64)


def test_channels_last_maps_are_turned() -> None:
    """Networks that keep channels last, as timm's Swin, give (N, C, h, w) here too."""

    class Last(nn.Module):
        def forward(self, images: torch.Tensor) -> list[torch.Tensor]:
            return [images.permute(0, 2, 3, 1)]

    backbone = NamedBackbone("last", Last(), (3,), mean=(0, 0, 0), deviation=(1, 1, 1))
    images = torch.rand(2, 3, 8, 9)
    torch.testing.assert_close(backbone(images)[0], images)


def test_vgg16(tmp_path: Path) -> None:
    """The five blocks' maps lead to torchvision's own result; the classifier is left aside."""
    torch.manual_seed(0)
    layers = make_layers(cfgs["D"]).eval()
    path = tmp_path / "vgg16.pth"
    state = {f"features.{name}": tensor for name, tensor in layers.state_dict().items()}
    torch.save({**state, "classifier.6.bias": torch.zeros(1000)}, path)
    backbone = load_named_backbone("vgg16", weights=path)
    assert backbone.name == f"vgg16-{file_sha256(path)[:8]}"
    images = torch.rand(1, 3, 64, 96)
    maps = backbone(images)
    assert [tuple(m.shape[1:]) for m in maps] == [
        (64, 64, 96),
        (128, 32, 48),
        (256, 16, 24),
        (512, 8, 12),
        (512, 4, 6),
    ]
    mean, deviation = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    normalised = (images - mean.view(3, 1, 1)) / deviation.view(3, 1, 1)
    with torch.inference_mode():
        expected = layers(normalised)
    torch.testing.assert_close(nn.functional.max_pool2d(maps[-1], 2), expected)


def test_the_default_needs_no_file(inputs: list[np.ndarray]) -> None:
    """EfficientNet-Lite0 comes along; its features are those that heads are learned from."""
    backbone = load_named_backbone()
    assert backbone.name == "efficientnet-lite0-57934424"
    assert len(backbone(torch.rand(1, 3, 64, 64))) == len(backbone.channels) == 9
    np.testing.assert_array_equal(
        backbone_features(backbone, inputs, "cpu"),
        extract_features(load_backbone("cpu"), inputs, "cpu"),
    )


def test_pooled_by_hand() -> None:
    """Means and deviations of the three deepest maps, map by map; the shallowest is left out."""
    maps = [torch.full((1, 1, 2, 2), 9.0), *(torch.zeros(1, 1, 1, 2) for _ in range(3))]
    maps[2][0, 0, 0] = torch.tensor([1.0, 5.0])  # mean 3, deviation 2
    maps[3] = torch.tensor([[[[4.0]]]])  # one pixel: no spread
    assert pooled(maps).tolist() == [[0, 0, 3, 2, 4, 0]]


def test_features_come_in_order(weights: Callable[..., Path], inputs: list[np.ndarray]) -> None:
    """A mix of shapes gives each image the features that it has alone; of none, no rows."""
    backbone = load_named_backbone(f"timm:{CONVOLUTIONAL}", weights=weights(CONVOLUTIONAL))
    together = backbone_features(backbone, inputs, "cpu")
    alone = [backbone_features(backbone, [image], "cpu")[0] for image in inputs]
    np.testing.assert_allclose(together, alone, rtol=1e-4, atol=1e-5)
    assert backbone_features(backbone, [], "cpu").shape == (0, together.shape[1])


def test_a_pulled_file_is_found(weights: Callable[..., Path]) -> None:
    """Without a local file the one in the models folder is taken, with or without timm's tag."""
    with pytest.raises(PhotoaesthError, match="photoaesth models pull timm:test_resnet"):
        load_named_backbone("timm:test_resnet")
    models_folder().mkdir(parents=True)
    weights(CONVOLUTIONAL).rename(models_folder() / f"timm-{CONVOLUTIONAL}.safetensors")
    short, full = (load_named_backbone(n) for n in ("timm:test_resnet", f"timm:{CONVOLUTIONAL}"))
    assert short.name == full.name


class _Harm:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("name", [f"timm:{CONVOLUTIONAL}", "vgg16"])
def test_a_pickle_cannot_run_code(tmp_path: Path, name: str) -> None:
    """A file that would call a function on loading is refused, and the function not called."""
    torch.save({"features.0.weight": _Harm(tmp_path / "done")}, tmp_path / "harm.pth")
    with pytest.raises(PhotoaesthError, match=r"harm\.pth: it is damaged, or holds more"):
        load_named_backbone(name, weights=tmp_path / "harm.pth")
    assert not (tmp_path / "done").exists()


@pytest.mark.parametrize("name", [f"timm:{CONVOLUTIONAL}", "vgg16"])
def test_weights_that_do_not_fit(weights: Callable[..., Path], tmp_path: Path, name: str) -> None:
    """Weights of another network, half of the weights, or no file at all are refused by name."""
    with pytest.raises(PhotoaesthError, match="does not hold the weights of"):
        load_named_backbone(name, weights=weights(TRANSFORMER))
    state = dict(list(timm.create_model(CONVOLUTIONAL).state_dict().items())[:40])
    save_file(state, tmp_path / "half.safetensors")
    with pytest.raises(PhotoaesthError, match=r"half\.safetensors does not hold"):
        load_named_backbone(name, weights=tmp_path / "half.safetensors")
    with pytest.raises(PhotoaesthError, match=r"there is no weights file .*none\.pth"):
        load_named_backbone(name, weights=tmp_path / "none.pth")
    (tmp_path / "page.pth").write_bytes(b"<html>")
    with pytest.raises(PhotoaesthError, match=r"page\.pth: it is damaged"):
        load_named_backbone(name, weights=tmp_path / "page.pth")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("resnet18", "there are efficientnet-lite0, vgg16 and timm:NAME"),
        ("timm:resnet81", "no model 'resnet81'; perhaps resnet18"),
        ("timm:resnet18.a9_in1k", "no weights 'a9_in1k' of resnet18; perhaps a"),
    ],
)
def test_an_unknown_name(name: str, said: str) -> None:
    """What is not known is named, with what comes near."""
    with pytest.raises(UsageError, match=said):
        load_named_backbone(name)


def test_the_default_takes_no_other_weights(tmp_path: Path) -> None:
    """Weights for the default backbone would be ignored, so they are refused."""
    with pytest.raises(UsageError, match="comes with its weights"):
        load_named_backbone(weights=tmp_path / "other.pth")
