"""Which processor tensors live on."""

import ctypes
import sys
from pathlib import Path

from photoaesth.errors import UsageError

DEVICES = ("auto", "cuda", "mps", "cpu")


def resolve_device(name: str = "auto") -> str:
    """Return the torch device to use: `auto` takes cuda, else mps, else cpu.

    Raises:
        UsageError: the device is unknown or this machine has none.
    """
    if name not in DEVICES:
        raise UsageError(f"no device {name!r}; choose one of {', '.join(DEVICES)}")
    if name == "cpu" or (name == "auto" and not _gpu_possible()):
        return "cpu"  # without torch, which takes seconds to load
    import torch

    available = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if name == "auto":
        return next(device for device, there in available.items() if there)
    if not available[name]:
        raise UsageError(f"this machine has no {name} device that torch can use; try --device auto")
    return name


def decodes_jpegs(device: str) -> bool:
    """Return whether a device decodes JPEGs faster than the CPU does: nvJPEG's on CUDA."""
    return device == "cuda"


def _gpu_possible() -> bool:
    """Return whether there is a driver, of whatever GPU, that torch may be able to use."""
    if sys.platform == "darwin" or Path("/dev/kfd").exists():  # Apple's or AMD's
        return True
    try:
        ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return False
    return True
