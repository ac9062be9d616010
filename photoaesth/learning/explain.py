"""Why a personal model gives one photo the score it has: what each choice adds to it.

The posterior mean is linear in what the choices say:

    u(x) = g(x) + Σ_c k d_c (κ(x, l_c) − κ(x, r_c))

with g the generic score, κ the prior covariance, l and r the photos of choice c, k the slope of
choices and d_c = w_c (y_c − p_c) the derivative of the log-likelihood at the mode, the weighted
surprise that is left (Rasmussen & Williams 2006, eq. 3.21). So the parts add up to the score.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photoaesth.learning.crowd import CrowdModel
from photoaesth.learning.distribution import mean_score
from photoaesth.learning.personal import PersonalHead
from photoaesth.learning.taste import combine, describe, part_variances, parts

Floats = NDArray[np.floating[Any]]
Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Explanation:
    """What makes up the utility of one photo, in points, after M choices among n photos.

    Attributes:
        generic: what the crowd thinks; it, the contributions and the rest add up to the utility.
        contributions: `(M,)` of each choice; 0 where its answer is not known any more.
        without: `(M,)` by how much the utility would change had the choice not been made.
        rest: what no known answer explains: orders that the ranking policy learned from, and
            answers that were taken back since the training.
        sd: standard deviation of the utility.
        sd_before: the same before any choice.
        likeness: `(n,)` prior correlation of the photo with each compared one, in [-1, 1]: how
            much of what is learned of one holds for the other.
    """

    generic: float
    contributions: Matrix
    without: Matrix
    rest: float
    sd: float
    sd_before: float
    likeness: Matrix

    @property
    def utility(self) -> float:
        """The sum of all parts."""
        return float(self.generic + self.contributions.sum() + self.rest)


def explain(
    crowd: CrowdModel, head: PersonalHead, embedding: Floats, outcomes: Floats, weights: Floats
) -> Explanation:
    """Take the utility of a photo apart.

    What the utility would be without a choice takes one Newton step from the mode, with the
    curvature that the other choices leave: exact for Gaussian likelihoods, close for others
    (the leave-one-out of Opper & Winther 2000, "Gaussian processes for classification").

    Args:
        crowd: what is known of people at large.
        head: the model.
        embedding: `(D,)` of the photo.
        outcomes: `(M,)` of the choices of `head`: 1 for left, 0 for right, ½ for a tie, NaN
            where it is not known any more.
        weights: `(M,)` how much each choice counts.
    """
    taste = crowd.taste
    photos = describe(taste, head.photos, _generic(crowd, head.photos))
    photo = describe(taste, embedding[None], _generic(crowd, embedding[None]))
    covariance = combine(head.trust, parts(taste, photos, photos))
    cross = combine(head.trust, parts(taste, photo, photos))[0]
    variance = float(combine(head.trust, part_variances(taste, photo))[0])
    variances = np.diag(covariance).copy()
    covariance[np.diag_indices_from(covariance)] += taste.appeal_sd**2

    pull = np.asarray(head.pull, np.float64)
    slope = taste.choice_slope
    judged = photos.generic + covariance @ pull
    chosen_left = 0.5 * (1 + np.tanh(slope * (judged[head.left] - judged[head.right]) / 2))
    dual = np.nan_to_num(weights * (outcomes - chosen_left))

    of_pair = slope * (cross[head.left] - cross[head.right])
    contributions = of_pair * dual
    told, spared, explained = _after_choices(covariance, of_pair, head, slope)
    return Explanation(
        generic=float(photo.generic[0]),
        contributions=contributions,
        without=-told * dual / spared,
        rest=float(cross @ pull - contributions.sum()),
        sd=float(np.sqrt(max(variance - explained, 0))),
        sd_before=float(np.sqrt(variance)),
        likeness=cross / np.sqrt(np.maximum(variance * variances, 1e-12)),
    )


def _generic(crowd: CrowdModel, embeddings: Floats) -> Matrix:
    return mean_score(crowd.head(np.asarray(embeddings, np.float32)))


def _after_choices(
    covariance: Matrix, of_pair: Matrix, head: PersonalHead, slope: float
) -> tuple[Matrix, Matrix, float]:
    """Return what is left of covariances after the choices.

    Args:
        covariance: `(n, n)` prior covariance of the compared photos, their own appeal included.
        of_pair: `(M,)` prior covariance of the photo with the logits of the choices.
        head: the choices.
        slope: logit per point.

    Returns:
        `(M,)` posterior covariance of the photo with the logits; `(M,)` for each choice the share
        of its variance that the others leave, 1 − w p (1 − p) var; the variance of the photo that
        the choices explain.
    """
    rows = slope * (covariance[head.left] - covariance[head.right])
    logits = slope * (rows[:, head.left] - rows[:, head.right])
    roots = np.sqrt(np.asarray(head.curvature, np.float64))
    bent = np.linalg.inv(np.eye(len(roots)) + roots[:, None] * logits * roots)
    weighed = bent @ (roots * of_pair)
    told = of_pair - (roots * weighed) @ logits
    return told, np.diag(bent), float((roots * of_pair) @ weighed)
