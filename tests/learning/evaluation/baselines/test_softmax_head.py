import pytest
import torch

from photoaesth.learning.evaluation.baselines.softmax_head import (
    SoftmaxHead,
    attended_emd,
    train_head,
)
from photoaesth.learning.losses import squared_emd


def certain(*scores: int) -> torch.Tensor:
    """Distributions with all of their mass on one score each."""
    return torch.eye(10)[[score - 1 for score in scores]]


def test_attention_weighs_patches_by_their_distance() -> None:
    """Off by 1 and by 4 bins: distances .1 and .4, weights √.1 : √.4 = 1 : 2, so .3 in all."""
    predicted = certain(6, 9).unsqueeze(0)
    assert attended_emd(predicted, certain(5), 0.5).item() == pytest.approx(0.3)


def test_without_attention_the_patches_count_alike() -> None:
    """(.1 + .4) / 2."""
    predicted = certain(6, 9).unsqueeze(0)
    assert attended_emd(predicted, certain(5), 0).item() == pytest.approx(0.25)


def test_one_patch_gives_the_plain_distance() -> None:
    """With one patch there is nothing to attend to, and the loss is that of NIMA."""
    generator = torch.Generator().manual_seed(0)
    predicted, targets = torch.rand(2, 7, 10, generator=generator).softmax(2)
    expected = squared_emd(predicted, targets).item()
    assert attended_emd(predicted.unsqueeze(1), targets, 0.5).item() == pytest.approx(expected)


def test_no_gradient_passes_through_the_weights() -> None:
    """The slope is that of the weighted distances with the weights held."""
    logits = torch.randn(3, 4, 10, generator=torch.Generator().manual_seed(1), requires_grad=True)
    targets = certain(2, 5, 8)
    attended_emd(logits.softmax(2), targets, 0.5).backward()
    found = logits.grad.clone()
    logits.grad = None
    distance = (logits.softmax(2).cumsum(2) - targets.cumsum(1)[:, None]).square().mean(2)
    weight = distance.detach().sqrt()
    (weight * distance).sum(1).div(weight.sum(1)).mean().backward()
    torch.testing.assert_close(found, logits.grad)


def test_training_approaches_the_targets_and_leaves_the_start_alone() -> None:
    """Two kinds of photos with two opinions are told apart; the old head stays what it was."""
    start = SoftmaxHead(torch.zeros(2, 10), torch.zeros(10))
    patches = torch.eye(2).unsqueeze(1)
    targets = certain(3, 8)
    trained = train_head(start, patches, targets, steps=200, attention=0)
    before, after = (attended_emd(head(patches), targets, 0) for head in (start, trained))
    assert after < before / 3
    assert not start.weights.any()
    assert not trained.weights.requires_grad
