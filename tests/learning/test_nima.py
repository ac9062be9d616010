"""NIMA on MobileNet: the same network in Keras gives the same numbers.

What Keras computed is in `nima_keras.json`; `record_nima_keras.py` made it and draws the weights.
"""

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from photoaesth.errors import PhotoaesthError
from photoaesth.learning.nima import NimaMobileNet, load_nima, nima_input

pytest.importorskip("h5py", reason="h5py is not installed (extra nima)")


@pytest.fixture(scope="module")
def recorder() -> ModuleType:
    path = Path(__file__).with_name("record_nima_keras.py")
    spec = importlib.util.spec_from_file_location("record_nima_keras", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def recorded(recorder: ModuleType) -> dict[str, Any]:
    return json.loads(recorder.RECORDED.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def weights(
    recorder: ModuleType, recorded: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    path = tmp_path_factory.mktemp("nima") / "weights.hdf5"
    recorder.write_keras_hdf5(path, recorded["layout"])
    return path


@pytest.fixture
def inputs(recorder: ModuleType) -> torch.Tensor:
    """The drawn images as Keras' `preprocess_input` gives them: x / 127.5 - 1."""
    return torch.from_numpy(recorder.drawn_images()).permute(0, 3, 1, 2).float() / 127.5 - 1


def test_outputs_are_those_of_keras(
    weights: Path, inputs: torch.Tensor, recorded: dict[str, Any]
) -> None:
    """Distributions and pooled features agree with Keras' to 1e-4 (they do to 2e-6)."""
    network = load_nima(weights)
    with torch.inference_mode():
        distributions, features = network(inputs).numpy(), network.features(inputs).numpy()
    expected = np.array(recorded["distributions"])
    np.testing.assert_allclose(distributions, expected, rtol=0, atol=1e-4)
    few = recorded["features"]
    np.testing.assert_allclose(features[0, : len(few)], few, rtol=0, atol=1e-4)
    assert np.ptp(expected, axis=0).max() > 0.01  # pictures differ by a hundred tolerances


@pytest.mark.parametrize("change", ["padding", "epsilon", "activation", "range"])
def test_the_recording_tells_networks_apart(
    change: str, weights: Path, inputs: torch.Tensor, recorded: dict[str, Any]
) -> None:
    """Torch's padding, epsilon, a plain ReLU or inputs in [0, 1] miss Keras by more than 1e-4."""
    network = load_nima(weights)
    for layer in network.body:
        if change == "padding" and isinstance(layer, nn.ZeroPad2d):
            layer.padding = (1, 0, 1, 0)
        elif change == "epsilon" and isinstance(layer, nn.BatchNorm2d):
            layer.eps = 1e-5
        elif change == "activation" and isinstance(layer, nn.ReLU6):
            layer.max_val = float("inf")
    with torch.inference_mode():
        distributions = network(inputs / 2 + 0.5 if change == "range" else inputs).numpy()
    assert np.abs(distributions - recorded["distributions"]).max() > 3e-4


def test_a_whole_saved_model_and_other_layer_numbers(
    recorder: ModuleType, recorded: dict[str, Any], weights: Path, tmp_path: Path
) -> None:
    """`model.save` files load alike, and so does a head that Keras numbered `dense_3`."""
    text = json.dumps(recorded["layout"]).replace('"dense', '"dense_3')
    whole = tmp_path / "model.h5"
    recorder.write_keras_hdf5(whole, json.loads(text), root="model_weights")
    images, body = torch.rand(1, 3, 224, 224), load_nima(weights)
    network = load_nima(whole)
    drawn = recorder.drawn_tensor("dense_3/bias:0", (10,))
    np.testing.assert_array_equal(network.head.bias.detach().numpy(), drawn)
    torch.testing.assert_close(network.features(images), body.features(images))


def test_keras_itself(recorder: ModuleType, tmp_path: Path) -> None:
    """With tf_keras at hand: its own files, of weights and of the model, give its own outputs."""
    pytest.importorskip("tf_keras", reason="tf_keras is not installed; the recording stands in")
    keras = recorder.keras_network()
    distributions, features = recorder.keras_outputs(keras)
    keras.save_weights(tmp_path / "weights.h5")
    keras.save(tmp_path / "model.h5")
    images = [Image.fromarray(pixels) for pixels in recorder.drawn_images()]
    for name in ("weights.h5", "model.h5"):
        network = load_nima(tmp_path / name)
        np.testing.assert_allclose(network.predict(images), distributions, rtol=0, atol=1e-4)
    assert features.shape == (len(images), 1024)


def test_predict_takes_images_of_any_size(weights: Path, recorder: ModuleType) -> None:
    """The same picture enlarged has the same distribution; no images give no rows."""
    network = load_nima(weights)
    image = Image.fromarray(recorder.drawn_images()[0])
    large = image.resize((448, 672), Image.Resampling.NEAREST)
    distributions = network.predict([image, large])
    np.testing.assert_allclose(distributions.sum(1), 1, atol=1e-6)
    np.testing.assert_allclose(distributions[0], distributions[1], atol=1e-6)
    assert network.predict([]).shape == (0, 10)


def test_input_is_squeezed_by_nearest_neighbour() -> None:
    """Keras' `load_img` takes single pixels: stripes of a pixel's width stay black and white."""
    stripes = np.zeros((300, 448, 3), np.uint8)
    stripes[:, ::2] = 255
    pixels = nima_input(Image.fromarray(stripes))
    assert pixels.shape == (224, 224, 3)
    assert set(np.unique(pixels)) <= {0, 255}


def test_dropout_is_for_training_only() -> None:
    """The network is ready to predict: twice the same, until it is set to train."""
    network = NimaMobileNet()
    images = torch.rand(2, 3, 224, 224)
    with torch.inference_mode():
        torch.testing.assert_close(network(images), network(images))
    assert network.dropout.p == 0.75


@pytest.mark.parametrize(
    ("layer", "shape", "said"),
    [
        ("conv_pw_7", None, "no 'conv_pw_7/kernel'"),
        ("dense", [1024, 5], "tensors of other shapes"),
        ("dense", None, "no 'dense/kernel'"),
    ],
)
def test_another_network_is_refused(
    layer: str,
    shape: list[int] | None,
    said: str,
    recorder: ModuleType,
    recorded: dict[str, Any],
    tmp_path: Path,
) -> None:
    """A file that lacks a layer or has another head is named, with what is wrong."""
    layout = [
        {"layer": entry["layer"], "weights": dict(entry["weights"])}
        for entry in recorded["layout"]
        if entry["layer"] != layer or shape is not None
    ]
    for entry in layout:
        if entry["layer"] == layer:
            entry["weights"][f"{layer}/kernel:0"] = shape
    path = tmp_path / "other.h5"
    recorder.write_keras_hdf5(path, layout)
    with pytest.raises(PhotoaesthError, match=rf"other\.h5 does not hold .* {said}"):
        load_nima(path)
