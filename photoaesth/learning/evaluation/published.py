"""Networks as their authors published them, for comparison: NIMA on MobileNet.

Their weights come by `photoaesth models pull`; torch loads when a fold is there.
"""

from functools import partial

import numpy as np

from photoaesth.learning.distribution import mean_score
from photoaesth.learning.evaluation.method import Choices, Fold, Learned, Learner, Method
from photoaesth.learning.evaluation.pictures import read_photo

_BATCH = 16


def _prepare(fold: Fold, *, weights: str) -> Learner:
    """Score the fold's photos once; nothing is learned of anybody.

    Raises:
        PhotoaesthError: the weights are not pulled or damaged, or a photo cannot be read.
    """
    from photoaesth.learning.nima import load_nima
    from photoaesth.learning.weights_store import require_pulled

    network = load_nima(require_pulled(weights), fold.device)
    scores = []
    for start in range(0, len(fold.paths), _BATCH):
        images = [read_photo(path) for path in fold.paths[start : start + _BATCH]]
        scores.append(mean_score(network.predict(images)))
    learned = Learned(np.concatenate(scores))

    def learn(choices: Choices) -> Learned:
        return learned

    return learn


METHODS: dict[str, Method] = {
    name: partial(_prepare, weights=name) for name in ("nima-aesthetic", "nima-technical")
}
