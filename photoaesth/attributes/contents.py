"""What photos show, from the classes of ImageNet.

`imagenet.tsv` lists the 1000 classes and to which contents each belongs. A content's odds are those
of the sum of its classes' probabilities; where photos labelled by eye showed that to be too little
(no class of ImageNet is a person), weights of all logits are added (`benchmarks/fit_contents.py`).
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photoaesth.attributes.vocabulary import CONTENTS

TABLE_FILE = Path(__file__).with_name("imagenet.tsv")
WEIGHTS_FILE = Path(__file__).with_name("contents.npz")
_SURE = 1e-4  # probabilities nearer to 0 or 1 say no more

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Recogniser:
    """From the logits of ImageNet's classes to the probabilities of C contents.

    Attributes:
        weights: `(C, 1000)` of the logits.
        gains: `(C,)` of the odds of the summed probabilities.
        biases: `(C,)`.
    """

    weights: Floats
    gains: Floats
    biases: Floats

    def __call__(self, logits: Floats) -> NDArray[np.float32]:
        """Return `(N, C)` probabilities, in the order of `CONTENTS`, of `(N, 1000)` logits."""
        odds = self.gains * summed_odds(logits, load_table())
        odds = odds + logits @ self.weights.T.astype(np.float32) + self.biases
        return ((1 + np.tanh(odds / 2)) / 2).astype(np.float32)

    def save(self, path: Path) -> None:
        """Write what `load_recogniser` reads."""
        np.savez(path, weights=self.weights, gains=self.gains, biases=self.biases)


def summed_odds(logits: Floats, table: NDArray[np.bool_]) -> Floats:
    """Return `(N, C)` log odds of the sums of classes' probabilities.

    Args:
        logits: `(N, 1000)`.
        table: `(C, 1000)`, which classes belong to which content.
    """
    powers = np.exp(logits - logits.max(1, keepdims=True))
    shares = powers @ table.T / powers.sum(1, keepdims=True)
    shares = np.clip(shares, _SURE, 1 - _SURE)
    return np.asarray(np.log(shares / (1 - shares)))


@cache
def load_table() -> NDArray[np.bool_]:
    """Return `(C, 1000)`: whether a class belongs to a content."""
    classes = [line.split("\t") for line in TABLE_FILE.read_text("utf-8").splitlines()]
    belongs = [set(contents.split(", ")) for _, contents in classes]
    return np.array([[content in each for each in belongs] for content in CONTENTS])


@cache
def load_recogniser() -> Recogniser:
    """Return the shipped recogniser."""
    with np.load(WEIGHTS_FILE) as arrays:
        return Recogniser(arrays["weights"], arrays["gains"], arrays["biases"])
