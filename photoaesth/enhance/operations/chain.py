"""Operations one after the other, sharing conversions between encodings."""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from photoaesth.enhance.color import linear_to_srgb, srgb_to_linear
from photoaesth.enhance.operations.operation import Encoding, Operation
from photoaesth.enhance.operations.registry import REGISTRY


def apply(images: Tensor, parameters: Tensor) -> Tensor:
    """Run every operation of the registry, in its order.

    Args:
        images: `(B, 3, H, W)` sRGB in [0, 1]; B may be 1 to give one image many parameters.
        parameters: `(B, P)`, columns as in `PARAMETERS`, within their ranges.

    Returns:
        `(B, 3, H, W)` sRGB in [0, 1]. Differentiable in both arguments. At the identity the input
        itself or, where a gradient is wanted, the input within 1e-6.
    """
    if len(images) < len(parameters):
        images = images.expand(len(parameters), -1, -1, -1)
    return run(active(parameters.to(images)), images)


def active(parameters: Tensor) -> Sequence[tuple[Operation, Tensor]]:
    """Return the operations that do something, each with its columns of `(B, P)` parameters.

    Those at their identity are left out, unless a gradient is to tell which way they should go.
    """
    keep_all = parameters.requires_grad and torch.is_grad_enabled()
    return [
        (operation, values)
        for operation, values in _columns(parameters)
        if keep_all or not operation.rests_at(values)
    ]


def run(operations: Sequence[tuple[Operation, Tensor]], images: Tensor) -> Tensor:
    """Run some operations on sRGB images; arguments and result as for `apply`."""
    if not operations:
        return images
    encoding = Encoding.SRGB
    for operation, values in operations:
        images = convert(images, encoding, operation.encoding)
        images = operation(images, *values.unbind(dim=-1))
        encoding = operation.encoding
    # The operations keep to [0, 1] themselves; this removes what rounding adds.
    return convert(images, encoding, Encoding.SRGB).clamp(0, 1)


def convert(images: Tensor, source: Encoding, target: Encoding) -> Tensor:
    """Return images in another encoding; `images` itself where it is the same."""
    if source is target:
        return images
    return srgb_to_linear(images) if target is Encoding.LINEAR else linear_to_srgb(images)


def _columns(parameters: Tensor) -> Iterator[tuple[Operation, Tensor]]:
    first = 0
    for operation in REGISTRY:
        last = first + len(operation.parameters)
        yield operation, parameters[..., first:last]
        first = last
