from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from photoaesth.learning.distribution import mean_score
from photoaesth.learning.finetune import training
from photoaesth.learning.finetune.network import AestheticNetwork
from photoaesth.learning.finetune.options import BackboneName, FinetuneOptions, Schedule
from photoaesth.learning.finetune.predict import predict_distributions
from photoaesth.learning.finetune.regression import fit_regression, start_network
from photoaesth.learning.metrics import spearman

Images = list[NDArray[np.uint8]]
SCHEDULE = Schedule(4, 8, backbone_rate=1e-4, head_rate=1e-2, halve_every=5, frozen=7)
OPTIONS = FinetuneOptions(regression_schedule=SCHEDULE)


class StoppedError(Exception):
    """Stands for Ctrl-C."""


@pytest.fixture(scope="module")
def images(make_images: Callable[..., Images]) -> Images:
    return make_images(24, (64, 96), (96, 64))


@pytest.fixture(scope="module")
def distributions() -> NDArray[np.float64]:
    """Brighter photos are rated better: the mass lies on two bins that rise from 2 to 9."""
    lower = np.linspace(1, 8, 24)
    shares = np.zeros((24, 10))
    rows, bins = np.arange(24), lower.astype(int)
    shares[rows, bins] = 0.5
    shares[rows, bins + 1] = 0.5
    return shares


def weights(network: AestheticNetwork) -> list[torch.Tensor]:
    return [tensor.clone() for tensor in network.state_dict().values()]


def same(left: AestheticNetwork, right: AestheticNetwork) -> bool:
    return all(map(torch.equal, weights(left), weights(right)))


def test_it_learns_what_photos_are_rated(
    images: Images, distributions: NDArray[np.float64]
) -> None:
    """After training on half of the photos, the other half comes out in its order."""
    network = fit_regression(images[::2], distributions[::2], OPTIONS)
    predicted = mean_score(predict_distributions(network, images[1::2]))
    assert spearman(predicted, mean_score(distributions[1::2])) > 0.9


def test_only_what_may_learn_learns(images: Images, distributions: NDArray[np.float64]) -> None:
    """The seven frozen stages keep their weights, batch-norm statistics stay everywhere."""
    start = start_network(images, OPTIONS).state_dict()
    after = fit_regression(images, distributions, OPTIONS).state_dict()
    changed = {name for name in start if not torch.equal(start[name], after[name])}
    assert {name.split(".")[1] for name in changed if name.startswith("stages.")} == {"7"}
    assert {name.partition(".")[0] for name in changed} >= {"attention", "classifier"}
    assert not any("running" in name for name in changed)


@pytest.mark.parametrize(("backbone", "stages"), [("efficientnet-lite0", 8), ("vgg16", 5)])
def test_every_stage_may_learn(
    images: Images, distributions: NDArray[np.float64], backbone: BackboneName, stages: int
) -> None:
    """With nothing frozen, as Z21 has it, training goes from the pixels through every stage."""
    everything = Schedule(1, 4, backbone_rate=1e-4, head_rate=1e-2, halve_every=0, frozen=0)
    options = FinetuneOptions(backbone=backbone, regression_schedule=everything)
    start = start_network(images[:4], options).state_dict()
    network = fit_regression(images[:8], distributions[:8], options)
    after = network.state_dict()
    changed = {
        name.split(".")[1]
        for name in start
        if name.startswith("stages.") and not torch.equal(start[name], after[name])
    }
    assert changed == {str(number) for number in range(stages)}
    assert network.intact == 0


def test_without_training_it_says_average(
    images: Images, distributions: NDArray[np.float64]
) -> None:
    """Training starts from the average distribution for every photo."""
    untrained = FinetuneOptions(regression_schedule=Schedule(0, 8, 0.0, 0.0, 0, 7))
    predicted = predict_distributions(fit_regression(images, distributions, untrained), images)
    average = np.maximum(distributions.mean(0), 1e-4)
    np.testing.assert_allclose(predicted, np.tile(average / average.sum(), (24, 1)), atol=1e-5)


