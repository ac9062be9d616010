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
    """Scoring pixels gives what the indexed embedding of the photo gives, to the last bit."""
    images = [picture(600, 400, seed) for seed in range(4)]
    found = scorer.scores(scorer.embed(torch.stack([scorer.tensor(image) for image in images])))
    embeddings = Embedder("cpu").embed([model_input(image) for image in images])
    expected = predict(load_crowd_model(), head, embeddings).score
    np.testing.assert_array_equal(found, expected)
    # The pictures and the two models differ.
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
    assert scorer.tensor(image, scale=0.5).shape == (3, 204, 136)


def test_scores_are_plain_numbers(scorer: ImageScorer, picture: Pictures) -> None:
    """One score in (1, 10) per image, the same for the same image, beyond the range cut off."""
    image = scorer.tensor(picture(90, 60))
    scores = scorer.scores(scorer.embed(torch.stack([image, image, image * 3 - 1])))
    assert scores.shape == (3,)
    assert ((scores > 1) & (scores < 10)).all()
    assert scores[0] == scores[1] != scores[2]


def test_gains_are_differences_of_utility(scorer: ImageScorer, picture: Pictures) -> None:
    """What the person learned to like gains, what they did not loses, as the scores say."""
    embeddings = scorer.embed(torch.stack([scorer.tensor(picture(600, 400, n)) for n in range(4)]))
    gains = scorer.gains(embeddings, embeddings[0])
    scores = scorer.scores(embeddings)  # between 2.5 and 8.5 they are the utility itself
    np.testing.assert_allclose(gains.mean, scores - scores[0], atol=1e-3)
    assert gains.mean[0] == pytest.approx(0, abs=1e-4)
    assert gains.sd[0] < 1e-3 < gains.sd[1]
    assert (gains.mean[1:] < 0).all()


def test_a_small_edit_is_less_in_doubt_than_the_score(
    scorer: ImageScorer, head: PersonalHead, picture: Pictures
) -> None:
    """Two versions of one photo differ by less than either is known, and more the more differs."""
    image = scorer.tensor(picture(600, 400))
    original, slight, strong = scorer.embed(torch.stack([image, image * 0.97, image * 0.6]))
    gains = scorer.gains(np.stack([slight, strong]), original)
    doubt = predict(load_crowd_model(), head, original[None]).sd[0]
    assert 0 < gains.sd[0] < gains.sd[1] < doubt
