"""The JSON of reports about tastes: their fields, with photos flat and numbers rounded."""

import math
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from photoaesth.domain import Photo
from photoaesth.files import display_path


def as_json(value: Any) -> Any:
    """Return JSON values of a report: an object for every dataclass, keyed by its fields.

    A photo is its path, in its owner's object under `path`; a number that does not exist is null.
    """
    if is_dataclass(value):
        found: dict[str, Any] = {}
        for each in fields(value):
            member = getattr(value, each.name)
            if isinstance(member, Photo):
                found["path"] = display_path(member.path)
            else:
                found[each.name] = as_json(member)
        return found
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float):
        return round(value, 4) if math.isfinite(value) else None
    if isinstance(value, Path):
        return display_path(value)
    if isinstance(value, tuple):
        return [as_json(member) for member in value]
    return value
