from dataclasses import replace

import numpy as np
import pytest

from photoaesth.learning.backbone import EFFICIENTNET_LITE0
from photoaesth.learning.evaluation.baselines import METHODS
from photoaesth.learning.features import PIXEL_STATISTICS, POOLED_STAGES

from .conftest import World, agreement


@pytest.mark.parametrize("statistic", ["mean", "deviation"])
def test_the_means_of_the_deepest_stage_are_all_that_is_seen(statistic: str, world: World) -> None:
    """What the crowd likes is found in those columns, and in none that follow or precede."""
    channels = [EFFICIENTNET_LITE0.channels[stage] for stage in POOLED_STAGES]
    start = PIXEL_STATISTICS + 2 * sum(channels[:-1])
    means = np.arange(start, start + channels[-1])
    told = (
        means
        if statistic == "mean"
        else np.setdiff1d(np.arange(world.fold.features.shape[1]), means)
    )
    features = np.random.default_rng(0).normal(size=world.fold.features.shape)
    features[:, told] = world.fold.features[:, told]
    fold = replace(world.fold, features=features.astype(np.float32))
    found = agreement(METHODS["nima"](fold)(world.choose(0)), world.crowd)
    assert found > 0.7 if statistic == "mean" else abs(found) < 0.5
