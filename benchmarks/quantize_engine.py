"""Make the CPU engine's graph, `engine.xml` and `engine.bin`, from the shipped models.

    python benchmarks/quantize_engine.py PHOTOS_DIR... --output photoaesth/learning/weights

Backbone, its classes, pixel statistics and second opinion become one OpenVINO graph. Its expensive
convolutions are quantised to 8 bits after training (NNCF), calibrated on every third photo; the
others tell how far embeddings and scores then are from torch's. Needs the packages openvino and
nncf.
"""

import argparse
import hashlib
from collections.abc import Sequence
from pathlib import Path

import nncf
import numpy as np
import openvino
import torch
from engine_classes import with_classes
from numpy.typing import NDArray
from torch import Tensor, nn

from photoaesth.imaging import DECODED_SIDE, decode
from photoaesth.learning.backbone import load_backbone
from photoaesth.learning.crowd import OPINIONS, load_crowd_model
from photoaesth.learning.distribution import mean_score
from photoaesth.learning.engine import GRAPH_FILE, WEIGHTS_FILE, Engine
from photoaesth.learning.features import POOLED_STAGES, mean_and_deviation, unsorted_statistics
from photoaesth.learning.model_input import model_input
from photoaesth.learning.opinion import FROM_MAP, load_opinion, opinion_logits
from photoaesth.learning.torch_measure import TorchMeasure

_CALIBRATION_STEP = 3


class Measured(nn.Module):
    """All that is measured of a photo but the quantiles, which OpenVINO would sort slowly for."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = load_backbone("cpu")
        self.opinion = load_opinion("cpu")

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return the engine's four outputs for `(1, H, W, 3)` uint8 sRGB pixels."""
        images = pixels.permute(0, 3, 1, 2).float() / 255
        maps = self.backbone(images)
        before, luma, after = unsorted_statistics(images)
        pooled = [mean_and_deviation(maps[stage]) for stage in POOLED_STAGES]
        opinion = opinion_logits(self.opinion, maps[FROM_MAP])
        return before, luma, torch.cat([after, *pooled], 1), opinion


def quantize(inputs: Sequence[NDArray[np.uint8]]) -> openvino.Model:
    """Return the graph, calibrated on arrays from `model_input`."""
    with torch.no_grad():
        graph = openvino.convert_model(Measured(), example_input=torch.from_numpy(inputs[0])[None])
    # Convolutions in the order of the graph: the stem's, two of the first stage's only block,
    # three of every other block. With the first two stages in 8 bits, cosines fall to .91 on dark
    # and flat photos; with the depthwise convolutions behind stage 5, to .991, and they are cheap.
    blocks = [len(stage) for stage in load_backbone("cpu").net.blocks]
    exact = 1 + 2 + 3 * blocks[1]
    pointwise_only = exact + 3 * sum(blocks[2:5])
    convolutions = [
        node
        for node in graph.get_ordered_ops()
        if node.get_type_name() in {"Convolution", "GroupConvolution"}
    ]
    chosen = {
        node.get_friendly_name()
        for number, node in enumerate(convolutions)
        if exact <= number < pointwise_only
        or (number >= pointwise_only and node.get_type_name() == "Convolution")
    }
    others = [
        node.get_friendly_name()
        for node in graph.get_ordered_ops()
        if node.get_friendly_name() not in chosen
        and node.get_type_name() not in {"Parameter", "Constant", "Result"}
    ]
    return nncf.quantize(
        graph,
        nncf.Dataset([image[None] for image in inputs]),
        subset_size=len(inputs),
        ignored_scope=nncf.IgnoredScope(names=others, validate=False),
        # Processors without VNNI add pairs of products in 16 bits, which must not overflow.
        advanced_parameters=nncf.AdvancedQuantizationParameters(
            overflow_fix=nncf.OverflowFix.ENABLE
        ),
    )


def report(inputs: Sequence[NDArray[np.uint8]]) -> None:
    """Print how far the engine is from torch on photos that it was not calibrated on."""
    crowd = load_crowd_model()
    features, opinions, classes = TorchMeasure("cpu")(inputs)
    exact = crowd.projection(features, opinions).astype(np.float64)
    features, opinions, found = Engine(threads=1)(inputs)
    quantized = crowd.projection(features, opinions).astype(np.float64)
    difference = mean_score(crowd.head(quantized)) - mean_score(crowd.head(exact))
    for name, columns in (("all", slice(None)), ("without opinion", slice(-OPINIONS))):
        a, b = exact[:, columns], quantized[:, columns]
        cosines = (a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)
        print(f"cosine, {name}: worst {cosines.min():.4f}, median {np.median(cosines):.4f}")
    same = [np.corrcoef(*rows)[0, 1] for rows in zip(classes, found, strict=True)]
    print(f"correlation of class logits: worst {min(same):.4f}, median {np.median(same):.4f}")
    print(
        f"generic score: mean difference {difference.mean():+.3f}, mean absolute "
        f"{np.abs(difference).mean():.3f}, largest {np.abs(difference).max():.3f}"
    )


def main() -> None:
    """Calibrate, write, test."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", nargs="+", type=Path)
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()
    paths = [path for folder in arguments.photos for path in sorted(folder.glob("*.jpg"))]
    inputs = [
        np.ascontiguousarray(model_input(decode(path, min_side=DECODED_SIDE).image))
        for path in paths
    ]
    graph = quantize(inputs[::_CALIBRATION_STEP])
    target = arguments.output / GRAPH_FILE.name
    openvino.save_model(with_classes(graph), target, compress_to_fp16=False)
    for name in (GRAPH_FILE.name, WEIGHTS_FILE.name):
        print(name, hashlib.sha256((arguments.output / name).read_bytes()).hexdigest())
    report([image for number, image in enumerate(inputs) if number % _CALIBRATION_STEP])


if __name__ == "__main__":
    main()
