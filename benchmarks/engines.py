"""How long each inference engine takes to measure a photo on the CPU, and how far it is from torch.

    python benchmarks/engines.py PHOTOS_DIR [--threads N] [--photos N] [--rounds N]

The engines take turns, and the least time of the rounds counts: other work on the machine only
ever adds. Cosines are of the part of the embedding that describes photos, against torch's.
Engines that are not installed are left out.
"""

import argparse
import io
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from quantize_engine import Measured

from photoaesth.imaging import DECODED_SIDE, decode
from photoaesth.learning.crowd import load_crowd_model
from photoaesth.learning.engine import Engine
from photoaesth.learning.engine import Measured as WithClasses
from photoaesth.learning.model_input import LUMA_QUANTILES, model_input
from photoaesth.learning.torch_measure import TorchMeasure

Pixels = NDArray[np.uint8]
Floats = NDArray[np.floating]
Measure = Callable[[Sequence[Pixels]], tuple[Floats, Floats]]


def one_by_one(run: Callable[[Pixels], Sequence[Floats]]) -> Measure:
    """Return a measure from what gives the four outputs of `Measured` for one photo."""

    def measure(inputs: Sequence[Pixels]) -> tuple[Floats, Floats]:
        rows = [run(image[None]) for image in inputs]
        features = [
            np.concatenate([before, np.quantile(luma, LUMA_QUANTILES, axis=1).T, after], axis=1)
            for before, luma, after, _ in rows
        ]
        return np.concatenate(features), np.concatenate([opinion for *_, opinion in rows])

    return measure


def first_two(measure: Callable[[Sequence[Pixels]], WithClasses]) -> Measure:
    """Return a measure without the logits of ImageNet's classes, which the others have not."""
    return lambda inputs: measure(inputs)[:2]


def torch_half(inputs: Sequence[Pixels]) -> tuple[Floats, Floats]:
    """Measure with torch in bfloat16 where autocast allows it."""
    with torch.autocast("cpu", torch.bfloat16):
        return first_two(TorchMeasure("cpu"))(inputs)


def onnxruntime_engine(example: Pixels, threads: int) -> Measure:
    """Export the network and load it into onnxruntime."""
    import onnxruntime

    file = io.BytesIO()
    pixels = torch.from_numpy(example)[None]
    # Each shape of input is its own graph: padding and interpolation are exported as constants.
    torch.onnx.export(Measured(), (pixels,), file, dynamo=False, opset_version=17)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(file.getvalue(), options)
    name = session.get_inputs()[0].name
    return one_by_one(lambda image: session.run(None, {name: image}))


def openvino_engine(example: Pixels, threads: int) -> Measure:
    """Convert the network to OpenVINO as it is, in single precision."""
    import openvino

    graph = openvino.convert_model(Measured(), example_input=torch.from_numpy(example)[None])
    graph.reshape([1, *example.shape])
    settings = {"INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1}
    compiled = openvino.compile_model(graph, "CPU", settings)
    return one_by_one(lambda image: list(compiled([image]).values()))


def main() -> None:
    """Time the engines in turns and compare what they say."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos_dir", type=Path)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--photos", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=8)
    arguments = parser.parse_args()
    threads = arguments.threads
    torch.set_num_threads(threads)
    inputs: list[Pixels] = []
    for path in sorted(arguments.photos_dir.glob("*.jpg")):
        image = np.array(model_input(decode(path, min_side=DECODED_SIDE).image))
        if not inputs or image.shape == inputs[0].shape:
            inputs.append(image)
        if len(inputs) == arguments.photos:
            break

    with torch.inference_mode(mode=False), torch.no_grad():
        engines: dict[str, Measure] = {"torch fp32": first_two(TorchMeasure("cpu"))}
        if find_spec("onnxruntime"):
            engines["onnxruntime fp32"] = onnxruntime_engine(inputs[0], threads)
        if find_spec("openvino"):
            engines["openvino fp32"] = openvino_engine(inputs[0], threads)
            engines["openvino, 8 bits (shipped)"] = first_two(Engine(threads))
        engines["torch bf16"] = torch_half

    project = load_crowd_model().projection
    least = dict.fromkeys(engines, float("inf"))
    described = {
        name: project.describe(measure(inputs)[0]).astype(np.float64)
        for name, measure in engines.items()
    }
    for _ in range(arguments.rounds):
        for name, measure in engines.items():
            start = time.perf_counter()
            measure(inputs)
            least[name] = min(least[name], (time.perf_counter() - start) / len(inputs))
    exact = described["torch fp32"]
    print(f"{threads} threads, {len(inputs)} photos of {inputs[0].shape[1]} × {inputs[0].shape[0]}")
    print(f"{'engine':28} {'ms/photo':>8} {'torch fp32 over it':>18} {'worst cosine':>12}")
    for name, seconds in least.items():
        found = described[name]
        lengths = np.linalg.norm(exact, axis=1) * np.linalg.norm(found, axis=1)
        worst = ((exact * found).sum(1) / lengths).min()
        ratio = least["torch fp32"] / seconds
        print(f"{name:28} {seconds * 1e3:8.1f} {ratio:18.2f} {worst:12.5f}")


if __name__ == "__main__":
    main()
