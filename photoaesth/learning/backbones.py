"""Any backbone by its name, as a source of feature maps.

    efficientnet-lite0    the default; its weights come with the installation
    vgg16                 torchvision's VGG-16 (Simonyan & Zisserman 2015)
    timm:NAME             whatever timm can cut into feature maps

The weights of all but the default are pulled with `models pull` or given as a local file. Pickled
ones are read with `weights_only=True`, so that a file from anywhere cannot run code.
"""

import logging
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from photoaesth.errors import PhotoaesthError, UsageError
from photoaesth.files import display_path
from photoaesth.learning.backbone import EFFICIENTNET_LITE0, load_backbone
from photoaesth.learning.download import file_sha256
from photoaesth.learning.features import extract_features
from photoaesth.learning.weights_registry import TIMM_PREFIX, timm_model
from photoaesth.learning.weights_store import require_pulled

DEFAULT_BACKBONE = "efficientnet-lite0"
VGG16 = "vgg16"
POOLED_MAPS = 3
"""How many of the deepest maps are pooled into features."""

_IMAGENET = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # mean and deviation of its pixels
# timm warns of every tensor that a cut-off head leaves unused; what is missing is an error here.
logging.getLogger("timm").addHandler(logging.NullHandler())


class NamedBackbone(nn.Module):
    """A network that returns feature maps of images.

    Attributes:
        name: identifies features: the backbone with the beginning of its weights' SHA-256.
        channels: channels of each map, shallow to deep.
        side: width and height of the only input that the network takes; None if it takes any.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(
        self,
        name: str,
        net: nn.Module,
        channels: Sequence[int],
        *,
        mean: Sequence[float],
        deviation: Sequence[float],
        side: tuple[int, int] | None = None,
    ) -> None:
        super().__init__()
        self.name = name
        self.channels = tuple(channels)
        self.side = side
        self.net = net
        self.register_buffer("mean", torch.tensor(mean).view(3, 1, 1), persistent=False)
        self.register_buffer("deviation", torch.tensor(deviation).view(3, 1, 1), persistent=False)
        self.eval().requires_grad_(requires_grad=False)

    def forward(self, images: Tensor) -> list[Tensor]:
        """Return the feature maps, shallow to deep; differentiable.

        Args:
            images: `(N, 3, H, W)` float, sRGB in [0, 1], of any size.

        Returns:
            Tensors `(N, C, h, w)` with C as in `channels`.
        """
        if self.side is not None:
            height, width = self.side
            images = functional.interpolate(
                images, (height, width), mode="bilinear", antialias=True, align_corners=False
            )
        maps: list[Tensor] = self.net((images - self.mean) / self.deviation)
        # Some transformers of timm keep the channels last.
        return [
            m if m.shape[1] == channels else m.permute(0, 3, 1, 2)
            for m, channels in zip(maps, self.channels, strict=True)
        ]


def load_named_backbone(
    name: str = DEFAULT_BACKBONE, *, device: str = "cpu", weights: Path | None = None
) -> NamedBackbone:
    """Return a backbone on `device`, loaded once per process.

    Args:
        name: `efficientnet-lite0`, `vgg16` or `timm:NAME`.
        device: torch device.
        weights: a local file, safetensors or pickled tensors; None takes the pulled one. The
            default backbone has its own.

    Raises:
        UsageError: no such backbone, or it has no feature maps.
        PhotoaesthError: its weights are missing, damaged, or those of another network.
    """
    return _load(name, device, weights.absolute() if weights else None)


def backbone_features(
    backbone: NamedBackbone, inputs: Sequence[NDArray[np.uint8]], device: str
) -> NDArray[np.float32]:
    """Return the features of images of any mix of input sizes.

    Of the default backbone, those of `features.extract_features`. Of any other, mean and standard
    deviation of every channel of its `POOLED_MAPS` deepest maps.

    Args:
        backbone: on `device`.
        inputs: N arrays from `model_input.model_input`.
        device: torch device.

    Returns:
        `(N, F)` float32, in the order given.
    """
    if backbone.name.startswith(DEFAULT_BACKBONE):
        return extract_features(load_backbone(device), inputs, device)
    features = np.empty((len(inputs), 2 * sum(backbone.channels[-POOLED_MAPS:])), np.float32)
    by_shape: dict[tuple[int, ...], list[int]] = {}
    for number, image in enumerate(inputs):
        by_shape.setdefault(image.shape, []).append(number)
    with torch.inference_mode():
        for numbers in by_shape.values():
            batch = torch.from_numpy(np.stack([inputs[n] for n in numbers])).to(device)
            features[numbers] = pooled(backbone(batch.permute(0, 3, 1, 2).float() / 255)).cpu()
    return features


def pooled(maps: Sequence[Tensor]) -> Tensor:
    """Return mean and standard deviation of every channel of the deepest maps.

    Args:
        maps: `(N, C, h, w)` each, shallow to deep; `POOLED_MAPS` of them count.

    Returns:
        `(N, F)`; the deviation of a map of one pixel is 0.
    """
    deepest = [m.flatten(2).float() for m in maps[-POOLED_MAPS:]]
    parts = (part for m in deepest for part in (m.mean(2), m.std(2, correction=0)))
    return torch.cat(list(parts), dim=1)


@cache
def _load(name: str, device: str, weights: Path | None) -> NamedBackbone:
    if name == DEFAULT_BACKBONE:
        if weights is not None:
            raise UsageError(f"{DEFAULT_BACKBONE} comes with its weights; leave out --weights")
        loaded = _efficientnet_lite0(device)
    elif name == VGG16:
        loaded = _vgg16(weights or require_pulled(VGG16))
    elif name.startswith(TIMM_PREFIX):
        own = timm_model(name)
        loaded = _timm(own, weights or require_pulled(name))
    else:
        raise UsageError(
            f"no backbone is called {name!r}; there are {DEFAULT_BACKBONE}, {VGG16} and timm:NAME"
        )
    return loaded.to(device).to(memory_format=torch.channels_last)


def _efficientnet_lite0(device: str) -> NamedBackbone:
    net = load_backbone(device)  # which normalises by itself
    name = f"{DEFAULT_BACKBONE}-{EFFICIENTNET_LITE0.sha256[:8]}"
    return NamedBackbone(name, net, net.info.channels, mean=(0, 0, 0), deviation=(1, 1, 1))


class _Vgg16(nn.Module):
    """The convolutions of VGG-16; its maps are the five blocks', before their pooling."""

    channels = (64, 128, 256, 512, 512)

    def __init__(self) -> None:
        super().__init__()
        from torchvision.models.vgg import cfgs, make_layers

        # Not vgg16(): that would draw 120 million numbers for a classifier nobody uses.
        self.features = make_layers(cfgs["D"])

    def forward(self, images: Tensor) -> list[Tensor]:
        maps = []
        for layer in self.features:
            if isinstance(layer, nn.MaxPool2d):
                maps.append(images)
            images = layer(images)
        return maps


