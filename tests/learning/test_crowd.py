import hashlib
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from scipy.spatial.distance import cdist
from scipy.special import softmax

from photoaesth.errors import PhotoaesthError
from photoaesth.learning import crowd as module
from photoaesth.learning.crowd import (
    EMBEDDING_SIZE,
    FEATURE_LIMIT,
    WEIGHTS_FILE,
    WEIGHTS_SHA256,
    CrowdModel,
    kernel,
    load_crowd_model,
    to_tensors,
    weights_intact,
)
from photoaesth.learning.distribution import mean_score

Tensors = dict[str, NDArray[np.generic]]


@pytest.fixture
def rows() -> NDArray[np.float32]:
    """Twenty embeddings, some near the shipped landmarks and some far from all of them."""
    rng = np.random.default_rng(0)
    near = load_crowd_model().head.landmarks[::40] + rng.normal(0, 0.01, (15, EMBEDDING_SIZE))
    return np.concatenate([near, rng.normal(0, 5, (5, EMBEDDING_SIZE))]).astype(np.float32)


@pytest.fixture
def saved(tmp_path: Path) -> Callable[[Tensors], CrowdModel]:
    """Write tensors to a new file and load it."""
    numbers = iter(range(100))

    def save(tensors: Tensors) -> CrowdModel:
        path = tmp_path / f"{next(numbers)}.safetensors"
        save_file(tensors, path)
        return load_crowd_model(path)

    return save


def test_the_shipped_file_is_the_released_one() -> None:
    """Its checksum is the one in the code, and it takes at most 2 MB."""
    assert hashlib.sha256(WEIGHTS_FILE.read_bytes()).hexdigest() == WEIGHTS_SHA256
    assert weights_intact()
    assert WEIGHTS_FILE.stat().st_size <= 2_000_000


def test_a_changed_shipped_file_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One flipped bit changes the checksum."""
    data = bytearray(WEIGHTS_FILE.read_bytes())
    data[-1] ^= 1
    (tmp_path / "crowd.safetensors").write_bytes(data)
    monkeypatch.setattr(module, "WEIGHTS_FILE", tmp_path / "crowd.safetensors")
    assert not weights_intact()


def test_shipped_embeddings_are_small() -> None:
    """What a library stores of a photo is at most 256 float16 numbers."""
    projection = load_crowd_model().projection
    features = np.random.default_rng(0).normal(size=(3, len(projection.mean)))
    embeddings = projection(features)
    assert embeddings.shape == (3, EMBEDDING_SIZE)
    assert EMBEDDING_SIZE <= 256
    assert embeddings.dtype == np.float16


def test_shipped_distributions(rows: NDArray[np.float32]) -> None:
    """Near the rated photos and far from them, ten positive numbers sum to 1; opinions differ."""
    distributions = load_crowd_model().head(rows)
    assert distributions.shape == (20, 10)
    assert distributions.dtype == np.float32
    assert (distributions > 0).all()
    np.testing.assert_allclose(distributions.sum(1), 1, atol=1e-5)
    assert np.ptp(mean_score(distributions)) > 1


def test_the_shipped_prior_makes_sense() -> None:
    """Being ahead makes a choice likelier, and a person may depart from the crowd."""
    crowd = load_crowd_model()
    assert min(crowd.choice_slope, crowd.taste_sd, crowd.gain_sd) > 0


def test_an_average_photo_is_at_the_origin(make_crowd: Callable[..., CrowdModel]) -> None:
    """The embedding is (limited (f − mean) / scale, mixed) − center, by hand for one photo."""
    projection = make_crowd(6).projection
    features = projection.mean + projection.scale * np.arange(9)[None]  # 0, 1, 2, … sd
    limited = np.minimum(np.arange(9), FEATURE_LIMIT)  # 0, 1, 2, 3, 4, 5, 6, 6, 6
    pixels = limited[:2] * 0.1  # two pixel statistics pass unmixed, times their weight
    expected = np.concatenate([pixels, limited[2:] @ projection.components]) - projection.center
    np.testing.assert_allclose(projection(features)[0], expected, rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(
        projection(projection.mean[None])[0], -projection.center, rtol=1e-3, atol=1e-4
    )


def test_an_odd_picture_stays_in_the_space() -> None:
    """Features a million deviations off embed like those at the limit, and finitely."""
    projection = load_crowd_model().projection
    far, limit = (
        projection((projection.mean + n * projection.scale)[None]) for n in (1e6, FEATURE_LIMIT)
    )
    np.testing.assert_array_equal(far, limit)
    assert np.isfinite(far).all()


def test_the_head_is_a_softmax_over_kernels(make_crowd: Callable[..., CrowdModel]) -> None:
    """Computed apart with SciPy's distances and softmax, the distributions are the same."""
    head = make_crowd(6).head
    embeddings = np.random.default_rng(1).normal(size=(7, 6)) / 2
    kernels = np.exp(-cdist(embeddings, head.landmarks, "sqeuclidean") / head.width)
    expected = softmax(kernels @ head.coefficients + head.bias, axis=1)
    np.testing.assert_allclose(head(embeddings), expected, atol=1e-5)
    np.testing.assert_allclose(kernel(embeddings, head.landmarks, head.width), kernels, atol=1e-6)


