"""What is measured of photos on the CPU, by OpenVINO: several times as fast as torch, without it.

The graph is made by `benchmarks/quantize_engine.py` from the same weights as torch's network, and
kept beside them.
"""

import hashlib
import importlib
import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from photoaesth.errors import PhotoaesthError
from photoaesth.learning.model_input import LUMA_QUANTILES

if TYPE_CHECKING:
    from openvino import AsyncInferQueue, InferRequest

GRAPH_FILE = Path(__file__).with_name("weights") / "engine.xml"
WEIGHTS_FILE = GRAPH_FILE.with_suffix(".bin")
SHA256 = {
    GRAPH_FILE: "a1c98c41baeb55c65baf7cd9943db6d4767627b85e461d0bc113456d84769fb1",
    WEIGHTS_FILE: "6140056cba49dc7bd06c20f2fb3b7dd8404b018398c9fc0ded95560985c23cb2",
}

# A compiled graph holds some 27 MB for every photo that it measures at a time, and 16 MB besides:
# both are bounded, whatever cores and photos there are.
_STREAMS = 4
_STATIC_SHAPES = 4
_ANY_SHAPE = (-1, -1, 3)


class Measured(NamedTuple):
    """What the networks make of N photos.

    Attributes:
        features: `(N, F)` float32 as `features.image_features` returns them.
        opinions: `(N, 10)` float32 as `opinion.opinion_logits` returns them.
        classes: `(N, 1000)` float32 logits of ImageNet's classes, in ImageNet's order.
    """

    features: NDArray[np.float32]
    opinions: NDArray[np.float32]
    classes: NDArray[np.float32]


def engine_available() -> bool:
    """Return whether OpenVINO is installed; there are platforms without a wheel of it."""
    return importlib.util.find_spec("openvino") is not None


class Engine:
    """Measures photos on the CPU.

    The graph is compiled for each of the first shapes of input when it comes, since static shapes
    run a quarter faster and few libraries have more; all other shapes share a dynamic graph.
    """

    def __init__(self, threads: int) -> None:
        """Read the graph.

        Args:
            threads: cores to use; up to four photos are measured at a time.

        Raises:
            PhotoaesthError: a shipped file is missing or damaged.
        """
        self._threads = threads
        self._openvino = _openvino()
        self._core = self._openvino.Core()
        self._queues: dict[tuple[int, ...], AsyncInferQueue] = {}
        try:
            self._graph = self._core.read_model(GRAPH_FILE, WEIGHTS_FILE)
        except RuntimeError as error:
            raise PhotoaesthError(
                f"cannot read the shipped model {GRAPH_FILE}; reinstall photoaesth"
            ) from error

    def __call__(self, inputs: Sequence[NDArray[np.uint8]]) -> Measured:
        """Return what is measured of images of any mix of input sizes.

        Args:
            inputs: N arrays from `model_input.model_input`, at least one.

        Returns:
            What torch's networks return, up to what 8-bit weights cost.
        """
        rows: dict[int, Measured] = {}

        def collect(request: "InferRequest", number: int) -> None:
            rows[number] = _measured(request)

        numbers_by_shape: dict[tuple[int, ...], list[int]] = {}
        for number, image in enumerate(inputs):
            numbers_by_shape.setdefault(image.shape, []).append(number)
        for shape, numbers in numbers_by_shape.items():
            queue = self._queue(shape)
            queue.set_callback(collect)
            for number in numbers:
                queue.start_async([inputs[number][None]], number)
            queue.wait_all()
        columns = zip(*(rows[number] for number in range(len(inputs))), strict=True)
        return Measured(*map(np.concatenate, columns))

    def _queue(self, shape: tuple[int, ...]) -> "AsyncInferQueue":
        if shape not in self._queues and len(self._queues) >= _STATIC_SHAPES:
            shape = _ANY_SHAPE
        if shape not in self._queues:
            self._queues[shape] = self._compile(shape)
        return self._queues[shape]

    def _compile(self, shape: tuple[int, ...]) -> "AsyncInferQueue":
        graph = self._graph.clone()
        graph.reshape([1, *shape])
        streams = min(self._threads, _STREAMS)
        settings = {
            "INFERENCE_NUM_THREADS": self._threads,
            "NUM_STREAMS": streams,
            # What is not in 8 bits is the same on every processor.
            "INFERENCE_PRECISION_HINT": "f32",
            # The processes that decode run on the same cores.
            "ENABLE_CPU_PINNING": False,
        }
        compiled = self._core.compile_model(graph, "CPU", settings)
        return self._openvino.AsyncInferQueue(compiled, streams)


def weights_intact() -> bool:
    """Return whether the shipped files have the checksums they were released with."""
    return all(
        hashlib.sha256(path.read_bytes()).hexdigest() == expected
        for path, expected in SHA256.items()
    )


def _measured(request: "InferRequest") -> Measured:
    before, luma, after, opinion, classes = (request.get_output_tensor(n).data for n in range(5))
    # New arrays: the request writes the next photo's numbers over its own.
    features = np.concatenate([before, _quantiles(luma), after], axis=1, dtype=np.float32)
    return Measured(features, opinion.copy(), classes.copy())


def _quantiles(luma: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return what `np.quantile` does; a sort of single precision is five times as fast."""
    ordered = np.sort(luma, axis=1)
    places = np.multiply(LUMA_QUANTILES, luma.shape[1] - 1)
    below = places.astype(np.intp)
    low, high = ordered[:, below], ordered[:, below + 1]
    return np.asarray(low + (high - low) * (places - below))


def _openvino() -> ModuleType:
    # The package reports its first import to a web service unless that part of it is missing;
    # photoaesth talks to nobody.
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    return importlib.import_module("openvino")
