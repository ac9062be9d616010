"""What the evaluation asks of a method, and what a method may learn from."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photoaesth.learning.crowd import OPINIONS, CrowdModel

Floats = NDArray[np.floating[Any]]
Indices = NDArray[np.int64]
Pairs = Iterable[tuple[int, int]]
"""Of photo numbers, the preferred one first."""


def infer_nothing(pairs: Pairs) -> Pairs:
    """Return no rankings."""
    return ()


@dataclass(frozen=True, slots=True)
class Ratings:
    """Who gave which photo what score; R rows.

    Attributes:
        rater: `(R,)` rater numbers.
        photo: `(R,)` photo numbers.
        score: `(R,)` scores on any scale, higher is better.
    """

    rater: Indices
    photo: Indices
    score: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.score)

    def where(self, kept: NDArray[np.bool_]) -> "Ratings":
        """Return the rows that a `(R,)` mask keeps."""
        return Ratings(self.rater[kept], self.photo[kept], self.score[kept])


@dataclass(frozen=True, slots=True)
class Fold:
    """Everything a method may learn from before it meets a rater; nothing of the raters under test.

    Photos are numbered 0 to N - 1, the same in every attribute; the photos under test are among
    them, as pixels and features only.

    Attributes:
        paths: N files.
        features: `(N, F)` float32 from `features.extract_features`.
        embeddings: `(N, D)` float32, as a library stores them.
        crowd: the crowd model, learned without the raters and photos under test.
        ratings: what the crowd was learned from; empty with the shipped crowd model.
        device: torch device for methods that train networks.
        seed: decides whatever a method draws.
        infer: returns the rankings that follow from preferences by transitivity.
    """

    paths: tuple[Path, ...]
    features: NDArray[np.float32]
    embeddings: NDArray[np.float32]
    crowd: CrowdModel
    ratings: Ratings
    device: str
    seed: int
    infer: Callable[[Pairs], Pairs] = infer_nothing

    @property
    def described(self) -> NDArray[np.float32]:
        """The part of the embeddings that describes photos: all but the second opinion."""
        return self.embeddings[:, :-OPINIONS]


@dataclass(frozen=True, slots=True)
class Choices:
    """What one rater tells a method.

    Attributes:
        shots: `(K,)` the photos that the rater's pairs are drawn from.
        left: `(M,)` photo numbers.
        right: `(M,)` photo numbers.
        outcomes: `(M,)` 1 where left was preferred, 0 right, ½ a tie.
    """

    shots: Indices
    left: Indices
    right: Indices
    outcomes: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Learned:
    """What a method made of a rater's choices.

    Attributes:
        score: `(N,)` predicted scores of all the fold's photos on any scale, higher is better.
        probability: takes `(P,)` left and `(P,)` right photo numbers, returns the `(P,)`
            probabilities that the rater prefers the left; None for methods without any.
        proposal: takes what the rater has said by now, more maybe than was learned from, and a
            source of chance; returns places in the shots, left and right, of the pair to ask
            next. None for methods that cannot choose pairs actively.
    """

    score: Floats
    probability: Callable[[Indices, Indices], NDArray[np.float64]] | None = None
    proposal: Callable[[Choices, np.random.Generator], tuple[int, int]] | None = None


# Called once per rater; raises PhotoaesthError where the choices cannot be learned from.
Learner = Callable[[Choices], Learned]
# Called once per fold; does whatever a method learns from the crowd.
Method = Callable[[Fold], Learner]
