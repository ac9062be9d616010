import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.numpy import save_file

from photoaesth.errors import PhotoaesthError
from photoaesth.learning import opinion as module
from photoaesth.learning.backbone import Backbone
from photoaesth.learning.finetune.network import AestheticNetwork, new_network
from photoaesth.learning.finetune.predict import predict_distributions
from photoaesth.learning.model_input import model_input
from photoaesth.learning.opinion import (
    FROM_MAP,
    LEAST,
    OPTIONS,
    WEIGHTS_FILE,
    WEIGHTS_SHA256,
    from_tensors,
    load_opinion,
    opinion_logits,
    to_tensors,
    weights_intact,
)

Pictures = Callable[..., Image.Image]


@pytest.fixture(scope="module")
def network() -> AestheticNetwork:
    """One that has opinions: what a new one leaves at zero is drawn."""
    network = new_network(OPTIONS)
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        network.classifier.weight.normal_(0, 0.1, generator=generator)
        network.classifier.bias.normal_(generator=generator)
        network.center.normal_(0, 0.1, generator=generator)
    return network


@pytest.fixture(scope="module")
def inputs(picture: Pictures) -> list[np.ndarray]:
    return [model_input(picture(600, 400, seed)) for seed in range(3)]


def test_the_shipped_file_is_the_released_one() -> None:
    """Its checksum is the one in the code, and it takes at most 10 MB."""
    assert hashlib.sha256(WEIGHTS_FILE.read_bytes()).hexdigest() == WEIGHTS_SHA256
    assert weights_intact()
    assert WEIGHTS_FILE.stat().st_size <= 10_000_000


def test_a_changed_file_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another checksum than that of the release is not intact."""
    (tmp_path / "opinion.safetensors").write_bytes(b"released")
    monkeypatch.setattr(module, "WEIGHTS_FILE", tmp_path / "opinion.safetensors")
    monkeypatch.setattr(module, "WEIGHTS_SHA256", hashlib.sha256(b"released").hexdigest())
    assert weights_intact()
    (tmp_path / "opinion.safetensors").write_bytes(b"releases")
    assert not weights_intact()


def test_the_backbone_s_maps_are_where_the_network_goes_on(
    network: AestheticNetwork, backbone: Backbone, inputs: list[np.ndarray]
) -> None:
    """From the shared map it says what it says of the pixels, as log-probabilities."""
    images = torch.from_numpy(np.stack(inputs)).permute(0, 3, 1, 2) / 255
    logits = opinion_logits(network, backbone(images)[FROM_MAP])
    expected = predict_distributions(network, inputs)
    assert logits.shape == (3, 10)
    np.testing.assert_allclose(logits.exp().detach(), expected, atol=1e-3)
    assert np.ptp(expected, axis=0).max() > 0.01  # it tells the pictures apart


def test_certainty_fits_into_half_precision(network: AestheticNetwork, backbone: Backbone) -> None:
    """A score that is out of the question has ln 1e-6, not minus infinity."""
    sure = from_tensors(to_tensors(network))
    with torch.no_grad():
        sure.classifier.bias[7] += 1000
    maps = torch.zeros(1, backbone.info.channels[FROM_MAP], 9, 12)
    logits = opinion_logits(sure, maps)[0].half()
    assert logits[7] == 0
    assert logits[0].item() == pytest.approx(np.log(LEAST), rel=1e-3)
    assert logits.isfinite().all()


def test_the_network_comes_back_as_it_was_stored(
    network: AestheticNetwork, inputs: list[np.ndarray], tmp_path: Path
) -> None:
    """Rounding changes no probability by 0.01; stored a second time, nothing changes."""
    tensors = to_tensors(network)
    save_file(tensors, tmp_path / "opinion.safetensors")
    once = load_opinion("cpu", tmp_path / "opinion.safetensors")
    before, after = (predict_distributions(n, inputs) for n in (network, once))
    np.testing.assert_allclose(after, before, atol=0.01)
    twice = to_tensors(once)
    assert twice.keys() == tensors.keys()
    for name, tensor in twice.items():
        np.testing.assert_array_equal(tensor, tensors[name], name)
    assert not any(parameter.requires_grad for parameter in once.parameters())
    assert not once.training


def test_only_its_own_weights_are_stored(network: AestheticNetwork) -> None:
    """Convolutions in half precision, the rest as it is, nothing of the shared stages."""
    tensors = to_tensors(network)
    state = network.state_dict()
    own = tuple(f"stages.{number}." for number in range(FROM_MAP + 1, len(network.stages)))
    assert {name for name in state if name.startswith(own)} <= tensors.keys()
    assert {name for name in tensors if name.startswith("stages.")} <= {
        name for name in state if name.startswith(own)
    }
    for name, tensor in tensors.items():
        kept = state[name].numpy()
        assert tensor.dtype == (np.float16 if kept.ndim > 2 else kept.dtype), name
    assert sum(tensor.nbytes for tensor in tensors.values()) < 10_000_000


@pytest.mark.parametrize("damage", ["missing", "garbage", "no classifier", "another shape"])
def test_a_damaged_file_is_named_in_one_line(
    damage: str, network: AestheticNetwork, tmp_path: Path
) -> None:
    """Whatever is wrong with the file, the error names it and the way out, in one line."""
    path = tmp_path / "opinion.safetensors"
    tensors = to_tensors(network)
    match damage:
        case "garbage":
            path.write_bytes(b"\n{" * 5000)
        case "no classifier":
            save_file({n: t for n, t in tensors.items() if n != "classifier.weight"}, path)
        case "another shape":
            save_file(tensors | {"classifier.weight": np.zeros((10, 7), np.float32)}, path)
    with pytest.raises(PhotoaesthError) as caught:
        load_opinion("cpu", path)
    message = str(caught.value)
    assert str(path) in message
    assert message.endswith("; reinstall photoaesth")
    assert len(message.splitlines()) == 1
