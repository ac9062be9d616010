"""Let the CPU engine's graph tell the 1000 classes of ImageNet, beside what it measured before.

    python benchmarks/engine_classes.py --output photoaesth/learning/weights

Appends the backbone's last convolution and its classifier, whose weights come with the backbone, as
a fifth output of the graph in `engine.xml`: `(1, 1000)` logits. Weights are kept in 8 bits, each
row with a scale of its own; sums are in single precision. The other outputs stay as they are.
`quantize_engine.py` does the same to a graph that it made anew. Needs the package openvino.
"""

import argparse
import hashlib
from pathlib import Path

import numpy as np
import openvino
import torch
from numpy.typing import NDArray
from openvino import opset13 as ops

from photoaesth.learning.backbone import weights_file
from photoaesth.learning.engine import GRAPH_FILE, WEIGHTS_FILE

_LAST_STAGE_CHANNELS = 320
_EPSILON = 1e-3  # of the batch normalisation, as in TensorFlow's EfficientNet


def with_classes(graph: openvino.Model) -> openvino.Model:
    """Return a graph with the logits of the classes as one more output."""
    tensors = torch.load(weights_file(), map_location="cpu", weights_only=True)
    weights = {name: tensor.numpy().astype(np.float64) for name, tensor in tensors.items()}
    factor = weights["_bn1.weight"] / np.sqrt(weights["_bn1.running_var"] + _EPSILON)
    convolution = weights["_conv_head.weight"] * factor[:, None, None, None]
    bias = weights["_bn1.bias"] - weights["_bn1.running_mean"] * factor

    # Scales come after the sums: as part of a product's weights, OpenVINO 2026 lost them at times.
    steps, scale = _in_8_bits(convolution)
    maps = ops.convolution(_last_stage(graph), steps, [1, 1], [0, 0], [0, 0], [1, 1])
    maps = ops.add(
        ops.multiply(maps, scale[None, :, None, None]),
        bias.astype(np.float32)[None, :, None, None],
    )
    pooled = ops.reduce_mean(ops.clamp(maps, 0.0, 6.0), np.array([2, 3]))
    steps, scale = _in_8_bits(weights["_fc.weight"])
    logits = ops.multiply(ops.matmul(pooled, steps, False, True), scale[None])
    logits = ops.add(logits, weights["_fc.bias"].astype(np.float32)[None])
    graph.add_results([ops.result(logits)])
    graph.validate_nodes_and_infer_types()
    return graph


def _last_stage(graph: openvino.Model) -> openvino.Output:
    """Return the backbone's last map; the second opinion has one of the same size."""
    return next(
        node.output(0)
        for node in graph.get_ordered_ops()
        if node.get_type_name() == "Add"
        and node.get_friendly_name().startswith("__module.backbone")
        and str(node.get_output_partial_shape(0)).startswith(f"[?,{_LAST_STAGE_CHANNELS},")
    )


def _in_8_bits(weights: NDArray[np.float64]) -> tuple[openvino.Node, NDArray[np.float32]]:
    """Return weights as whole steps, and the size of the steps of each row."""
    rows = np.abs(weights.reshape(len(weights), -1))
    scale = rows.max(1) / 127
    shape = (-1,) + (1,) * (weights.ndim - 1)
    steps = np.rint(weights / scale.reshape(shape)).astype(np.int8)
    return ops.convert(ops.constant(steps), "f32"), scale.astype(np.float32)


def main() -> None:
    """Read the shipped graph, append, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()
    graph = openvino.Core().read_model(GRAPH_FILE, WEIGHTS_FILE)
    if len(graph.outputs) != 4:
        parser.error(f"{GRAPH_FILE} has {len(graph.outputs)} outputs; it should have 4")
    openvino.save_model(
        with_classes(graph), arguments.output / GRAPH_FILE.name, compress_to_fp16=False
    )
    for name in (GRAPH_FILE.name, WEIGHTS_FILE.name):
        print(name, hashlib.sha256((arguments.output / name).read_bytes()).hexdigest())


if __name__ == "__main__":
    main()
