"""A simulated photographer: a stated taste, and choices that follow it with human noise."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from photoaesth.domain import Outcome
from photoaesth.samples.traits import TRAITS

_TIE = 0.12  # ν of Davidson's model: about one tie in eighteen between equals, fewer otherwise


@dataclass(frozen=True)
class Photographer:
    """Somebody whose taste is a weighted sum of what can be measured of a picture.

    Attributes:
        name: what to call them.
        statement: the taste in words.
        weights: by trait; the sign says whether they want more of it or less.
        noise: difference in utility at which they are right 73 times in 100; above 0.
    """

    name: str
    statement: str
    weights: Mapping[str, float]
    noise: float

    def utility(self, traits: Mapping[str, float]) -> float:
        """Return how much they like a picture with these standardised traits."""
        return sum(weight * traits[trait] for trait, weight in self.weights.items())

    def choose(
        self, left: Mapping[str, float], right: Mapping[str, float], rng: np.random.Generator
    ) -> Outcome:
        """Return their answer to a pair of pictures with standardised traits.

        Bradley–Terry with ties: Davidson, "On extending the Bradley–Terry model to
        accommodate ties in paired comparison experiments" (1970), equation 2.3. Of the answers
        that are not ties, the logistic function of the difference in utility says how many go
        to which side.
        """
        half = (self.utility(left) - self.utility(right)) / (2 * self.noise)
        # exp(±half) over their geometric mean; clipped, as beyond it nothing is in doubt.
        for_left = math.exp(min(max(half, -300.0), 300.0))
        for_right = 1 / for_left
        draw = float(rng.random()) * (for_left + _TIE + for_right)
        if draw < for_left:
            return Outcome.LEFT
        return Outcome.TIE if draw < for_left + _TIE else Outcome.RIGHT


def standardise(traits: Sequence[Mapping[str, float]]) -> list[dict[str, float]]:
    """Return the traits of an album on a common scale: mean 0 and standard deviation 1.

    A trait in which all pictures agree becomes 0.
    """
    table = np.array([[picture[trait] for trait in TRAITS] for picture in traits], np.float64)
    spread = table.std(axis=0)
    scaled = (table - table.mean(axis=0)) / np.where(spread > 1e-9, spread, 1)
    return [dict(zip(TRAITS, map(float, row), strict=True)) for row in scaled]


DEMO_PHOTOGRAPHER = Photographer(
    name="Noor",
    statement="Quiet, moody pictures: dark, cool and muted, with little in the frame.",
    weights={"brightness": -1.0, "warmth": -0.8, "colourfulness": -0.9, "simplicity": 0.8},
    noise=0.22,
)
