"""PAM: the generic score plus a support vector regression of the person's offset (Z21 [10]).

Ren, Shen, Lin, Mech & Foran 2017, "Personalized image aesthetics": the residual of a person's
scores to the generic ones is regressed on content and attributes with an RBF kernel. Here content
is the embedding's pooled stages, the attributes are its tone and colour statistics.
"""

import numpy as np

from photoaesth.learning.evaluation.baselines.inputs import generic_scores, scientific
from photoaesth.learning.evaluation.baselines.strengths import person_scores
from photoaesth.learning.evaluation.method import Choices, Fold, Learned, Learner

_COST = 1.0  # C and ε are scikit-learn's defaults
_TUBE = 0.1


def prepare(fold: Fold) -> Learner:
    """Return the learner of one fold.

    Raises:
        PhotoaesthError: scikit-learn is not installed.
    """
    svm = scientific("sklearn.svm")
    embeddings = fold.described.astype(np.float64)
    generic = generic_scores(fold)

    def learn(choices: Choices) -> Learned:
        photos, scores = person_scores(choices, generic)
        if not len(photos):
            return Learned(score=generic)
        model = svm.SVR(kernel="rbf", gamma="scale", C=_COST, epsilon=_TUBE)
        model.fit(embeddings[photos], scores - generic[photos])
        return Learned(score=generic + model.predict(embeddings))

    return learn