def test_progress_counts_to_the_end(images: Images, distributions: NDArray[np.float64]) -> None:
    """Two shapes of 12 photos make 4 batches of 8 or fewer; 4 epochs are 16 steps."""
    calls: list[tuple[int, int, float]] = []
    fit_regression(images, distributions, OPTIONS, progress=lambda *call: calls.append(call))
    assert [(done, total) for done, total, _ in calls] == [(n, 16) for n in range(1, 17)]
    assert calls[-1][2] == 0
    assert all(left > 0 for *_, left in calls[:-1])


def test_an_interrupted_training_ends_the_same(
    tmp_path: Path, images: Images, distributions: NDArray[np.float64]
) -> None:
    """Stopped within the third epoch and called again, it gives bit for bit the same weights."""
    checkpoint = tmp_path / "regression.safetensors"

    def stop(done: int, _total: int, _left_s: float) -> None:
        if done == 10:
            raise StoppedError

    with pytest.raises(StoppedError):
        fit_regression(images, distributions, OPTIONS, progress=stop, checkpoint=checkpoint)
    steps: list[int] = []
    resumed = fit_regression(
        images,
        distributions,
        OPTIONS,
        progress=lambda done, *_: steps.append(done),
        checkpoint=checkpoint,
    )
    assert steps == list(range(9, 17))  # the two epochs that were complete are not done again
    assert same(resumed, fit_regression(images, distributions, OPTIONS))


def test_a_finished_training_is_only_read(
    tmp_path: Path,
    images: Images,
    distributions: NDArray[np.float64],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Called once more with the same data, it takes no step and writes nothing."""
    checkpoint = tmp_path / "regression.safetensors"
    first = fit_regression(images, distributions, OPTIONS, checkpoint=checkpoint)
    monkeypatch.setattr(training, "save_checkpoint", None)
    steps: list[int] = []
    again = fit_regression(
        images,
        distributions,
        OPTIONS,
        progress=lambda done, *_: steps.append(done),
        checkpoint=checkpoint,
    )
    assert not steps
    assert same(first, again)


def test_other_data_start_afresh(
    tmp_path: Path, images: Images, distributions: NDArray[np.float64]
) -> None:
    """A checkpoint of other ratings is not taken up."""
    checkpoint = tmp_path / "regression.safetensors"
    fit_regression(images, distributions[::-1], OPTIONS, checkpoint=checkpoint)
    network = fit_regression(images, distributions, OPTIONS, checkpoint=checkpoint)
    assert same(network, fit_regression(images, distributions, OPTIONS))


def test_annealed_rates_rise_and_fall() -> None:
    """Of 20 steps, the first has half the rate (warm-up takes two), the second nearly all; the
    eleventh has half again, by the cosine, and the last almost none."""
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.Adam([{"params": [parameter]}, {"params": []}])
    annealed = replace(SCHEDULE, head_rate=1.0, halve_every=0, annealed=True)
    rates = []
    for step in (0, 1, 10, 19):
        training._set_rates(optimizer, annealed, step, 20)
        rates.append(optimizer.param_groups[0]["lr"])
    # (1 + cos(π step / 20)) / 2: 1, 0.9938, 0.5, 0.0062
    assert rates == pytest.approx([0.5, 0.9938, 0.5, 0.0062], abs=1e-4)


def test_the_rates_are_halved_again_and_again() -> None:
    """With steps 0 to 4 at the full rate, step 5 has half and step 10 a quarter of it."""
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.Adam([{"params": [parameter]}, {"params": []}])
    rates = []
    for step in (0, 4, 5, 10):
        training._set_rates(optimizer, SCHEDULE, step, 20)
        rates.append([group["lr"] for group in optimizer.param_groups])
    assert rates == [[1e-2, 1e-4], [1e-2, 1e-4], [5e-3, 5e-5], [2.5e-3, 2.5e-5]]
