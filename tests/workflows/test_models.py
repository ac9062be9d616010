"""Listing, pulling and verifying weights files; the download itself is tested by itself."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from photoaesth.config import models_folder
from photoaesth.errors import PhotoaesthError, UsageError
from photoaesth.learning import crowd, download
from photoaesth.learning.weights_registry import weights_file
from photoaesth.workflows.models import (
    FIRST_PULL,
    GIVEN,
    PUBLISHED,
    Model,
    State,
    list_models,
    pull_model,
    verify_models,
)

CONTENT = b"weights of idealo"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
NAME = "nima-aesthetic"  # of which no checksum is published


class Publisher:
    """Stands in for the network: what every address gives, and what was asked for."""

    def __init__(self) -> None:
        self.content = CONTENT
        self.asked: list[tuple[str, str]] = []

    def download(
        self, url: str, target: Path, *, sha256: str, on_progress: Callable[[int, int], None]
    ) -> str:
        self.asked.append((url, sha256))
        found = hashlib.sha256(self.content).hexdigest()
        if not found.startswith(sha256):
            raise PhotoaesthError("wrong SHA-256")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(self.content)
        return found


@pytest.fixture
def publisher(monkeypatch: pytest.MonkeyPatch) -> Publisher:
    stand_in = Publisher()
    monkeypatch.setattr(download, "download", stand_in.download)
    return stand_in


def model(name: str) -> Model:
    return next(m for m in list_models() if m.name == name)


def test_what_there_is_at_first(publisher: Publisher) -> None:
    """The shipped files are there, the others can be pulled; nothing is asked or written."""
    states = {m.name: m.state for m in list_models()}
    assert states == {
        "efficientnet-lite0": State.SHIPPED,
        "crowd": State.SHIPPED,
        "opinion": State.SHIPPED,
        "nima-aesthetic": State.ABSENT,
        "nima-technical": State.ABSENT,
        "vgg16": State.ABSENT,
    }
    assert all(m.license and m.origin for m in list_models())
    assert publisher.asked == []
    assert not models_folder().exists()


def test_the_first_pull_fixes_the_checksum(publisher: Publisher) -> None:
    """Where no checksum is known, that of the first pull is noted and required of the next."""
    report = pull_model(NAME)
    assert (report.fetched, report.model.trusted) == (True, FIRST_PULL)
    assert report.model == model(NAME)
    assert report.model.path == models_folder() / "nima-aesthetic.hdf5"
    assert report.model.path.read_bytes() == CONTENT
    assert (report.model.state, report.model.sha256) == (State.PULLED, SHA256)
    report.model.path.unlink()
    assert model(NAME).state is State.ABSENT
    assert model(NAME).sha256 == SHA256
    publisher.content = b"something else"
    with pytest.raises(PhotoaesthError, match="wrong"):
        pull_model(NAME)
    assert publisher.asked[1] == (weights_file(NAME).url, SHA256)


def test_a_sound_file_is_not_fetched_again(publisher: Publisher) -> None:
    """Pulling twice asks the network once; a damaged file is fetched anew."""
    path = pull_model(NAME).model.path
    assert path is not None
    assert not pull_model(NAME).fetched
    path.write_bytes(b"damaged")
    assert pull_model(NAME).fetched
    assert path.read_bytes() == CONTENT
    assert len(publisher.asked) == 2


@pytest.mark.parametrize("name", ["crowd", "efficientnet-lite0"])
def test_what_is_shipped_is_not_pulled(publisher: Publisher, name: str) -> None:
    """A file that comes with the program is nobody else's to give."""
    with pytest.raises(UsageError, match=f"{name} comes with photoaesth"):
        pull_model(name)
    assert publisher.asked == []


def test_a_given_checksum(publisher: Publisher) -> None:
    """It is passed on, whatever its case, and trusted more than a first pull."""
    report = pull_model(NAME, sha256=SHA256.upper())
    assert publisher.asked == [(weights_file(NAME).url, SHA256)]
    assert report.model.trusted == GIVEN


