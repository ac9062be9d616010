"""Everything that is said of a photo's look, from what was measured of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photoaesth.attributes.contents import load_recogniser
from photoaesth.attributes.styles import styles
from photoaesth.attributes.vocabulary import CONTENTS, mask_of
from photoaesth.domain import Exif

_LIKELY = 0.5


@dataclass(frozen=True, slots=True)
class Look:
    """What a photo looks like.

    Attributes:
        values: `(A,)` float32 in the order of `ATTRIBUTES`; NaN where unknown.
        labels: bitmask over `LABELS`.
    """

    values: NDArray[np.float32]
    labels: int


def looks(
    measured: Sequence[NDArray[np.float32]],
    class_logits: NDArray[np.float32],
    exif: Sequence[Exif],
) -> list[Look]:
    """Return what N photos look like.

    Args:
        measured: of each, `measure.measure`.
        class_logits: `(N, 1000)` logits of ImageNet's classes.
        exif: of each.
    """
    contents = load_recogniser()(class_logits)
    return [_look(*each) for each in zip(measured, contents, exif, strict=True)]


def _look(measured: NDArray[np.float32], contents: NDArray[np.float32], exif: Exif) -> Look:
    values = np.concatenate([measured, contents])
    shown = [name for name, share in zip(CONTENTS, contents, strict=True) if share > _LIKELY]
    return Look(values, mask_of([*styles(values, exif), *shown]))
