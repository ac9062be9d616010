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
from photoaesth.learning.crowd import EMBEDDING_SIZE, load_crowd_model
from photoaesth.learning.distribution import mean_score
from photoaesth.learning.embedder import Embedder
from photoaesth.learning.features import model_input

Pictures = Callable[..., Image.Image]
OASIS = Path(__file__).parents[3] / "shared" / "data" / "oasis-beauty"


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return Embedder("cpu")


def cosines(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    a, b = a.astype(np.float64), b.astype(np.float64)
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
    assert cosines(embedder.embed(inputs), alone).min() > 1 - 1e-3
    assert cosines(embedder.embed(inputs[::-1])[::-1], alone).min() > 1 - 1e-3
    # Other pictures differ by far more, so that the comparison says something.
    assert cosines(alone[:-1], alone[1:]).max() < 0.99


def test_tensors_and_arrays_embed_alike(embedder: Embedder, picture: Pictures) -> None:
    """What scoring does with tensors is what indexing does with arrays."""
    inputs = [model_input(picture(600, 400, seed)) for seed in range(2)]
    images = torch.from_numpy(np.stack(inputs)).permute(0, 3, 1, 2) / 255
    assert cosines(embedder.embed(inputs), embedder.embed_tensor(images)).min() > 1 - 1e-3


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
    inputs = [model_input(decode(OASIS / "photos" / name, max_side=768).image) for name in names]
    scores = mean_score(load_crowd_model().head(embedder.embed(inputs)))
    assert spearmanr(scores, [np.mean(ratings[name]) for name in names]).statistic > 0.8
