import pytest
import torch

from photoaesth.errors import UsageError
from photoaesth.learning.device import DEVICES, resolve_device


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch):
    """Pretend that this machine has the devices named and no others."""

    def pretend(*there: str) -> None:
        monkeypatch.setattr("photoaesth.learning.device._gpu_possible", lambda: bool(there))
        monkeypatch.setattr(torch.cuda, "is_available", lambda: "cuda" in there)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: "mps" in there)

    return pretend


@pytest.mark.parametrize(
    ("there", "chosen"),
    [(("cuda", "mps"), "cuda"), (("mps",), "mps"), (("cuda",), "cuda"), ((), "cpu")],
)
def test_auto_takes_the_fastest(machine, there: tuple[str, ...], chosen: str) -> None:
    """`auto` is cuda before mps before cpu."""
    machine(*there)
    assert resolve_device() == chosen


@pytest.mark.parametrize("name", ["cuda", "mps"])
def test_a_device_that_is_not_there(machine, name: str) -> None:
    """Asking for a GPU that torch cannot use is a usage error that names it and the way out."""
    machine()
    with pytest.raises(UsageError, match=rf"no {name} device.*--device auto"):
        resolve_device(name)


def test_a_device_that_is_there_is_taken(machine) -> None:
    """What is named and available is used, also when something faster is there."""
    machine("cuda", "mps")
    assert [resolve_device(name) for name in DEVICES[1:]] == ["cuda", "mps", "cpu"]


@pytest.mark.parametrize("name", ["gpu", "", "CUDA", "cuda:7"])
def test_an_unknown_device(name: str) -> None:
    """A device nobody knows is a usage error that lists those there are."""
    with pytest.raises(UsageError, match="auto, cuda, mps, cpu"):
        resolve_device(name)
