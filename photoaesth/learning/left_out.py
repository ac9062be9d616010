"""How likely each choice was, by what all the others say.

Leaving a choice out of a Gaussian posterior needs no new fit: its own factor is divided out
(Laplace leave-one-out; Vehtari et al. 2016, "Bayesian leave-one-out cross-validation
approximations for Gaussian latent variable models", §3.3).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from photoaesth.learning.crowd import CrowdModel
from photoaesth.learning.personal import PersonalHead, joint_judgements

Floats = NDArray[np.floating[Any]]


def left_out_probabilities(
    crowd: CrowdModel, head: PersonalHead, outcomes: Floats, weights: Floats
) -> NDArray[np.float64]:
    """Return the probability of the left photo in every choice, by a model without that choice.

    Args:
        crowd: what the head builds on.
        head: fitted to M choices.
        outcomes: `(M,)` their outcomes: 1 for left, 0 for right, ½ for a tie.
        weights: `(M,)` how much each counted.

    Returns:
        `(M,)` in (0, 1).
    """
    slope = crowd.taste.choice_slope
    judged = joint_judgements(crowd, head, head.photos)
    left, right = head.left, head.right
    spread = judged.judged
    logits = slope * (judged.judged_mean[left] - judged.judged_mean[right])
    variances = slope**2 * (spread[left, left] + spread[right, right] - 2 * spread[left, right])
    pulls = weights * (outcomes - _sigmoid(logits))
    # Below 1 in exact arithmetic: the posterior is never wider than its own factor makes it.
    remaining = np.maximum(1 - variances * head.curvature, 1e-3)
    variances = np.maximum(variances, 0) / remaining
    logits = logits - variances * pulls
    return _sigmoid(logits / np.sqrt(1 + np.pi * variances / 8))  # as in `choice_probability`


def _sigmoid(logits: Floats) -> NDArray[np.float64]:
    return np.asarray(0.5 * (1 + np.tanh(np.asarray(logits, np.float64) / 2)))
