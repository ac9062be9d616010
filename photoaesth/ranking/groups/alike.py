"""How much alike two photos are, by their hashes and by their looks."""

import numpy as np
from numpy.typing import NDArray

from photoaesth.perceptual import bits_apart
from photoaesth.ranking.groups.frame import Frame, Look

MAX_BITS_APART = 14
"""Of 64, between the hashes of copies. Those of different photos are 32 apart on average, and of
40,000 pairs one is so close."""

_COSINE_OF_TWINS, _COSINE_PER_BIT = 0.55, 0.025


def is_copy(left: Frame, right: Frame) -> bool:
    """Return whether of two photos one is a copy of the other."""
    apart = bits_apart(left.perceptual_hash, right.perceptual_hash)
    least = least_cosine(np.array(apart))
    return apart <= MAX_BITS_APART and bool(cosine(left.look, right.look) >= least)


def least_cosine(bits: NDArray[np.integer]) -> NDArray[np.float64]:
    """Return how much alike copies look whose hashes differ in so many bits.

    0.55 for equal hashes, as a copy has that is a quarter as large, to 0.9 for `MAX_BITS_APART`,
    as one has that was cropped. Of a thousand pairs of different photos six reach 0.6, one 0.75
    and a tenth of one 0.9, whether their hashes are close or not.
    """
    return np.asarray(_COSINE_OF_TWINS + _COSINE_PER_BIT * bits)


def cosine(left: Look, right: Look) -> float:
    """Return the cosine of two looks, in [-1, 1]."""
    both = normalised(np.stack([left, right]))
    return float(both[0] @ both[1])


def normalised(looks: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return `(N, D)` looks with length 1; those of length 0 stay as they are."""
    floats = looks.astype(np.float32)
    lengths = np.linalg.norm(floats, axis=1, keepdims=True)
    return np.asarray(floats / np.maximum(lengths, 1e-12))
