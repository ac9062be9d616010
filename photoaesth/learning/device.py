"""Which processor tensors live on."""

import torch

from photoaesth.errors import UsageError

DEVICES = ("auto", "cuda", "mps", "cpu")


def resolve_device(name: str = "auto") -> str:
    """Return the torch device to use: `auto` takes cuda, else mps, else cpu.

    Raises:
        UsageError: the device is unknown or this machine has none.
    """
    if name not in DEVICES:
        raise UsageError(f"no device {name!r}; choose one of {', '.join(DEVICES)}")
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
