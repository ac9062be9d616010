import csv
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from scipy.stats import spearmanr

from photoaesth.imaging import decode
from photoaesth.learning.backbone import Backbone
from photoaesth.learning.crowd import EMBEDDING_SIZE, OPINIONS, load_crowd_model
from photoaesth.learning.distribution import mean_score
from photoaesth.learning.embedder import Embedder
from photoaesth.learning.features import extract_features
from photoaesth.learning.finetune.predict import predict_distributions
from photoaesth.learning.model_input import model_input
from photoaesth.learning.opinion import LEAST, from_tensors, load_opinion, to_tensors
from photoaesth.learning.torch_measure import TorchMeasure

Pictures = Callable[..., Image.Image]
OASIS = Path(__file__).parents[3] / "shared" / "data" / "oasis-beauty"


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return Embedder("cpu")


def cosines(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Of the parts that describe photos."""
    a, b = a.astype(np.float64)[:, :-OPINIONS], b.astype(np.float64)[:, :-OPINIONS]
    return (a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)


def test_embeddings_of_any_shape(embedder: Embedder, picture: Pictures) -> None:
    """Landscape, portrait, square and panorama have finite float16 embeddings of one size."""
    sizes = [(600, 400), (400, 600), (300, 300), (900, 100), (3, 2)]
    embeddings = embedder.embed([model_input(picture(*size)) for size in sizes])
    assert embeddings.dtype == np.float16
    assert embeddings.shape == (len(sizes), EMBEDDING_SIZE)
    assert np.isfinite(embeddings).all()
    assert embedder.embed([]).shape == (0, EMBEDDING_SIZE)


def test_an_embedding_does_not_depend_on_its_batch(embedder: Embedder, picture: Pictures) -> None:
    """A photo alone and among others has the same embedding to a cosine of 0.001."""
    inputs = [model_input(picture(600, 400, seed)) for seed in range(3)]
    inputs.insert(1, model_input(picture(400, 600)))
    alone = np.concatenate([embedder.embed([image]) for image in inputs])
    together = embedder.embed(inputs)
    assert cosines(together, alone).min() > 1 - 1e-3
    np.testing.assert_allclose(together[:, -OPINIONS:], alone[:, -OPINIONS:], atol=0.05)
    assert cosines(embedder.embed(inputs[::-1])[::-1], alone).min() > 1 - 1e-3
    # Other pictures differ by more, so that the comparison says something.
    assert cosines(alone[:-1], alone[1:]).max() < 1 - 3e-3


def test_an_embedding_describes_and_ends_in_an_opinion(
    embedder: Embedder, backbone: Backbone, picture: Pictures
) -> None:
    """The projected features first, then what the whole second network says of the pixels."""
    inputs = [model_input(picture(600, 400, seed)) for seed in range(2)]
    projection = load_crowd_model().projection
    described = projection.describe(extract_features(backbone, inputs, "cpu"))
    logits = np.log(np.maximum(predict_distributions(load_opinion("cpu"), inputs), LEAST))
    embeddings = embedder.embed(inputs)
    np.testing.assert_allclose(embeddings[:, :-OPINIONS], described, atol=0.03)
    np.testing.assert_allclose(embeddings[:, -OPINIONS:], logits, atol=0.1)


def test_other_models_are_measured_by_torch(embedder: Embedder, picture: Pictures) -> None:
    """A second opinion of one's own counts, though the engine holds the shipped one."""
    opinion = from_tensors(to_tensors(load_opinion("cpu")))
    opinion.classifier.bias += torch.linspace(-1, 1, OPINIONS)
    inputs = [model_input(picture(600, 400))]
    own, shipped = Embedder("cpu", opinion=opinion).embed(inputs), embedder.embed(inputs)
    assert cosines(own, shipped).min() > 1 - 5e-3
    # The logits are shifted by that line and by one number that makes probabilities of them.
    shift = (own - shipped)[0, -OPINIONS:].astype(np.float64)
    assert np.diff(shift) == pytest.approx(np.full(OPINIONS - 1, 2 / 9), abs=0.1)


def test_without_openvino_torch_measures(
    picture: Pictures, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where OpenVINO has no wheel, embeddings are torch's, to the last bit."""
    monkeypatch.setattr("photoaesth.learning.embedder.engine_available", lambda: False)
    inputs = [model_input(picture(*size)) for size in ((600, 400), (400, 600), (600, 400))]
    measured = TorchMeasure("cpu")(inputs)
    expected = load_crowd_model().projection(measured.features, measured.opinions)
    assert np.array_equal(Embedder("cpu").embed(inputs), expected)


def test_the_name_is_that_of_the_crowd_model_s_space(embedder: Embedder) -> None:
    """Embeddings are stored under the name that the heads read."""
    assert embedder.name == load_crowd_model().embedding_name


@pytest.mark.shared_data
@pytest.mark.skipif(not OASIS.is_dir(), reason="the development photos are not beside the checkout")
def test_the_shipped_head_reads_these_embeddings(embedder: Embedder) -> None:
    """On photos it was fitted to, the generic score follows the crowd: ρ > 0.8 on 30 of them.

    A backbone, preprocessing or projection other than those of the fit would break it.
    """
    ratings = defaultdict(list)
    with (OASIS / "ratings.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            ratings[row["photo"]].append(float(row["score"]))
    names = sorted(ratings)[:: len(ratings) // 30][:30]
    inputs = [model_input(decode(OASIS / "photos" / name, min_side=768).image) for name in names]
    scores = mean_score(load_crowd_model().head(embedder.embed(inputs)))
    assert spearmanr(scores, [np.mean(ratings[name]) for name in names]).statistic > 0.8
