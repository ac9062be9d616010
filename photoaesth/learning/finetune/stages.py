"""Backbones cut into stages, so that training can start behind any of them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import torch
import torchvision
from torch import Tensor, nn

from photoaesth.errors import PhotoaesthError
from photoaesth.files import display_path
from photoaesth.learning.backbone import EFFICIENTNET_LITE0, Backbone
from photoaesth.learning.finetune.options import BackboneName

_IMAGENET_MEAN, _IMAGENET_SD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
# Where torchvision's list of VGG16's layers is cut: after the pooling of the first three blocks,
# after the 10th convolution and after the 13th, each with its ReLU.
_VGG16_CUTS = (0, 5, 10, 17, 23, 30)


@dataclass(frozen=True, slots=True)
class Stages:
    """A backbone as a sequence of stages, each computed from the one before.

    Attributes:
        modules: the first takes `(N, 3, H, W)` uint8 sRGB pixels.
        first: which stage's output is Z₁.
        channels: of Z₁ and of Z₂, which is the last stage's output.
        weights_sha256: hex checksum of the file the weights are from; empty for random ones.
    """

    modules: Sequence[nn.Module]
    first: int
    channels: tuple[int, int]
    weights_sha256: str


def load_stages(name: BackboneName, weights: Path | None = None) -> Stages:
    """Return a backbone's stages with its ImageNet weights.

    Args:
        name: the backbone.
        weights: of `vgg16`, the file that torchvision publishes; None draws random weights, from
            torch's generator. EfficientNet-Lite0 brings its own.

    Raises:
        PhotoaesthError: the weights are missing or damaged.
    """
    return _efficientnet_lite0() if name == "efficientnet-lite0" else _vgg16(weights)


class _Normalize(nn.Module):
    """Pixels to what a backbone was trained on."""

    mean: Tensor
    sd: Tensor

    def __init__(self, mean: Sequence[float], sd: Sequence[float]) -> None:
        super().__init__()
        self.register_buffer("mean", 255 * torch.tensor(mean).view(3, 1, 1), persistent=False)
        self.register_buffer("sd", 255 * torch.tensor(sd).view(3, 1, 1), persistent=False)

    def forward(self, pixels: Tensor) -> Tensor:
        return (pixels.float() - self.mean) / self.sd


def _efficientnet_lite0() -> Stages:
    # Z₂ is the last stage before the convolution to 1280 channels, which is close to ImageNet's
    # classes; Z₁ has twice its resolution, as in VGG16.
    net = Backbone().net
    stem = nn.Sequential(_Normalize((0.5,) * 3, (0.5,) * 3), net.conv_stem, net.bn1)
    channels = EFFICIENTNET_LITE0.channels
    return Stages(
        modules=[stem, *net.blocks],
        first=5,
        channels=(channels[5], channels[7]),
        weights_sha256=EFFICIENTNET_LITE0.sha256,
    )


def _vgg16(weights: Path | None) -> Stages:
    with torch.device("meta"):  # without memory for the 120 million weights of its classifier
        layers = torchvision.models.vgg16(weights=None).features
    layers.to_empty(device="cpu")
    if weights is None:
        _draw(layers)
    else:
        _load(layers, weights)
    stages = [layers[start:stop] for start, stop in pairwise(_VGG16_CUTS)]
    for layer in layers:
        if isinstance(layer, nn.ReLU):
            layer.inplace = False  # it would overwrite the activations that are kept
    stages[0].insert(0, _Normalize(_IMAGENET_MEAN, _IMAGENET_SD))
    checksum = "" if weights is None else hashlib.sha256(weights.read_bytes()).hexdigest()
    return Stages(modules=stages, first=3, channels=(512, 512), weights_sha256=checksum)


def _draw(layers: nn.Sequential) -> None:
    for layer in layers:
        if isinstance(layer, nn.Conv2d):  # He et al. 2015, as torchvision starts VGG16
            nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
            assert layer.bias is not None
            nn.init.zeros_(layer.bias)


def _load(layers: nn.Sequential, weights: Path) -> None:
    try:
        tensors: dict[str, Tensor] = torch.load(weights, map_location="cpu", weights_only=True)
        prefix = "features."
        layers.load_state_dict(
            {
                name.removeprefix(prefix): tensor
                for name, tensor in tensors.items()
                if name.startswith(prefix)
            }
        )
    except Exception as error:  # torch's own message takes six lines and advises to trust the file
        raise PhotoaesthError(
            f"the weights of vgg16 at {display_path(weights)} are missing or damaged; "
            "photoaesth models pull vgg16"
        ) from error
