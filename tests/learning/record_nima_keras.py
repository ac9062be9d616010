"""Record what Keras computes with NIMA on MobileNet, for `test_nima.py`.

    python record_nima_keras.py        # with tensorflow and tf_keras installed

The weights are drawn, not trained: `drawn_tensor` makes the same numbers again from the names and
shapes that are recorded, so nobody's weights are in the file. Only `keras_network` needs tf_keras.
"""

import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

RECORDED = Path(__file__).with_name("nima_keras.json")
IMAGES = 4
FEATURES = 128  # of 1,024, of the first image


def drawn_tensor(name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Draw the tensor of that name; signals keep their size from layer to layer."""
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    kind = name.rpartition("/")[2].partition(":")[0]
    if kind in {"gamma", "moving_variance"}:
        return rng.uniform(0.5, 1.5, shape).astype(np.float32)
    if kind in {"beta", "moving_mean", "bias"}:
        return rng.normal(0, 0.3, shape).astype(np.float32)
    fan_in = np.prod(shape[:2]) if kind == "depthwise_kernel" else np.prod(shape[:-1])
    return rng.normal(0, np.sqrt(2 / fan_in), shape).astype(np.float32)


def drawn_images() -> NDArray[np.uint8]:
    """Draw `(IMAGES, 224, 224, 3)` pictures of large squares, each with its own colours."""
    rng = np.random.default_rng(224)
    squares = rng.integers(0, 256, (IMAGES, 7, 7, 3)).astype(np.float64)
    large = squares.repeat(32, axis=1).repeat(32, axis=2)
    return (large + rng.normal(0, 20, large.shape)).clip(0, 255).astype(np.uint8)


def write_keras_hdf5(path: Path, layout: list[dict[str, Any]], *, root: str = "/") -> None:
    """Write drawn weights as Keras 2 does; `root` is `model_weights` for a whole model."""
    import h5py

    with h5py.File(path, "w") as file:
        group = file.require_group(root)
        group.attrs["layer_names"] = [entry["layer"].encode() for entry in layout]
        for entry in layout:
            layer = group.create_group(entry["layer"])
            layer.attrs["weight_names"] = [name.encode() for name in entry["weights"]]
            for name, shape in entry["weights"].items():
                layer[name] = drawn_tensor(name, tuple(shape))


def keras_network() -> Any:
    """Build the network as idealo's `Nima` class does, with drawn weights."""
    import tf_keras

    body = tf_keras.applications.MobileNet(
        input_shape=(224, 224, 3), include_top=False, pooling="avg", weights=None
    )
    scores = tf_keras.layers.Dense(10, activation="softmax")(
        tf_keras.layers.Dropout(0.75)(body.output)
    )
    network = tf_keras.Model(body.input, scores)
    for layer in network.layers:
        layer.set_weights([drawn_tensor(w.name, tuple(w.shape)) for w in layer.weights])
    return network


def keras_outputs(network: Any) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return `(IMAGES, 10)` distributions and `(IMAGES, 1024)` features of the drawn images."""
    import tf_keras

    inputs = tf_keras.applications.mobilenet.preprocess_input(drawn_images().astype(np.float32))
    pooled = tf_keras.Model(network.input, network.layers[-3].output)
    return network.predict(inputs, verbose=0), pooled.predict(inputs, verbose=0)


def main() -> None:
    import tf_keras

    network = keras_network()
    distributions, features = keras_outputs(network)
    layout = [
        {"layer": layer.name, "weights": {w.name: list(w.shape) for w in layer.weights}}
        for layer in network.layers
    ]
    recorded = {
        "keras": tf_keras.__version__,
        "layout": layout,
        "distributions": np.round(distributions.astype(float), 7).tolist(),
        "features": np.round(features[0, :FEATURES].astype(float), 6).tolist(),
    }
    RECORDED.write_text(json.dumps(recorded) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
