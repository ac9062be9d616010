import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from photoaesth.errors import PhotoaesthError
from photoaesth.learning.finetune.checkpoint import (
    describe,
    load_checkpoint,
    save_checkpoint,
)
from photoaesth.learning.finetune.network import AestheticNetwork, new_network
from photoaesth.learning.finetune.options import FinetuneOptions, Schedule
from photoaesth.learning.finetune.predict import predict_distributions
from photoaesth.learning.finetune.regression import fit_regression

Images = list[NDArray[np.uint8]]
OPTIONS = FinetuneOptions(regression_schedule=Schedule(1, 4, 1e-4, 1e-2, 0, frozen=7), seed=3)


@pytest.fixture(scope="module")
def images(make_images: Callable[..., Images]) -> Images:
    return make_images(6)


@pytest.fixture(scope="module")
def trained(images: Images) -> AestheticNetwork:
    return fit_regression(images, np.eye(10)[2:8], OPTIONS)


@pytest.fixture
def file(tmp_path: Path, trained: AestheticNetwork) -> Path:
    path = tmp_path / "model.safetensors"
    info = describe(
        trained, seed=3, fingerprint="abc", epoch=1, step=2, metrics={"agreement": 0.75}
    )
    save_checkpoint(path, trained, info)
    return path


def test_a_network_comes_back(file: Path, trained: AestheticNetwork, images: Images) -> None:
    """The loaded network predicts exactly what the saved one did, and says where it is from."""
    network, info = load_checkpoint(file)
    np.testing.assert_array_equal(
        predict_distributions(network, images), predict_distributions(trained, images)
    )
    assert (info.backbone, info.seed, info.fingerprint) == ("efficientnet-lite0", 3, "abc")
    assert (info.epoch, info.step, info.metrics) == (1, 2, {"agreement": 0.75})
    assert info.attention


def test_anybody_can_read_what_it_is(file: Path) -> None:
    """The description is JSON in the safetensors header, readable without this program."""
    with safe_open(file, framework="pt") as opened:
        described = json.loads(opened.metadata()["photoaesth"])
    assert described["backbone"] == "efficientnet-lite0"
    assert described["metrics"] == {"agreement": 0.75}


def test_only_what_was_learned_is_stored(file: Path) -> None:
    """Of eight stages, the one that was trained; and attention and classifier."""
    names = load_file(file)
    assert {name.split(".")[1] for name in names if name.startswith("stages.")} == {"7"}
    assert {name.partition(".")[0] for name in names} == {
        "stages",
        "attention",
        "classifier",
        "center",
        "scale",
    }


def test_a_network_without_attention(tmp_path: Path, images: Images) -> None:
    """The ablation's network comes back as what it was."""
    network = new_network(FinetuneOptions(attention=False))
    torch.nn.init.normal_(network.classifier.weight)
    path = tmp_path / "plain.safetensors"
    save_checkpoint(path, network, describe(network, seed=0, fingerprint=""))
    loaded, info = load_checkpoint(path)
    assert not info.attention
    np.testing.assert_array_equal(
        predict_distributions(loaded, images), predict_distributions(network, images)
    )


def test_random_vgg16_weights_are_stored_whole(tmp_path: Path, images: Images) -> None:
    """Without ImageNet's weights no stage can be taken from anywhere else."""
    network = new_network(FinetuneOptions(backbone="vgg16", seed=1))
    torch.nn.init.normal_(network.classifier.weight)
    path = tmp_path / "vgg16.safetensors"
    save_checkpoint(path, network, describe(network, seed=1, fingerprint=""))
    loaded, _ = load_checkpoint(path)
    np.testing.assert_array_equal(
        predict_distributions(loaded, images), predict_distributions(network, images)
    )


def test_other_imagenet_weights_are_refused(file: Path) -> None:
    """Stages that are not in the file must be those it was trained on."""
    tensors = load_file(file)
    with safe_open(file, framework="pt") as opened:
        metadata = opened.metadata()
    described = json.loads(metadata["photoaesth"]) | {"weights_sha256": "0" * 64}
    save_file(tensors, file, {**metadata, "photoaesth": json.dumps(described)})
    with pytest.raises(PhotoaesthError, match="trained from other weights of efficientnet-lite0"):
        load_checkpoint(file)


def test_a_newer_format_is_refused(file: Path) -> None:
    """A file of a later program says so and how to read it."""
    tensors = load_file(file)
    with safe_open(file, framework="pt") as opened:
        metadata = opened.metadata()
    save_file(tensors, file, {**metadata, "format": "2"})
    with pytest.raises(PhotoaesthError, match="newer photoaesth; upgrade"):
        load_checkpoint(file)


@pytest.mark.parametrize("damage", ["missing", "truncated", "foreign", "incomplete"])
def test_damage_is_named(file: Path, damage: str) -> None:
    """Whatever is wrong with the file, it is one line with its name."""
    if damage == "missing":
        file.unlink()
    elif damage == "truncated":
        file.write_bytes(file.read_bytes()[:-100])
    elif damage == "foreign":
        save_file({"weight": torch.zeros(2)}, file)
    else:
        with safe_open(file, framework="pt") as opened:
            metadata = opened.metadata()
        tensors = load_file(file)
        del tensors["classifier.bias"]
        save_file(tensors, file, metadata)
    with pytest.raises(PhotoaesthError, match=r"^[^\n]*model\.safetensors[^\n]*$"):
        load_checkpoint(file)


def test_an_existing_file_is_replaced_in_one_step(
    file: Path, trained: AestheticNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When writing fails half way, the checkpoint that was there is still whole."""
    before = file.read_bytes()
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "full")))
    with pytest.raises(PhotoaesthError, match="disk is full"):
        save_checkpoint(file, trained, describe(trained, seed=3, fingerprint="new"))
    assert file.read_bytes() == before