def test_far_from_every_landmark_speaks_the_bias(make_crowd: Callable[..., CrowdModel]) -> None:
    """An embedding unlike any rated photo gets the average opinion."""
    head = make_crowd(6).head
    far = head(np.full((1, 6), 100.0))
    np.testing.assert_allclose(far[0], softmax(head.bias), atol=1e-6)


def test_a_large_library_is_scored_in_chunks(
    rows: NDArray[np.float32], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut into chunks of seven, twenty photos have the same distributions; none have none."""
    head = load_crowd_model().head
    whole = head(rows)
    monkeypatch.setattr(module, "_CHUNK_ROWS", 7)
    np.testing.assert_allclose(head(rows), whole, atol=1e-5)
    assert head(rows[:0]).shape == (0, 10)


def as_tensors(crowd: CrowdModel) -> Tensors:
    prior = {name: getattr(crowd, name) for name in ("choice_slope", "taste_sd", "gain_sd")}
    return to_tensors(crowd.projection, crowd.head, **prior)


def test_a_model_comes_back_as_it_was_written(
    rows: NDArray[np.float32], saved: Callable[[Tensors], CrowdModel]
) -> None:
    """Writing and loading the shipped model changes neither numbers nor names."""
    crowd = load_crowd_model()
    again = saved(as_tensors(crowd))
    assert (again.name, again.embedding_name) == (crowd.name, crowd.embedding_name)
    assert again.choice_slope == crowd.choice_slope
    assert (again.taste_sd, again.gain_sd) == (crowd.taste_sd, crowd.gain_sd)
    np.testing.assert_array_equal(again.head(rows), crowd.head(rows))
    features = np.random.default_rng(0).normal(size=(3, len(crowd.projection.mean)))
    np.testing.assert_array_equal(again.projection(features), crowd.projection(features))


def test_transposed_weights_come_back_in_order(saved: Callable[[Tensors], CrowdModel]) -> None:
    """Arrays that lie in memory column by column, as solvers return them, are not scrambled."""
    crowd = load_crowd_model()
    head, projection = crowd.head, crowd.projection
    turned = replace(
        crowd,
        head=replace(
            head,
            coefficients=np.asfortranarray(head.coefficients),
            landmarks=np.asfortranarray(head.landmarks),
        ),
        projection=replace(projection, components=np.asfortranarray(projection.components)),
    )
    again = saved(as_tensors(turned))
    np.testing.assert_array_equal(again.head.coefficients, head.coefficients)
    np.testing.assert_array_equal(again.head.landmarks, head.landmarks)
    np.testing.assert_array_equal(again.projection.components, projection.components)


def test_names_change_with_the_weights(saved: Callable[[Tensors], CrowdModel]) -> None:
    """Any weight renames the model; only those of the projection rename the embeddings."""
    shipped = load_crowd_model()
    for name, tensor in load_file(WEIGHTS_FILE).items():
        changed = load_file(WEIGHTS_FILE)
        changed[name] = tensor * np.asarray(1.01, tensor.dtype)
        crowd = saved(changed)
        assert crowd.name != shipped.name, name
        moved = crowd.embedding_name != shipped.embedding_name
        assert moved == name.startswith("projection."), name


def test_the_model_is_read_once() -> None:
    """Asking again gives the same object."""
    assert load_crowd_model() is load_crowd_model()


def _without(name: str) -> Tensors:
    return {key: tensor for key, tensor in load_file(WEIGHTS_FILE).items() if key != name}


@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "garbage", "no bias", "too narrow"])
def test_a_damaged_file_is_named_in_one_line(tmp_path: Path, damage: str) -> None:
    """Whatever is wrong with the file, the error names it and the way out, in one line."""
    path = tmp_path / "crowd.safetensors"
    whole = WEIGHTS_FILE.read_bytes()
    match damage:
        case "empty":
            path.write_bytes(b"")
        case "cut":
            path.write_bytes(whole[:-1000])
        case "garbage":
            path.write_bytes(b"\n{" * 5000)
        case "no bias":
            save_file(_without("head.bias"), path)
        case "too narrow":
            tensors = load_file(WEIGHTS_FILE)
            narrow = np.ascontiguousarray(tensors["projection.components"][:, :-1])
            save_file(tensors | {"projection.components": narrow}, path)
    with pytest.raises(PhotoaesthError) as caught:
        load_crowd_model(path)
    message = str(caught.value)
    assert str(path) in message
    assert message.endswith("; reinstall photoaesth")
    assert len(message.splitlines()) == 1


def test_scoring_from_embeddings_never_loads_torch() -> None:
    """Heads, personal models, metrics and cross-validation work without torch and timm."""
    program = """
import sys
import numpy as np
from photoaesth.learning import crowd, distribution, heldout, metrics, personal
model = crowd.load_crowd_model()
embeddings = np.zeros((2, crowd.EMBEDDING_SIZE), np.float16)
scores = personal.predict(model, personal.prior(model), embeddings).score
personal.score_distributions(model, embeddings, scores)
print([name for name in ("torch", "timm", "torchvision") if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
