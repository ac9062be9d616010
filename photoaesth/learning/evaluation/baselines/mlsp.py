"""MLSP: regression of the mean score on features pooled at several depths (Z21 [43]).

Hosu, Goldlücke & Saupe 2019, "Effective aesthetics prediction with multi-level spatially pooled
features": frozen features of many blocks, pooled and concatenated ("narrow" MLSP), and a head of
dense layers trained on mean scores. A few hundred rated photos do not feed dense layers, so the
head is a ridge regression, its strength chosen by leave-one-out. The same ridge on the person's
offsets from it is the retraining on choices.
"""

import numpy as np

from photoaesth.learning.evaluation.baselines.inputs import rated_photos, scientific, standardised
from photoaesth.learning.evaluation.baselines.strengths import person_scores
from photoaesth.learning.evaluation.method import Choices, Fold, Learned, Learner

_RIDGES = np.logspace(2, 6, 9)  # of squared errors in points, on standardised features


def prepare(fold: Fold) -> Learner:
    """Fit the crowd's mean scores and return the learner.

    Raises:
        PhotoaesthError: the fold has no ratings, or scikit-learn is not installed.
    """
    linear_model = scientific("sklearn.linear_model")
    rated = rated_photos(fold, "mlsp")
    rows = standardised(fold.features, rated.photo)
    crowd = linear_model.RidgeCV(_RIDGES).fit(rows[rated.photo], rated.score)
    believed = np.asarray(crowd.predict(rows), np.float64)

    def learn(choices: Choices) -> Learned:
        photos, scores = person_scores(choices, believed)
        if not len(photos):
            return Learned(score=believed)
        model = linear_model.Ridge(crowd.alpha_, fit_intercept=False)
        model.fit(rows[photos], scores - believed[photos])
        return Learned(score=believed + model.predict(rows))

    return learn
