"""What writing an enhanced copy costs over decoding and encoding the photo, and its memory.

    python benchmarks/enhance_throughput.py

Draws a photo of 24 megapixels with the grain of a camera, writes it as JPEG, and prints for
several sets of parameters the time of `write_copy` over that of Pillow's decode and encode of the
same file: once with the settings of our own encoder, once with Pillow's at the same quality. All
three are timed in turns, so that other load meets them alike; the ratio of processor time, which
other load hardly touches, stands beside that of the clock. Then the peak memory of a process that
writes a copy of a photo of 100 megapixels. POSIX only.
"""

import argparse
import io
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from photoaesth.enhance.copies import write_copy

QUALITY = 92
COLOR = {
    "exposure": 0.3,
    "temperature": 0.1,
    "saturation": 0.15,
    "contrast": 0.1,
    "shadows": 0.04,
    "curve_midtones": 0.03,
}
SETS: dict[str, dict[str, float]] = {
    "light, tone and color (pointwise)": COLOR,
    "the same and clarity": COLOR | {"clarity": 0.3},
    "the same and sharpening": COLOR | {"sharpening": 0.5},
    "the same and vignette": COLOR | {"vignette": 0.4},
    "the same and dehaze": COLOR | {"dehaze": 0.4},
    "the same and noise reduction": COLOR | {"noise_reduction": 0.02},
}


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--copy", nargs=2, type=Path, help=argparse.SUPPRESS)
    arguments = options.parse_args()
    if arguments.copy:
        _copy_and_tell_memory(*arguments.copy)
        return
    with tempfile.TemporaryDirectory() as folder:
        photo = _draw(Path(folder) / "24mp.jpg", 6000, 4000)
        print(f"24 MP JPEG, {photo.stat().st_size / 1e6:.1f} MB, quality {QUALITY}", flush=True)
        for name, parameters in SETS.items():
            _compare(name, photo, parameters, arguments.rounds)
        large = _draw(Path(folder) / "100mp.jpg", 11_608, 8_708)
        print(f"101 MP JPEG, {large.stat().st_size / 1e6:.1f} MB")
        for name, parameters in {"pointwise": "", "all of the above": "all"}.items():
            command = [sys.executable, __file__, "--copy", str(large), f"{large}{parameters}.jpg"]
            peak = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            print(f"  {name}: peak memory {peak.strip()} MB", flush=True)


def _compare(name: str, photo: Path, parameters: dict[str, float], rounds: int) -> None:
    target = photo.with_name("copy.jpg")
    rows = []
    for _ in range(rounds):
        ours = _time(lambda: write_copy(photo, target, parameters, overwrite=True, quality=QUALITY))
        alike = _time(lambda: _pillow(photo, target, subsampling="4:4:4"))
        plain = _time(lambda: _pillow(photo, target))
        rows.append(
            [ours[0], *(o / b for base in (alike, plain) for o, b in zip(ours, base, strict=True))]
        )
    seconds, clock, cpu, plain_clock, plain_cpu = map(statistics.median, zip(*rows, strict=True))
    print(
        f"  {name}: {seconds:.2f} s; {clock:.2f} times our encoding (processor {cpu:.2f}); "
        f"{plain_clock:.2f} times Pillow's own (processor {plain_cpu:.2f})",
        flush=True,
    )


def _pillow(photo: Path, target: Path, **options: str) -> None:
    with Image.open(photo) as image:
        stream = io.BytesIO()
        image.save(stream, "JPEG", quality=QUALITY, **options)
    target.write_bytes(stream.getvalue())


def _time(work: Callable[[], object]) -> tuple[float, float]:
    """Return seconds of the clock and of all processors."""
    clock, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - clock, time.process_time() - processor


def _copy_and_tell_memory(photo: Path, target: Path) -> None:
    parameters = COLOR
    if target.stem.endswith("all"):
        parameters = {name: value for one in SETS.values() for name, value in one.items()}
    write_copy(photo, target, parameters)
    unit = 1 if sys.platform == "darwin" else 1024
    print(round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6))


def _draw(path: Path, width: int, height: int) -> Path:
    """Draw smooth shapes with texture and grain, as large and of as many colours as photos are."""
    rng = np.random.default_rng(0)
    grey, tint = rng.integers(50, 206, (24, 36, 1)), rng.integers(-40, 41, (24, 36, 3))
    picture = Image.fromarray((grey + tint).astype(np.uint8)).resize(
        (width, height), Image.Resampling.BICUBIC
    )
    for top in range(0, height, 256):
        strip = np.asarray(picture.crop((0, top, width, min(top + 256, height))), np.float32)
        rows = len(strip)
        noise = rng.standard_normal((rows // 3 + 1, width // 3 + 1), np.float32)
        texture = Image.fromarray(noise).resize((width, rows), Image.Resampling.BICUBIC)
        grain = rng.standard_normal((rows, width), np.float32)
        strip = strip + (8 * np.asarray(texture) + 4 * grain)[..., None]
        levels = np.clip(strip + 0.5, 0, 255).astype(np.uint8)
        picture.paste(Image.fromarray(levels), (0, top))
    picture.save(path, quality=QUALITY)
    return path


if __name__ == "__main__":
    main()
