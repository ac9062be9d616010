"""Image operations, split by what they change: light, color, tone, detail, haze.

Every operation maps [0, 1] into [0, 1] by construction, rolling off where a gain would clip, and
does nothing at its identity values. Those that model light work on linear light, those that
model its display on sRGB values; neighbours in the same encoding share one conversion. Lengths
are shares of the longer side, so that a photo's small copy shows what its full size will be.
"""

from photoaesth.enhance.operations.chain import apply
from photoaesth.enhance.operations.operation import Encoding, LocalOperation, Operation, Parameter
from photoaesth.enhance.operations.registry import PARAMETERS, REGISTRY, to_mapping, to_vector

__all__ = [
    "PARAMETERS",
    "REGISTRY",
    "Encoding",
    "LocalOperation",
    "Operation",
    "Parameter",
    "apply",
    "to_mapping",
    "to_vector",
]
