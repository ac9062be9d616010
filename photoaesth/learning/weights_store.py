"""The weights files on this machine: what was pulled, from where, and its checksum."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from photoaesth.config import models_folder
from photoaesth.errors import PhotoaesthError
from photoaesth.files import atomic_write, display_path
from photoaesth.learning.weights_registry import weights_file

_RECORD_SUFFIX = ".origin.json"


@dataclass(frozen=True, slots=True)
class PulledFile:
    """A weights file in the models folder and what was noted when it was pulled.

    Attributes:
        name: what `models pull` called it.
        filename: what it is called in the models folder.
        url: where it came from.
        sha256: what it hashed to, 64 hex digits.
        trusted: why that checksum counts: `published`, `given` by the user, or `first pull`.
        license: of the weights.
        origin: who made them from what.
        pulled_at: UTC, ISO 8601.
    """

    name: str
    filename: str
    url: str
    sha256: str
    trusted: str
    license: str
    origin: str
    pulled_at: str

    @property
    def path(self) -> Path:
        """Where the file is, or was."""
        return models_folder() / self.filename

    @property
    def record(self) -> Path:
        """Where this note is kept."""
        return _record(self.filename)


def note_pulled(pulled: PulledFile) -> None:
    """Write down what was pulled; its checksum is required from now on."""
    with atomic_write(pulled.record, overwrite=True) as file:
        file.write(json.dumps(asdict(pulled), indent=2).encode())


def find_pulled(name: str) -> PulledFile | None:
    """Return what was noted of a file; None if it was never pulled.

    Raises:
        UsageError: no such file is known.
        PhotoaesthError: the note is damaged.
    """
    return _read(_record(weights_file(name).filename))


def list_pulled() -> list[PulledFile]:
    """Return what was noted of every file that was pulled, by name."""
    records = sorted(models_folder().glob(f"*{_RECORD_SUFFIX}"))
    return [pulled for record in records if (pulled := _read(record)) is not None]


def require_pulled(name: str) -> Path:
    """Return the path of a pulled file.

    Raises:
        UsageError: no such file is known.
        PhotoaesthError: it is not here; the message says how to get it.
    """
    path = models_folder() / weights_file(name).filename
    if not path.is_file():
        raise PhotoaesthError(
            f"the weights of {name} are not on this machine; photoaesth models pull {name}"
        )
    return path


def _record(filename: str) -> Path:
    return models_folder() / f"{filename}{_RECORD_SUFFIX}"


def _read(record: Path) -> PulledFile | None:
    try:
        return PulledFile(**json.loads(record.read_bytes()))
    except FileNotFoundError:
        return None
    except (OSError, TypeError, ValueError) as error:
        raise PhotoaesthError(
            f"cannot read {display_path(record)}, which holds a file's checksum; "
            "delete it and pull the file again"
        ) from error
