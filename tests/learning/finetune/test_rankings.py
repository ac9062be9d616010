from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from photoaesth.learning.distribution import mean_score
from photoaesth.learning.finetune.activations import cache_activations
from photoaesth.learning.finetune.network import AestheticNetwork
from photoaesth.learning.finetune.options import FinetuneOptions, LossName, Schedule
from photoaesth.learning.finetune.predict import predict_distributions
from photoaesth.learning.finetune.rankings import fit_rankings
from photoaesth.learning.finetune.regression import start_network
from photoaesth.learning.metrics import spearman

Images = list[NDArray[np.uint8]]
SCHEDULE = Schedule(6, 8, backbone_rate=0.0, head_rate=3e-3, halve_every=0, frozen=8)
OPTIONS = FinetuneOptions(ranking_schedule=SCHEDULE)
NONE = np.empty((0, 2), np.int64)
# Darker photos are preferred: among two of every three photos, each over the fourth after it.
COMPARED = np.flatnonzero(np.arange(24) % 3 != 1)
UNSEEN = np.flatnonzero(np.arange(24) % 3 == 1)
DIRECT = np.stack([COMPARED[:-4], COMPARED[4:]], axis=1)


class StoppedError(Exception):
    """Stands for Ctrl-C."""


@pytest.fixture(scope="module")
def images(make_images: Callable[..., Images]) -> Images:
    return make_images(24, (64, 96), (96, 64))


@pytest.fixture(scope="module")
def start(images: Images) -> AestheticNetwork:
    return start_network(images, OPTIONS)


def state(network: AestheticNetwork) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in network.state_dict().items()}


def same(left: AestheticNetwork, right: AestheticNetwork) -> bool:
    return all(map(torch.equal, state(left).values(), state(right).values()))


@pytest.mark.parametrize("loss", ["hinge", "exp", "logistic"])
def test_it_learns_a_preference(start: AestheticNetwork, images: Images, loss: LossName) -> None:
    """With every loss, choices among 16 photos order the 8 that were never compared."""
    options = FinetuneOptions(loss=loss, ranking_schedule=SCHEDULE)
    tuned = fit_rankings(start, images, DIRECT, NONE, options)
    scores = mean_score(predict_distributions(tuned, images))
    assert (scores[DIRECT[:, 0]] > scores[DIRECT[:, 1]]).all()
    assert spearman(scores[UNSEEN], -UNSEEN) > 0.8


def test_the_regression_is_left_as_it_was(start: AestheticNetwork, images: Images) -> None:
    """Every rater starts from the same network; of the copy, the frozen stages are the same."""
    before = state(start)
    tuned = state(fit_rankings(start, images, DIRECT, NONE, OPTIONS))
    assert all(torch.equal(tensor, before[name]) for name, tensor in state(start).items())
    changed = {
        name.partition(".")[0] for name in tuned if not torch.equal(tuned[name], before[name])
    }
    assert changed == {"attention", "classifier"}


def test_inferred_rankings_count_like_direct_ones(start: AestheticNetwork, images: Images) -> None:
    """It is the same training, whichever of the two arguments a ranking comes in."""
    split = fit_rankings(start, images, DIRECT[:5], DIRECT[5:], OPTIONS)
    assert same(split, fit_rankings(start, images, DIRECT, NONE, OPTIONS))
    assert not same(split, fit_rankings(start, images, DIRECT[:5], NONE, OPTIONS))


def test_without_rankings_nothing_changes(start: AestheticNetwork, images: Images) -> None:
    """Nobody's choices make the generic model."""
    assert same(fit_rankings(start, images, NONE, NONE, OPTIONS), start)


def test_activations_do_as_well_as_pixels(start: AestheticNetwork, images: Images) -> None:
    """What was cached once for all raters gives the weights that the photos themselves give."""
    cached = cache_activations(start, images, 8)
    left = fit_rankings(start, cached, DIRECT, NONE, OPTIONS)
    assert same(left, fit_rankings(start, images, DIRECT, NONE, OPTIONS))


def test_a_batch_of_pairs_knows_its_photos(start: AestheticNetwork, images: Images) -> None:
    """The first step's loss is the hinge over the pairs' own scores, across both shapes."""
    pairs = np.array([[0, 3], [5, 0], [3, 2]])
    torch.manual_seed(0)
    torch.nn.init.normal_(start.classifier.weight, std=0.1)
    scores = mean_score(predict_distributions(start, images))
    costs = np.maximum(0, scores[pairs[:, 1]] - scores[pairs[:, 0]] + 0.1)
    seen: list[float] = []
    still = Schedule(1, 8, backbone_rate=0.0, head_rate=0.0, halve_every=0, frozen=0)
    checkpoint_free = FinetuneOptions(ranking_schedule=still)
    original = torch.Tensor.backward

    def spy(loss: torch.Tensor) -> None:
        seen.append(loss.item())
        original(loss)  # type: ignore[no-untyped-call]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch.Tensor, "backward", spy)
        fit_rankings(start, images, pairs, NONE, checkpoint_free)
    assert seen == [pytest.approx(costs.mean(), abs=1e-4)]


def test_an_interrupted_fine_tuning_ends_the_same(
    tmp_path: Path, start: AestheticNetwork, images: Images
) -> None:
    """Stopped in its fourth epoch of two batches and called again, it gives the same weights."""
    checkpoint = tmp_path / "rankings.safetensors"

    def stop(done: int, _total: int, _left_s: float) -> None:
        if done == 8:
            raise StoppedError

    with pytest.raises(StoppedError):
        fit_rankings(start, images, DIRECT, NONE, OPTIONS, progress=stop, checkpoint=checkpoint)
    steps: list[int] = []
    resumed = fit_rankings(
        start,
        images,
        DIRECT,
        NONE,
        OPTIONS,
        progress=lambda done, *_: steps.append(done),
        checkpoint=checkpoint,
    )
    assert steps == list(range(7, 13))
    assert same(resumed, fit_rankings(start, images, DIRECT, NONE, OPTIONS))


def test_another_start_is_another_training(
    tmp_path: Path, start: AestheticNetwork, images: Images
) -> None:
    """A checkpoint that began with another network is not taken up."""
    checkpoint = tmp_path / "rankings.safetensors"
    other = fit_rankings(start, images, DIRECT[::-1, ::-1].copy(), NONE, OPTIONS)
    fit_rankings(other, images, DIRECT, NONE, OPTIONS, checkpoint=checkpoint)
    network = fit_rankings(start, images, DIRECT, NONE, OPTIONS, checkpoint=checkpoint)
    assert same(network, fit_rankings(start, images, DIRECT, NONE, OPTIONS))
