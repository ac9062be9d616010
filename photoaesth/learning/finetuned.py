"""The method of Zhou et al. 2021 for one person: their photos, retrieved photos, their rankings."""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from photoaesth.learning.crowd import CrowdModel
from photoaesth.learning.distribution import mean_score
from photoaesth.learning.finetune.activations import as_activations, cache_activations
from photoaesth.learning.finetune.checkpoint import (
    describe,
    load_checkpoint,
    read_checkpoint,
    save_checkpoint,
)
from photoaesth.learning.finetune.network import AestheticNetwork, new_network
from photoaesth.learning.finetune.options import BackboneName, FinetuneOptions
from photoaesth.learning.finetune.predict import predict_distributions
from photoaesth.learning.finetune.rankings import fit_rankings
from photoaesth.learning.finetune.regression import fit_regression, start_network
from photoaesth.learning.weights_store import require_pulled

Images = Sequence[NDArray[np.uint8]]
Pairs = NDArray[np.int64]
Progress = Callable[[int, int], None]


def pretrained_weights(backbone: BackboneName) -> Path | None:
    """Return the file of a backbone's ImageNet weights; None for the one that comes with its own.

    Raises:
        PhotoaesthError: they are not on this machine; the message says how to pull them.
    """
    return None if backbone == "efficientnet-lite0" else require_pulled(backbone)


class FinetuneLearner:
    """A regression on rated photos, and from it as many rankings as are asked for.

    Args:
        images: N arrays from `model_input.model_input`, the person's photos.
        options: network, loss, ablations, schedules and seed.
        device: torch device.
        rated: images and `(R, 10)` distributions of retrieved photos; None without pre-training.
        folder: where checkpoints are kept; what was interrupted is taken up again.
        weights: what `pretrained_weights` returns for the backbone.
        on_progress: called after every step of the regression with steps done and all steps.

    Raises:
        PhotoaesthError: a checkpoint is damaged or cannot be written, or the weights are damaged.
    """

    def __init__(
        self,
        images: Images,
        options: FinetuneOptions,
        *,
        device: str,
        rated: tuple[Images, NDArray[np.float32]] | None,
        folder: Path,
        weights: Path | None = None,
        on_progress: Progress = lambda done, total: None,
    ) -> None:
        self._options = options
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        if rated is None:
            self._start = start_network(images, options, weights=weights, device=device)
        else:
            self._start = fit_regression(
                *rated,
                options,
                weights=weights,
                device=device,
                progress=lambda done, total, seconds: on_progress(done, total),
                checkpoint=folder / "regression.safetensors",
            )
        untouched = new_network(options, weights, device)
        common = min(options.regression.frozen, options.ranking.frozen)
        seen = cache_activations(untouched, images, common)
        self._photos = as_activations(self._start, seen, options.ranking.frozen)

    def fit(
        self,
        direct: Pairs,
        inferred: Pairs,
        *,
        keep: bool = False,
        on_progress: Progress = lambda done, total: None,
    ) -> AestheticNetwork:
        """Return the network fine-tuned to rankings.

        Args:
            direct: `(M, 2)` numbers of photos, the preferred first.
            inferred: `(L, 2)` likewise, from transitivity.
            keep: write checkpoints, for a training that may be interrupted.
            on_progress: called after every step with steps done and all steps.
        """
        if not self._options.rankings:
            return self._start
        return fit_rankings(
            self._start,
            self._photos,
            direct,
            inferred,
            self._options,
            progress=lambda done, total, seconds: on_progress(done, total),
            checkpoint=self._folder / "rankings.safetensors" if keep else None,
        )

    def scores(self, network: AestheticNetwork) -> NDArray[np.float64]:
        """Return the `(N,)` mean scores of the person's photos."""
        return mean_score(predict_distributions(network, self._photos))


def choice_probability(
    crowd: CrowdModel, left: NDArray[np.floating], right: NDArray[np.floating]
) -> NDArray[np.float64]:
    """Return the probability that the left photo is chosen, given mean scores.

    Scores are taken for utilities, and what only one photo has for the person for the only doubt:
    σ(k (u_left - u_right) / √(1 + π k² appeal² / 4)), as `personal.choice_probability` does it.

    Args:
        crowd: says how steeply people choose (k), and how much appeal varies.
        left: `(M,)` scores.
        right: `(M,)` scores.
    """
    slope = crowd.taste.choice_slope
    logit = slope * (np.asarray(left, np.float64) - right)
    logit /= np.sqrt(1 + np.pi * (slope * crowd.taste.appeal_sd) ** 2 / 4)
    return np.asarray(0.5 * (1 + np.tanh(logit / 2)))


def to_bytes(network: AestheticNetwork, *, seed: int) -> bytes:
    """Return a network as a library keeps it."""
    with tempfile.TemporaryDirectory() as folder:  # safetensors reads and writes files
        path = Path(folder, "network.safetensors")
        save_checkpoint(path, network, describe(network, seed=seed, fingerprint=""))
        return path.read_bytes()


class FinetunedScorer:
    """A kept network at work.

    Args:
        data: what `to_bytes` returned.
        device: torch device.

    Raises:
        PhotoaesthError: the network is damaged, or its backbone's weights are not on this machine
            and not all of its stages have learned.
    """

    def __init__(self, data: bytes, device: str = "cpu") -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "network.safetensors")
            path.write_bytes(data)
            info, _ = read_checkpoint(path)
            weights = pretrained_weights(info.backbone) if info.intact else None
            self._network, _ = load_checkpoint(path, weights=weights, device=device)

    def __call__(self, images: Images) -> NDArray[np.float64]:
        """Return the `(N,)` mean scores, in [1, 10], of N arrays from `model_input.model_input`."""
        return mean_score(predict_distributions(self._network, images))
