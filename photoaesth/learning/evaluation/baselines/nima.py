"""NIMA: score distributions from the deepest pooled features (Z21 [42]).

Talebi & Milanfar 2018, "NIMA: Neural image assessment": global average pooling, one layer of ten
neurons with softmax, earth mover's distance. The pooled features are the channel means of the
deepest stage that `features` measures.
"""

from photoaesth.learning.backbone import EFFICIENTNET_LITE0
from photoaesth.learning.evaluation.baselines.inputs import rated_photos, standardised
from photoaesth.learning.evaluation.baselines.softmax_head import distribution_learner
from photoaesth.learning.evaluation.method import Fold, Learner
from photoaesth.learning.features import POOLED_STAGES


def prepare(fold: Fold) -> Learner:
    """Train on the crowd's distributions and return the learner.

    Raises:
        PhotoaesthError: the fold has no ratings.
    """
    rated = rated_photos(fold, "nima")
    channels = EFFICIENTNET_LITE0.channels[POOLED_STAGES[-1]]
    means = fold.features[:, -2 * channels : -channels]  # the deviations come last
    patches = standardised(means, rated.photo)[:, None]
    return distribution_learner(fold, rated, patches, attention=0)
