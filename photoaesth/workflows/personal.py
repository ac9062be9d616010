"""Learn a profile's taste space position, and predict the choices that were held out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photoaesth.learning.crowd import CrowdModel
from photoaesth.learning.heldout import Agreement, Fold, measure
from photoaesth.learning.outlook import SHARES
from photoaesth.learning.personal import PersonalHead, choice_probability, prior
from photoaesth.learning.personal_fit import Evidence, fit_personal
from photoaesth.learning.taste import Trust
from photoaesth.workflows.evidence import Said, Statement, outcomes

Floats = NDArray[np.float64]

_TRUST_CHOICES = 120


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Predictions of judged statements by models that had not seen them.

    Attributes:
        generic: `(M,)` probabilities of the left photo by the generic model.
        personal: `(S, M)` by personal models fitted to the `SHARES` of what they may see; the
            last saw all of it.
        outcomes: `(M,)` 1 for left, 0 for right, ½ for a tie.
        sizes: `(S,)` mean number of judged statements that those models were fitted to.
        evenly: `(M,)` which statements are about pairs that were drawn evenly.
    """

    generic: Floats
    personal: Floats
    outcomes: Floats
    sizes: Floats
    evenly: NDArray[np.bool_]

    def agreement(
        self, personal: Floats | None = None, *, among: NDArray[np.bool_] | None = None
    ) -> Agreement | None:
        """Return how well models predict; None when every outcome is a tie.

        Args:
            personal: `(M,)` probabilities by other models than the personal ones that saw most.
            among: `(M,)` which statements to look at; all when None.
        """
        rows = slice(None) if among is None else among
        predicted = self.personal[-1] if personal is None else personal
        return measure(self.generic[rows], predicted[rows], self.outcomes[rows])


def fit(
    crowd: CrowdModel,
    embeddings: Mapping[int, NDArray[np.float16]],
    statements: Sequence[Statement],
    *,
    trust: Trust | None = None,
) -> PersonalHead:
    """Return what was learned from statements, oldest first: of too many the newest count.

    Args:
        crowd: what is known of people at large.
        embeddings: of all photos in the statements, by id.
        statements: what somebody said.
        trust: how far to leave the crowd; inferred when None.
    """
    used = sorted({photo for said in statements for photo in said.pair})
    if not used:
        return prior(crowd)
    row_of = {photo: row for row, photo in enumerate(used)}
    left, right = (
        np.array([row_of[said.pair[side]] for said in statements], np.int64) for side in (0, 1)
    )
    weights = np.array([said.weight for said in statements], np.float64)
    evidence = Evidence(left, right, outcomes(statements), weights)
    return fit_personal(crowd, np.stack([embeddings[p] for p in used]), evidence, trust=trust)


class PersonalLearner:
    """Fits the personal model to what a profile said."""

    def __init__(self, crowd: CrowdModel, said: Said) -> None:
        self._crowd = crowd
        self._said = said
        self._row_of = {photo: row for row, photo in enumerate(said.embeddings)}
        self._embeddings = np.array(list(said.embeddings.values()))

    def fit(self, statements: Sequence[Statement], *, trust: Trust | None = None) -> PersonalHead:
        """Return what was learned from statements, oldest first: of too many the newest count."""
        return fit(self._crowd, self._said.embeddings, statements, trust=trust)

    def probabilities(self, head: PersonalHead, statements: Sequence[Statement]) -> Floats:
        """Return `(M,)` probabilities of the left photo."""
        left, right = (self._embeddings[rows] for rows in self._rows(statements))
        return choice_probability(self._crowd, head, left, right)

    def hold_out(self, folds: Sequence[Fold], *, seed: int) -> HeldOut:
        """Predict every judged statement by models that have not seen it.

        Args:
            folds: of `said.judged`.
            seed: decides which choices the smaller shares are made of.
        """
        rng = np.random.default_rng(seed)
        parts = [self._predict_fold(fold, rng) for fold in folds]
        generic, personal, truth, sizes = zip(*parts, strict=True)
        evenly = [self._said.judged[place].evenly for fold in folds for place in fold.held_out]
        counts = [row.shape[1] for row in personal]
        return HeldOut(
            generic=np.concatenate(generic),
            personal=np.concatenate(personal, axis=1),
            outcomes=np.concatenate(truth),
            sizes=np.average(sizes, axis=0, weights=counts),
            evenly=np.array(evenly),
        )

    def _predict_fold(
        self, fold: Fold, rng: np.random.Generator
    ) -> tuple[Floats, Floats, Floats, Floats]:
        said = self._said
        tested = [said.judged[place] for place in fold.held_out]
        always = [s for s in said.implied if s not in said.judged and fold.allows(*s.pair)]
        seen = [s for s in said.judged if fold.allows(*s.pair)]
        order = rng.permutation(len(seen))
        sizes = [round(share * len(seen)) for share in SHARES]
        # Trust takes most of the time, and is much the same after fewer choices.
        some = [*(seen[n] for n in order), *always][:_TRUST_CHOICES]
        trust = self.fit(some).trust
        heads = [
            self.fit([*always, *(seen[n] for n in order[:size])], trust=trust) for size in sizes
        ]
        rows = [self.probabilities(head, tested) for head in heads]
        generic = self.probabilities(prior(self._crowd), tested)
        return generic, np.stack(rows), outcomes(tested), np.array(sizes, np.float64)

    def _rows(self, statements: Sequence[Statement]) -> tuple[NDArray[np.int64], ...]:
        pairs = [[self._row_of[photo] for photo in said.pair] for said in statements]
        return tuple(np.array(pairs, np.int64).reshape(-1, 2).T)
