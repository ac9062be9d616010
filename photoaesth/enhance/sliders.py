"""Parameters as sliders: 0 at the identity, 1 or −1 at the farther end of a range.

So that all of them are of one size, for what searches or learns them.
"""

import torch
from torch import Tensor

from photoaesth.enhance.operations import PARAMETERS

IDENTITY = torch.tensor([p.identity for p in PARAMETERS])
LOW = torch.tensor([p.low for p in PARAMETERS])
HIGH = torch.tensor([p.high for p in PARAMETERS])
REACH = torch.maximum(HIGH - IDENTITY, IDENTITY - LOW)
LOWEST, HIGHEST = (LOW - IDENTITY) / REACH, (HIGH - IDENTITY) / REACH


def to_parameters(sliders: Tensor) -> Tensor:
    """Return the `(…, P)` parameters of `(…, P)` sliders, each within its range."""
    return torch.clamp(IDENTITY + REACH * sliders, LOW, HIGH)


def to_sliders(parameters: Tensor) -> Tensor:
    """Return the `(…, P)` sliders of `(…, P)` parameters."""
    return (parameters - IDENTITY) / REACH


def clamp(sliders: Tensor) -> Tensor:
    """Return `(…, P)` sliders within their ranges."""
    return torch.clamp(sliders, LOWEST, HIGHEST)
