"""R-SVM: a ranking SVM on the person's choices alone (Z21 [45]).

Joachims 2002, "Optimizing search engines using clickthrough data", optimisation problem 1: find
w with w · (x_winner - x_loser) ≥ 1 - ξ, at the price ½ |w|² + C Σ ξ. That is a linear SVM without
intercept on difference vectors. It knows nothing of the crowd.
"""

import numpy as np

from photoaesth.errors import PhotoaesthError
from photoaesth.learning.evaluation.baselines.inputs import preferences, scientific
from photoaesth.learning.evaluation.method import Choices, Fold, Learned, Learner

_COST = 1.0  # C on embeddings, whose average length is about 1


def prepare(fold: Fold) -> Learner:
    """Return the learner of one fold.

    Raises:
        PhotoaesthError: scikit-learn is not installed.
    """
    svm = scientific("sklearn.svm")
    embeddings = fold.described.astype(np.float64)

    def learn(choices: Choices) -> Learned:
        winner, loser, weight = preferences(choices)
        if not len(winner):
            raise PhotoaesthError("r-svm needs at least one choice")
        ahead = embeddings[winner] - embeddings[loser]
        # The classifier wants two classes: every difference stands there both ways round.
        rows = np.concatenate([ahead, -ahead])
        signs = np.repeat([1, -1], len(ahead))
        model = svm.LinearSVC(
            loss="hinge",
            C=_COST / 2,
            fit_intercept=False,
            random_state=fold.seed,
            max_iter=10_000,
        )
        model.fit(rows, signs, sample_weight=np.tile(weight, 2))
        return Learned(score=embeddings @ model.coef_[0])

    return learn
