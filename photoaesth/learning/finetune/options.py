"""What can be chosen about the fine-tuned network, and how long and how fast it learns."""

from dataclasses import dataclass
from typing import Literal

BackboneName = Literal["efficientnet-lite0", "vgg16"]
LossName = Literal["hinge", "exp", "logistic"]


@dataclass(frozen=True, slots=True)
class Schedule:
    """How one of the two phases learns; the optimiser is Adam.

    Attributes:
        epochs: passes over the photos, or over the pairs.
        batch_size: photos, or pairs, in one step.
        backbone_rate: learning rate of the backbone's stages.
        head_rate: learning rate of attention and fully connected layer.
        halve_every: steps after which the rates are halved, again and again; 0 keeps them.
        frozen: how many of the backbone's stages stay as they are, from the input on. What
            they make of the photos is computed once.
        annealed: whether the rates rise over the first tenth of the steps and then fall to 0
            along a cosine (Loshchilov & Hutter 2017).
    """

    epochs: int
    batch_size: int
    backbone_rate: float
    head_rate: float
    halve_every: int
    frozen: int
    annealed: bool = False


# Z21, §3.4; the batch size of the rankings is not stated there and taken to be that of the
# regression. Every layer learns.
_VGG16 = (
    Schedule(10, 32, backbone_rate=3e-7, head_rate=3e-7, halve_every=0, frozen=0),
    Schedule(20, 32, backbone_rate=5e-6, head_rate=5e-6, halve_every=500, frozen=0),
)
# Batches, Adam, epochs and halving of the rankings as in Z21. Adapted: the rates, since its 3e-7
# and 5e-6 belong to VGG16 and to ten times as many steps, on thousands of retrieved photos; six
# epochs of regression, after which the development photos' held-out ρ was level; and, so that a
# laptop's processor can do it, what is frozen: up to Z₁ in the regression, the whole backbone in
# the rankings.
_EFFICIENTNET_LITE0 = (
    Schedule(6, 32, backbone_rate=5e-5, head_rate=5e-4, halve_every=0, frozen=6),
    Schedule(20, 32, backbone_rate=0.0, head_rate=1e-4, halve_every=500, frozen=8),
)
_SCHEDULES: dict[BackboneName, tuple[Schedule, Schedule]] = {
    "vgg16": _VGG16,
    "efficientnet-lite0": _EFFICIENTNET_LITE0,
}


@dataclass(frozen=True, slots=True)
class FinetuneOptions:
    """Which network is learned from what.

    Attributes:
        backbone: what makes feature maps of photos.
        loss: of pairs of scores, a name of `losses.PAIRWISE_LOSSES`.
        attention: whether feature maps are averaged by attention; else evenly (an ablation).
        rankings: whether the second phase takes place (an ablation).
        pretraining: whether the first phase takes place (an ablation).
        seed: decides the weights that are drawn and the order of photos and pairs.
        regression_schedule: of the first phase; None takes the backbone's.
        ranking_schedule: of the second phase; None takes the backbone's.
    """

    backbone: BackboneName = "efficientnet-lite0"
    loss: LossName = "hinge"
    attention: bool = True
    rankings: bool = True
    pretraining: bool = True
    seed: int = 0
    regression_schedule: Schedule | None = None
    ranking_schedule: Schedule | None = None

    @property
    def regression(self) -> Schedule:
        """How the network learns the rated photos' distributions."""
        return self.regression_schedule or _SCHEDULES[self.backbone][0]

    @property
    def ranking(self) -> Schedule:
        """How the network learns a person's rankings."""
        return self.ranking_schedule or _SCHEDULES[self.backbone][1]
