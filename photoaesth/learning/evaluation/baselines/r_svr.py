"""R-SVR: support vector regression and ranking with one set of weights (Z21 [11]).

Park, Hong, Baek & Han 2017, "Personalized image aesthetic quality assessment by joint regression
and ranking". Z21 implemented it themselves (§4.3.1) as what "integrated personal preference into
a generic aesthetic model by training a support vector machine over pairwise ranking information"
(§1). So here: f(x) = generic(x) + w · x, with w held to the person's scores by the ε-insensitive
loss of regression and to their choices by the hinge loss of ranking, both squared.
"""

import numpy as np
from numpy.typing import NDArray

from photoaesth.learning.evaluation.baselines.inputs import (
    MARGIN,
    generic_scores,
    preferences,
    scientific,
)
from photoaesth.learning.evaluation.baselines.strengths import person_scores
from photoaesth.learning.evaluation.method import Choices, Floats, Fold, Learned, Learner

_COST = 1.0
_TUBE = 0.1  # half the width of the ε-insensitive tube, in points


def prepare(fold: Fold) -> Learner:
    """Return the learner of one fold.

    Raises:
        PhotoaesthError: SciPy is not installed.
    """
    optimize = scientific("scipy.optimize")
    embeddings = fold.described.astype(np.float64)
    generic = generic_scores(fold)

    def learn(choices: Choices) -> Learned:
        photos, scores = person_scores(choices, generic)
        winner, loser, weight = preferences(choices)
        solution = optimize.minimize(
            joint_loss,
            np.zeros(embeddings.shape[1]),
            args=(
                embeddings[photos],
                scores - generic[photos],
                embeddings[winner] - embeddings[loser],
                MARGIN - (generic[winner] - generic[loser]),
                weight,
            ),
            jac=True,
            method="L-BFGS-B",
        )
        return Learned(score=generic + embeddings @ solution.x)

    return learn


def joint_loss(
    weights: Floats,
    rows: Floats,
    targets: Floats,
    differences: Floats,
    needed: Floats,
    shares: Floats,
) -> tuple[float, NDArray[np.float64]]:
    """Return ½ |w|² + C (Σ max(0, |w·xᵢ - tᵢ| - ε)² + Σ aⱼ max(0, nⱼ - w·dⱼ)²) and its gradient.

    Args:
        weights: `(D,)` w.
        rows: `(n, D)` x of the compared photos.
        targets: `(n,)` t, how far the person's scores lie from the generic ones.
        differences: `(m, D)` d, winners less losers.
        needed: `(m,)` n, how much w has to add to put the winner ahead by the margin.
        shares: `(m,)` a, ½ for each side of a tie.
    """
    error = rows @ weights - targets
    outside = np.sign(error) * np.maximum(np.abs(error) - _TUBE, 0)
    short = np.maximum(needed - differences @ weights, 0)
    loss = weights @ weights / 2 + _COST * (outside @ outside + shares @ short**2)
    pull = rows.T @ outside - differences.T @ (shares * short)
    return float(loss), weights + 2 * _COST * pull
