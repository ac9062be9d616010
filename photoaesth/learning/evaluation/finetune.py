"""The method of Zhou et al. 2021 (Z21) and the ablations of its table 1, by name.

torch and the networks load when a fold is there.
"""

from functools import partial

from photoaesth.learning.evaluation.method import Fold, Learner, Method
from photoaesth.learning.finetune.options import FinetuneOptions

_VARIANTS: dict[str, FinetuneOptions] = {
    "finetune": FinetuneOptions(),
    "finetune-exp": FinetuneOptions(loss="exp"),
    "finetune-logistic": FinetuneOptions(loss="logistic"),
    "finetune-no-attention": FinetuneOptions(attention=False),
    "finetune-no-rankings": FinetuneOptions(rankings=False),
    "finetune-no-pretraining": FinetuneOptions(pretraining=False),
}


def _prepare(fold: Fold, *, options: FinetuneOptions) -> Learner:
    from photoaesth.learning.evaluation.finetune_learner import prepare

    return prepare(fold, options)


METHODS: dict[str, Method] = {
    name: partial(_prepare, options=options) for name, options in _VARIANTS.items()
}
