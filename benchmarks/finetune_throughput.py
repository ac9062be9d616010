"""How fast the fine-tuned network learns and predicts, and what share of the processor that is.

    python benchmarks/finetune_throughput.py [--device auto] [--backbone efficientnet-lite0]
        [--batch 32] [--seconds 10]

Photos of 384 × 288 random pixels; random weights for VGG16. Operations of the forward pass are
counted by torch's FLOP counter (a multiplication and an addition are two); a training step counts
as three forward passes of what learns. The peak that they are compared with is what large, dense
jobs reach on the same device in the same precision: bfloat16 on a GPU, float32 elsewhere.
"""

import argparse
import time
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from photoaesth.learning.device import DEVICES, resolve_device
from photoaesth.learning.finetune.activations import Activations, as_activations
from photoaesth.learning.finetune.network import AestheticNetwork, new_network
from photoaesth.learning.finetune.options import FinetuneOptions
from photoaesth.learning.losses import emd

HEIGHT, WIDTH = 288, 384
RATE = 1e-6  # of learning; it only has to be there


def synchronize(device: str) -> None:
    """Wait until the device has done what it was given."""
    if device == "cuda":
        torch.cuda.synchronize()
    elif device == "mps":
        torch.mps.synchronize()


def calls_per_second(work: Callable[[], object], device: str, seconds: float) -> float:
    """Return how often `work` is done in a second, in the median of the rounds measured."""
    calls = 1 if device == "cpu" else 8  # waiting after every call would stall a GPU
    rounds: list[float] = []
    while sum(rounds) < seconds or len(rounds) < 5:
        start = time.perf_counter()
        for _ in range(calls):
            work()
        synchronize(device)
        rounds.append(time.perf_counter() - start)
    return calls / float(np.median(rounds[2:]))  # the first ones warm up


def peak_flops(device: str, seconds: float) -> float:
    """Return operations per second of the faster of two large, dense jobs.

    A matrix product, and a 3 × 3 convolution of 512 to 512 channels: which of them has the
    better code depends on the processor.
    """
    size, channels, batch, side = (8192, 512, 64, 64) if device == "cuda" else (2048, 512, 2, 32)
    dtype = torch.bfloat16 if device == "cuda" else torch.float32
    left, right = torch.rand(2, size, size, device=device).to(dtype)
    product = 2 * size**3 * calls_per_second(lambda: left @ right, device, seconds)
    layer = torch.nn.Conv2d(channels, channels, 3, padding=1, device=device, dtype=dtype)
    layer = layer.to(memory_format=torch.channels_last)
    maps = torch.rand(batch, channels, side, side, device=device).to(dtype)
    maps = maps.contiguous(memory_format=torch.channels_last)
    convolve = torch.inference_mode()(lambda: layer(maps))
    each = 2 * 9 * channels**2 * batch * side**2
    return max(product, each * calls_per_second(convolve, device, seconds))


def forward_flops(network: AestheticNetwork, maps: list[Tensor], start: int) -> int:
    """Return the operations of a forward pass."""
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        network(maps, start)
    return int(counter.get_total_flops())


def report(name: str, images_per_s: float, flops: float, peak: float) -> None:
    """Print a line of the table, given the operations per image."""
    share = images_per_s * flops / peak
    print(f"{name:44} {images_per_s:9.1f} {flops / 1e9:10.2f} {share:7.1%}")


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", choices=DEVICES, default="auto")
    parser.add_argument(
        "--backbone", choices=["efficientnet-lite0", "vgg16"], default="efficientnet-lite0"
    )
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=10)
    arguments = parser.parse_args()
    device, batch = resolve_device(arguments.device), arguments.batch
    network = new_network(FinetuneOptions(backbone=arguments.backbone), device=device)
    peak = peak_flops(device, arguments.seconds)
    print(f"{arguments.backbone}, {device}, {torch.get_num_threads()} CPU threads, batch {batch}")
    print(f"peak: {peak / 1e12:.2f} TFLOP/s\n")
    print(f"{'':44} {'images/s':>9} {'GFLOP each':>10} {'of peak':>7}")
    images = random_images(batch)
    for name, frozen in (
        ("training, everything, from pixels", 0),
        ("training behind Z₁, activations cached", network.first + 1),
        ("training attention and classifier alone", len(network.stages)),
    ):
        activations = as_activations(network, images, frozen)
        maps = activations.maps(0, torch.arange(batch, device=device))
        flops = 3 * forward_flops(network, maps, frozen) / batch
        step = training_step(network, activations)
        report(name, batch * calls_per_second(step, device, arguments.seconds), flops, peak)
    maps = as_activations(network, images, 0).maps(0, torch.arange(batch, device=device))
    flops = forward_flops(network, maps, 0) / batch
    infer = torch.inference_mode()(lambda: network(maps))
    report(
        "inference from pixels",
        batch * calls_per_second(infer, device, arguments.seconds),
        flops,
        peak,
    )


def random_images(count: int) -> list[np.ndarray]:
    """Return images as `model_input.model_input` makes them."""
    return list(np.random.default_rng(0).integers(0, 256, (count, HEIGHT, WIDTH, 3), np.uint8))


def training_step(network: AestheticNetwork, activations: Activations) -> Callable[[], object]:
    """Return one step of the regression, as `training.train` does it."""
    batch, frozen = len(activations), activations.frozen
    numbers = torch.arange(batch, device=network.device)
    targets = torch.full((batch, 10), 0.1, device=network.device)
    learning = [p for stage in network.stages[frozen:] for p in stage.parameters()]
    optimizer = torch.optim.Adam(
        [*network.head_parameters(), *learning], lr=RATE, fused=network.device.type == "cuda"
    )

    def step() -> None:
        optimizer.zero_grad()
        loss = emd(network(activations.maps(0, numbers), frozen), targets)
        loss.backward()  # type: ignore[no-untyped-call]  # torch does not annotate it
        optimizer.step()

    return step


if __name__ == "__main__":
    main()