def test_another_address(publisher: Publisher) -> None:
    """The same file from elsewhere must still have the published checksum."""
    with pytest.raises(PhotoaesthError, match="wrong"):
        pull_model("vgg16", url="https://mirror/vgg16.pth")
    assert publisher.asked == [("https://mirror/vgg16.pth", weights_file("vgg16").sha256)]
    assert not (models_folder() / "vgg16.pth").exists()
    assert model("vgg16").trusted == PUBLISHED


@pytest.mark.parametrize("digits", ["12ab", "z" * 64, SHA256 + "0"])
def test_what_is_no_checksum(publisher: Publisher, digits: str) -> None:
    """Anything but 64 hex digits is refused before the network is asked."""
    with pytest.raises(UsageError, match="64 hex digits"):
        pull_model(NAME, sha256=digits)
    assert publisher.asked == []


def test_a_checksum_that_contradicts(publisher: Publisher) -> None:
    """One that differs from the published or the noted one is refused, with the way out."""
    with pytest.raises(UsageError, match=r"SHA-256 of vgg16 is 397923af\w+ \(published\), not"):
        pull_model("vgg16", sha256="0" * 64)
    pull_model(NAME)
    with pytest.raises(UsageError, match=r"\(first pull\).*delete .*nima-aesthetic\.hdf5\.origin"):
        pull_model(NAME, sha256="0" * 64)
    (models_folder() / "nima-aesthetic.hdf5.origin.json").unlink()
    publisher.content = b"a new version"
    assert pull_model(NAME).model.sha256 == hashlib.sha256(b"a new version").hexdigest()


def test_a_timm_model_is_listed_once_pulled(publisher: Publisher) -> None:
    """What timm knows is pulled by any of its names and then listed with timm's licence."""
    report = pull_model("timm:resnet18")
    assert report.model.name == "timm:resnet18.a1_in1k"
    assert model("timm:resnet18.a1_in1k").license == "apache-2.0"
    assert not pull_model("timm:resnet18.a1_in1k").fetched
    assert [m.name for m in verify_models("timm:resnet18")] == ["timm:resnet18.a1_in1k"]


def test_verifying_reads_every_byte(publisher: Publisher) -> None:
    """A flipped bit is found, in all files or in the one that is named; sound ones are said so."""
    path = pull_model(NAME).model.path
    assert path is not None
    assert {m.name: m.state for m in verify_models()} == {
        "efficientnet-lite0": State.VERIFIED,
        "crowd": State.VERIFIED,
        "opinion": State.VERIFIED,
        NAME: State.VERIFIED,
    }
    path.write_bytes(bytes([CONTENT[0] ^ 1]) + CONTENT[1:])
    assert [m.state for m in verify_models(NAME)] == [State.DAMAGED]
    assert [m.state for m in verify_models("crowd")] == [State.VERIFIED]


def test_a_damaged_shipped_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Shipped files are compared with the checksums they were released with."""
    changed = tmp_path / "crowd.safetensors"
    changed.write_bytes(crowd.WEIGHTS_FILE.read_bytes() + b"\0")
    monkeypatch.setattr(crowd, "WEIGHTS_FILE", changed)
    assert [m.state for m in verify_models("crowd")] == [State.DAMAGED]


def test_verifying_what_is_not_here() -> None:
    """A known file that was never pulled, and an unknown one, are told apart."""
    with pytest.raises(PhotoaesthError, match="photoaesth models pull vgg16"):
        verify_models("vgg16")
    with pytest.raises(UsageError, match="no weights are called 'vgg'"):
        verify_models("vgg")


def test_a_damaged_note(publisher: Publisher) -> None:
    """A note of a checksum that cannot be read is named: it is not taken for a first pull."""
    pull_model(NAME)
    note = models_folder() / "nima-aesthetic.hdf5.origin.json"
    note.write_text("{}")
    with pytest.raises(PhotoaesthError, match=r"cannot read .*nima-aesthetic\.hdf5\.origin\.json"):
        pull_model(NAME)
    with pytest.raises(PhotoaesthError, match="delete it and pull the file again"):
        list_models()
