"""Reading the weights that Keras 2 saved as HDF5; Keras itself is not needed.

The layout (Keras 2's `hdf5_format.save_weights_to_hdf5_group`): the root group, or its member
`model_weights` when a whole model was saved, has an attribute `layer_names`; each layer is a
group with an attribute `weight_names`, and these are the paths of its tensors within the group.
HDF5 holds numbers only, so a file from anywhere cannot run code.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photoaesth.errors import PhotoaesthError
from photoaesth.files import display_path


def read_keras_weights(path: Path) -> dict[str, NDArray[np.float32]]:
    """Return the tensors of a file by layer and weight, as in `conv1/kernel`.

    Args:
        path: what `save_weights` or `save` of Keras 2 wrote (`.h5`, `.hdf5`).

    Returns:
        Tensors in Keras' own order of axes.

    Raises:
        PhotoaesthError: h5py is not installed, or the file is missing, damaged or of another
            layout.
    """
    try:
        import h5py
    except ImportError as error:
        raise PhotoaesthError(
            f"cannot read {display_path(path)}: h5py is not installed; "
            "pip install 'photoaesth[nima]'"
        ) from error
    try:
        with h5py.File(path, "r") as file:
            return dict(_tensors(file.get("model_weights", file)))
    except FileNotFoundError as error:
        raise PhotoaesthError(f"there is no weights file {display_path(path)}") from error
    except (OSError, RuntimeError, KeyError, TypeError, ValueError) as error:
        # h5py's own messages speak of drivers and B-trees.
        reason = str(error) if isinstance(error, _LayoutError) else "damaged, or not HDF5 at all"
        raise PhotoaesthError(
            f"cannot read {display_path(path)} as Keras 2 weights: {reason}; "
            "pull or copy the file again"
        ) from error


class _LayoutError(ValueError):
    """HDF5, but not as Keras 2 writes it."""


def _tensors(root: Any) -> Iterator[tuple[str, NDArray[np.float32]]]:
    layers = _names(root, "layer_names")
    if not layers:
        raise _LayoutError(
            "it is in the layout of Keras 3" if "layers" in root else "it names no layers"
        )
    for layer in layers:
        for weight in _names(root[layer], "weight_names"):
            tensor = np.asarray(root[layer][weight])
            if tensor.dtype.kind != "f":
                raise _LayoutError(f"{layer}/{weight} holds no floating-point numbers")
            # Layers of a model within a model, and name scopes, stand before the last two.
            yield "/".join(weight.split(":")[0].split("/")[-2:]), tensor.astype(np.float32)


def _names(group: Any, attribute: str) -> list[str]:
    """Return a list of names, which Keras cuts into numbered pieces where it outgrows 64 kB."""
    attributes = group.attrs
    if attribute in attributes:
        pieces = [attributes[attribute]]
    else:
        pieces = []
        while f"{attribute}{len(pieces)}" in attributes:
            pieces.append(attributes[f"{attribute}{len(pieces)}"])
    return [n.decode() if isinstance(n, bytes) else str(n) for piece in pieces for n in piece]
