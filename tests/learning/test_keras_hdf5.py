"""Reading Keras 2's HDF5 layout, from files made here with h5py."""

import importlib.util
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from photoaesth.errors import PhotoaesthError
from photoaesth.learning.keras_hdf5 import read_keras_weights

needs_h5py = pytest.mark.skipif(
    importlib.util.find_spec("h5py") is None, reason="h5py is not installed (extra nima)"
)


@pytest.fixture
def write(tmp_path: Path) -> Any:
    """Write layers with their tensors, at the root or in a group; return the file."""

    def make(layers: dict[str, dict[str, Any]], *, root: str = "/", names_as: type = bytes) -> Path:
        import h5py

        path = tmp_path / "weights.h5"
        with h5py.File(path, "w") as file:
            group = file.require_group(root)
            group.attrs["layer_names"] = [_name(name, names_as) for name in layers]
            for layer, weights in layers.items():
                place = group.create_group(layer)
                place.attrs["weight_names"] = [_name(name, names_as) for name in weights]
                for name, tensor in weights.items():
                    place[name] = tensor
        return path

    return make


def _name(name: str, kind: type) -> str | bytes:
    return name.encode() if kind is bytes else name


KERNEL = np.arange(12, dtype=np.float64).reshape(3, 4)


@needs_h5py
@pytest.mark.parametrize("root", ["/", "model_weights"])
@pytest.mark.parametrize("names_as", [bytes, str])
def test_tensors_by_layer_and_weight(write: Any, root: str, names_as: type) -> None:
    """Both places of the layout and both kinds of names give the same tensors, as float32."""
    layers = {"input_1": {}, "dense_1": {"dense_1/kernel:0": KERNEL, "dense_1/bias:0": KERNEL[0]}}
    tensors = read_keras_weights(write(layers, root=root, names_as=names_as))
    assert list(tensors) == ["dense_1/kernel", "dense_1/bias"]
    np.testing.assert_array_equal(tensors["dense_1/kernel"], KERNEL)
    assert tensors["dense_1/bias"].dtype == np.float32


@needs_h5py
def test_a_model_within_a_model(write: Any) -> None:
    """A nested model's group holds many layers; each keeps its own name."""
    nested = {"body/conv1/kernel:0": KERNEL, "body/conv2/kernel:0": KERNEL + 1}
    tensors = read_keras_weights(write({"body": nested}))
    assert list(tensors) == ["conv1/kernel", "conv2/kernel"]
    np.testing.assert_array_equal(tensors["conv2/kernel"], KERNEL + 1)


@needs_h5py
def test_names_in_pieces(write: Any) -> None:
    """Lists of names that Keras cut into numbered pieces are read whole and in order."""
    import h5py

    path = write({"a": {"a/kernel:0": KERNEL}, "b": {"b/kernel:0": KERNEL}})
    with h5py.File(path, "a") as file:
        del file.attrs["layer_names"]
        file.attrs["layer_names0"], file.attrs["layer_names1"] = [b"a"], [b"b"]
    assert list(read_keras_weights(path)) == ["a/kernel", "b/kernel"]


@needs_h5py
def test_what_is_wrong_with_a_file_is_said(write: Any, tmp_path: Path) -> None:
    """A missing, foreign, cut, incomplete or Keras 3 file gives one line with its path."""
    import h5py

    with pytest.raises(PhotoaesthError, match=r"there is no weights file .*none\.h5"):
        read_keras_weights(tmp_path / "none.h5")
    foreign = tmp_path / "page.h5"
    foreign.write_bytes(b"<html>not found</html>")
    with pytest.raises(PhotoaesthError, match=r"page\.h5 as Keras 2 weights: damaged"):
        read_keras_weights(foreign)
    path = write({"a": {"a/kernel:0": np.zeros((50, 50))}})
    path.write_bytes(path.read_bytes()[:-9000])
    with pytest.raises(PhotoaesthError, match="damaged"):
        read_keras_weights(path)
    path = write({"a": {"a/kernel:0": KERNEL}})
    with h5py.File(path, "a") as file:
        del file["a/a/kernel:0"]
    with pytest.raises(PhotoaesthError, match="damaged"):
        read_keras_weights(path)
    with h5py.File(path, "w") as file:
        file.create_group("layers/conv1/vars")
    with pytest.raises(PhotoaesthError, match="the layout of Keras 3"):
        read_keras_weights(path)
    with h5py.File(path, "w") as file:
        file["photos"] = KERNEL
    with pytest.raises(PhotoaesthError, match="it names no layers"):
        read_keras_weights(path)


@needs_h5py
def test_text_is_no_weight(write: Any) -> None:
    """A tensor that does not hold floating-point numbers is named and refused."""
    path = write({"a": {"a/kernel:0": np.array([b"text"])}})
    with pytest.raises(PhotoaesthError, match="a/a/kernel:0 holds no floating-point numbers"):
        read_keras_weights(path)


def test_without_h5py(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without h5py the message says what to install."""
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(PhotoaesthError, match=r"pip install 'photoaesth\[nima\]'"):
        read_keras_weights(tmp_path / "weights.h5")
