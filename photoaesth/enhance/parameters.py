"""Parameters of the image operations as a JSON file."""

import json
from collections.abc import Mapping
from pathlib import Path

from photoaesth.enhance.operations import PARAMETERS, to_vector
from photoaesth.errors import PhotoaesthError
from photoaesth.files import atomic_write, display_path

_VERSION = 1


def write_parameters(
    target: Path, parameters: Mapping[str, float], *, overwrite: bool = False
) -> None:
    """Write parameters that change something as JSON, with their units for people to read.

    Args:
        target: the file; its folder must exist.
        parameters: values by name as in `operations.PARAMETERS`.
        overwrite: replace an existing file.

    Raises:
        FileExistsError: `target` exists and `overwrite` is false.
        PhotoaesthError: the disk refuses it.
        ValueError: a name is unknown or a value out of its range.
    """
    to_vector(parameters)
    changed = [p for p in PARAMETERS if parameters.get(p.name, p.identity) != p.identity]
    document = {
        "photoaesth_parameters": _VERSION,
        "parameters": {p.name: parameters[p.name] for p in changed},
        "units": {p.name: p.unit for p in changed},
    }
    with atomic_write(target, overwrite=overwrite) as file:
        file.write((json.dumps(document, indent=2) + "\n").encode())


def read_parameters(source: Path) -> dict[str, float]:
    """Read what `write_parameters` wrote, by us or by hand.

    Returns:
        Values by name; those the file leaves out are not among them.

    Raises:
        PhotoaesthError: it cannot be read, is no such file or of a newer version, or holds a name
            that is unknown or a value that is out of its range.
    """
    try:
        document = json.loads(source.read_bytes())
    except OSError as error:
        raise _refusal(source, error.strerror or str(error)) from error
    except ValueError as error:
        raise _refusal(source, "it is not JSON") from error
    if not isinstance(document, dict) or "photoaesth_parameters" not in document:
        raise _refusal(source, "it holds no parameters; enhance --params writes such a file")
    version = document["photoaesth_parameters"]
    if version != _VERSION:
        raise _refusal(source, f"it is of version {version}; update photoaesth to read it")
    values = document.get("parameters")
    if not isinstance(values, dict) or not all(map(_is_number, values.values())):
        raise _refusal(source, '"parameters" must give a number for each name')
    try:
        to_vector(values)
    except ValueError as error:
        raise _refusal(source, str(error)) from error
    return {name: float(value) for name, value in values.items()}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _refusal(source: Path, reason: str) -> PhotoaesthError:
    return PhotoaesthError(f"cannot read {display_path(source)}: {reason}")
