"""List, pull and verify weights files."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from photoaesth.config import models_folder
from photoaesth.errors import PhotoaesthError, UsageError
from photoaesth.files import display_path

if TYPE_CHECKING:
    from photoaesth.learning.weights_registry import WeightsFile
    from photoaesth.learning.weights_store import PulledFile

_SHA256_DIGITS = 64
PUBLISHED, GIVEN, FIRST_PULL = "published", "given", "first pull"


class State(StrEnum):
    """Whether a file of weights can be used."""

    SHIPPED = "shipped"
    PULLED = "pulled"
    ABSENT = "not pulled"
    VERIFIED = "verified"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class Model:
    """A file of weights and its state.

    Attributes:
        name: what the commands call it.
        state: looking at the disk, or after `verify_models` at every byte.
        license: SPDX identifier, where there is one.
        origin: who made the weights from what.
        size: bytes: of the file if it is here, else as published; 0 if nobody says.
        sha256: what it must hash to; empty while nobody knows.
        trusted: why that checksum counts: `shipped`, `published`, `given`, `first pull` or empty.
        path: where it is, or None.
    """

    name: str
    state: State
    license: str
    origin: str
    size: int
    sha256: str
    trusted: str
    path: Path | None


@dataclass(frozen=True, slots=True)
class PullReport:
    """What `pull_model` did.

    Attributes:
        model: the file.
        fetched: false if it was here already and sound.
    """

    model: Model
    fetched: bool


def list_models() -> list[Model]:
    """Return what comes with the program, what can be pulled by a name, and what was pulled."""
    from photoaesth.learning.weights_registry import KNOWN
    from photoaesth.learning.weights_store import find_pulled, list_pulled

    known = {file.name for file in KNOWN}
    others = [_pulled_model(p) for p in list_pulled() if p.name not in known]
    return [*_shipped(), *(_model(file, find_pulled(file.name)) for file in KNOWN), *others]


def pull_model(
    name: str,
    *,
    url: str = "",
    sha256: str = "",
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> PullReport:
    """Fetch a weights file, unless it is here and sound.

    Its SHA-256 must be the published one, the given one, or that of the first pull; only where
    there is none of these, that of this pull is noted.

    Args:
        name: see `weights_registry.weights_file`.
        url: another place to get the same file.
        sha256: what it must have, 64 hex digits.
        on_progress: called with the bytes that are there and those there will be.

    Raises:
        UsageError: no such file, or a checksum that is none or contradicts what is known.
        PhotoaesthError: the file cannot be fetched or has another checksum; nothing is kept.
    """
    from photoaesth.learning.download import download
    from photoaesth.learning.weights_registry import weights_file
    from photoaesth.learning.weights_store import PulledFile, find_pulled, note_pulled

    if name in {model.name for model in _shipped()}:
        raise UsageError(f"{name} comes with photoaesth; there is nothing to pull")
    file = weights_file(name)
    before = find_pulled(file.name)
    required, trusted = _required(file, before, sha256.lower())
    if before is not None and _is_sound(before):
        return PullReport(_pulled_model(before), fetched=False)
    place = url or file.url
    found = download(
        place, models_folder() / file.filename, sha256=required, on_progress=on_progress
    )
    pulled = PulledFile(
        name=file.name,
        filename=file.filename,
        url=place,
        sha256=found,
        trusted=trusted,
        license=file.license,
        origin=file.origin,
        pulled_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    note_pulled(pulled)
    return PullReport(_pulled_model(pulled), fetched=True)


def verify_models(name: str | None = None) -> list[Model]:
    """Read shipped and pulled files, or one of them, and compare them with their checksums.

    Raises:
        UsageError: no such file.
        PhotoaesthError: the named file is not here.
    """
    present = [m for m in list_models() if m.state is not State.ABSENT]
    if name is not None:
        present = [m for m in present if m.name in _names(name)]
        if not present:
            raise PhotoaesthError(f"{name} is not on this machine; photoaesth models pull {name}")
    return [_verified(model) for model in present]


def _names(name: str) -> set[str]:
    """Return the names that mean the same file: a `timm:` name may leave its tag out."""
    from photoaesth.learning.weights_registry import weights_file

    shipped = {model.name for model in _shipped()}
    return {name} if name in shipped else {name, weights_file(name).name}


def _required(file: "WeightsFile", before: "PulledFile | None", given: str) -> tuple[str, str]:
    """Return the checksum that a file must have, and why."""
    if given and (len(given) != _SHA256_DIGITS or set(given) - set("0123456789abcdef")):
        raise UsageError(f"a SHA-256 has {_SHA256_DIGITS} hex digits, not {given!r}")
    known, why = file.sha256, PUBLISHED
    if not known and before is not None:
        known, why = before.sha256, before.trusted
    if not known:
        return given, GIVEN if given else FIRST_PULL
    if given and not given.startswith(known):
        way_out = f"; to accept another, delete {display_path(before.record)}" if before else ""
        raise UsageError(f"the SHA-256 of {file.name} is {known} ({why}), not {given}{way_out}")
    return given or known, why


def _is_sound(pulled: "PulledFile") -> bool:
    from photoaesth.learning.download import file_sha256

    return pulled.path.is_file() and file_sha256(pulled.path) == pulled.sha256


def _shipped() -> list[Model]:
    from photoaesth.learning import backbone, crowd, opinion

    info = backbone.EFFICIENTNET_LITE0
    learned = "photoaesth: learned from the beauty ratings of OASIS"
    files = (
        ("efficientnet-lite0", backbone.weights_file(), info.sha256, info.license, info.source),
        ("crowd", crowd.WEIGHTS_FILE, crowd.WEIGHTS_SHA256, "MIT", learned),
        ("opinion", opinion.WEIGHTS_FILE, opinion.WEIGHTS_SHA256, "MIT", learned),
    )
    return [
        Model(
            name=name,
            state=State.SHIPPED,
            license=license_,
            origin=origin,
            size=path.stat().st_size,
            sha256=sha256,
            trusted=State.SHIPPED.value,
            path=path,
        )
        for name, path, sha256, license_, origin in files
    ]


def _model(file: "WeightsFile", pulled: "PulledFile | None") -> Model:
    if pulled is not None:
        return _pulled_model(pulled)
    return Model(
        name=file.name,
        state=State.ABSENT,
        license=file.license,
        origin=file.origin,
        size=file.size,
        sha256=file.sha256,
        trusted=PUBLISHED if file.sha256 else "",
        path=None,
    )


def _pulled_model(pulled: "PulledFile") -> Model:
    here = pulled.path.is_file()
    return Model(
        name=pulled.name,
        state=State.PULLED if here else State.ABSENT,
        license=pulled.license,
        origin=pulled.origin,
        size=pulled.path.stat().st_size if here else 0,
        sha256=pulled.sha256,
        trusted=pulled.trusted,
        path=pulled.path if here else None,
    )


def _verified(model: Model) -> Model:
    from photoaesth.learning.download import file_sha256

    assert model.path is not None
    sound = file_sha256(model.path) == model.sha256
    return replace(model, state=State.VERIFIED if sound else State.DAMAGED)
