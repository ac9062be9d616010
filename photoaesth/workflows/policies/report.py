"""What training the policies found and decided."""

from dataclasses import dataclass

FEWEST_RETOUCHES = 10
"""With fewer, a look cannot be told from what single photos needed."""

FEWEST_ORDERS = 4
"""With fewer, hardly anything can be held out."""


@dataclass(frozen=True, slots=True)
class RoundFigures:
    """What one round did to retouches and orders that its policies had not seen.

    Attributes:
        round: number, from 1.
        delta_e: mean CIEDE2000 of the enhancement policy's edits to the profile's own.
        reward: by how much that is less than what the photos without any edit have.
        tau: mean Kendall's tau of the ranking policy with the profile's orders.
    """

    round: int
    delta_e: float | None
    reward: float | None
    tau: float | None


@dataclass(frozen=True, slots=True)
class EnhancementFigures:
    """Mean CIEDE2000 to the profile's held-out edits.

    Attributes:
        retouches: how many were held out, each once.
        policy: of the edits by policies that had not seen them.
        without: of what `enhance` would do without a policy.
        untouched: of the photos as they are.
    """

    retouches: int
    policy: float
    without: float
    untouched: float

    @property
    def wins(self) -> bool:
        """Whether the policy comes nearer than `enhance` does without it."""
        return self.policy < self.without


@dataclass(frozen=True, slots=True)
class RankingFigures:
    """Mean Kendall's tau with the profile's held-out orders, in [-1, 1].

    Attributes:
        orders: how many were held out, each once.
        policy: of policies that had not seen them.
        without: of the model in use without a policy, learned without the photos of the order.
    """

    orders: int
    policy: float
    without: float

    @property
    def wins(self) -> bool:
        """Whether the policy reaches the model that it started at, and beats orders by chance."""
        return self.policy > 0 and self.policy >= self.without


@dataclass(frozen=True, slots=True)
class PoliciesReport:
    """What training the policies used, found and decided.

    Attributes:
        retouches: retouched photos used.
        orders: orders used.
        unusable: retouches and orders left out, for their photos are not indexed or cannot be
            read now.
        rounds: figures on what was held out, round by round.
        enhancement: of the last round; None where there are too few retouches.
        ranking: of the last round; None where there are too few orders.
        enhancement_kept: whether `enhance` follows the enhancement policy from now on.
        ranking_kept: whether scores follow the ranking policy from now on.
    """

    retouches: int
    orders: int
    unusable: int
    rounds: tuple[RoundFigures, ...]
    enhancement: EnhancementFigures | None
    ranking: RankingFigures | None
    enhancement_kept: bool
    ranking_kept: bool
