"""NIMA on MobileNet, the network of idealo's published weights, in torch.

Talebi & Milanfar 2018, "NIMA: Neural Image Assessment": a classifier's body, average pooling,
dropout and a ten-way softmax over the scores 1 to 10. The body is MobileNet v1 with α = 1 (Howard
et al. 2017), layer for layer and name for name as Keras builds it, so that the weights files of
idealo/image-quality-assessment (Apache-2.0) load as they are.
"""

from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from photoaesth.errors import PhotoaesthError
from photoaesth.files import display_path
from photoaesth.learning.keras_hdf5 import read_keras_weights

INPUT_SIDE = 224
_BATCH = 32
# Channels and stride of the thirteen depthwise separable blocks (Howard et al. 2017, table 1).
_BLOCKS = (
    *((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)),
    *((512, 1),) * 5,
    *((1024, 2), (1024, 1)),
)
_DROPOUT = 0.75  # idealo's for MobileNet; only training knows it
_HEAD = "dense"  # Keras numbers it: dense, dense_1, …


class NimaMobileNet(nn.Module):
    """The network; `body` names its layers as Keras does."""

    def __init__(self) -> None:
        super().__init__()
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        _add_convolution(layers, "conv1", 3, 32, kernel=3, stride=2)
        channels = 32
        for number, (wider, stride) in enumerate(_BLOCKS, start=1):
            name = f"conv_dw_{number}"
            _add_convolution(layers, name, channels, channels, kernel=3, stride=stride, depth=True)
            _add_convolution(layers, f"conv_pw_{number}", channels, wider, kernel=1)
            channels = wider
        self.body = nn.Sequential(layers)
        self.dropout = nn.Dropout(_DROPOUT)
        self.head = nn.Linear(channels, 10)
        self.eval()

    def features(self, images: Tensor) -> Tensor:
        """Return the `(N, 1024)` pooled features of `(N, 3, 224, 224)` images in [-1, 1]."""
        pooled: Tensor = self.body(images).mean((2, 3))
        return pooled

    def forward(self, images: Tensor) -> Tensor:
        """Return `(N, 10)` score distributions of `(N, 3, 224, 224)` images in [-1, 1]."""
        return torch.softmax(self.head(self.dropout(self.features(images))), dim=1)

    @torch.inference_mode()
    def predict(self, images: Sequence[Image.Image]) -> NDArray[np.float32]:
        """Return the `(N, 10)` score distributions of N upright sRGB images of any size."""
        device = self.head.weight.device
        parts = [np.empty((0, 10), np.float32)]
        for start in range(0, len(images), _BATCH):
            pixels = np.stack([nima_input(image) for image in images[start : start + _BATCH]])
            batch = torch.from_numpy(pixels).to(device).permute(0, 3, 1, 2).float()
            parts.append(self(batch / 127.5 - 1).cpu().numpy())
        return np.concatenate(parts)


def nima_input(image: Image.Image) -> NDArray[np.uint8]:
    """Return the `(224, 224, 3)` uint8 pixels that the published weights expect of an RGB image.

    Squeezed to a square by nearest neighbour, Keras' default, with which they were trained.
    """
    return np.array(image.resize((INPUT_SIDE, INPUT_SIDE), Image.Resampling.NEAREST))


def load_nima(path: Path, device: str = "cpu") -> NimaMobileNet:
    """Return the network with the weights of a Keras 2 HDF5 file.

    Args:
        path: as pulled from idealo/image-quality-assessment, or any MobileNet with that head.
        device: torch device.

    Raises:
        PhotoaesthError: h5py is missing, or the file is not one of this network.
    """
    network = NimaMobileNet()
    tensors = read_keras_weights(path)
    try:
        network.load_state_dict(_state(network, tensors))
    except (KeyError, RuntimeError, ValueError) as error:
        # torch's message has a line for each of 137 tensors.
        detail = f"no {error}" if isinstance(error, KeyError) else "tensors of other shapes"
        raise PhotoaesthError(
            f"{display_path(path)} does not hold the weights of NIMA on MobileNet: it has {detail}"
        ) from error
    return network.to(device)


def _add_convolution(
    layers: OrderedDict[str, nn.Module],
    name: str,
    channels: int,
    wider: int,
    *,
    kernel: int,
    stride: int = 1,
    depth: bool = False,
) -> None:
    """Append a convolution without bias, its batch normalisation and ReLU6."""
    if stride == 2:
        # Keras pads what 'same' needs at the right and bottom only; torch would pad both sides.
        layers[f"{name}_pad"] = nn.ZeroPad2d((0, 1, 0, 1))
    layers[name] = nn.Conv2d(
        channels,
        wider,
        kernel,
        stride,
        padding=kernel // 2 if stride == 1 else 0,
        groups=channels if depth else 1,
        bias=False,
    )
    layers[f"{name}_bn"] = nn.BatchNorm2d(wider, eps=1e-3, momentum=0.01)  # Keras': 1 - 0.99
    layers[f"{name}_relu"] = nn.ReLU6(inplace=True)


def _state(network: NimaMobileNet, tensors: dict[str, NDArray[np.float32]]) -> dict[str, Tensor]:
    state: dict[str, NDArray[Any]] = {}
    for name, layer in network.body.named_children():
        if isinstance(layer, nn.Conv2d):
            if layer.groups > 1:  # height, width, channels, 1 → channels, 1, height, width
                kernel = tensors[f"{name}/depthwise_kernel"].transpose(2, 3, 0, 1)
            else:  # height, width, in, out → out, in, height, width
                kernel = tensors[f"{name}/kernel"].transpose(3, 2, 0, 1)
            state[f"body.{name}.weight"] = kernel
        elif isinstance(layer, nn.BatchNorm2d):
            state[f"body.{name}.weight"] = tensors[f"{name}/gamma"]
            state[f"body.{name}.bias"] = tensors[f"{name}/beta"]
            state[f"body.{name}.running_mean"] = tensors[f"{name}/moving_mean"]
            state[f"body.{name}.running_var"] = tensors[f"{name}/moving_variance"]
            state[f"body.{name}.num_batches_tracked"] = np.zeros((), np.int64)
    heads = [name.split("/")[0] for name in tensors if name.startswith(_HEAD)]
    head = heads[0] if heads else _HEAD
    state["head.weight"] = tensors[f"{head}/kernel"].T
    state["head.bias"] = tensors[f"{head}/bias"]
    return {name: torch.from_numpy(np.ascontiguousarray(value)) for name, value in state.items()}
