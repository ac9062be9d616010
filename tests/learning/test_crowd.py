import hashlib
import subprocess
import sys
from collections.abc import Callable
from dataclasses import astuple, replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import save_file
from scipy.spatial.distance import cdist
from scipy.special import expit, softmax

from photoaesth.errors import PhotoaesthError
from photoaesth.learning import crowd as module
from photoaesth.learning.crowd import (
    EMBEDDING_SIZE,
    FEATURE_LIMIT,
    OPINIONS,
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
OPINION: Tensors = {"stages.5.weight": np.arange(12, dtype=np.float16)}


@pytest.fixture
def crowd(make_crowd: Callable[..., CrowdModel]) -> CrowdModel:
    """A made-up model of the size that is stored."""
    return make_crowd(EMBEDDING_SIZE - OPINIONS)


@pytest.fixture
def tensors(crowd: CrowdModel) -> Tensors:
    return to_tensors(crowd.projection, crowd.head, crowd.taste, OPINION)


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
    """Its checksum is the one in the code, and it takes at most 3 MB."""
    assert hashlib.sha256(WEIGHTS_FILE.read_bytes()).hexdigest() == WEIGHTS_SHA256
    assert weights_intact()
    assert WEIGHTS_FILE.stat().st_size <= 3_000_000


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
    rng = np.random.default_rng(0)
    embeddings = projection(
        rng.normal(size=(3, len(projection.mean))), rng.normal(size=(3, OPINIONS))
    )
    assert embeddings.shape == (3, EMBEDDING_SIZE)
    assert EMBEDDING_SIZE <= 256
    assert embeddings.dtype == np.float16


def test_shipped_distributions() -> None:
    """Near the rated photos and far from them, ten positive numbers sum to 1; opinions differ."""
    head, rng = load_crowd_model().head, np.random.default_rng(0)
    near = head.landmarks[::40] + rng.normal(0, 0.01, head.landmarks[::40].shape)
    described = np.concatenate([near, rng.normal(0, 5, (5, near.shape[1]))])
    rows = np.column_stack([described, np.full((len(described), OPINIONS), np.log(0.1))])
    distributions = head(rows)
    assert distributions.dtype == np.float32
    assert (distributions > 0).all()
    np.testing.assert_allclose(distributions.sum(1), 1, atol=1e-5)
    assert np.ptp(mean_score(distributions)) > 1


def test_the_shipped_prior_makes_sense() -> None:
    """Being ahead makes a choice likelier, people may depart from the crowd in every way, and in
    the taste space two average photos lie about a point apart."""
    shipped = load_crowd_model()
    taste, landmarks = shipped.taste, shipped.head.landmarks.astype(np.float64)
    assert min(*taste.trust, taste.trust_spread, taste.appeal_sd, taste.choice_slope) > 0
    assert min(taste.own_width, taste.own_scale) > 0
    assert len(taste.basis) == EMBEDDING_SIZE - OPINIONS
    assert (landmarks @ taste.basis).var(0).sum() == pytest.approx(1, abs=0.05)


def test_an_average_photo_is_at_the_origin(make_crowd: Callable[..., CrowdModel]) -> None:
    """The embedding is (limited (f − mean) / scale, mixed) − center, then the opinions."""
    projection = make_crowd(6).projection
    features = projection.mean + projection.scale * np.arange(9)[None]  # 0, 1, 2, … sd
    opinions = np.linspace(-3, 0, OPINIONS)[None]
    limited = np.minimum(np.arange(9), FEATURE_LIMIT)  # 0, 1, 2, 3, 4, 5, 6, 6, 6
    pixels = limited[:2] * 0.1  # two pixel statistics pass unmixed, times their weight
    described = np.concatenate([pixels, limited[2:] @ projection.components]) - projection.center
    embedding = projection(features, opinions)[0]
    assert len(embedding) == projection.size == 16
    np.testing.assert_allclose(projection.describe(features)[0], described, atol=1e-12)
    np.testing.assert_allclose(embedding[:6], described, rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(embedding[6:], opinions[0], rtol=1e-3)
    average = projection.describe(projection.mean[None])
    np.testing.assert_allclose(average[0], -projection.center, atol=1e-12)


def test_an_odd_picture_stays_in_the_space(crowd: CrowdModel) -> None:
    """Features a million deviations off embed like those at the limit, and finitely."""
    projection, none = crowd.projection, np.zeros((1, OPINIONS))
    far, limit = (
        projection((projection.mean + n * projection.scale)[None], none)
        for n in (1e6, FEATURE_LIMIT)
    )
    np.testing.assert_array_equal(far, limit)
    assert np.isfinite(far).all()


def test_the_head_averages_two_opinions_and_tilts_by_damage(
    make_crowd: Callable[..., CrowdModel], make_embeddings: Callable[..., NDArray[np.float32]]
) -> None:
    """softmax((kernels · c + bias + opinion) / 2 − tilt · Σ P(damage) · score), with SciPy's
    distances, logistic function and softmax."""
    head, rows = make_crowd(6).head, make_embeddings(7)
    described, opinions = rows[:, :6].astype(float), rows[:, 6:].astype(float)
    kernels = np.exp(-cdist(described, head.landmarks, "sqeuclidean") / head.width)
    logits = (kernels @ head.coefficients + head.bias + opinions) / 2
    harm = expit(described @ head.damage + head.damage_bias).sum(1, keepdims=True)
    expected = softmax(logits - head.damage_tilt * harm * np.arange(1, 11), axis=1)
    np.testing.assert_allclose(head(rows), expected, atol=1e-5)
    np.testing.assert_allclose(kernel(described, head.landmarks, head.width), kernels, atol=1e-6)


def test_far_from_every_landmark_speaks_the_bias(make_crowd: Callable[..., CrowdModel]) -> None:
    """An embedding unlike any rated photo gets the average opinion and the network's."""
    head = replace(make_crowd(6).head, damage_tilt=0.0)
    opinion = np.linspace(-4, 0, OPINIONS)
    far = head(np.concatenate([np.full(6, 100.0), opinion])[None])
    np.testing.assert_allclose(far[0], softmax((head.bias + opinion) / 2), atol=1e-6)


def test_damage_lowers_the_score(make_crowd: Callable[..., CrowdModel]) -> None:
    """The surer the head is of a damage, the lower the score; certainty costs no more than it."""
    head = replace(
        make_crowd(6).head,
        damage=np.eye(6, 3),
        damage_bias=np.zeros(3),
        coefficients=np.zeros((12, 10)),
    )
    rows = np.zeros((5, 16))
    rows[:, 0] = [-9, -1, 0, 1, 9]  # blur and nothing else
    scores = mean_score(head(rows))
    assert (np.diff(scores) < 0).all()
    rows[:, 0] = 50
    np.testing.assert_allclose(mean_score(head(rows)), scores[-1], atol=1e-3)


def test_a_large_library_is_scored_in_chunks(
    make_crowd: Callable[..., CrowdModel],
    make_embeddings: Callable[..., NDArray[np.float32]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Cut into chunks of seven, twenty photos have the same distributions; none have none."""
    head, rows = make_crowd(6).head, make_embeddings(20)
    whole = head(rows)
    monkeypatch.setattr(module, "_CHUNK_ROWS", 7)
    np.testing.assert_allclose(head(rows), whole, atol=1e-5)
    assert head(rows[:0]).shape == (0, 10)


def test_a_model_comes_back_as_it_was_written(
    tensors: Tensors, crowd: CrowdModel, saved: Callable[[Tensors], CrowdModel]
) -> None:
    """To the precision of its numbers at first; written again, bit for bit, under its names."""
    once = saved(tensors)
    for part in ("projection", "head", "taste"):
        for written, read in zip(
            astuple(getattr(crowd, part)), astuple(getattr(once, part)), strict=True
        ):
            np.testing.assert_allclose(read, written, rtol=1e-3, atol=1e-5)
    twice = to_tensors(once.projection, once.head, once.taste, OPINION)
    assert twice.keys() == tensors.keys()
    for name, tensor in twice.items():
        np.testing.assert_array_equal(tensor, tensors[name], name)
    again = saved(twice)
    assert (again.name, again.embedding_name) == (once.name, once.embedding_name)


def test_transposed_weights_come_back_in_order(
    tensors: Tensors, crowd: CrowdModel, saved: Callable[[Tensors], CrowdModel]
) -> None:
    """Arrays that lie in memory column by column, as solvers return them, are not scrambled."""
    turned = replace(
        crowd,
        head=replace(
            crowd.head,
            coefficients=np.asfortranarray(crowd.head.coefficients),
            landmarks=np.asfortranarray(crowd.head.landmarks),
            damage=np.asfortranarray(crowd.head.damage),
        ),
        projection=replace(
            crowd.projection, components=np.asfortranarray(crowd.projection.components)
        ),
        taste=replace(crowd.taste, basis=np.asfortranarray(crowd.taste.basis)),
    )
    straight = saved(tensors)
    again = saved(to_tensors(turned.projection, turned.head, turned.taste, OPINION))
    for part in ("projection", "head", "taste"):
        for a, b in zip(
            astuple(getattr(again, part)), astuple(getattr(straight, part)), strict=True
        ):
            np.testing.assert_array_equal(a, b)


def test_names_change_with_the_weights(
    tensors: Tensors, saved: Callable[[Tensors], CrowdModel]
) -> None:
    """Any weight renames the model; only those of the projection rename the embeddings."""
    before = saved(tensors)
    for name, tensor in tensors.items():
        after = saved(tensors | {name: (tensor + 1).astype(tensor.dtype)})
        assert after.name != before.name, name
        moved = after.embedding_name != before.embedding_name
        assert moved == name.startswith("projection."), name


def test_another_network_renames_the_embeddings(
    crowd: CrowdModel, saved: Callable[[Tensors], CrowdModel]
) -> None:
    """Embeddings end in the second opinion, though its weights are stored elsewhere."""
    other = {"stages.5.weight": OPINION["stages.5.weight"] + np.float16(1)}
    before, after = (
        saved(to_tensors(crowd.projection, crowd.head, crowd.taste, opinion))
        for opinion in (OPINION, other)
    )
    assert after.embedding_name != before.embedding_name
    assert after.name != before.name


def test_the_model_is_read_once(tensors: Tensors, tmp_path: Path) -> None:
    """Asking again gives the same object."""
    save_file(tensors, tmp_path / "crowd.safetensors")
    once = load_crowd_model(tmp_path / "crowd.safetensors")
    assert load_crowd_model(tmp_path / "crowd.safetensors") is once


@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "garbage", "no bias", "too narrow"])
def test_a_damaged_file_is_named_in_one_line(tmp_path: Path, tensors: Tensors, damage: str) -> None:
    """Whatever is wrong with the file, the error names it and the way out, in one line."""
    path = tmp_path / "crowd.safetensors"
    save_file(tensors, path)
    match damage:
        case "missing":
            path.unlink()
        case "empty":
            path.write_bytes(b"")
        case "cut":
            path.write_bytes(path.read_bytes()[:-1000])
        case "garbage":
            path.write_bytes(b"\n{" * 5000)
        case "no bias":
            save_file({n: t for n, t in tensors.items() if n != "head.bias"}, path)
        case "too narrow":
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