def _vgg16(weights: Path) -> NamedBackbone:
    net = _Vgg16()
    tensors = _tensors(weights)
    own = {name: tensor for name, tensor in tensors.items() if name.startswith("features.")}
    try:
        net.load_state_dict(own)
    except RuntimeError as error:
        raise _misfit(weights, VGG16) from error
    mean, deviation = _IMAGENET
    name = f"{VGG16}-{file_sha256(weights)[:8]}"
    return NamedBackbone(name, net, net.channels, mean=mean, deviation=deviation)


def _timm(own: str, weights: Path) -> NamedBackbone:
    import timm

    config = timm.get_pretrained_cfg(own)
    tensors = _tensors(weights)
    try:
        # The whole network first: cut into maps, timm takes a file that lacks half of it.
        whole = _timm_net(own, tensors).state_dict()
    except (RuntimeError, KeyError, AttributeError, TypeError, ValueError) as error:
        raise _misfit(weights, own) from error
    try:
        net = _timm_net(own, whole, features_only=True)
    except (RuntimeError, AssertionError, AttributeError) as error:
        raise UsageError(f"timm cannot cut {own} into feature maps; choose another one") from error
    channels = net.feature_info.channels()
    if len(channels) < POOLED_MAPS:
        raise UsageError(f"{own} has fewer than {POOLED_MAPS} feature maps; choose another one")
    return NamedBackbone(
        f"timm-{own}-{file_sha256(weights)[:8]}",
        net,
        channels,
        mean=config.mean,
        deviation=config.std,
        side=config.input_size[1:] if config.fixed_input_size else None,
    )


def _timm_net(own: str, tensors: dict[str, Tensor], **options: bool) -> Any:
    import timm

    overlay = {"state_dict": tensors}  # given so, nothing is fetched
    return timm.create_model(own, pretrained=True, pretrained_cfg_overlay=overlay, **options)


def _tensors(path: Path) -> dict[str, Tensor]:
    import timm.models

    if not path.is_file():
        raise PhotoaesthError(f"there is no weights file {display_path(path)}")
    try:
        tensors = timm.models.load_state_dict(str(path), device="cpu", weights_only=True)
    except Exception as error:  # unpickling a broken or hostile file raises anything
        raise PhotoaesthError(
            f"cannot read {display_path(path)}: it is damaged, or holds more than tensors"
        ) from error
    return {str(name): tensor for name, tensor in tensors.items()}


def _misfit(weights: Path, name: str) -> PhotoaesthError:
    return PhotoaesthError(f"{display_path(weights)} does not hold the weights of {name}")
