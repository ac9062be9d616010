"""The softmax layer of NIMA and MPADA: ten-bin distributions of patches, trained with EMD."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from photoaesth.learning.distribution import bounded_score, mean_score, shift_mean
from photoaesth.learning.evaluation.baselines.inputs import RatedPhotos
from photoaesth.learning.evaluation.baselines.strengths import person_scores
from photoaesth.learning.evaluation.method import Choices, Floats, Fold, Indices, Learned, Learner

# Chosen once for both methods on raters of one photo set of the development data.
_RATE = 3e-3  # Adam's, on standardised features
_DECAY = 1e-3
_CROWD_STEPS = 300
_PERSON_STEPS = 20  # epochs of Z21 §3.4


@dataclass(frozen=True, slots=True)
class SoftmaxHead:
    """A linear layer with softmax that sees every patch by itself.

    Attributes:
        weights: `(F, 10)`.
        bias: `(10,)`.
    """

    weights: Tensor
    bias: Tensor

    def __call__(self, patches: Tensor) -> Tensor:
        """Return `(n, P, 10)` distributions of `(n, P, F)` features."""
        return torch.softmax(patches @ self.weights + self.bias, dim=2)


def attended_emd(predicted: Tensor, targets: Tensor, attention: float) -> Tensor:
    """Return the squared EMD, patches weighted by how badly they are judged.

    A photo's distance is the mean over its patches, weighted by their own distances to the power
    of `attention` (no gradient passes through the weights): the adaptive scheme of Sheng et al.
    2018, whose weights grow as the likelihood of the label falls.

    Args:
        predicted: `(n, P, 10)` distributions.
        targets: `(n, 10)`, one distribution for all patches of a photo.
        attention: 0 treats all patches alike.

    Returns:
        A scalar, the mean over photos.
    """
    gap = predicted.cumsum(2) - targets.cumsum(1).unsqueeze(1)
    distance = gap.square().mean(2)
    weight = distance.detach().clamp_min(1e-9) ** attention
    return ((weight * distance).sum(1) / weight.sum(1)).mean()


def train_head(
    head: SoftmaxHead, patches: Tensor, targets: Tensor, *, steps: int, attention: float
) -> SoftmaxHead:
    """Return the head after full-batch Adam steps on `attended_emd`; it stays near the start.

    Args:
        head: where to start; it is left as it is.
        patches: `(n, P, F)`.
        targets: `(n, 10)`.
        steps: how many.
        attention: see `attended_emd`.
    """
    trained = SoftmaxHead(head.weights.clone().requires_grad_(), head.bias.clone().requires_grad_())
    optimizer = torch.optim.Adam([trained.weights, trained.bias], lr=_RATE)
    for _ in range(steps):
        away = (trained.weights - head.weights).square().sum()
        loss = attended_emd(trained(patches), targets, attention) + _DECAY * away
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch does not annotate it
        optimizer.step()
    return SoftmaxHead(trained.weights.detach(), trained.bias.detach())


def distribution_learner(
    fold: Fold, rated: RatedPhotos, patches: Floats, *, attention: float
) -> Learner:
    """Train a head on the crowd and return the learner that retrains it for a person.

    The person's scores come from their choices; each compared photo's distribution is moved to
    the person's score and the head trained on from the crowd's.

    Args:
        fold: for the device.
        rated: the crowd's distributions.
        patches: `(N, P, F)` standardised features.
        attention: see `attended_emd`.
    """

    def on_device(values: Floats) -> Tensor:
        return torch.as_tensor(values.astype(np.float32), device=fold.device)

    everything = on_device(patches)

    def predict(head: SoftmaxHead) -> NDArray[np.float64]:
        mean: Tensor = head(everything).mean(1)
        return mean.cpu().double().numpy()

    def retrain(head: SoftmaxHead, photos: Indices, targets: Floats, steps: int) -> SoftmaxHead:
        seen = everything[torch.as_tensor(photos, device=fold.device)]
        return train_head(head, seen, on_device(targets), steps=steps, attention=attention)

    average = np.log(np.maximum(rated.distribution.mean(0), 1e-4))
    start = SoftmaxHead(on_device(np.zeros((patches.shape[2], 10))), on_device(average))
    crowd = retrain(start, rated.photo, rated.distribution, _CROWD_STEPS)
    distributions = predict(crowd)
    believed = mean_score(distributions)

    def learn(choices: Choices) -> Learned:
        photos, scores = person_scores(choices, believed)
        if not len(photos):
            return Learned(score=believed)
        targets = shift_mean(distributions[photos], bounded_score(scores))
        personal = retrain(crowd, photos, targets, _PERSON_STEPS)
        return Learned(score=mean_score(predict(personal)))

    return learn
