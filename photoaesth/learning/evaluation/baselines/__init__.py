"""The methods that Zhou et al. 2021 (Z21), table 1, compares with, on our features and choices.

Z21 §4.3.1: every method is retrained "based on the images discovered from the AVA dataset and the
collected pairwise rankings". Here the rated photos of the fold stand for AVA, and the backbone is
frozen and the same for all: what differs is what each method makes of features and choices.
Methods whose loss needs scores take them from the choices by `strengths.person_scores`.
Where a paper's settings belong to its network, ours were chosen once, on 60 raters of one photo set
of the development data; figures should come from the others.
"""

from importlib import import_module

from photoaesth.learning.evaluation.method import Fold, Learner, Method


def _lazy(module: str) -> Method:
    """Return the module's `prepare`, imported when a fold is there: some need heavy libraries."""

    def prepare(fold: Fold) -> Learner:
        method: Method = import_module(f"{__name__}.{module}").prepare
        return method(fold)

    return prepare


METHODS: dict[str, Method] = {
    "nima": _lazy("nima"),
    "mpada": _lazy("mpada"),
    "mlsp": _lazy("mlsp"),
    "fpmf": _lazy("fpmf"),
    "pam": _lazy("pam"),
    "r-svm": _lazy("r_svm"),
    "r-svr": _lazy("r_svr"),
    "rankiqa": _lazy("rankiqa"),
}
