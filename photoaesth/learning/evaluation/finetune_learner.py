"""Z21 on a fold: one regression on the crowd's rated photos, then each rater's own rankings.

The regression is kept in the cache folder, where the processes of an evaluation, and the methods
that start from the same one, find it; one that was interrupted is taken up again. Where the
fold's crowd model is the shipped one, there are no rated photos to look at. Then the network
learns that model's distributions of all the fold's photos, which takes nothing from anybody's
scores of them.
"""

import hashlib
from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photoaesth.config import cache_folder
from photoaesth.errors import PhotoaesthError
from photoaesth.learning import features, losses
from photoaesth.learning.distribution import mean_score
from photoaesth.learning.evaluation.baselines.inputs import rated_photos
from photoaesth.learning.evaluation.method import Choices, Fold, Indices, Learned, Learner
from photoaesth.learning.evaluation.pictures import read_photo
from photoaesth.learning.finetune import activations, network, regression, stages, training
from photoaesth.learning.finetune.activations import (
    Activations,
    as_activations,
    cache_activations,
)
from photoaesth.learning.finetune.network import AestheticNetwork, new_network
from photoaesth.learning.finetune.options import BackboneName, FinetuneOptions
from photoaesth.learning.finetune.predict import predict_distributions
from photoaesth.learning.finetune.rankings import fit_rankings
from photoaesth.learning.finetune.regression import fit_regression, start_network
from photoaesth.learning.finetune.retrieval import retrieve
from photoaesth.learning.finetune.training import fingerprint_of
from photoaesth.learning.model_input import model_input

Floats = NDArray[np.floating[Any]]


def prepare(fold: Fold, options: FinetuneOptions) -> Learner:
    """Fit the regression of a fold and return what fine-tunes it to raters.

    Raises:
        PhotoaesthError: a photo cannot be read, or the crowd's ratings are all the same.
    """
    options = replace(options, seed=fold.seed)
    seen = _pretrained(fold.paths, options.backbone, fold.device, options.regression.frozen)
    start = _generic(fold, options, seen)
    tail = as_activations(start, seen, options.ranking.frozen)
    generic = mean_score(predict_distributions(start, tail))

    def learn(choices: Choices) -> Learned:
        direct = _preferences(choices)
        if len(direct) == 0 and not options.pretraining:
            raise PhotoaesthError("without pre-training there is nothing but the choices, all ties")
        if len(direct) == 0 or not options.rankings:
            return Learned(generic)
        follow = sorted(fold.infer([(winner, loser) for winner, loser in direct.tolist()]))
        inferred = np.array(follow, dtype=np.int64).reshape(-1, 2)
        tuned = fit_rankings(start, tail, direct, inferred, options)
        return Learned(mean_score(predict_distributions(tuned, tail)))

    return learn


def training_set(fold: Fold) -> tuple[Indices, Floats]:
    """Return the photos that the regression learns from and their `(n, 10)` distributions.

    Of the rated photos, those that are among the nearest of any that is not rated. A few hundred
    rated photos are nearly all reached so.
    """
    everything = np.arange(len(fold.paths))
    if len(fold.ratings) == 0:
        return everything, fold.crowd.head(fold.embeddings)
    rated = rated_photos(fold, "finetune")
    personal = np.setdiff1d(everything, rated.photo)
    if len(personal) == 0:
        return rated.photo, rated.distribution
    kept = retrieve(fold.described[personal], fold.described[rated.photo])
    return rated.photo[kept], rated.distribution[kept]


def _preferences(choices: Choices) -> Indices:
    """Return `(M, 2)` decided choices, the preferred first; the hinge loss knows no ties."""
    left_first = np.stack([choices.left, choices.right], axis=1)
    preferred = np.where((choices.outcomes > 0.5)[:, None], left_first, left_first[:, ::-1])
    decided: Indices = preferred[choices.outcomes != 0.5]
    return decided


def _generic(fold: Fold, options: FinetuneOptions, seen: Activations) -> AestheticNetwork:
    if not options.pretraining:
        return start_network(seen, options, device=fold.device)
    photos, distributions = training_set(fold)
    shown = seen.select(photos)
    name = fingerprint_of(
        options.regression,
        f"{options.backbone} {options.attention} {options.seed} {fold.device} {_code_version()}",
        shown.fingerprint,
        distributions,
    )
    folder = cache_folder() / "finetune"
    folder.mkdir(parents=True, exist_ok=True)
    return fit_regression(
        shown,
        distributions,
        options,
        device=fold.device,
        checkpoint=folder / f"{name[:32]}.safetensors",
    )


@lru_cache(maxsize=1)  # the folds of one evaluation differ in ratings, not in photos
def _pretrained(
    paths: tuple[Path, ...], backbone: BackboneName, device: str, frozen: int
) -> Activations:
    start = new_network(FinetuneOptions(backbone=backbone), device=device)
    return cache_activations(start, [model_input(read_photo(path)) for path in paths], frozen)


@cache
def _code_version() -> str:
    """Return what changes with the code that a kept regression depends on."""
    digest = hashlib.sha256()
    for module in (activations, features, losses, network, regression, stages, training):
        assert module.__file__ is not None
        digest.update(Path(module.__file__).read_bytes())
    return digest.hexdigest()
