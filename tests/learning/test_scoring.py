from collections.abc import Callable

import numpy as np
import pytest
import torch
from PIL import Image

from photoaesth.learning.crowd import load_crowd_model
from photoaesth.learning.embedder import Embedder
from photoaesth.learning.model_input import model_input
from photoaesth.learning.personal import PersonalHead, predict, prior
from photoaesth.learning.personal_fit import Evidence, fit_personal
from photoaesth.learning.scoring import ImageScorer
from photoaesth.learning.torch_measure import TorchMeasure

Pictures = Callable[..., Image.Image]


@pytest.fixture(scope="module")
def head(picture: Pictures) -> PersonalHead:
    """A taste of its own: the first of four pictures before all others, twenty times each."""
    embeddings = Embedder("cpu").embed([model_input(picture(600, 400, seed)) for seed in range(4)])
    ones, others = np.ones(60), np.tile([1, 2, 3], 20)
    evidence = Evidence(np.zeros(60, np.int64), others, ones, ones)
    return fit_personal(load_crowd_model(), embeddings, evidence)


@pytest.fixture(scope="module")
def scorer(head: PersonalHead) -> ImageScorer:
    return ImageScorer(load_crowd_model(), head, device="cpu")


def test_scores_are_those_of_the_index(
    scorer: ImageScorer, head: PersonalHead, picture: Pictures
) -> None:
    """Scoring pixels gives what the embedding of the photo gives, by the person's taste.

    The embedding is torch's; `test_engine` says how close the engine's is to it.
    """
    images = [picture(600, 400, seed) for seed in range(4)]
    scores = scorer(torch.stack([scorer.tensor(image) for image in images]))
    measured = TorchMeasure("cpu")([model_input(image) for image in images])
    embeddings = load_crowd_model().projection(*measured)
    expected = predict(load_crowd_model(), head, embeddings).score
    np.testing.assert_allclose(scores.numpy(), expected, atol=0.02)
    # The pictures and the two models differ by more than the tolerance.
    assert np.ptp(expected) > 0.2
    generic = predict(load_crowd_model(), prior(load_crowd_model()), embeddings).score
    assert np.abs(expected - generic).max() > 0.1


def test_the_tensor_is_the_indexed_size(scorer: ImageScorer, picture: Pictures) -> None:
    """A portrait becomes `(3, 408, 272)` floats in [0, 1] that match its pixels."""
    image = picture(400, 600)
    tensor = scorer.tensor(image)
    assert tensor.shape == (3, 408, 272)
    assert tensor.dtype == torch.float32
    np.testing.assert_allclose(tensor.permute(1, 2, 0) * 255, model_input(image), atol=1e-3)


def test_scores_are_plain_numbers(scorer: ImageScorer, picture: Pictures) -> None:
    """One score in (1, 10) per image, without a gradient attached."""
    images = scorer.tensor(picture(90, 60)).expand(2, -1, -1, -1)
    scores = scorer(images)
    assert scores.shape == (2,)
    assert not scores.requires_grad
    assert ((scores > 1) & (scores < 10)).all()
    torch.testing.assert_close(scores[0], scores[1], atol=0.02, rtol=0)
