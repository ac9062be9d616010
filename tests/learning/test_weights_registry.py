"""What can be pulled, and from where."""

import re

import pytest
import timm

from photoaesth.errors import UsageError
from photoaesth.learning.weights_registry import KNOWN, WeightsFile, weights_file


@pytest.mark.parametrize("file", KNOWN, ids=lambda file: file.name)
def test_every_known_file_is_described(file: WeightsFile) -> None:
    """Licence, origin, size and an https address; a checksum, if there is one, is whole."""
    assert weights_file(file.name) is file
    assert file.url.startswith("https://")
    assert file.license in {"Apache-2.0", "BSD-3-Clause"}
    assert file.origin
    assert file.size > 1_000_000
    assert re.fullmatch(r"([0-9a-f]{64})?", file.sha256)


def test_torchvision_s_checksum_is_that_of_the_file_name() -> None:
    """torchvision puts the first eight digits of the SHA-256 into the name of the file."""
    file = weights_file("vgg16")
    assert file.url.endswith(f"-{file.sha256[:8]}.pth")


@pytest.mark.parametrize("name", ["timm:resnet18", "timm:resnet18.a1_in1k"])
def test_timm_s_own_table_is_asked(name: str) -> None:
    """Address and licence come from timm; a name with and one without the tag are one file."""
    file = weights_file(name)
    assert file.name == "timm:resnet18.a1_in1k"
    assert file.filename == "timm-resnet18.a1_in1k.safetensors"
    assert file.url == "https://huggingface.co/timm/resnet18.a1_in1k/resolve/main/model.safetensors"
    assert file.license == timm.get_pretrained_cfg("resnet18").license == "apache-2.0"


def test_a_name_on_disk_is_harmless() -> None:
    """No name that timm could have leaves the models folder."""
    file = WeightsFile("timm:../x y", "https://host/model.safetensors", "", "", "", 0)
    assert file.filename == "timm-..-x-y.safetensors"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("vgg", "there are nima-aesthetic, nima-technical, vgg16 and timm:NAME"),
        ("timm:", "timm has no model ''"),
        ("timm:convnext_tini", "perhaps convnext_tiny"),
        ("timm:efficientnet_b6", "no place to pull the weights of 'timm:efficientnet_b6'"),
    ],
)
def test_what_is_not_known(name: str, said: str) -> None:
    """An unknown name, and a model of which no weights are published, are refused."""
    with pytest.raises(UsageError, match=said):
        weights_file(name)
